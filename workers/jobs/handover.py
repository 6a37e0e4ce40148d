"""Handovers in the background: run, taken back, come back by the clock. The first two act as the person who asked for it."""

from uuid import UUID

from core.base.errors import Forbidden
from core.handover import giving
from workers.job import Why, given_up, job
from workers.queues import BULK


@job("handover.run", queue=BULK, steps=True, as_asker=True)
def run(door, *, run_id: str, round: int) -> None:
    """Give what was planned."""
    giving.run_handover(door, UUID(run_id), round)


@job("handover.undo", queue=BULK, steps=True)
def undo(door, *, run_id: str, round: int) -> None:
    """Take it back; whoever asked, or the clock, was allowed to when it began."""
    giving.undo_handover(door, UUID(run_id), round)


@job("handover.back")
def back(ctx, *, run_id: str) -> None:
    """A temporary handover is over."""
    giving.come_back(ctx, UUID(run_id))


@given_up(*giving.JOBS.values())
def broke_off(ctx, why: Why, *, run_id: str, round: int) -> None:
    """The run ends as failed and says why."""
    giving.end_given_up(ctx, UUID(run_id), round, why.refusal or (Forbidden() if why.state == "failed" else None))


@job("handover.end_orphans", always=True)
def end_orphans(ctx) -> dict:
    """Handovers under way that lost their order."""
    return {"ended": giving.end_orphans(ctx)}
