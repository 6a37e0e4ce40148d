"""Lists: `?limit=&cursor=&filter[field][op]=&sort=` over columns that the room allowed, one statement, keyset paging.

Field, operator and direction come from the declaration, never from the request's text; values are bound
parameters of the column's type (RELIABILITY X8).
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, tuple_

from core.base import conditions
from core.base.columns import Column
from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import plain
from web.api.bodies import check_text, once

LIMIT, MOST = 50, 200


@dataclass(frozen=True)
class Listing:
    """What a list may be filtered and sorted by. `id` must be among the columns: it ends every order. own: (ctx) -> the
    tenant's own columns beside them, and those of `made`, asked for only where the request names one. made: of the columns those
    whose expressions are made for whoever asks; what stands in `columns` only describes them."""

    columns: Mapping[str, Column]
    default: str = "id"
    own: Callable[[Context], Mapping[str, Column]] | None = None
    made: frozenset[str] = frozenset()

    def __post_init__(self):
        self.order(self.default)

    def sort_key(self, name: str) -> Any:
        """What stands in ORDER BY for a field; the key always may."""
        column = self.columns[name]
        return column.expression if name == "id" else column.sort

    def for_actor(self, ctx: Context, given: Mapping[str, str]) -> "Listing":
        """With what the request names of the columns that are not the same for everybody."""
        if not self.own or not any(name in text for one in given.items() for text in one for name in ("custom.", *self.made)):
            return self
        return replace(self, columns={name: one for name, one in self.columns.items() if name not in self.made} | self.own(ctx), own=None)

    def order(self, text: str) -> list[tuple[str, bool]]:
        """[(field, descending)] from "name,-created_at", the key last."""
        parts = [(part.lstrip("-"), part.startswith("-")) for part in text.split(",")]
        for name, _ in parts:
            if name != "id" and not (name in self.columns and self.columns[name].sort is not False):
                raise Refused("not_sortable", field="sort", name=name[:60])
        if len(parts) > 3 or len({name for name, _ in parts}) != len(parts):
            raise Refused("bad_value", field="sort")
        return parts if any(name == "id" for name, _ in parts) else [*parts, ("id", parts[-1][1])]


@dataclass(frozen=True)
class Page:
    """Records of one page, and the cursor of the next."""

    data: list[Any]
    next_cursor: str | None


@dataclass(frozen=True)
class Asked:
    """A list as a request asks for it, checked."""

    listing: Listing
    limit: int
    order: list[tuple[str, bool]]
    filters: list[ColumnElement[bool]]
    after: list[Any] | None

    def page(self, ctx: Context, query: Select) -> Page:
        """The page of `query`, which selects one kind of record and starts from what the actor sees."""
        keys = [self.listing.sort_key(name) for name, _ in self.order]
        if self.filters:
            query = query.where(*self.filters)
        if self.after is not None:
            query = query.where(self._behind(keys))
        query = query.order_by(None).order_by(*(key.desc() if down else key for key, (_, down) in zip(keys, self.order, strict=True)))
        rows = ctx.session.execute(query.add_columns(*keys).limit(self.limit + 1)).all()
        more = len(rows) > self.limit
        rows = rows[: self.limit]
        return Page([row[0] for row in rows], self._cursor(rows[-1][-len(keys):]) if more else None)

    def _behind(self, keys: list[Any]) -> ColumnElement[bool]:
        """Everything that comes after the last row shown. One row comparison where the directions agree: an index serves it."""
        if len({down for _, down in self.order}) == 1:
            left, right = tuple_(*keys), tuple_(*self.after)
            return left < right if self.order[0][1] else left > right
        choices = []
        for n, (key, (_, down)) in enumerate(zip(keys, self.order, strict=True)):
            same = [before == value for before, value in zip(keys[:n], self.after[:n], strict=True)]
            choices.append(and_(*same, key < self.after[n] if down else key > self.after[n]))
        return or_(*choices)

    def _cursor(self, values: tuple) -> str:
        text = json.dumps([sort_text(self.order), *plain(list(values))], ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def asked_of_request(ctx: Context, listing: Listing) -> Asked:
    """What the query string asks of `listing`; everything unknown is refused by name."""
    given = once()
    listing = listing.for_actor(ctx, given)
    filters = _filters(ctx, listing, given)
    order = listing.order(given.get("sort", listing.default))
    return Asked(listing, _limit(given.get("limit")), order, filters, _after(listing, order, given.get("cursor")))


def sort_text(order: list[tuple[str, bool]]) -> str:
    return ",".join(("-" if down else "") + name for name, down in order)


def _filters(ctx: Context, listing: Listing, given: Mapping[str, str]) -> list[ColumnElement[bool]]:
    """The conditions of the request, its alternatives as one."""
    for name in given:
        if name.startswith("filter") and not name.startswith("filter["):
            raise Refused("unknown_field", field=name[:100], name=name[:60])
    where, either = conditions.of_args(given)
    if either:
        conditions.check_number(where, either)
    found = [_filter(ctx, listing, field, op, raw, f"filter[{field}][{op}]") for field, op, raw in where]
    return found + conditions.any_of(either, partial(_filter, ctx, listing))


def _filter(ctx: Context, listing: Listing, field: str, op: str, raw: str, whole: str) -> ColumnElement[bool]:
    column = listing.columns.get(field)
    if column is None or not column.ops:
        raise Refused("unknown_field", field=whole, name=field)
    if op not in column.ops:
        raise Refused("unknown_operator", field=whole, name=field)
    return column.where(ctx, op, raw, whole)


def _limit(raw: str | None) -> int:
    if raw is None:
        return LIMIT
    if not re.fullmatch(r"[0-9]{1,4}", raw) or not 1 <= int(raw) <= MOST:
        raise Refused("out_of_range", field="limit")
    return int(raw)


def _after(listing: Listing, order: list[tuple[str, bool]], raw: str | None) -> list[Any] | None:
    """The values of the last row shown; a cursor of another order, or none of ours, is refused."""
    if raw is None:
        return None
    try:
        found = json.loads(base64.b64decode(raw + "=" * (-len(raw) % 4), altchars=b"-_", validate=True))
        sort, *values = found
        if sort != sort_text(order) or len(values) != len(order) or len(raw) > 4000:
            raise ValueError
        return [_key(listing.columns[name], value) for (name, _), value in zip(order, values, strict=True)]
    except (ValueError, TypeError, RecursionError, binascii.Error, Refused):
        raise Refused("bad_cursor", field="cursor") from None


def _key(column: Column, value: Any) -> Any:
    """A sort key back from a cursor, of the column's type; longer texts than filters take."""
    if column.kind is str or (column.sort is not False and column.sort.type.python_type is str):
        return check_text(value) if isinstance(value, str) else _refuse("bad_cursor", "cursor")
    return column.read(value if isinstance(value, str) else json.dumps(value), "cursor")


def _refuse(code: str, field: str) -> None:
    raise Refused(code, field=field)
