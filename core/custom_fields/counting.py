"""How much own fields are used, and what stands in records without a field: counted over whole rooms, for the settings."""

from sqlalchemy import func, literal, select

from core.base.context import Context
from core.base.hiding import unhidden
from core.custom_fields.fields import ROOMS, defined

MOST_LOOSE = 100


def usage(ctx: Context, room: str) -> tuple[int, dict[str, int]]:
    """(records, key -> in how many of them it is filled in), without the recycle bin, in one statement."""
    table, owns = ROOMS[room].model.__table__, defined(ctx, room)
    filled = [func.count().filter(table.c.custom.has_key(one.key)) for one in owns]
    with unhidden(ctx.session):
        total, *counts = ctx.session.execute(select(func.count(), *filled).select_from(table).where(table.c.deleted_at.is_(None))).one()
    return total, dict(zip((one.key for one in owns), counts, strict=True))


def loose(ctx: Context, room: str) -> list[tuple[str, int]]:
    """(key, records) of what imports kept beside the fields."""
    table = ROOMS[room].model.__table__
    key = func.jsonb_object_keys(table.c.custom).table_valued("key", joins_implicitly=True).render_derived().c.key
    known = [one.key for one in defined(ctx, room)]
    with unhidden(ctx.session):
        query = select(key, func.count()).select_from(table).where(table.c.deleted_at.is_(None)).group_by(key).order_by(func.count().desc(), key).limit(MOST_LOOSE + len(known))
        return [(name, count) for name, count in ctx.session.execute(query) if name not in known]


def has_loose_values(ctx: Context, room: str, key: str) -> bool:
    """Does a record hold something under this key, from before it was a field's?"""
    table = ROOMS[room].model.__table__
    with unhidden(ctx.session):
        return ctx.session.execute(select(literal(1)).select_from(table).where(table.c.custom.has_key(key)).limit(1)).first() is not None
