"""What deals sum up over a tree of accounts: how many are open, and how many were won."""

from functools import partial
from typing import Any

from sqlalchemy import Select, func, select

from core.base.context import Context
from core.base.policy import has, sees
from core.base.words import N_
from core.deals.models import Deal
from core.parties.family import RollUp


def _number(state: str, ctx: Context, keys: Select) -> Any:
    """How many deals of that state the actor sees on those accounts."""
    if not has(ctx, "deals.read"):
        return None
    return select(func.count()).where(Deal.account_id.in_(keys), Deal.state == state, Deal.deleted_at.is_(None), sees(ctx, Deal)).scalar_subquery()


ROLL_UPS = (
    RollUp("open_deals", N_("Open deals"), "number", partial(_number, "open")), RollUp("won_deals", N_("Deals won"), "number", partial(_number, "won")),
)
