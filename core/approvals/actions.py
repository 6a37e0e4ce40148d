"""Use cases: ask for a yes, say yes or no, ask others when nobody answers, and how long that takes.

A room above asks while it holds its record; here the record's own lock (`hold` of the kind) comes before that of the request, so that two
who decide, and whoever changes the record meanwhile, come one after the other.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from core.approvals import queries
from core.approvals.able import Able, able, smallest
from core.approvals.hours import Clock
from core.approvals.kinds import ApprovalKind, kinds
from core.approvals.limits import beyond, bound, decides, held_by
from core.approvals.models import APPROVED, REFUSED, VOID, WAITING, Approval, ApprovalClock
from core.approvals.rules import Need
from core.base.cleaning import whole_number
from core.base.context import Context
from core.base.editing import hold, hold_place
from core.base.errors import Conflict, Forbidden, Gathered, Refused
from core.base.facts import record as write_down
from core.base.outbox import defer
from core.base.policy import has, require
from core.base.records import may_open, path_of, title_of
from core.base.sets import among
from core.base.text import clean
from core.notifications.telling import notify, people_of, retract

ESCALATE, LONGEST = "approvals.escalate", 500


def ask(ctx: Context, kind: ApprovalKind, record: Any, *, needs: Sequence[Need], facts: Sequence[dict[str, Any]], note: Any) -> Approval:
    """Ask those who reach least far. Whoever calls holds the record and has asked whether the actor may. Refuses no reason, and what nobody
    here may say yes to (`approval_nobody`). What waited before about the same record is void."""
    why = reason(note)
    void(ctx, kind, record)
    chosen = smallest(able(ctx, kind, record, needs, asker=ctx.actor.id))
    if not chosen:
        raise Refused("approval_nobody")
    made = Approval(
        kind=kind.name, record_kind=kind.record_kind, record_id=record.id, title=title_of(record), needs=[one.kept() for one in needs], facts=list(facts), fingerprint=kind.fingerprint(ctx, record), note=why,
        asked_at=ctx.now, asked_by=ctx.actor.id, asked_ids=[one.user.id for one in chosen], escalate_at=queries.next_look(ctx),
    )
    ctx.session.add(made)
    ctx.session.flush()  # what follows names it by key
    kind.asked(ctx, record, made)
    _tell(ctx, kind, record, made, chosen)
    _look_again(ctx, made)
    return made


def decide(ctx: Context, key: UUID, *, yes: bool, note: Any = None, version: int | None = None) -> Approval:
    """Say yes or no, in one's own place or an absent colleague's. Refuses his own request (`approval_own`), what reaches further than he
    does (`approval_beyond_you`), one that was decided or is void, and what has changed since it was asked about (`stale`). version: of the request, as it was read."""
    require(ctx, "approvals.decide")
    approval = queries.one(ctx, key)
    kind = kinds()[approval.kind]
    record = kind.hold(ctx, approval.record_id)
    hold(ctx, approval)
    if approval.state != WAITING or record is None:
        raise Refused("approval_over")
    if (version is not None and version != approval.version) or kind.fingerprint(ctx, record) != approval.fingerprint:
        raise Conflict("stale")
    instead = as_whom(ctx, kind, record, approval)
    why = clean(note, field="note", max_length=LONGEST) or None if yes else reason(note)
    approval.state, approval.decided_at, approval.decided_by, approval.decided_for, approval.decided_note, approval.escalate_at = APPROVED if yes else REFUSED, ctx.now, ctx.actor.id, instead, why, None
    retract(ctx, approval.id)
    kind.decided(ctx, record, approval)
    if instead is not None:
        write_down(ctx, "approval.stood_in", record, name=approval.title, absent=_name(ctx, instead))
    notify(ctx, "assigned", [approval.asked_by], record, say=kind.told["yes" if yes else "no"], excerpt=(why or "")[:200])
    ctx.session.flush()  # the answer shows the new version
    return approval


def as_whom(ctx: Context, kind: ApprovalKind, record: Any, approval: Approval) -> UUID | None:
    """None: in his own place; else the absent for whom he says it, who sees it still and reaches that far, as a token's role does by which it is said. Refuses whoever may not."""
    if approval.asked_by == ctx.actor.id:
        raise Refused("approval_own")
    needs = [Need.of(one) for one in approval.needs]
    permitted = has(ctx, kind.permission) and may_open(ctx, record)
    if permitted and not beyond(ctx, kind, needs):
        return None
    absent = (queries.acts_for(ctx) - {ctx.actor.id}) & set(approval.asked_ids)
    if absent and getattr(record, "owner_id", None) != ctx.actor.id:  # what is his own is not decided by himself either
        held, by_token = held_by(ctx, absent), bound(ctx)
        for user, _, actor in people_of(ctx, set(absent)):
            if may_open(replace(ctx, actor=actor), record) and decides(actor, kind, needs, [*held[user.id], *by_token]):
                return user.id
    if permitted:
        raise Refused("approval_beyond_you")
    raise Forbidden(permission=kind.permission)


