"""A change of a tag whose work broke off: it ends as failed and says so, and a person may go on.

Told by the worker when an order is given up; a sweep finds what nobody told (an order lost, held after a restore).
"""

from uuid import UUID

from sqlalchemy.orm import Session

from core.base.context import Context
from core.base.errors import Forbidden, Refused
from core.base.facts import plain, record
from core.base.outbox import defer
from core.base.stepping import given_up, held, orphans, unattended
from core.tags.models import MOVING, TagChange
from core.tags.rights import check_manages
from core.tags.running import alone

JOBS = {"running": "tags.run", "undoing": "tags.undo"}


def end_given_up(ctx: Context, run_id: UUID, round: int, refusal: Refused | None = None) -> None:
    """The order of this round was given up: end the change as failed. Nothing where it has moved on meanwhile."""
    run = given_up(ctx, TagChange, run_id, round, MOVING)
    if run is not None:
        _end(ctx, run, refusal)


def end_orphans(ctx: Context) -> int:
    """End the changes that no order works on any more; the clock asks for it. Says how many it was."""
    found = orphans(ctx, TagChange, JOBS.values(), MOVING)
    for run in found:
        _end(ctx, run, None)
    return len(found)


def left_alone(session: Session) -> bool:
    """Is there a change under way that no order looks after?"""
    return session.execute(unattended(TagChange, JOBS.values(), MOVING).limit(1)).first() is not None


def go_on(ctx: Context, run: TagChange) -> TagChange:
    """Take the work up behind the last chunk that is in. Refuses what did not break off, and while another change runs."""
    check_manages(ctx)
    run = held(ctx, TagChange, run.id)
    state = run.broke_off_while
    if state is None or run.erased_at is not None:
        raise Refused("tag_change_not_now")
    alone(ctx, run, state)
    run.failure, run.finished_at = None, None
    run.round += 1
    ctx.session.flush()  # the order below is for this round
    if state == "running":
        defer(ctx, "tags.run", run_id=run.id, round=run.round)
    else:
        defer(ctx, "tags.undo", run_id=run.id, round=run.round)
    return run


def _end(ctx: Context, run: TagChange, refusal: Refused | None) -> None:
    was, run.state, run.finished_at = run.state, "failed", ctx.now
    code, params = (refusal.code, refusal.params) if refusal else ("tag_change_broke_off", {})
    run.failure = {"code": "tag_change_not_allowed" if isinstance(refusal, Forbidden) else code, "params": plain(params), "while": was}
    record(ctx, "tag_change.broke_off", run, name=run.tag_name, changed=run.changed)
