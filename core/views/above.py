"""Columns of lists that rooms above make. Their listed.py declares them:
LISTED = {"accounts": (MadeColumn(…),), "contacts": (…)}. What they show is made for each actor, as far as he may know of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, cast, null
from sqlalchemy.types import TypeEngine

from core.base.columns import Column
from core.base.context import Context
from core.base.field_rights import hidden
from core.base.policy import has
from core.base.registry import modules

Rare = ColumnElement[bool] | Callable[[Context], ColumnElement[bool]]


class Gathered(Column):
    """A column whose filters, but for those that empty values pass, begin with what holds of few records."""

    def __init__(self, rare: Rare | None, expression: Any, **rest: Any):
        super().__init__(expression, **rest)
        self.rare = rare

    def where(self, ctx: Context, op: str, raw: str, field: str) -> ColumnElement[bool]:
        found = super().where(ctx, op, raw, field)
        if self.rare is None or op == "ne" or (op, raw) == ("null", "true"):
            return found
        return and_(self.rare if isinstance(self.rare, ColumnElement) else self.rare(ctx), found)


@dataclass(frozen=True)
class MadeColumn:
    """label: message id. shown: date, choice or a room's own (as a list shows its cells). currency: of an amount, the record's column that says in which. permission: what one must hold to know of it; of: the
    record's fields that it tells, with one of which it is hidden. made: ctx -> a scalar subquery on the list's record. words: of a choice, value -> message id. grouped: "month" or "value". rare:
    what holds of every record that has a value, where few have one (it may depend on the actor's day): a filter begins there instead of asking each record."""

    name: str
    label: str
    type: TypeEngine
    shown: str
    permission: str
    made: Callable[[Context], Any]
    words: Mapping[str, str] = field(default_factory=dict)
    grouped: str = "value"
    rare: Rare | None = None
    currency: Any = None
    of: tuple[str, ...] = ()

    def column(self, expression: Any) -> Column:
        """What it is filtered by."""
        return Gathered(self.rare, expression, ops=("eq", "ne", "in", "null") if self.words else None, choices=tuple(self.words))

    def described(self) -> Column:
        """The same for a description that is nobody's: which operators and values there are."""
        return self.column(cast(null(), self.type))


@lru_cache
def collect_made() -> dict[str, tuple[MadeColumn, ...]]:
    """List -> the columns that rooms above declare for it."""
    found: dict[str, tuple[MadeColumn, ...]] = {}
    for module in modules("listed"):
        for room, made in module.LISTED.items():
            found[room] = (*found.get(room, ()), *made)
    return found


def made_columns(ctx: Context, room: str) -> dict[str, tuple[MadeColumn, Any]]:
    """Name -> (what was declared, the expression for this actor under its name), of what he may know; made once a transaction."""
    kept = ctx.session.info.setdefault("views:made", {})
    place = (ctx.actor.id, room, ctx.timezone, ctx.today)
    if place not in kept:
        kept[place] = {one.name: (one, one.made(ctx).label(one.name)) for one in collect_made().get(room, ())}
    away = hidden(ctx, room)
    return {name: found for name, found in kept[place].items() if has(ctx, found[0].permission) and away.isdisjoint(found[0].of)}
