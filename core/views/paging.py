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

from sqlalchemy import Row, Select, and_, literal, or_, tuple_

from core.base.errors import Refused
from core.base.text import CONTROL

PAGE_SIZE, LARGEST_PAGE = 50, 200
MOST_COUNTED = 10_000
LONGEST_CURSOR = 2000
LAST_TEXT = "\U0010ffff"  # sorts behind every text: stands for an empty value


@dataclass(frozen=True)
class Order:
    """One order of a list. key: the row's attribute, column: in the database, down: newest first. lead: what comes before it,
    where the list is in groups."""

    key: str
    column: Any
    down: bool = False
    lead: "Order | None" = None


@dataclass(frozen=True)
class Page:
    """rows ready to show; next and prev: cursors or None. total: None beyond the first page; capped: there are more.
    lead: the group with which the page before ended."""

    rows: list[Row]
    next: str | None
    prev: str | None
    total: int | None = None
    capped: bool = False
    lead: Any = None


@dataclass(frozen=True)
class Cursor:
    """A place in an order; back: the page before it is asked for."""

    value: Any
    id: UUID
    back: bool = False
    lead: Any = None


def chosen_order(orders: Mapping[str, Order], name: str) -> Order:
    """The order of that name; only declared ones exist (RELIABILITY X8)."""
    if name not in orders:
        raise Refused("unknown_value", field="sort")
    return orders[name]


def write_cursor(sort: str, order: Order, row: Any, *, back: bool = False) -> str:
    """The place of a row, as text for a URL."""
    lead = [_shown(order.lead, row)] if order.lead else []
    return urlsafe_b64encode(json.dumps([sort, back, _shown(order, row), str(row.id), *lead], ensure_ascii=False).encode()).decode().rstrip("=")


def _shown(order: Order, row: Any) -> str:
    value = getattr(row, order.key)
    return value.isoformat() if isinstance(value, datetime) else str(value)


def read_cursor(text: str | None, sort: str, order: Order) -> Cursor | None:
    """The place, or None without a cursor. Anything that `write_cursor` could not have made is `bad_cursor`."""
    if not text:
        return None
    try:
        if len(text) > LONGEST_CURSOR:
            raise ValueError
        parts = json.loads(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode())
        of, back, value, key, *lead = parts
        if of != sort or not isinstance(back, bool) or len(lead) != (order.lead is not None) or not all(map(_could_be, (value, *lead))):
            raise ValueError
        return Cursor(_value(order, value), UUID(key), back, _value(order.lead, lead[0]) if order.lead else None)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise Refused("bad_cursor", field="cursor") from None


def _could_be(text: Any) -> bool:
    """Only what no value of a row can be: names have spaces of other kinds and joiners in them."""
    if not isinstance(text, str) or CONTROL.search(text):
        return False
    text.encode()  # half a character is a ValueError
    return True


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
    here = place < at if order.down != cursor.back else place > at
    if order.lead is None:
        return query.where(here)
    lead = order.lead.column
    return query.where(or_(lead < cursor.lead if order.lead.down != cursor.back else lead > cursor.lead, and_(lead == cursor.lead, here)))


def in_order(query: Select, order: Order, model: Any, cursor: Cursor | None, limit: int) -> Select:
    """The same in its order, one row more than the page: that row says whether there is a next page."""
    return after(query, order, model, cursor).order_by(*ends(order, cursor, order.column, model.id, order.lead and order.lead.column)).limit(limit + 1)


def ends(order: Order, cursor: Cursor | None, column: Any, key: Any, lead: Any = None) -> list[Any]:
    """What stands in ORDER BY, of the columns at hand: the group, the order, the key."""
    back = cursor is not None and cursor.back
    turned = lambda one, down: one.desc() if down != back else one  # noqa: E731
    first = [] if order.lead is None else [turned(lead, order.lead.down)]
    return [*first, turned(column, order.down), turned(key, order.down)]


def cut_page(found: list[Row], sort: str, order: Order, cursor: Cursor | None, limit: int) -> Page:
    """The rows as a page with its neighbours; `counted_rows` stands in the first row where it was asked for."""
    more, rows = len(found) > limit, found[:limit]
    if cursor is not None and cursor.back:
        rows = rows[::-1]
    back = cursor is not None and cursor.back
    follows, precedes = (more, cursor is not None) if not back else (True, more)
    total = (rows[0].counted_rows if rows else 0) if cursor is None else None
    return Page(
        rows=rows, total=min(total, MOST_COUNTED) if total is not None else None, capped=total is not None and total > MOST_COUNTED,
        next=write_cursor(sort, order, rows[-1]) if rows and follows else None,
        prev=write_cursor(sort, order, rows[0], back=True) if rows and precedes else None, lead=cursor.lead if cursor is not None and not cursor.back else None,
    )


def checked_limit(limit: int) -> int:
    """A page's size within bounds."""
    return max(1, min(int(limit), LARGEST_PAGE))

