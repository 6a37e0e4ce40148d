"""Reads of one's own notifications. Shown is only what hangs on records that the actor may open now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, literal, or_, select, tuple_

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.places import read_place, write_place
from core.base.records import on_readable, with_titles
from core.base.rooms import told_off
from core.notifications.models import KINDS, Notification

LENGTH = 30
# A count beyond it says "99+".
MOST_COUNTED = 100


@dataclass(frozen=True)
class Told:
    """A page of notifications, newest first: rows of (Notification, record_title). before: where the next one begins."""

    rows: list[Row]
    before: str | None


def notifications(ctx: Context, *, unread: bool = False, kind: str | None = None, before: str | None = None, limit: int = LENGTH) -> Told:
    """The actor's notifications, in one statement. Refuses an unknown kind and a place that is not ours."""
    if kind is not None and kind not in kinds_here(ctx):
        raise Refused("unknown_value", field="kind")
    query, place = _titled(ctx), read_place(before)
    if unread:
        query = query.where(Notification.read_at.is_(None))
    if kind:
        query = query.where(Notification.kind == kind)
    if place:
        query = query.where(tuple_(Notification.created_at, Notification.id) < tuple_(*(literal(value) for value in place)))
    rows = list(ctx.session.execute(query.order_by(Notification.created_at.desc(), Notification.id.desc()).limit(limit + 1)))
    last = rows[limit - 1].Notification if len(rows) > limit else None
    return Told(rows[:limit], write_place(last.created_at, last.id) if last else None)


def kinds_here(ctx: Context) -> tuple[str, ...]:
    """The kinds that there are here: none of a room that is off."""
    return tuple(kind for kind in KINDS if kind not in told_off(ctx))


def shown(ctx: Context, notification_id: UUID) -> Row | None:
    """(Notification, record_title) where the actor is still to see it."""
    return ctx.session.execute(_titled(ctx).where(Notification.id == notification_id)).one_or_none()


def unread_among(ctx: Context, *narrowed: Any) -> list[Row]:
    """(Notification, record_title) of these that are unread and still to be seen, newest first."""
    query = _titled(ctx).where(Notification.read_at.is_(None), *narrowed)
    return list(ctx.session.execute(query.order_by(Notification.created_at.desc(), Notification.id.desc())))


def one_notification(ctx: Context, notification_id: UUID) -> Notification:
    """One of the actor's own; NotFound otherwise."""
    found = shown(ctx, notification_id)
    if found is None:
        raise NotFound()
    return found.Notification


def unread_of(ctx: Context) -> tuple[int, datetime | None]:
    """(how many are unread, up to MOST_COUNTED; when the newest came), in one statement that an index serves."""
    some = mine(ctx).with_only_columns(Notification.id, Notification.created_at).where(Notification.read_at.is_(None))
    some = some.order_by(Notification.created_at.desc(), Notification.id.desc()).limit(MOST_COUNTED).subquery()
    return tuple(ctx.session.execute(select(func.count(), func.max(some.c.created_at))).one())


def mine(ctx: Context) -> Select:
    """Where every query of the actor's notifications starts."""
    hangs = or_(Notification.record_id.is_(None), on_readable(ctx, Notification.record_kind, Notification.record_id))
    return select(Notification).where(Notification.user_id == ctx.actor.id, Notification.retracted_at.is_(None), Notification.kind.not_in(told_off(ctx)), hangs)


def _titled(ctx: Context) -> Select:
    """The same with the title of the record each hangs on."""
    query = select(Notification).where(Notification.user_id == ctx.actor.id, Notification.retracted_at.is_(None), Notification.kind.not_in(told_off(ctx)))
    query, title, there = with_titles(ctx, query, Notification.record_kind, Notification.record_id)
    return query.add_columns(title.label("record_title")).where(or_(Notification.record_id.is_(None), there))
