"""Reads about definitions."""

from uuid import UUID

from sqlalchemy import select

from core.base.context import Context
from core.base.errors import NotFound
from core.base.policy import require
from core.custom_fields.models import CustomField


def fields(ctx: Context, room: str) -> list[CustomField]:
    """Every definition of a room in its order, the archived last."""
    require(ctx, "fields.configure")
    query = select(CustomField).where(CustomField.room == room).order_by(CustomField.archived_at.is_not(None), CustomField.position, CustomField.id)
    return list(ctx.session.execute(query).scalars())


def one(ctx: Context, field_id: UUID) -> CustomField:
    """One of them; NotFound otherwise."""
    found = ctx.session.execute(select(CustomField).where(CustomField.id == field_id)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found
