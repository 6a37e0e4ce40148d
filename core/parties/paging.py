"""Pages of a long list by key, not by offset: page 500 costs what page 1 costs (PEERS.md).

A cursor says "after (or before) this row in this order". It comes back from the browser, so it is read strictly and
grants nothing: the query still starts from what the actor may see.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, literal, tuple_

from core.base.errors import Refused

PAGE_SIZE, LARGEST_PAGE = 50, 200
MOST_COUNTED = 10_000
LONGEST_CURSOR = 2000
LAST_TEXT = "\U0010ffff"  # sorts behind every text: stands for an empty value


@dataclass(frozen=True)
class Order:
    """One order of a list. key: the row's attribute, column: in the database, down: newest first."""

    key: str
    column: Any
    down: bool = False


@dataclass(frozen=True)
class Page:
    """rows ready to show; next and prev: cursors or None. total: None beyond the first page; capped: there are more."""

    rows: list[Row]
    next: str | None
    prev: str | None
    total: int | None = None
    capped: bool = False


@dataclass(frozen=True)
class Cursor:
    """A place in an order; back: the page before it is asked for."""

    value: Any
    id: UUID
    back: bool = False


def chosen_order(orders: Mapping[str, Order], name: str) -> Order:
    """The order of that name; only declared ones exist (RELIABILITY X8)."""
    if name not in orders:
        raise Refused("unknown_value", field="sort")
    return orders[name]


def write_cursor(sort: str, order: Order, row: Any, *, back: bool = False) -> str:
    """The place of a row, as text for a URL."""
    value = getattr(row, order.key)
    shown = value.isoformat() if isinstance(value, datetime) else str(value)
    return urlsafe_b64encode(json.dumps([sort, back, shown, str(row.id)], ensure_ascii=False).encode()).decode().rstrip("=")


def read_cursor(text: str | None, sort: str, order: Order) -> Cursor | None:
    """The place, or None without a cursor. Anything that `write_cursor` could not have made is `bad_cursor`."""
    if not text:
        return None
    try:
        if len(text) > LONGEST_CURSOR:
            raise ValueError
        parts = json.loads(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode())
        of, back, value, key = parts
        if of != sort or not isinstance(back, bool) or not isinstance(value, str) or not (value == LAST_TEXT or value.isprintable()):
            raise ValueError
        return Cursor(_value(order, value), UUID(key), back)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise Refused("bad_cursor", field="cursor") from None


def _value(order: Order, text: str) -> Any:
    kind = order.column.type.python_type
    if kind in (int, Decimal):
        return _number(kind, text)
    if kind is not datetime:
        return text
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("naive")
    return found


def _number(kind: type, text: str) -> Any:
    if not re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]{1,4})?", text):
        raise ValueError("not a number")
    found = kind(text)
    if kind is int and not -(2**31) <= found < 2**31:
        raise ValueError("too large")
    return found


def after(query: Select, order: Order, model: Any, cursor: Cursor | None) -> Select:
    """The query from the cursor on."""
    if cursor is None:
        return query
    at = tuple_(literal(cursor.value, order.column.type), literal(cursor.id, model.id.type))
    place = tuple_(order.column, model.id)
    return query.where(place < at if order.down != cursor.back else place > at)


def in_order(query: Select, order: Order, model: Any, cursor: Cursor | None, limit: int) -> Select:
    """The same in its order, one row more than the page: that row says whether there is a next page."""
    down = order.down != (cursor is not None and cursor.back)
    ends = (order.column.desc(), model.id.desc()) if down else (order.column, model.id)
    return after(query, order, model, cursor).order_by(*ends).limit(limit + 1)


def cut_page(found: list[Row], sort: str, order: Order, cursor: Cursor | None, limit: int) -> Page:
    """The rows as a page with its neighbours; `total` stands in the first row where it was asked for."""
    more, rows = len(found) > limit, found[:limit]
    if cursor is not None and cursor.back:
        rows = rows[::-1]
    back = cursor is not None and cursor.back
    follows, precedes = (more, cursor is not None) if not back else (True, more)
    total = (rows[0].total if rows else 0) if cursor is None else None
    return Page(
        rows=rows, total=min(total, MOST_COUNTED) if total is not None else None, capped=total is not None and total > MOST_COUNTED,
        next=write_cursor(sort, order, rows[-1]) if rows and follows else None,
        prev=write_cursor(sort, order, rows[0], back=True) if rows and precedes else None,
    )


def checked_limit(limit: int) -> int:
    """A page's size within bounds."""
    return max(1, min(int(limit), LARGEST_PAGE))

