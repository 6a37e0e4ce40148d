"""What the list of deals shows of one's own part of them, and for how long those have been stalled that are."""

from typing import Any

from sqlalchemy import Integer, Numeric, case

from core.base.context import Context
from core.base.words import N_
from core.deals.credit import credited, worth_to
from core.deals.idle import maybe_stalled, stalled_days
from core.deals.models import Deal
from core.views.above import MadeColumn


def _mine(ctx: Context) -> Any:
    """What of a deal's amount is the actor's own; nothing of a deal in which he has no part."""
    me = (ctx.actor.id,) if ctx.actor.id else ()
    return case((credited(me), worth_to(me)))


LISTED = {
    "deals": (
        MadeColumn("my_share", N_("My share"), Numeric(18, 2), shown="my_share", permission="deals.read", of=("amount",), made=_mine, grouped="", currency=Deal.currency),
        MadeColumn("stalled_days", N_("Stalled for (days)"), Integer(), shown="days", permission="deals.read", made=stalled_days, grouped="", rare=maybe_stalled),
    ),
}
