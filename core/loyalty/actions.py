"""Use cases of loyalty: put an account into a tier by hand, with reason and end, and take it back."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core.base import editing, standing
from core.base.context import Context
from core.base.errors import Gathered, Refused
from core.base.facts import record
from core.base.policy import require
from core.loyalty.models import LoyaltyStanding
from core.parties.models import Account
from core.parties.queries import one_account
from core.products.price_models import TierDiscount


def set_tier(ctx: Context, account: Account, *, tier: Any, reason: Any, until_on: Any) -> LoyaltyStanding:
    """By hand: it holds until its day. tier: key or name of one. Refuses an unknown tier, no reason, an end that has passed."""
    require(ctx, "loyalty.set", account)
    wrong, values, found = Gathered(), {}, None
    with wrong.taking():
        found = _tier(ctx, tier)
    with wrong.taking():
        values = standing.checked(ctx, reason=reason, until_on=until_on)
    wrong.settle()
    editing.hold(ctx, account)
    made = standing.replace(ctx, LoyaltyStanding(account_id=account.id, source=standing.HAND, set_by=ctx.actor.id, tier_id=found.id, **values))  # type: ignore[union-attr]
    record(ctx, "loyalty.set", made, about=(account.id,), tier=found.tier, until=made.until_on)  # type: ignore[union-attr]
    return made


def take_back(ctx: Context, row_id: UUID) -> LoyaltyStanding:
    """End what was set by hand; what was computed holds again. NotFound where the actor does not see its account."""
    found, account = _held(ctx, row_id)
    standing.take_back(ctx, found)
    record(ctx, "loyalty.ended", found, about=(account.id,))
    return found


def bring_back(ctx: Context, row_id: UUID) -> LoyaltyStanding:
    """Undo that it was taken back."""
    found, account = _held(ctx, row_id, ended=True)
    standing.bring_back(ctx, found)
    record(ctx, "loyalty.restored", found, about=(account.id,))
    return found


def _held(ctx: Context, row_id: UUID, *, ended: bool = False) -> tuple[LoyaltyStanding, Account]:
    """The row and its account, which is held; refused for whoever may not set it."""
    account = one_account(ctx, standing.by_hand(ctx, LoyaltyStanding, row_id, ended=ended).account_id)
    require(ctx, "loyalty.set", account)
    editing.hold(ctx, account)
    return standing.by_hand(ctx, LoyaltyStanding, row_id, ended=ended, held=True), account


def _tier(ctx: Context, value: Any) -> TierDiscount:
    """The tier itself, held so that nobody deletes it meanwhile."""
    given = str(value or "").strip()
    same = func.lower(TierDiscount.tier) == given.lower()
    try:
        same = TierDiscount.id == UUID(given)
    except ValueError:
        pass
    found = ctx.session.execute(select(TierDiscount).where(same).with_for_update(read=True, key_share=True)).scalar_one_or_none() if given else None
    if found is None:
        raise Refused("tier_gone", field="tier")
    return found
