"""The columns of the list of deals: what can be shown, filtered, sorted and grouped by. Its machinery is that of accounts."""

from typing import Any

from sqlalchemy import Integer, func, select

from core.base.columns import Column
from core.base.context import Context
from core.base.finding import characters_of, holds
from core.base.policy import sees
from core.custom_fields.columns import sought_in
from core.deals.models import FORECASTS, KINDS, Deal, DealStage
from core.deals.outlook import effective, outlook
from core.deals.pipelines import called, ways
from core.deals.words import FORECAST_LABELS, LABELS, STATE_LABELS
from core.parties.family import below
from core.tagging.queries import meant, tagged
from core.views.filtering import KNOWN_ABOVE, Filters, by_columns, key_of, owned, without
from core.views.lists import ListColumn, Listed, declare

CHOSEN = ("eq", "ne", "in")
PLACE = select(DealStage.position).where(DealStage.id == Deal.stage_id).correlate(Deal).scalar_subquery()
LIKELY, OUTLOOK = effective(), outlook()


def _stages(ctx: Context) -> list[tuple[str, str]]:
    """Every stage, with its pipeline's name where there are several."""
    all_ = ways(ctx)
    return [(str(one.id), called(one, ctx.locale) if len(all_) == 1 else f"{called(way.row, ctx.locale)}: {called(one, ctx.locale)}") for way in all_ for one in way.stages]


def _pipelines(ctx: Context) -> list[tuple[str, str]]:
    return [(str(way.id), called(way.row, ctx.locale)) for way in ways(ctx)]


def _plain(name: str, shown: str = "text", **rest: Any) -> ListColumn:
    return ListColumn(LABELS[name], Column(getattr(Deal, name), **rest), shown, (getattr(Deal, name),))


COLUMNS: dict[str, ListColumn] = {
    "stage": ListColumn(LABELS["stage"], Column(Deal.stage_id, sort=func.coalesce(PLACE, 0, type_=Integer), ops=CHOSEN), "deal_stage", (Deal.stage_id, Deal.state), options=_stages),
    "pipeline": ListColumn(LABELS["pipeline"], Column(Deal.pipeline_id, ops=CHOSEN), "pipeline", (Deal.pipeline_id,), options=_pipelines),
    "state": ListColumn(LABELS["state"], Column(Deal.state, ops=CHOSEN, choices=KINDS), "word", (Deal.state,)),
    "account": ListColumn(LABELS["account"], Column(Deal.account_id, ops=("eq", "null")), "account"),
    "amount": ListColumn(LABELS["amount"], Column(Deal.amount), "money", (Deal.amount, Deal.currency), currency=Deal.currency),
    "currency": _plain("currency"),
    "closes_on": _plain("closes_on", "date"), "probability": ListColumn(LABELS["probability"], Column(LIKELY, sort=True), "percent", (LIKELY.label("probability"),)),
    "forecast": ListColumn(LABELS["forecast"], Column(OUTLOOK, ops=CHOSEN, choices=FORECASTS), "word", (OUTLOOK.label("forecast"),)),
    "next_step_on": _plain("next_step_on", "date"), "next_step": _plain("next_step"), "owner_id": ListColumn(LABELS["owner_id"], Column(Deal.owner_id), "owner"),
    "tags": _plain("tags", "tags", words=meant), "source": _plain("source"), "campaign": _plain("campaign"), "loss_reason": _plain("loss_reason"), "external_id": _plain("external_id"), "stage_since": _plain("stage_since", "moment", sort=True),
    "closed_at": _plain("closed_at", "moment"), "created_at": _plain("created_at", "moment", sort=True), "updated_at": _plain("updated_at", "moment", sort=True),
}
USUAL = ("stage", "amount", "account", "closes_on", "next_step_on", "owner_id")


def deals_where(ctx: Context, filters: Filters) -> list:
    """The conditions of the deals that the actor sees under these filters; refuses the filters that deals have not."""
    without(filters, "kind", "role")
    found = [Deal.deleted_at.is_(None), sees(ctx, Deal), *by_columns(ctx, "deals", filters), *tagged(ctx, Deal, filters.tag)]
    search = holds(filters.search, (Deal.name_fold, *sought_in(ctx, Deal)), characters_of(Deal.__table__.c.name_fold))
    if search is not None:
        found.append(search)
    if filters.brought:
        found.append(KNOWN_ABOVE["brought"](ctx, Deal, key_of(filters.brought, "import")))
    if filters.owner:
        found.append(owned(ctx, Deal, filters.owner))
    return [*found, Deal.account_id.in_(below(ctx, key_of(filters.under, "under")))] if filters.under else found


UNSORTED = frozenset({"account", "owner_id", "pipeline", "state", "closed_at", "forecast", "tags"})
declare(Listed("deals", Deal, COLUMNS, USUAL, deals_where, UNSORTED, ("owner_id", "state", "tags", "source", "loss_reason", "created_at", "updated_at"), {"state": STATE_LABELS, "forecast": FORECAST_LABELS}))