def may_decide(ctx: Context, approval: Approval, record: Any) -> bool:
    """Would `decide` let him? For showing the buttons."""
    try:
        as_whom(ctx, kinds()[approval.kind], record, approval)
    except Refused:
        return False
    return has(ctx, "approvals.decide")


def void(ctx: Context, kind: ApprovalKind, record: Any) -> None:
    """What waited is about something that is no more."""
    void_many(ctx, kind, [record.id])


def void_many(ctx: Context, kind: ApprovalKind, keys: Sequence[UUID]) -> None:
    """The same of several records, in as many statements as for one."""
    query = select(Approval.id).where(Approval.kind == kind.name, among(Approval.record_id, keys), Approval.state == WAITING)
    found = list(ctx.session.execute(query.order_by(Approval.id).with_for_update()).scalars())  # locked in one order, whoever comes
    if not found:
        return
    gone = update(Approval).where(among(Approval.id, found)).values(state=VOID, escalate_at=None, version=Approval.version + 1, updated_at=ctx.now)
    ctx.session.execute(gone, execution_options={"synchronize_session": "fetch"})
    retract(ctx, *found)


def escalate(ctx: Context, key: UUID) -> int:
    """Nobody answered in time: ask those who reach further, too; where there is nobody more, remind whoever was asked. Says how many were told.
    The job "approvals.escalate" calls this; twice changes nothing."""
    approval = ctx.session.get(Approval, key)
    if approval is None:
        return 0
    kind = kinds()[approval.kind]
    record = kind.hold(ctx, approval.record_id)
    hold(ctx, approval)
    if approval.state != WAITING or approval.escalate_at is None or approval.escalate_at > ctx.now:
        return 0
    if record is None:
        void_many(ctx, kind, [approval.record_id])
        return 0
    found = able(ctx, kind, record, [Need.of(one) for one in approval.needs], asker=approval.asked_by)
    more = smallest([one for one in found if one.user.id not in approval.asked_ids])
    approval.asked_ids = [*approval.asked_ids, *(one.user.id for one in more)]
    approval.escalated, approval.escalate_at = approval.escalated + 1, queries.next_look(ctx) if more else None
    _look_again(ctx, approval)
    return len(_tell(ctx, kind, record, approval, more or [one for one in found if one.user.id in approval.asked_ids], late=True))


def set_clock(ctx: Context, **given: Any) -> Clock:
    """After how many working hours others are asked: hours, opens, closes, weekdays (1 is Monday)."""
    require(ctx, "roles.manage")
    values = _clock_of(given)
    hold_place(ctx, "approval_clock")
    row = ctx.session.execute(select(ApprovalClock)).scalar_one_or_none()
    if row is None:
        ctx.session.add(row := ApprovalClock(**values))
    for name, value in values.items():
        setattr(row, name, value)
    write_down(ctx, "approval_clock.set", row, hours=row.hours)
    return Clock(row.hours, row.opens, row.closes, tuple(row.weekdays))


def reason(note: Any) -> str:
    """Why: it has to be said."""
    found = clean(note, field="note", max_length=LONGEST)
    if not found:
        raise Refused("required", field="note")
    return found


def _clock_of(given: dict[str, Any]) -> dict[str, Any]:
    wrong, values = Gathered(), {}
    for name, least, most in (("hours", 1, 200), ("opens", 0, 23), ("closes", 1, 24)):
        with wrong.taking():
            values[name] = whole_number(least, most)(given.get(name), name)
            if values[name] is None:
                raise Refused("required", field=name)
    with wrong.taking():
        values["weekdays"] = sorted({int(one) for one in given.get("weekdays") or () if str(one) in "1234567" and len(str(one)) == 1})
        if not values["weekdays"]:
            raise Refused("required", field="weekdays")
    with wrong.taking():
        if not wrong and values["opens"] >= values["closes"]:
            raise Refused("closes_before_opens", field="closes")
    wrong.settle()
    return values


def _look_again(ctx: Context, approval: Approval) -> None:
    due: datetime | None = approval.escalate_at
    if due is not None:
        defer(ctx, ESCALATE, due_at=due, dedupe=f"{approval.id}:{approval.escalated}", approval_id=approval.id)


def _tell(ctx: Context, kind: ApprovalKind, record: Any, approval: Approval, asked: Sequence[Able], *, late: bool = False) -> list[UUID]:
    """Those who are asked, or who stand in for them. A deputy who does not see the record is led to what waits for him."""
    people = sorted({key for one in asked for key in one.told})
    same = {"source_id": approval.id, "by_itself": late}
    told = notify(ctx, "reminder" if late else "assigned", people, record, say=kind.told["late" if late else "asks"], excerpt=approval.note[:200], place=path_of(approval.record_kind, approval.record_id), **same)
    deputies = {key for one in asked if one.away for key in one.deputies} - set(told)
    return [*told, *notify(ctx, "reminder" if late else "assigned", sorted(deputies), None, say="told.approval_for_absent", place="/approvals", **same)]


def _name(ctx: Context, key: UUID) -> str:
    return next((user.name for user, _, _ in people_of(ctx, {key})), "")


