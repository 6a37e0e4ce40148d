"""How far an account is trusted with money: its grade, its limit, and what follows from each grade.

Grade is size by record of payment (PRODUCT.md F7): four outcomes. For now people set it with a reason and an end
(DECISIONS.md 6); what is computed from invoices comes into the same table with source "computed".
"""

from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, Integer, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase
from core.base.personal import Personal
from core.base.registry import Child
from core.base.standing import Standing, constraints

GRADES = ("big_good", "small_good", "big_bad", "small_bad")


class CreditStanding(Standing, Record, TenantBase):
    """The grade of an account, until when, why and by whom. limit_amount: most that it may owe, in limit_currency; NULL: no limit was named."""

    __tablename__ = "credit_standing"
    __table_args__ = (
        *constraints("credit_standing"), CheckConstraint(f"grade IN {GRADES}", name="grade"), CheckConstraint("limit_amount >= 0", name="limit_amount"),
        CheckConstraint("limit_currency ~ '^[A-Z]{3}$'", name="limit_currency"), CheckConstraint("(limit_amount IS NULL) = (limit_currency IS NULL)", name="limit"),
        {"info": {"audit": True}},
    )
    grade: Mapped[str]
    limit_amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    limit_currency: Mapped[str | None]


class CreditRule(Record, TenantBase):
    """What follows from a grade, where the workspace has said otherwise than core.credit.rules.USUAL. discount: percent off every price that takes
    standing discounts; payment_days: from the invoice on; prepaid: goods go out when they are paid; needs_release: no
    new quote, order or contract without the owner's yes."""

    __tablename__ = "credit_rule"
    __table_args__ = (
        CheckConstraint(f"grade IN {GRADES}", name="grade"), CheckConstraint("discount BETWEEN 0 AND 100", name="discount"), CheckConstraint("payment_days BETWEEN 0 AND 365", name="payment_days"),
        CheckConstraint("NOT prepaid OR payment_days = 0", name="prepaid"), Index("uq_credit_rule_grade", "grade", unique=True), {"info": {"audit": True}},
    )
    grade: Mapped[str]
    discount: Mapped[Decimal] = mapped_column(Numeric(9, 4))
    payment_days: Mapped[int] = mapped_column(Integer)
    prepaid: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    needs_release: Mapped[bool] = mapped_column(server_default=text("false"), default=False)


CHILDREN = (Child("credit_standing", "account_id", "account", owner="set_by", personal=("reason",), unique=("source", "ended_at"), grows=False),)
PERSONAL = (Personal("credit_standing", by=("account_id",), told=("reason",), gone=True, purged="delete"),)
HARMLESS = {"credit_standing.source": "a word of a list", "credit_standing.grade": "a word of a list", "credit_standing.limit_currency": "a currency", "credit_rule.grade": "a word of a list"}
