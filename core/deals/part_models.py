"""What belongs to a deal beside its own row: what would be sold, who works on it together, and who else wants it."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase
from core.base.personal import Personal
from core.identity.models import SHARE_LEVELS

RECURS = ("once", "month", "quarter", "year")
# What no constraint of a row can say: the shares of a deal come to no more than a hundred percent (tenants/cluster.py).
SHARES = "CREATE TRIGGER shares AFTER INSERT OR UPDATE OF credit, deal_id ON deal_member FOR EACH ROW WHEN (NEW.credit > 0) EXECUTE FUNCTION ext.check_shares()"


class DealLine(Record, TenantBase):
    """A product or a thing in words, in the deal's currency, without tax, in the order of position. recurs: how often it is paid; times: how
    many of these payments count. amount: quantity x unit_price less discount (percent) x times, rounded to the smallest coin. parts: of a bundle what
    one of it consisted of when the line was written (core.products.bundle_queries.told_of)."""

    __tablename__ = "deal_line"
    __table_args__ = (
        CheckConstraint("char_length(name) BETWEEN 1 AND 200", name="name"), CheckConstraint("quantity > 0", name="quantity"), CheckConstraint("unit_price >= 0", name="unit_price"),
        CheckConstraint("discount BETWEEN 0 AND 100", name="discount"), CheckConstraint(f"recurs IN {RECURS}", name="recurs"), CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("times BETWEEN 1 AND 120 AND (recurs <> 'once' OR times = 1)", name="times"),
        Index("ix_deal_line_deal_id", "deal_id", "position"), Index("ix_deal_line_product_id", "product_id", postgresql_where=text("product_id IS NOT NULL")), {"info": {"audit": True}},
    )
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    product_id: Mapped[UUID | None] = mapped_column(ForeignKey("product.id", ondelete="SET NULL"))
    name: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Numeric(18, 3))
    unit_price: Mapped[Decimal] = mapped_column(Numeric(18, 4))
    discount: Mapped[Decimal] = mapped_column(Numeric(7, 4), server_default=text("0"), default=Decimal(0))
    recurs: Mapped[str] = mapped_column(server_default=text("'once'"), default="once")
    times: Mapped[int] = mapped_column(Integer, server_default=text("1"), default=1)
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    parts: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)


class DealMember(Record, TenantBase):
    """Who works on a deal beside its owner. credit: how much of it, in percent, is counted as his; the owner has what is left of a hundred.
    share_id: by which the deal was shared with him when he came; it ends with this. Had he one before that ended or only let him read, share_was and
    share_was_until are what it was, and is again then."""

    __tablename__ = "deal_member"
    __table_args__ = (
        CheckConstraint("credit BETWEEN 0 AND 100", name="credit"), CheckConstraint("char_length(role) BETWEEN 1 AND 60", name="role"),
        CheckConstraint(f"share_was IN {SHARE_LEVELS}", name="share_was"),
        Index("uq_deal_member", "deal_id", "user_id", unique=True), Index("ix_deal_member_user_id", "user_id"), Index("ix_deal_member_share_id", "share_id"), {"info": {"audit": True, "ddl": (SHARES,)}},
    )
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    role: Mapped[str | None]
    credit: Mapped[Decimal] = mapped_column(Numeric(5, 2), server_default=text("0"), default=Decimal(0))
    share_id: Mapped[UUID | None] = mapped_column(ForeignKey("record_share.id", ondelete="SET NULL"))
    share_was: Mapped[str | None]
    share_was_until: Mapped[date | None]


class Competitor(Record, TenantBase):
    """Somebody who sells to the same customers."""

    __tablename__, ROOM = "competitor", "competitors"
    __table_args__ = (CheckConstraint("char_length(name) BETWEEN 1 AND 100", name="name"), Index("uq_competitor_name", text("lower(name)"), unique=True), {"info": {"audit": True}})
    name: Mapped[str]
    website: Mapped[str | None]
    strengths: Mapped[str | None]
    weaknesses: Mapped[str | None]


class DealCompetitor(Record, TenantBase):
    """That a competitor wants a deal. took_it: the customer bought there; one of a deal at most."""

    __tablename__ = "deal_competitor"
    __table_args__ = (
        Index("uq_deal_competitor", "deal_id", "competitor_id", unique=True), Index("ix_deal_competitor_competitor_id", "competitor_id"),
        Index("uq_deal_competitor_took_it", "deal_id", unique=True, postgresql_where=text("took_it")), {"info": {"audit": True}},
    )
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"))
    competitor_id: Mapped[UUID] = mapped_column(ForeignKey("competitor.id", ondelete="CASCADE"))
    note: Mapped[str | None]
    took_it: Mapped[bool] = mapped_column(server_default=text("false"), default=False)


PART_PERSONAL = (
    Personal("deal_line", told=("name", "parts")), Personal("deal_member", told=("role",)),
    Personal("competitor", told=("name", "website", "strengths", "weaknesses")), Personal("deal_competitor", told=("note",)),
)
PART_HARMLESS = {"deal_line.recurs": "a word of a list", "deal_member.share_was": "a word of a list"}
