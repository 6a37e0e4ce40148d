"""Leads are scored: one as it comes in or changes, all in the night and when a rule changed."""

from uuid import UUID

from core.base.context import Context
from core.leads import assigning, clock, importable, scoring
from core.transfer import settling
from workers.job import job
from workers.queues import BULK


@job(scoring.SCORE)
def score(ctx: Context, *, lead_id: str) -> dict[str, int]:
    """One lead."""
    return {"changed": scoring.rescore(ctx, [UUID(str(lead_id))])}


@job(scoring.RESCORE, queue=BULK)
def rescore(ctx: Context) -> dict[str, int]:
    """All of a workspace, by one statement."""
    return {"changed": scoring.rescore(ctx)}


@job(importable.FOLLOW, queue=BULK)
def follow_import(ctx: Context, *, lead_ids: list[str], made: list[str]) -> dict[str, int]:
    """What came in from a file is scored, and goes to somebody; neither keeps the import from being taken back."""
    scored, given = importable.followed(ctx, [UUID(str(key)) for key in lead_ids], [UUID(str(key)) for key in made])
    settling.stepped(ctx, given)
    return {"scored": scored, "assigned": len(given)}


@job(clock.WATCH)
def watch_answers(ctx: Context) -> dict[str, int]:
    """Whoever waits too long is told of, and what came in the night goes to somebody."""
    assigned = assigning.assign_waiting(ctx)
    missed, warned = clock.watch(ctx)
    return {"assigned": assigned, "missed": missed, "warned": warned}
