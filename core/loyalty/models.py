"""In which loyalty tier an account is: by hand with a reason and an end for now (DECISIONS.md 6), computed from value and tenure later."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase
from core.base.personal import Personal
from core.base.registry import Child
from core.base.standing import Standing, constraints


class LoyaltyStanding(Standing, Record, TenantBase):
    """The tier of an account: one of those that have a discount (tier_discount)."""

    __tablename__ = "loyalty_standing"
    __table_args__ = (*constraints("loyalty_standing"), Index("ix_loyalty_standing_tier_id", "tier_id"), {"info": {"audit": True}})
    tier_id: Mapped[UUID] = mapped_column(ForeignKey("tier_discount.id"))


CHILDREN = (Child("loyalty_standing", "account_id", "account", owner="set_by", personal=("reason",), unique=("source", "ended_at"), grows=False),)
PERSONAL = (Personal("loyalty_standing", by=("account_id",), told=("reason",), gone=True, purged="delete"),)
HARMLESS = {"loyalty_standing.source": "a word of a list"}
