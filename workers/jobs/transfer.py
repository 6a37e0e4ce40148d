"""Imports in the background: check, run, undo. Each acts as the person who asked for it."""

from uuid import UUID

from core.base.errors import Forbidden
from core.transfer import breaking, checking, running, tidying, undoing
from workers.job import Why, given_up, job
from workers.queues import BULK


@job("transfer.check", queue=BULK, steps=True, as_asker=True)
def check(door, *, run_id: str, round: int) -> None:
    """Stage and plan a file; writes no records."""
    checking.check_file(door, UUID(run_id), round)


@job("transfer.run", queue=BULK, steps=True, as_asker=True)
def run(door, *, run_id: str, round: int) -> None:
    """Write what was checked."""
    running.run_import(door, UUID(run_id), round)


@job("transfer.undo", queue=BULK, steps=True, as_asker=True)
def undo(door, *, run_id: str, round: int) -> None:
    """Take an import back."""
    undoing.undo_import(door, UUID(run_id), round)


@given_up(*breaking.JOBS)
def broke_off(ctx, why: Why, *, run_id: str, round: int) -> None:
    """The import ends as failed and says why. An order that gave up by itself had nobody left to act as."""
    breaking.end_given_up(ctx, UUID(run_id), round, why.refusal or (Forbidden() if why.state == "failed" else None))


@job("transfer.end_orphans", always=True)
def end_orphans(ctx) -> dict:
    """Imports under way that lost their order."""
    return {"ended": breaking.end_orphans(ctx)}


@job("transfer.tidy", queue=BULK, always=True)
def tidy(ctx) -> dict:
    """Files and staged rows of imports that are long over."""
    return tidying.tidy(ctx)
