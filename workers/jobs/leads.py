"""Leads are scored: one as it comes in or changes, all in the night and when a rule changed."""

from uuid import UUID

from core.base.context import Context
from core.base.stepping import Door
from core.leads import assigning, chances, clock, fitting, importable, model_use, scoring
from core.transfer import settling
from workers.job import Why, given_up, job
from workers.queues import BULK


@job(scoring.SCORE)
def score(ctx: Context, *, lead_id: str) -> dict[str, int]:
    """One lead."""
    chances.refresh(ctx, [UUID(str(lead_id))])
    return {"changed": scoring.rescore(ctx, [UUID(str(lead_id))])}


@job(scoring.RESCORE, queue=BULK)
def rescore(ctx: Context) -> dict[str, int]:
    """All of a workspace, by one statement."""
    return {"changed": scoring.rescore(ctx)}


@job(model_use.RECHANCE, queue=BULK)
def rechance(ctx: Context) -> dict[str, int]:
    """What the model in use says of all: each night, where another one was switched on, or none is used any more."""
    return {"changed": chances.refresh(ctx)}


@job(fitting.FIT, queue=BULK, steps=True)
def fit(door: Door, *, run_id: str, round: int) -> None:
    """Fit a model to the leads that have ended, whoever sees them."""
    fitting.fit_one(door, UUID(run_id), round)


@given_up(fitting.FIT)
def fit_broke_off(ctx: Context, why: Why, *, run_id: str, round: int) -> None:
    """It ends as failed."""
    fitting.end_given_up(ctx, UUID(run_id), round)


@job("leads.refit", queue=BULK)
def refit(ctx: Context) -> dict[str, str]:
    """A month after the last: once more."""
    return {"model": str(fitting.refit(ctx) or "")}


@job("leads.end_fits", always=True)
def end_fits(ctx: Context) -> dict[str, int]:
    """Those under way that lost their order."""
    return {"ended": fitting.end_orphans(ctx)}


@job(importable.FOLLOW, queue=BULK)
def follow_import(ctx: Context, *, lead_ids: list[str], made: list[str]) -> dict[str, int]:
    """What came in from a file is scored, and goes to somebody; neither keeps the import from being taken back."""
    scored, given = importable.followed(ctx, [UUID(str(key)) for key in lead_ids], [UUID(str(key)) for key in made])
    settling.stepped(ctx, given)
    if lead_ids:
        chances.refresh(ctx, [UUID(str(key)) for key in lead_ids])
    return {"scored": scored, "assigned": len(given)}


@job(clock.WATCH)
def watch_answers(ctx: Context) -> dict[str, int]:
    """Whoever waits too long is told of, and what came in the night goes to somebody."""
    assigned = assigning.assign_waiting(ctx)
    missed, warned = clock.watch(ctx)
    return {"assigned": assigned, "missed": missed, "warned": warned}
