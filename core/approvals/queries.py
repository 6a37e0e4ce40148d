"""Reads about what waits for a yes. A request is seen by whoever sees its record, and by whoever is asked (his deputy too)."""

from datetime import datetime
from itertools import takewhile
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    DateTime,
    Select,
    Uuid,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
)

from core.approvals.hours import USUAL, Clock, over
from core.approvals.kinds import kinds, limit_kinds
from core.approvals.models import APPROVED, REFUSED, WAITING, Approval, ApprovalClock
from core.approvals.rules import Need, covers
from core.base.context import Context
from core.base.errors import present
from core.base.policy import has
from core.base.records import on_readable
from core.identity.models import Absence, User
from core.identity.queries import beside_sign_in

SHOWN = 100


def acts_for(ctx: Context) -> frozenset[UUID]:
    """Himself and the absent for whom he stands in; of a program itself alone."""
    own = frozenset({ctx.actor.id} if ctx.actor.id else ())
    return own if ctx.actor.is_program else own | ctx.actor.stands_in_for


def asked_of(ctx: Context) -> ColumnElement[bool]:
    """Requests in which the actor, or an absent for whom he stands in, is asked; never one of his own."""
    among = Approval.asked_ids.op("&&", is_comparison=True)(literal(sorted(acts_for(ctx)), ARRAY(Uuid)))
    return and_(among, Approval.asked_by.is_distinct_from(ctx.actor.id))


def seen(ctx: Context) -> Select:
    """Where every query starts."""
    return select(Approval).where(or_(asked_of(ctx), on_readable(ctx, Approval.record_kind, Approval.record_id)))


def waiting(ctx: Context, *, everybody: bool = False) -> list[Approval]:
    """What waits for the actor, the oldest first. everybody: also where others are asked, of the kinds that he decides about."""
    query = select(Approval).where(asked_of(ctx))
    if everybody:
        query = seen(ctx).where(or_(asked_of(ctx), Approval.kind.in_([one.name for one in kinds().values() if has(ctx, one.permission)])))
    return list(ctx.session.execute(query.where(Approval.state == WAITING).order_by(Approval.asked_at, Approval.id).limit(SHOWN)).scalars())


def one(ctx: Context, key: UUID) -> Approval:
    """A request that the actor sees; NotFound otherwise."""
    return present(ctx.session.execute(seen(ctx).where(Approval.id == key)).scalar_one_or_none())


def of_record(ctx: Context, kind: str, record: Any) -> list[Approval]:
    """All requests about a record that the actor sees, the newest first."""
    query = select(Approval).where(Approval.kind == kind, Approval.record_id == record.id)
    return list(ctx.session.execute(query.order_by(Approval.asked_at.desc(), Approval.id.desc()).limit(SHOWN)).scalars())


def open_one(ctx: Context, kind: str, record: Any) -> Approval | None:
    """The request about it that waits."""
    query = select(Approval).where(Approval.kind == kind, Approval.record_id == record.id, Approval.state == WAITING)
    return ctx.session.execute(query).scalar_one_or_none()


def yes_to(ctx: Context, kind: str, record: Any, fingerprint: str, needs: list[Need]) -> Approval | None:
    """The yes that holds for the record as it is now and covers what it wants; None where there is none. A no to the same ends every yes before it."""
    query = select(Approval).where(Approval.kind == kind, Approval.record_id == record.id, Approval.state.in_((APPROVED, REFUSED)), Approval.fingerprint == fingerprint)
    rows = ctx.session.execute(query.order_by(Approval.decided_at.desc(), Approval.id.desc())).scalars()
    since = takewhile(lambda row: row.state == APPROVED, rows)
    return next((row for row in since if covers([Need.of(kept) for kept in row.needs], needs, limit_kinds())), None)


def clock(ctx: Context) -> Clock:
    """After how many working hours others are asked, and which those are."""
    row = ctx.session.execute(select(ApprovalClock)).scalar_one_or_none()
    return Clock(row.hours, row.opens, row.closes, tuple(row.weekdays)) if row else USUAL


def next_look(ctx: Context) -> datetime:
    """When others are asked about what is asked now."""
    return over(ctx.now, clock(ctx), ZoneInfo(ctx.tenant.timezone))


def shown(ctx: Context, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of kept facts or needs what the actor may be told: `behind` names a permission, `field` a field that his role may hide."""
    return [row for row in rows if (not row.get("behind") or has(ctx, row["behind"])) and (not row.get("field") or row["field"] not in ctx.actor.hidden)]


def _beside() -> ColumnElement[int]:
    """How many wait for somebody, read with his sign-in."""
    today = func.timezone(User.timezone, bindparam("now", type_=DateTime(timezone=True))).cast(Date)
    stands_in = (Absence.deputy_id == User.id, Absence.user_id == func.any(Approval.asked_ids), today.between(Absence.starts_on, Absence.ends_on))
    away = exists(select(literal(1)).select_from(Absence).where(*stands_in).correlate(User, Approval))
    mine_ = or_(User.id == func.any(Approval.asked_ids), away)
    return select(func.count()).select_from(Approval).where(Approval.state == WAITING, mine_, Approval.asked_by.is_distinct_from(User.id)).correlate(User).scalar_subquery()


beside_sign_in("approvals", _beside)
