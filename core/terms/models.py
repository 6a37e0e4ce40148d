"""What was agreed with an account, by whom, and what he knew of its credit when he agreed.

A row is never changed: the database refuses it. It is taken back by a row of another table, in the name of whoever did, that says why.
"""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.base.model import TenantBase, Timed
from core.base.personal import Personal
from core.base.registry import Child

LONGEST = 1000
# What the database keeps as it was written; the account alone may become another one, by a merge.
FIXED = ("created_at", "created_by", "agreed_by", "payment_days", "discount", "product_id", "price", "currency", "words", "until_on", "facts")
BACK_FIXED = ("created_at", "created_by", "terms_id", "withdrawn_by", "reason", "facts")
_given = ("payment_days", "discount", "price", "words")


def _fixed(table: str, names: tuple[str, ...]) -> tuple[str, str]:
    """Triggers that refuse a change of these columns, and that a row goes."""
    old, new = (", ".join(f"{side}.{name}" for name in names) for side in ("OLD", "NEW"))
    return (
        f"CREATE TRIGGER fixed BEFORE UPDATE ON {table} FOR EACH ROW WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION ext.refuse_fixed()",
        f"CREATE TRIGGER fixed_kept BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION ext.refuse_fixed()",
    )


class AgreedTerms(Timed, TenantBase):
    """agreed_by: who agreed. payment_days, discount (percent), price of one piece of a product, words: what; until_on: the last day on which it
    holds. facts: what was shown to him of the account's credit. back: that it was taken back."""

    __tablename__, ROOM = "agreed_terms", "terms"
    __table_args__ = (
        CheckConstraint("payment_days BETWEEN 0 AND 365", name="payment_days"), CheckConstraint("discount BETWEEN 0 AND 100", name="discount"), CheckConstraint("price >= 0", name="price"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"), CheckConstraint("(price IS NULL) = (currency IS NULL) AND (price IS NULL) = (product_id IS NULL)", name="product"),
        CheckConstraint(f"char_length(words) BETWEEN 1 AND {LONGEST}", name="words"), CheckConstraint(f"num_nonnulls({', '.join(_given)}) > 0", name="given"),
        Index("ix_agreed_terms_account_id", "account_id", text("created_at DESC"), text("id DESC")), Index("ix_agreed_terms_agreed_by", "agreed_by"),
        Index("ix_agreed_terms_product_id", "product_id", postgresql_where=text("product_id IS NOT NULL")),
        {"info": {"audit": True, "permission": "terms.read", "ddl": _fixed("agreed_terms", FIXED)}},
    )
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    agreed_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    payment_days: Mapped[int | None] = mapped_column(Integer)
    discount: Mapped[Decimal | None] = mapped_column(Numeric(7, 4))
    product_id: Mapped[UUID | None] = mapped_column(ForeignKey("product.id"))
    price: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))
    currency: Mapped[str | None]
    words: Mapped[str | None]
    until_on: Mapped[date]
    facts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    back: Mapped["TermsWithdrawal | None"] = relationship(viewonly=True, lazy="joined")


class TermsWithdrawal(Timed, TenantBase):
    """That terms were taken back: by whom, why, and what was shown to him then."""

    __tablename__ = "terms_withdrawal"
    __table_args__ = (
        CheckConstraint(f"char_length(reason) BETWEEN 1 AND {LONGEST}", name="reason"), Index("uq_terms_withdrawal_terms_id", "terms_id", unique=True), Index("ix_terms_withdrawal_withdrawn_by", "withdrawn_by"),
        {"info": {"audit": True, "permission": "terms.read", "ddl": _fixed("terms_withdrawal", BACK_FIXED)}},
    )
    terms_id: Mapped[UUID] = mapped_column(ForeignKey("agreed_terms.id"))
    withdrawn_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    reason: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)


CHILDREN = (Child("agreed_terms", "account_id", "account", personal=("words",), grows=False),)
# What the company agreed stays as its evidence, without the link, when the account goes.
PERSONAL = (Personal("agreed_terms", by=("account_id",), told=("words", "facts"), purged="unlink"), Personal("terms_withdrawal", told=("reason", "facts")))
HARMLESS = {"agreed_terms.currency": "a currency"}
