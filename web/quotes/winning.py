"""What an accepted quote says about its deal: that it is won, where nobody has said so yet."""

from typing import Any, NamedTuple

from core.base.context import Context
from core.base.errors import NotFound
from core.base.policy import may
from core.deals import queries as deals
from core.deals.knowing import knows
from core.deals.models import Deal, DealStage
from core.deals.pipelines import ways
from core.quotes.models import Quote


class ToWin(NamedTuple):
    """The deal of an accepted quote, the stage in which it is won, and whether its amount is known to the reader and another than what was accepted."""

    deal: Deal
    stage: DealStage
    differs: bool


def to_win(ctx: Context, quote: Quote) -> ToWin | None:
    """For whoever may move the deal while it is open; None else."""
    deal = _deal(ctx, quote) if quote.state == "accepted" and quote.deal_id else None
    if deal is None or deal.state != "open" or not may(ctx, "deals.edit", deal):
        return None
    stage = next((one for way in ways(ctx) if way.id == deal.pipeline_id for one in way.stages if one.kind == "won"), None)
    return ToWin(deal, stage, knows(ctx, "amount") and (deal.amount, deal.currency) != (quote.net, quote.currency)) if stage else None


def _deal(ctx: Context, quote: Quote) -> Any:
    try:
        return deals.one_deal(ctx, quote.deal_id)
    except NotFound:  # of another team, or in the bin
        return None
