"""Use cases of sharing: one record with one person or team, for reading or changing, for ever or until a day."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select

from core.base.context import Context
from core.base.editing import hold
from core.base.errors import Forbidden, NotFound, ReadOnly, Refused
from core.base.facts import record
from core.base.policy import require
from core.base.records import find, kind_of, kinds, on_readable
from core.identity.models import SHARE_LEVELS, RecordShare, Team, TeamMember, User
from core.notifications.telling import notify

MOST = 1000


def may_share(ctx: Context, shared: Any) -> None:
    """Refuses whoever may not share this record: he must be allowed to change it himself. What has no owner needs no sharing; a report is read by those who lead."""
    require(ctx, "shares.manage")
    if not hasattr(shared, "owner_id") or not kinds()[kind_of(shared)].shared:
        raise Refused("unknown_value", field="record_kind")
    require(ctx, f"{shared.ROOM}.edit", shared)


def share(ctx: Context, shared: Any, *, user_id: UUID | None = None, team_id: UUID | None = None, level: str = "read", until: date | None = None, tells: bool = True) -> RecordShare:
    """Share a record with somebody who works here, or a team; who has it already gets the new level and day. Refuses both or
    neither (`share_whom`), an unknown level, a day that has passed, and a thousand and first share of one person or team.
    tells: whoever gets it is told of it by this."""
    may_share(ctx, shared)
    if (user_id is None) == (team_id is None):
        raise Refused("share_whom", field="user_id")
    if level not in SHARE_LEVELS:
        raise Refused("unknown_value", field="level")
    if until is not None and until < ctx.today:
        raise Refused("share_past", field="until")
    whom = _whom(ctx, user_id, team_id)
    hold(ctx, shared)
    row = ctx.session.execute(_on(shared).where(RecordShare.user_id == user_id if user_id else RecordShare.team_id == team_id)).scalar_one_or_none()
    if row is not None:
        row.level, row.until = level, until
        record(ctx, "share.changed", shared, name=whom.name, level=level)
    else:
        _check_room(ctx, user_id, team_id)
        row = RecordShare(record_kind=kind_of(shared), record_id=shared.id, user_id=user_id, team_id=team_id, level=level, until=until)
        ctx.session.add(row)
        record(ctx, "share.granted", shared, name=whom.name, level=level)
    ctx.session.flush()  # who is told of it must see it by then
    if tells:
        notify(ctx, "assigned", [user_id] if user_id else _members(ctx, team_id), shared, say="told.shared")
    return row


def end_share(ctx: Context, row: RecordShare) -> None:
    """Share it no longer: it holds for the next page."""
    shared = find(ctx, row.record_kind, row.record_id)
    may_share(ctx, shared)
    hold(ctx, shared)
    whom = ctx.session.get(User, row.user_id) if row.user_id else ctx.session.get(Team, row.team_id)
    record(ctx, "share.ended", shared, name=whom.name)
    ctx.session.delete(row)


def shares(ctx: Context) -> Select:
    """Where every query of shares starts: those on records that the actor may open, for whoever may share."""
    return select(RecordShare).where(on_readable(ctx, RecordShare.record_kind, RecordShare.record_id, discussed=True))


def one_share(ctx: Context, share_id: UUID) -> RecordShare:
    """A share on a record that the actor may open; NotFound otherwise."""
    found = ctx.session.execute(shares(ctx).where(RecordShare.id == share_id)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def shares_on(ctx: Context, shared: Any) -> list[Row]:
    """(RecordShare, name, over) of a record, by name; over: its day has passed. The caller has checked that the actor sees it."""
    name = func.coalesce(User.name, Team.name)
    query = select(RecordShare, name.label("name"), func.coalesce(RecordShare.until < ctx.today, False).label("over"))
    query = query.outerjoin(User, User.id == RecordShare.user_id).outerjoin(Team, Team.id == RecordShare.team_id)
    query = query.where(RecordShare.record_kind == kind_of(shared), RecordShare.record_id == shared.id)
    return list(ctx.session.execute(query.order_by(func.lower(name), RecordShare.id)))


def offered(ctx: Context) -> tuple[list[Row], list[Row]]:
    """((id, name) of everybody who works here but the actor, the same of the teams), by name."""
    people = select(User.id, User.name).where(User.state == "active", User.id != ctx.actor.id).order_by(func.lower(User.name), User.id)
    return list(ctx.session.execute(people)), list(ctx.session.execute(select(Team.id, Team.name).order_by(func.lower(Team.name), Team.id)))


def can_share(ctx: Context, shared: Any) -> bool:
    """Would `may_share` let it pass? For showing the form."""
    try:
        may_share(ctx, shared)
    except (Forbidden, NotFound, ReadOnly):
        return False
    return True


def _on(shared: Any) -> Select:
    return select(RecordShare).where(RecordShare.record_kind == kind_of(shared), RecordShare.record_id == shared.id)


def _whom(ctx: Context, user_id: UUID | None, team_id: UUID | None) -> Any:
    query = select(User).where(User.id == user_id, User.state == "active") if user_id else select(Team).where(Team.id == team_id)
    found = ctx.session.execute(query).scalar_one_or_none()
    if found is None:
        raise Refused("unknown_value", field="user_id" if user_id else "team_id")
    return found


def _check_room(ctx: Context, user_id: UUID | None, team_id: UUID | None) -> None:
    mine = RecordShare.user_id == user_id if user_id else RecordShare.team_id == team_id
    if ctx.session.execute(select(func.count()).select_from(RecordShare).where(mine)).scalar_one() >= MOST:
        raise Refused("too_many_shares", field="user_id", max=MOST)


def _members(ctx: Context, team_id: UUID | None) -> list[UUID]:
    return list(ctx.session.execute(select(TeamMember.user_id).where(TeamMember.team_id == team_id)).scalars())
