"""The handover itself, and taking it back: few records in the request, more in the background, chunk by chunk, each with its place in
one transaction. What somebody else changed meanwhile stays as it is and is named."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, String, cast, func, literal, select, update
from sqlalchemy.types import Uuid

from core.base.context import Context
from core.base.days import begins
from core.base.errors import Forbidden, Refused
from core.base.facts import plain, record
from core.base.finding import plan_afresh
from core.base.outbox import defer
from core.base.policy import changes, require
from core.base.sets import among, record_all
from core.base.stepping import Door, begin_round, given_up, held, in_chunks, orphans, unattended
from core.handover.owning import OWNED
from core.handover.planning import check_successors
from core.handover.run_models import KINDS, MOVING, HandoverRow, HandoverRun
from core.identity import queries as people
from core.identity.models import User
from core.notifications.telling import notify
from core.parties.models import Contact

AT_ONCE, CHUNK, KEPT_FOR, LATER = 200, 1000, timedelta(days=30), timedelta(hours=1)
GIVEN = ("done", "cancelled", "failed")
JOBS = {"running": "handover.run", "undoing": "handover.undo"}
ROWS = HandoverRow.__table__


def start(ctx: Context, run: HandoverRun, *, version: int | None = None) -> HandoverRun:
    """Yes, give it. Refused where nothing is to be given, where a successor has left since the plan, and a second time."""
    require(ctx, "handovers.run")
    run = held(ctx, HandoverRun, run.id)
    if run.state != "planned" or version not in (None, run.version):
        raise Refused("handover_not_now")
    if not run.outcomes.get("due"):
        raise Refused("handover_nothing")
    check_successors(ctx, run)
    _check_day(ctx, run)
    run.state, run.position, run.rows_done, run.started_at = "running", 0, 0, ctx.now
    if run.until is not None:  # now, so that it comes back also where it breaks off
        _order_back(ctx, run, _over(ctx, run), str(run.id))
    return begin_round(ctx, run, at_once=AT_ONCE, later=lambda: defer(ctx, "handover.run", run_id=run.id, round=run.round), step=step, finish=finish)


def cancel(ctx: Context, run: HandoverRun) -> HandoverRun:
    """Stop after the chunk at hand; what was given stays so and can be taken back. A plan is thrown away."""
    require(ctx, "handovers.run")
    run = held(ctx, HandoverRun, run.id)
    if run.state not in (*MOVING, "planned"):
        raise Refused("handover_not_now")
    if run.state == "running":
        return finish(ctx, run, state="cancelled")
    run.state, run.finished_at, run.outcomes = ("cancelled" if run.state == "planned" else "done"), ctx.now, tally(ctx, run)
    return run


def run_handover(door: Door, run_id: UUID, round: int) -> None:
    in_chunks(door, HandoverRun, run_id, round, "running", permission="handovers.run", step=step, finish=finish)


def undo_handover(door: Door, run_id: UUID, round: int) -> None:
    in_chunks(door, HandoverRun, run_id, round, "undoing", permission="handovers.run", step=step_back, finish=finish_back)


def step(ctx: Context, run: HandoverRun) -> bool:
    """The next chunk; False at the end."""
    mine = _next(ctx, run, "due")
    if mine is None:
        return False
    _move(ctx, run, mine, back=False)
    return True


def step_back(ctx: Context, run: HandoverRun) -> bool:
    mine = _next(ctx, run, "given")
    if mine is None:
        return False
    _move(ctx, run, mine, back=True)
    return True


def finish(ctx: Context, run: HandoverRun, *, state: str = "done") -> HandoverRun:
    """Done: count, say so, and tell each successor once."""
    run.state, run.finished_at, run.outcomes = state, ctx.now, tally(ctx, run)
    given = _given(ctx, run)
    names = people.user_names(ctx)
    record(ctx, "handover.done", run, about=(run.from_id, *(to for to in given)), name=run.name, number=run.outcomes.get("given", 0), successors=", ".join(sorted(names.get(to, "") for to in given)))
    for to, number in given.items():
        notify(ctx, "assigned", [to], run, say="told.handed_over", number=number)
    return run


def finish_back(ctx: Context, run: HandoverRun) -> HandoverRun:
    run.state, run.finished_at, run.outcomes = "undone", ctx.now, {"undone": 0, "kept": 0} | tally(ctx, run)
    record(ctx, "handover.undone", run, about=(run.from_id,), name=run.name, undone=run.outcomes["undone"], kept=run.outcomes["kept"])
    return run


def can_be_undone(ctx: Context, run: HandoverRun) -> bool:
    """Is there anything that can be taken back now?"""
    return run.state in GIVEN and bool(run.outcomes.get("given")) and not _too_late(ctx, run)


def start_undo(ctx: Context, run: HandoverRun) -> HandoverRun:
    """Everything is whose it was, but what others have given away, closed or done since. Refused a second time and after 30 days."""
    require(ctx, "handovers.run")
    run = held(ctx, HandoverRun, run.id)
    if _too_late(ctx, run) and ctx.actor.kind != "system":
        raise Refused("bulk_too_late", days=KEPT_FOR.days)
    if run.state not in GIVEN or not run.outcomes.get("given"):
        raise Refused("handover_not_now")
    run.state, run.position, run.rows_done, run.failure = "undoing", 0, 0, None
    return begin_round(ctx, run, at_once=AT_ONCE, later=lambda: defer(ctx, "handover.undo", run_id=run.id, round=run.round), step=step_back, finish=finish_back)


def come_back(ctx: Context, run_id: UUID) -> None:
    """The clock: a temporary handover is over. Nothing where somebody took it back before; later where somebody works on it just now."""
    run = held(ctx, HandoverRun, run_id)
    if run is None or run.until is None:
        return
    if run.state in MOVING:
        _order_back(ctx, run, ctx.now + LATER, f"{run.id}:{ctx.now.isoformat()}")
    elif run.state in GIVEN and run.outcomes.get("given"):
        start_undo(ctx, run) if people.one_user(ctx, run.from_id).state == "active" else _stay(ctx, run)


def go_on(ctx: Context, run: HandoverRun) -> HandoverRun:
    """Take up what broke off, behind the last chunk that is in. Refuses to give for a time that is over: nothing would bring it back."""
    require(ctx, "handovers.run")
    run = held(ctx, HandoverRun, run.id)
    if run.state != "failed":
        raise Refused("handover_not_now")
    if run.failure["while"] == "running":
        check_successors(ctx, run)
        _check_day(ctx, run)
    run.state, run.failure, run.finished_at = run.failure["while"], None, None
    run.round += 1
    if run.state == "running" and run.until is not None:
        _order_back(ctx, run, _over(ctx, run), f"{run.id}:{run.round}")
    ctx.session.flush()  # the order is for this round
    if run.state == "running":
        defer(ctx, "handover.run", run_id=run.id, round=run.round)
    else:
        defer(ctx, "handover.undo", run_id=run.id, round=run.round)
    return run


def end_given_up(ctx: Context, run_id: UUID, round: int, refusal: Refused | None = None) -> None:
    """The order of this round was given up: the run ends as failed and says why."""
    run = given_up(ctx, HandoverRun, run_id, round, MOVING)
    if run is not None:
        _end(ctx, run, refusal)


def end_orphans(ctx: Context) -> int:
    """End those that no order works on any more; the clock asks for it."""
    found = orphans(ctx, HandoverRun, JOBS.values(), MOVING)
    for run in found:
        _end(ctx, run, None)
    return len(found)


def left_alone(session: Any) -> bool:
    return session.execute(unattended(HandoverRun, JOBS.values(), MOVING).limit(1)).first() is not None


def tally(ctx: Context, run: HandoverRun) -> dict[str, int]:
    """outcome -> records."""
    return dict(tuple(row) for row in ctx.session.execute(select(HandoverRow.outcome, func.count()).where(HandoverRow.run_id == run.id).group_by(HandoverRow.outcome)))


def _end(ctx: Context, run: HandoverRun, refusal: Refused | None) -> None:
    was, run.state, run.finished_at, run.outcomes = run.state, "failed", ctx.now, tally(ctx, run)
    code, params = ("handover_not_allowed" if isinstance(refusal, Forbidden) else refusal.code, refusal.params) if refusal else ("handover_broke_off", {})
    run.failure = {"code": code, "params": plain(params), "while": was}


def _too_late(ctx: Context, run: HandoverRun) -> bool:
    """Counted from its end: of a temporary one the day on which it would have come back by itself."""
    ends = [run.finished_at, *([_over(ctx, run)] if run.until is not None else ())]
    return run.finished_at is not None and max(ends) < ctx.now - KEPT_FOR


def _check_day(ctx: Context, run: HandoverRun) -> None:
    if run.until is not None and run.until < ctx.tenant_today:
        raise Refused("handover_over")


def _over(ctx: Context, run: HandoverRun) -> datetime:
    """When the last day of a temporary one is over, where the workspace is."""
    return begins(run.until + timedelta(days=1), ZoneInfo(ctx.tenant.timezone))


def _order_back(ctx: Context, run: HandoverRun, at: datetime, dedupe: str) -> None:
    defer(ctx, "handover.back", due_at=at, dedupe=dedupe, run_id=run.id)


def _stay(ctx: Context, run: HandoverRun) -> None:
    """Whoever it should come back to works here no more: it is one for good now, and whoever made it is told."""
    run.until = None
    record(ctx, "handover.stays", run, about=(run.from_id,), name=run.name)
    notify(ctx, "reminder", [run.by_id], run, by_itself=True, dedupe=f"handover.stays:{run.id}", say="told.handover_stays", place=f"/handing-over/{run.id}")


def _given(ctx: Context, run: HandoverRun) -> dict[UUID, int]:
    query = select(HandoverRow.to_id, func.count()).where(HandoverRow.run_id == run.id, HandoverRow.outcome == "given")
    return dict(tuple(row) for row in ctx.session.execute(query.group_by(HandoverRow.to_id)))


def _next(ctx: Context, run: HandoverRun, outcome: str) -> ColumnElement[bool] | None:
    """The rows of the next chunk, the run's place moved behind them; None at the end."""
    plan_afresh(ctx.session)
    coming = select(HandoverRow.position).where(HandoverRow.run_id == run.id, HandoverRow.position > run.position, HandoverRow.outcome == outcome)
    few = coming.order_by(HandoverRow.position).limit(CHUNK).subquery()
    first, last, number = ctx.session.execute(select(func.min(few.c.position), func.max(few.c.position), func.count()).select_from(few)).one()
    if not number:
        return None
    run.position, run.rows_done = last, run.rows_done + number
    ctx.session.flush()  # what follows reads the session's records anew
    return (HandoverRow.run_id == run.id) & HandoverRow.position.between(first, last) & (HandoverRow.outcome == outcome)


