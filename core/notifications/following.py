"""Who follows a record: himself, because he commented or was mentioned, or as its owner; and who does not want to hear."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.dialects.postgresql import insert

from core.base.context import Context
from core.base.errors import NotFound
from core.base.policy import require
from core.base.records import kind_of, may_open
from core.identity.models import User
from core.notifications.models import Follower


def follow(ctx: Context, record: Any) -> None:
    """The actor wants to hear of this record from now on."""
    _choose(ctx, record, "following")


def unfollow(ctx: Context, record: Any) -> None:
    """The actor does not want to hear of it any more, owner or not; only whoever mentions him still reaches him."""
    _choose(ctx, record, "muted")


def begin_to_follow(ctx: Context, record: Any, people: Iterable[UUID | None]) -> None:
    """Somebody has to do with the record now. Whoever said that he does not want to hear of it is left alone."""
    rows = [_row(ctx, record, user_id, "following") for user_id in dict.fromkeys(people) if user_id]
    if rows:
        ctx.session.execute(insert(Follower).values(rows).on_conflict_do_nothing())


def followers(ctx: Context, record: Any) -> list[Row]:
    """(id, name, state) of whoever follows or muted it and works here, its owner among them, by name."""
    return list(ctx.session.execute(followers_of(record)))


def followers_of(record: Any) -> Select:
    """The same as a statement, to be a part of another."""
    mine = (Follower.record_kind == kind_of(record), Follower.record_id == record.id)
    owner = User.id == getattr(record, "owner_id", None)
    query = select(User.id, User.name, func.coalesce(Follower.state, "following").label("state")).outerjoin(Follower, (Follower.user_id == User.id) & mine[0] & mine[1])
    return query.where(User.state == "active", Follower.id.is_not(None) | owner).order_by(func.lower(User.name), User.id)


def listeners(ctx: Context, record: Any) -> list[UUID]:
    """Who is to hear of something on the record: followers and its owner, without those who muted it."""
    return [one.id for one in followers(ctx, record) if one.state == "following"]


def _choose(ctx: Context, record: Any, state: str) -> None:
    require(ctx, "profile.edit")
    if not may_open(ctx, record):
        raise NotFound()
    ctx.session.execute(insert(Follower).values(_row(ctx, record, ctx.actor.id, state)).on_conflict_do_update(
        index_elements=["record_id", "record_kind", "user_id"], set_={"state": state},
    ))


def _row(ctx: Context, record: Any, user_id: UUID, state: str) -> dict[str, Any]:
    return {"record_kind": kind_of(record), "record_id": record.id, "user_id": user_id, "state": state, "created_at": ctx.now, "created_by": ctx.actor.id}
