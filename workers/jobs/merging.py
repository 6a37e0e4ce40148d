"""Merges in the background, as the person who asked for them, and the search for duplicates."""

from uuid import UUID

from core.merging import breaking, running, scanning, tidying, undoing
from workers.job import Why, given_up, job
from workers.queues import BULK


@job("merging.move", queue=BULK, steps=True, as_asker=True)
def move(door, *, run_id: str, round: int) -> None:
    """Hang what hung on the losers on the survivor."""
    running.move_rest(door, UUID(run_id), round)


@job("merging.undo", queue=BULK, steps=True, as_asker=True)
def undo(door, *, run_id: str, round: int) -> None:
    """Take a merge back."""
    undoing.undo_rest(door, UUID(run_id), round)


@given_up(*breaking.JOBS.values())
def broke_off(ctx, why: Why, *, run_id: str, round: int) -> None:
    """The merge ends as failed and says why."""
    breaking.end_given_up(ctx, UUID(run_id), round, why.refusal)


@job("merging.end_orphans", always=True)
def end_orphans(ctx) -> dict:
    """Merges and searches under way that lost their order."""
    return {"ended": breaking.end_orphans(ctx) + scanning.end_orphans(ctx)}


@job("merging.scan", queue=BULK, steps=True)
def scan(door, *, run_id: str, round: int) -> None:
    """Search for duplicates among all records, whoever sees them."""
    scanning.scan_all(door, UUID(run_id), round)


@job("merging.nightly", queue=BULK)
def nightly(ctx) -> dict:
    """Every night: what was changed since the last search."""
    return {"scan": str(scanning.start(ctx, since_last=True).id)}


@job("merging.tidy", queue=BULK, always=True)
def tidy(ctx) -> dict:
    """Journals from which nothing can be taken back any more."""
    return tidying.tidy(ctx)
