"""What the page of an account says of its loyalty: the tier that holds today."""

from typing import Any

from sqlalchemy import ColumnElement, func
from sqlalchemy.dialects.postgresql import JSONB

from core.base import standing
from core.base.context import Context
from core.base.policy import has
from core.loyalty.models import LoyaltyStanding
from core.products.price_models import TierDiscount


def tier(ctx: Context, model: Any) -> ColumnElement | None:
    """{"tier", "until_on", "source"}; None for whoever may not know it, null where there is none."""
    if not has(ctx, "loyalty.read"):
        return None
    row = LoyaltyStanding
    built = func.jsonb_build_object("tier", TierDiscount.tier, "until_on", row.until_on, "source", row.source, type_=JSONB)
    return standing.in_force(ctx, row, (built,), model.id).join(TierDiscount, TierDiscount.id == row.tier_id).correlate(model).scalar_subquery()


BESIDE = {"accounts": {"loyalty": tier}}