def _move(ctx: Context, run: HandoverRun, mine: ColumnElement[bool], *, back: bool) -> None:
    """One chunk: of each kind those that are still as they were get their new owner, by one statement; the rest is left and marked."""
    of_kinds = set(ctx.session.execute(select(HandoverRow.kind).where(mine).distinct()).scalars())
    for kind in (one for one in KINDS if one in of_kinds):
        one = OWNED[kind]
        here = mine & (HandoverRow.kind == kind) & (HandoverRow.record_id == one.model.id)
        ctx.session.execute(select(one.model.id).where(one.model.id.in_(select(HandoverRow.record_id).where(mine, HandoverRow.kind == kind))).order_by(one.model.id).with_for_update(key_share=True)).all()
        was, becomes = (HandoverRow.to_id, literal(run.from_id, Uuid())) if back else (literal(run.from_id, Uuid()), HandoverRow.to_id)
        allowed = () if back else (changes(ctx, one.model),)  # what one handed over oneself, one can take back
        moved = update(one.model).where(here, one.model.owner_id == was, *one.open, *allowed).values(owner_id=becomes, version=one.model.version + 1, updated_at=ctx.now)
        keys = list(ctx.session.execute(moved.returning(one.model.id), execution_options={"synchronize_session": False}).scalars())
        done = mine & (HandoverRow.kind == kind) & among(HandoverRow.record_id, keys)
        _tell(ctx, kind, done)
        ctx.session.execute(update(ROWS).where(done).values(outcome="undone" if back else "given"))
        if one.after is not None and keys:
            one.after(ctx, keys)
    ctx.session.execute(update(ROWS).where(mine).values(outcome="kept" if back else "since"))
    ctx.session.expire_all()


def _tell(ctx: Context, kind: str, done: ColumnElement[bool]) -> None:
    """On each record's timeline: who owns it now. An entry of the log has none of its own."""
    if kind == "activities":
        return
    one = OWNED[kind]
    params = func.jsonb_build_object("owner", func.coalesce(User.name, ""), "name", func.coalesce(cast(one.model.name, String), ""))
    about = Contact.account_id if kind == "contacts" else cast(None, Uuid()) if kind == "accounts" else one.model.account_id
    rows = select(one.model.id.label("subject_id"), about.label("about_id"), params.label("params")).select_from(one.table.outerjoin(User.__table__, User.id == one.table.c.owner_id)).where(done, HandoverRow.record_id == one.model.id)
    record_all(ctx, f"{one.table.name}.owner_changed", one.table.name, rows)
