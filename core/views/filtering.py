"""What narrows a list, as SQL: the same for pages, exports, bulk edits and programs. Each room adds what only its records have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from core.base import conditions
from core.base.context import Context
from core.base.errors import Refused
from core.views.lists import LISTS, ListColumn, columns_of

# Filter -> the condition that a room above knows: (ctx, model, key) -> condition.
KNOWN_ABOVE: dict[str, Callable[[Context, Any, UUID], ColumnElement[bool]]] = {}


@dataclass(frozen=True)
class Filters:
    """What narrows a list. owner: a key, "me" or "pool". role: customer or supplier; kind: company or person. under: an
    account (of products: a category) in whose tree it is. brought: the import that made or changed it. where: (field, operator, value) of any column (core.views.lists). either: alternatives of such conditions, one of which
    must hold whole."""

    search: str | None = None
    owner: str | UUID | None = None
    tag: str | None = None
    kind: str | None = None
    role: str | None = None
    under: str | UUID | None = None
    brought: str | UUID | None = None
    where: tuple[conditions.Condition, ...] = ()
    either: conditions.Alternatives = ()

    def __bool__(self) -> bool:
        return any((self.search, self.owner, self.tag, self.kind, self.role, self.under, self.brought, self.where, self.either))


def where_of(ctx: Context, room: str, filters: Filters) -> list:
    """The conditions of that list under these filters; refuses what the list would refuse."""
    return LISTS[room].where(ctx, filters)


def by_columns(ctx: Context, room: str, filters: Filters) -> list:
    """The conditions on columns, and their alternatives."""
    conditions.check_number(filters.where, filters.either)
    known = columns_of(ctx, room) if filters.where or filters.either else {}
    found = [_condition(ctx, known, *one) for one in filters.where]
    return found + conditions.any_of(filters.either, partial(_condition, ctx, known))


def without(filters: Filters, *names: str) -> None:
    """Refuses the filters that a list does not have, so that a list and its export never differ."""
    for name in names:
        if getattr(filters, name):
            raise Refused("unknown_value", field=name)


def owned(ctx: Context, model: Any, owner: str | UUID) -> ColumnElement[bool]:
    """Whose the records are: a user's by key, one's own ("me"), nobody's ("pool")."""
    if owner in ("me", "pool"):
        return model.owner_id == ctx.actor.id if owner == "me" else model.owner_id.is_(None)
    return model.owner_id == key_of(owner, "owner")


def key_of(given: str | UUID, field: str) -> UUID:
    """A key as an address has it; refuses anything else."""
    try:
        return given if isinstance(given, UUID) else UUID(given)
    except ValueError:
        raise Refused("unknown_value", field=field) from None


def known_value(value: str, known: Any, field: str) -> str:
    """A word of a list; refuses any other."""
    if value not in known:
        raise Refused("unknown_value", field=field)
    return value


def _condition(ctx: Context, known: Mapping[str, ListColumn], field: str, op: str, value: str, whole: str = "") -> ColumnElement[bool]:
    whole = whole or f"filter[{field[:60]}][{op[:10]}]"
    if field not in known:
        raise Refused("unknown_field", field=whole, name=field[:60])
    return known[field].column.where(ctx, op, value, whole)
