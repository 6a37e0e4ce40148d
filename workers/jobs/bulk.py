"""Bulk edits in the background: run and undo. Each acts as the person who asked for it."""

from uuid import UUID

from core.base.errors import Forbidden
from core.bulk import breaking, running, tidying, undoing
from workers.job import Why, given_up, job
from workers.queues import BULK


@job("bulk.run", queue=BULK, steps=True, as_asker=True)
def run(door, *, run_id: str, round: int) -> None:
    """Change what was previewed."""
    running.run_bulk(door, UUID(run_id), round)


@job("bulk.undo", queue=BULK, steps=True, as_asker=True)
def undo(door, *, run_id: str, round: int) -> None:
    """Take a bulk edit back."""
    undoing.undo_bulk(door, UUID(run_id), round)


@given_up(*breaking.JOBS.values())
def broke_off(ctx, why: Why, *, run_id: str, round: int) -> None:
    """The run ends as failed and says why. An order that gave up by itself had nobody left to act as."""
    breaking.end_given_up(ctx, UUID(run_id), round, why.refusal or (Forbidden() if why.state == "failed" else None))


@job("bulk.end_orphans", always=True)
def end_orphans(ctx) -> dict:
    """Bulk edits under way that lost their order."""
    return {"ended": breaking.end_orphans(ctx)}


@job("bulk.tidy", queue=BULK, always=True)
def tidy(ctx) -> dict:
    """Journals from which nothing can be taken back any more."""
    return tidying.tidy(ctx)
