"""What the list of accounts shows of loyalty: the tier that holds today."""

from typing import Any

from sqlalchemy import Text, select
from sqlalchemy.orm import aliased

from core.base import standing
from core.base.context import Context
from core.loyalty.models import LoyaltyStanding
from core.loyalty.words import LABELS
from core.parties.models import Account
from core.products.price_models import TierDiscount
from core.views.above import MadeColumn

ROW, OPEN, TIER = aliased(LoyaltyStanding), aliased(LoyaltyStanding), aliased(TierDiscount)


def _tier(ctx: Context) -> Any:
    return standing.in_force(ctx, ROW, (TIER.tier,), Account.id).join(TIER, TIER.id == ROW.tier_id).correlate(Account).scalar_subquery()


LISTED = {
    "accounts": (
        MadeColumn(
            "loyalty_tier", LABELS["tier_id"], Text(), shown="text", permission="loyalty.read", made=_tier,
            rare=Account.id.in_(select(OPEN.account_id).where(OPEN.ended_at.is_(None))),
        ),
    ),
}
