"""Leads are scored: one as it comes in or changes, all in the night and when a rule changed."""

from uuid import UUID

from core.base.context import Context
from core.leads import scoring
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
