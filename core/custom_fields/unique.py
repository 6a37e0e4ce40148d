"""Values of unique fields: each is reserved by its hash in the transaction that writes it. Two who bring the same at once
wait for each other at the reservation; the second hears `custom_taken`. A record in the recycle bin keeps its own."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, Uuid, and_, any_, cast, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from core.base.context import Context
from core.base.errors import Refused
from core.base.hiding import unhidden
from core.custom_fields.fields import ROOMS, Own, alive
from core.custom_fields.models import CustomUnique


def hashed(text: Any) -> ColumnElement[bytes]:
    """The hash of a value; case says nothing."""
    return func.sha256(func.convert_to(func.lower(text), "UTF8"))


def value_in(column: Any, key: str) -> ColumnElement[str]:
    """One value as text; NULL for none."""
    return func.jsonb_extract_path_text(column, key, type_=Text())


def reserve(ctx: Context, record: Any, changes: dict[str, Any]) -> None:
    """Take the values of the unique fields among `changes` (name -> value) for a record that has its key."""
    for own in alive(ctx, record.ROOM):
        if own.is_unique and own.name in changes:
            _reserve(ctx, own, record.id, changes[own.name])


def _reserve(ctx: Context, own: Own, record_id: UUID, value: Any) -> None:
    mine = and_(CustomUnique.field_id == own.id, CustomUnique.record_id == record_id)
    if value is None:
        ctx.session.execute(delete(CustomUnique).where(mine))
        return
    wanted = hashed(literal(str(value), Text))
    taken = insert(CustomUnique).values(field_id=own.id, value_hash=wanted, record_id=record_id).on_conflict_do_nothing()
    if not ctx.session.execute(taken, execution_options={"preserve_rowcount": True}).rowcount:
        whose = select(CustomUnique.record_id).where(CustomUnique.field_id == own.id, CustomUnique.value_hash == wanted)
        if ctx.session.execute(whose).scalar_one_or_none() != record_id:
            raise Refused("custom_taken", field=own.name)
    ctx.session.execute(delete(CustomUnique).where(mine, CustomUnique.value_hash != wanted))


def settle(ctx: Context, room: str, ids: Collection[UUID]) -> None:
    """After set-based writing, or a merge: these records' reservations are what stands in them now."""
    table = ROOMS[room].model.__table__
    chosen = table.c.id == any_(literal(list(ids), ARRAY(Uuid)))
    with unhidden(ctx.session):
        for own in alive(ctx, room):
            if own.is_unique and ids:
                value = value_in(table.c.custom, own.key)
                now = select(hashed(value)).where(table.c.id == CustomUnique.record_id, value.is_not(None)).correlate(CustomUnique).scalar_subquery()
                held = CustomUnique.record_id == any_(literal(list(ids), ARRAY(Uuid)))
                ctx.session.execute(delete(CustomUnique).where(CustomUnique.field_id == own.id, held, CustomUnique.value_hash.is_distinct_from(now)), execution_options={"synchronize_session": False})
                rows = select(cast(literal(str(own.id)), Uuid()), hashed(value), table.c.id).where(chosen, value.is_not(None))
                ctx.session.execute(insert(CustomUnique.__table__).from_select(["field_id", "value_hash", "record_id"], rows).on_conflict_do_nothing())


def hand_over(ctx: Context, room: str, winner: UUID, losers: Collection[UUID]) -> None:
    """After a merge: what the winner has of the losers' values is its own reservation."""
    table = ROOMS[room].model.__table__
    with unhidden(ctx.session):
        for own in alive(ctx, room):
            if own.is_unique:
                now = select(hashed(value_in(table.c.custom, own.key))).where(table.c.id == winner).scalar_subquery()
                theirs = (CustomUnique.field_id == own.id, CustomUnique.record_id.in_(losers), CustomUnique.value_hash == now)
                ctx.session.execute(update(CustomUnique).where(*theirs).values(record_id=winner), execution_options={"synchronize_session": False})
    settle(ctx, room, [winner])


def taken(ctx: Context, own: Own, values: Iterable[str]) -> dict[str, UUID]:
    """Of these values (as text) those that a record has: value -> whose."""
    given = func.unnest(literal(list(values), ARRAY(Text))).column_valued("given")
    query = select(given, CustomUnique.record_id).join(CustomUnique, and_(CustomUnique.field_id == own.id, CustomUnique.value_hash == hashed(given)))
    return {value: key for value, key in ctx.session.execute(query)}


def twins(ctx: Context, own: Own) -> int:
    """How many values stand in more than one record."""
    table = ROOMS[own.room].model.__table__
    value = value_in(table.c.custom, own.key)
    all_ = select(hashed(value).label("hash")).where(value.is_not(None)).subquery()
    twice = select(all_.c.hash).group_by(all_.c.hash).having(func.count() > 1).subquery()
    with unhidden(ctx.session):
        return ctx.session.execute(select(func.count()).select_from(twice)).scalar_one()


def fill(ctx: Context, own: Own) -> None:
    """Reserve every value that stands in a record: the field is unique from now on. Twins have been looked for."""
    table = ROOMS[own.room].model.__table__
    value = value_in(table.c.custom, own.key)
    rows = select(cast(literal(str(own.id)), Uuid()), hashed(value), table.c.id).where(value.is_not(None))
    with unhidden(ctx.session):
        ctx.session.execute(insert(CustomUnique.__table__).from_select(["field_id", "value_hash", "record_id"], rows).on_conflict_do_nothing())


def release(ctx: Context, field_id: UUID) -> None:
    """The field is unique no more, or its values are gone."""
    ctx.session.execute(delete(CustomUnique).where(CustomUnique.field_id == field_id))
