"""A big merge whose work broke off: it ends as failed and says so; a person goes on with it, or takes it back."""

from uuid import UUID

from sqlalchemy.orm import Session

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import plain
from core.base.outbox import defer
from core.base.policy import require
from core.base.stepping import given_up, held, orphans, unattended
from core.merging.models import MOVING, Merge

JOBS = {"running": "merging.move", "undoing": "merging.undo"}


def end_given_up(ctx: Context, run_id: UUID, round: int, refusal: Refused | None = None) -> None:
    """The order of this round was given up. Nothing where the run has moved on meanwhile."""
    run = given_up(ctx, Merge, run_id, round, MOVING)
    if run is not None:
        _end(run, refusal)


def end_orphans(ctx: Context) -> int:
    """End the merges that no order works on any more; the clock asks for it. Says how many it was."""
    found = orphans(ctx, Merge, JOBS.values(), MOVING)
    for run in found:
        _end(run, None)
    return len(found)


def left_alone(session: Session) -> bool:
    """Is there a merge under way that no order looks after?"""
    return session.execute(unattended(Merge, JOBS.values(), MOVING).limit(1)).first() is not None


def go_on(ctx: Context, run: Merge) -> Merge:
    """Take the work up behind the last chunk that is in."""
    require(ctx, "merges.run", run)
    run = held(ctx, Merge, run.id)
    if run.state != "failed" or not run.failure or run.erased_at is not None:
        raise Refused("merge_not_now")
    run.state, run.failure = run.failure["while"], None
    run.round += 1
    ctx.session.flush()  # the order below is for this round
    if run.state == "running":
        defer(ctx, "merging.move", run_id=run.id, round=run.round)
    else:
        defer(ctx, "merging.undo", run_id=run.id, round=run.round)
    return run


def _end(run: Merge, refusal: Refused | None) -> None:
    code, params = (refusal.code, refusal.params) if refusal else ("merge_broke_off", {})
    run.failure = {"code": code, "params": plain(params), "while": run.state}
    run.state = "failed"
