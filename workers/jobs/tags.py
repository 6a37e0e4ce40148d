"""Changes of a tag in the background: run and undo. Each acts as the person who asked for it."""

from uuid import UUID

from core.base.errors import Forbidden
from core.tags import breaking, running, tidying, undoing
from workers.job import Why, given_up, job
from workers.queues import BULK


@job("tags.run", queue=BULK, steps=True, as_asker=True)
def run(door, *, run_id: str, round: int) -> None:
    """Change the tag in every record."""
    running.run_change(door, UUID(run_id), round)


@job("tags.undo", queue=BULK, steps=True, as_asker=True)
def undo(door, *, run_id: str, round: int) -> None:
    """Take a change back."""
    undoing.undo_change(door, UUID(run_id), round)


@given_up(*breaking.JOBS.values())
def broke_off(ctx, why: Why, *, run_id: str, round: int) -> None:
    """The change ends as failed and says why. An order that gave up by itself had nobody left to act as."""
    breaking.end_given_up(ctx, UUID(run_id), round, why.refusal or (Forbidden() if why.state == "failed" else None))


@job("tags.end_orphans", always=True)
def end_orphans(ctx) -> dict:
    """Changes under way that lost their order."""
    return {"ended": breaking.end_orphans(ctx)}


@job("tags.tidy", queue=BULK, always=True)
def tidy(ctx) -> dict:
    """Journals from which nothing can be taken back any more."""
    return tidying.tidy(ctx)
