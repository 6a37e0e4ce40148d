"""A bulk edit whose work broke off: it ends as failed and says so, what was changed stays counted, and a person may go on.

Told by the worker when an order is given up; a sweep finds what nobody told (an order lost, held after a restore).
"""

from uuid import UUID

from sqlalchemy.orm import Session

from core.base.context import Context
from core.base.errors import Forbidden, Refused
from core.base.facts import plain, record
from core.base.outbox import defer
from core.base.policy import require
from core.base.stepping import given_up, held, orphans, unattended
from core.bulk import wishes
from core.bulk.deciding import tally
from core.bulk.models import MOVING, BulkEdit

JOBS = {"running": "bulk.run", "undoing": "bulk.undo"}
BROKE_OFF = {"running": "bulk_broke_off", "undoing": "bulk_undo_broke_off"}


def end_given_up(ctx: Context, run_id: UUID, round: int, refusal: Refused | None = None) -> None:
    """The order of this round was given up: end the run as failed. Nothing where it has moved on meanwhile."""
    run = given_up(ctx, BulkEdit, run_id, round, MOVING)
    if run is not None:
        _end(ctx, run, refusal)


def end_orphans(ctx: Context) -> int:
    """End the runs that no order works on any more; the clock asks for it. Says how many it was."""
    found = orphans(ctx, BulkEdit, JOBS.values(), MOVING)
    for run in found:
        _end(ctx, run, None)
    return len(found)


def left_alone(session: Session) -> bool:
    """Is there a bulk edit under way that no order looks after?"""
    return session.execute(unattended(BulkEdit, JOBS.values(), MOVING).limit(1)).first() is not None


def go_on(ctx: Context, run: BulkEdit) -> BulkEdit:
    """Take the work up behind the last chunk that is in. Refuses what did not break off, and whoever may not do it."""
    require(ctx, "bulk_edits.run", run)
    run = held(ctx, BulkEdit, run.id)
    state = run.broke_off_while
    if state is None or run.erased_at is not None:
        raise Refused("bulk_not_now", state=run.state)
    (wishes.of_run if state == "running" else wishes.back_of_run)(ctx, run)
    run.state, run.failure, run.finished_at = state, None, None
    run.round += 1
    ctx.session.flush()  # the order below is for this round
    if state == "running":
        defer(ctx, "bulk.run", run_id=run.id, round=run.round)
    else:
        defer(ctx, "bulk.undo", run_id=run.id, round=run.round)
    return run


def _end(ctx: Context, run: BulkEdit, refusal: Refused | None) -> None:
    """Failed, with the reason in plain words. The count of what is still to be done stays for whoever goes on."""
    was, run.state, run.finished_at = run.state, "failed", ctx.now
    code, params = (refusal.code, refusal.params) if refusal else (BROKE_OFF[was], {})
    run.failure = {"code": "bulk_not_allowed" if isinstance(refusal, Forbidden) else code, "params": plain(params), "while": was}
    found = tally(ctx, run)
    run.counts = found | {name: run.counts[name] for name in ("due",) if name in run.counts}
    record(ctx, "bulk_edit.broke_off", run, changed=found.get("changed", 0))
