"""The starter set that a sign-up chose."""

from dataclasses import replace

from core.base.errors import Refused
from tenants import starters
from workers.job import job
from workers.jobs.samples import acting


@job(starters.APPLY)
def apply(ctx, *, user_id: str, code: str, locale: str) -> dict:
    """Apply it as the owner, in the language that he signed up in; what he did meanwhile by hand goes before."""
    try:
        return {"made": starters.apply(replace(acting(ctx, user_id), locale=locale), code).code}
    except Refused as refusal:
        if refusal.code != "starter_applied":
            raise
        return {"made": None}
