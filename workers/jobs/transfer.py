"""Imports in the background: check, run, undo. Each acts as the person who asked for it."""

from uuid import UUID

from core.transfer import checking, running, tidying, undoing
from workers.job import job
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


@job("transfer.tidy", queue=BULK, always=True)
def tidy(ctx) -> dict:
    """Files and staged rows of imports that are long over."""
    return tidying.tidy(ctx)
