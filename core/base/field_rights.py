"""What an actor may know and write of a record's fields, for whatever goes on without those that he may not."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, cast, null

from core.base.context import Context
from core.base.errors import Refused
from core.base.hiding import GUARDED, NONE, columns_of, of_room, withheld


def hidden(ctx: Context, room: str) -> frozenset[str]:
    """The fields of that room's records that the actor must not know."""
    away = withheld(ctx.actor.hidden, ctx.actor.permissions)
    return of_room(away, room) if away else NONE


def protected(ctx: Context, room: str) -> frozenset[str]:
    """The fields that he must not write; the hidden ones are among them."""
    held = withheld(ctx.actor.protected, ctx.actor.permissions, writing=True)
    return of_room(held, room) if held else NONE


def check_writes(ctx: Context, room: str, names: Iterable[str]) -> None:
    """Refuse (`field_protected`) a field that the actor must not write; a hidden one is told like one that is not there."""
    beyond = protected(ctx, room)
    for name in names if beyond else ():
        if name in hidden(ctx, room):
            raise Refused("unknown_field", field=name, name=name)
        if name in beyond:
            raise Refused("field_protected", field=name)


def shown(ctx: Context, room: str, columns: Iterable[Any]) -> tuple[ColumnElement, ...]:
    """The columns for a list, in the same order and under the same names; nothing in place of the hidden ones."""
    found = tuple(columns)
    if not ctx.actor.hidden:
        return found
    if room not in GUARDED:
        return found
    away = columns_of(ctx.actor.hidden).fields
    table = GUARDED[room].model.__tablename__
    named = of_room(ctx.actor.hidden, room)  # own fields, and what other tables tell
    return tuple(cast(null(), one.type).label(one.key) if (table, one.key) in away or one.key in named else one for one in found)
