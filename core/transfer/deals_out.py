"""The list of deals taken out: the rows that the actor sees under the list's filters, as CSV or XLSX."""

from typing import Any

from sqlalchemy import Select, null, select

from core.base.context import Context
from core.base.words import N_
from core.deals.columns import LIKELY, OUTLOOK
from core.deals.knowing import knows
from core.deals.models import Deal
from core.deals.pipelines import called, stages, ways
from core.deals.words import FORECAST_LABELS, LABELS, STATE_LABELS
from core.identity import queries as people
from core.parties.models import Account, Contact
from core.transfer.room_out import RoomOut, with_names, word

NAMES = (
    "external_id", "name", "pipeline_id", "stage_id", "state", "account_id", "contact_id", "amount", "currency", "probability", "forecast", "closes_on", "next_step", "next_step_on", "owner_id",
    "source", "loss_reason", "notes", "tags", "created_at", "closed_at",
)


def _base(ctx: Context) -> Select:
    """(Deal, how likely, how it is counted, its account's name, its contact's)."""
    likely = LIKELY if knows(ctx, "probability") else null()
    return with_names(ctx, select(Deal, likely, OUTLOOK), (Account, Deal.account_id), (Contact, Deal.contact_id))


def _sayer(ctx: Context):
    """What of a deal is said otherwise than it is kept: names and words."""
    names, steps = people.user_names(ctx), {key: called(stage, ctx.locale) for key, stage in stages(ctx).items()}
    pipelines = {way.id: called(way.row, ctx.locale) for way in ways(ctx)}

    def say(deal: Deal, likely: int, counted: str, account: str | None, contact: str | None) -> dict[str, Any]:
        stage, pipeline = steps.get(deal.stage_id, ""), pipelines.get(deal.pipeline_id, "")
        return {
            "stage_id": stage, "stage": stage, "pipeline_id": pipeline, "pipeline": pipeline, "state": word(ctx, STATE_LABELS, deal.state), "probability": likely, "forecast": word(ctx, FORECAST_LABELS, counted),
            "account_id": account, "account": account, "contact_id": contact, "owner_id": names.get(deal.owner_id, ""),
        }

    return say


OUT = RoomOut(Deal, N_("Deals"), NAMES, LABELS, _base, _sayer, ("created_at", "updated_at", "closed_at", "stage_since"))
