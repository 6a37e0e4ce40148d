"""Where it is known from what suits a person: in whose words, since when, and who entered it. Each of these fields has three
columns beside its own, which go wherever the value goes; a value that is set without a word was entered by the actor today.

Its source and its day are read with the permission for personal facts; they are hidden and protected with their field too.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Date, Uuid, and_, case, func, literal, null, or_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.base.context import Context
from core.base.errors import Refused


class Origin(NamedTuple):
    """The columns beside one field."""

    source: str
    noted_on: str
    noted_by: str


FIELDS = ("birthday", "language", "preferred_channel", "preferred_hours", "referred_by_id")
ORIGINS = {name: Origin(*(f"{name.removesuffix('_id')}_{part}" for part in Origin._fields)) for name in FIELDS}
# Column -> the field that it is of. Those that people and programs write; who entered it comes by itself.
OF = {column: name for name, origin in ORIGINS.items() for column in origin}
TYPED = tuple(column for origin in ORIGINS.values() for column in (origin.source, origin.noted_on))
SOURCES = tuple(origin.source for origin in ORIGINS.values())
# As which they are hidden from whoever lacks the permission.
KNOWN_FROM = "known_from"


class Known:
    """The columns of a contact."""

    birthday_source: Mapped[str | None] = mapped_column(sort_order=60)
    birthday_noted_on: Mapped[date | None] = mapped_column(sort_order=60)
    birthday_noted_by: Mapped[UUID | None] = mapped_column(sort_order=60)
    language_source: Mapped[str | None] = mapped_column(sort_order=60)
    language_noted_on: Mapped[date | None] = mapped_column(sort_order=60)
    language_noted_by: Mapped[UUID | None] = mapped_column(sort_order=60)
    preferred_channel_source: Mapped[str | None] = mapped_column(sort_order=60)
    preferred_channel_noted_on: Mapped[date | None] = mapped_column(sort_order=60)
    preferred_channel_noted_by: Mapped[UUID | None] = mapped_column(sort_order=60)
    preferred_hours_source: Mapped[str | None] = mapped_column(sort_order=60)
    preferred_hours_noted_on: Mapped[date | None] = mapped_column(sort_order=60)
    preferred_hours_noted_by: Mapped[UUID | None] = mapped_column(sort_order=60)
    referred_by_source: Mapped[str | None] = mapped_column(sort_order=60)
    referred_by_noted_on: Mapped[date | None] = mapped_column(sort_order=60)
    referred_by_noted_by: Mapped[UUID | None] = mapped_column(sort_order=60)


def check_days(ctx: Context, values: Mapping[str, Any]) -> None:
    """Refuse a day that is still to come (`noted_in_future`)."""
    for origin in ORIGINS.values():
        if values.get(origin.noted_on) and values[origin.noted_on] > ctx.today:
            raise Refused("noted_in_future", field=origin.noted_on)


def stamped(ctx: Context, changes: Mapping[str, Any], given: Mapping[str, Any], stands: Any = None) -> dict[str, Any]:
    """The changes of a record with what they mean for where each value is known from. given: all that was asked for, also what
    is no change; stands: the record as it was, None for a new one. Nothing is said of a field that has no value."""
    found = {name: value for name, value in changes.items() if name not in OF}
    for name, origin in ORIGINS.items():
        value = changes[name] if name in changes else getattr(stands, name, None)
        if name in changes and value is None:
            found |= dict.fromkeys(origin)
        elif value is None:
            continue
        elif name in changes:
            found |= dict(zip(origin, (given.get(origin.source), given.get(origin.noted_on) or ctx.today, ctx.actor.id), strict=True))
        elif {origin.source, origin.noted_on} & changes.keys():
            told = {column: changes[column] if column in changes else getattr(stands, column) for column in origin[:2]}
            found |= told | {origin.noted_on: told[origin.noted_on] or ctx.today, origin.noted_by: ctx.actor.id}
    return found


def told_fields(names: Any) -> list[str]:
    """The fields that these columns are of, each once, sorted: what a fact of a change names."""
    return sorted({OF.get(name, name) for name in names})


def field_of(key: Any) -> Any:
    """The same of a key in a statement."""
    return func.coalesce(literal(OF, JSONB)[key].astext, key)


def entered(ctx: Context) -> tuple[Any, Any, Any]:
    """(source, noted_on, noted_by) of what the actor enters now, for statements."""
    return null(), literal(ctx.today, Date()), literal(ctx.actor.id, Uuid())


def beside_new(ctx: Context, name: str, value: Any, source: Any, noted_on: Any) -> dict[str, Any]:
    """What a statement that creates records writes beside a field; value, source, noted_on: expressions of what is given."""
    _, today, actor = entered(ctx)
    said = (source, func.coalesce(noted_on, today), actor)
    return {column: case((value.is_not(None), new)) for column, new in zip(ORIGINS[name], said, strict=True)}


def beside_old(ctx: Context, table: Any, name: str, value: Any, source: Any, noted_on: Any) -> dict[str, Any]:
    """What a statement that changes records writes beside a field: all of it where another value comes in, what is told anew
    where the value stays, nothing where there is none. An empty cell tells nothing."""
    origin, (_, today, actor) = ORIGINS[name], entered(ctx)
    columns = [table.c[column] for column in origin]
    other = and_(value.is_not(None), value.is_distinct_from(table.c[name]))
    tells = and_(table.c[name].is_not(None), or_(and_(source.is_not(None), source.is_distinct_from(columns[0])), and_(noted_on.is_not(None), noted_on.is_distinct_from(columns[1]))))
    fresh = (source, func.coalesce(noted_on, today), actor)
    again = (func.coalesce(source, columns[0]), func.coalesce(noted_on, columns[1], today), actor)
    return {column: case((other, new), (tells, same), else_=stands) for column, stands, new, same in zip(origin, columns, fresh, again, strict=True)}
