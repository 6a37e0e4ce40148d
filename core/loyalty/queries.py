"""Reads of loyalty: the tier that an account is in, and how it came there."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, literal, select

from core.base import standing
from core.base.context import Context
from core.base.errors import NotFound
from core.base.policy import require, sees
from core.loyalty.models import LoyaltyStanding
from core.parties.models import Account
from core.products.price_models import TierDiscount


def tier_of(ctx: Context, account_id: UUID | None) -> str | None:
    """The name of the tier that holds today, for rooms that price: its discount is the same for whoever asks."""
    if account_id is None:
        return None
    key = standing.in_force(ctx, LoyaltyStanding, (LoyaltyStanding.tier_id,), account_id).scalar_subquery()
    return ctx.session.execute(select(TierDiscount.tier).where(TierDiscount.id == key)).scalar_one_or_none()


def current(ctx: Context, account: Account) -> Row | None:
    """(LoyaltyStanding, tier, percent) that holds today."""
    require(ctx, "loyalty.read", account)
    key = standing.in_force(ctx, LoyaltyStanding, (LoyaltyStanding.id,), account.id).scalar_subquery()
    return ctx.session.execute(_with_tier().where(LoyaltyStanding.id == key)).one_or_none()


def history(ctx: Context, account: Account) -> list[tuple[LoyaltyStanding, str]]:
    """(row, tier) of everything that was ever said, the newest first."""
    require(ctx, "loyalty.read", account)
    rows = standing.history(ctx, LoyaltyStanding, account.id)
    names = dict(ctx.session.execute(select(TierDiscount.id, TierDiscount.tier)).all()) if rows else {}
    return [(row, names[row.tier_id]) for row in rows]


def _with_tier() -> Any:
    return select(LoyaltyStanding, TierDiscount.tier, TierDiscount.percent).join(TierDiscount, TierDiscount.id == LoyaltyStanding.tier_id)


def rows(ctx: Context) -> Select:
    """Where lists of programs start: every row, also of earlier times, of accounts that the actor sees."""
    require(ctx, "loyalty.read")
    seen = select(literal(1)).select_from(Account).where(Account.id == LoyaltyStanding.account_id, Account.deleted_at.is_(None), sees(ctx, Account))
    return select(LoyaltyStanding).where(seen.exists())


def one(ctx: Context, row_id: UUID) -> LoyaltyStanding:
    """A row of an account that the actor sees; NotFound otherwise."""
    found = ctx.session.execute(rows(ctx).where(LoyaltyStanding.id == row_id)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found
