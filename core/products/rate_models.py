"""The currencies of the workspace, and what they were worth on which day."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import TenantBase, Timed

CODE = "~ '^[A-Z]{3}$'"


class Currency(Timed, TenantBase):
    """One that the workspace deals in, beside its own (TenantRef.currency)."""

    __tablename__ = "currency"
    __table_args__ = (CheckConstraint(f"code {CODE}", name="code"), UniqueConstraint("code"), {"info": {"audit": True}})
    code: Mapped[str]


class ExchangeRate(Timed, TenantBase):
    """On that day one unit of `base` was worth `rate` units of `currency`. source: who says so. It is never changed: a later word for
    the same day takes its place."""

    __tablename__ = "exchange_rate"
    __table_args__ = (
        CheckConstraint(f"base {CODE}", name="base"), CheckConstraint(f"currency {CODE}", name="currency"), CheckConstraint("base <> currency", name="other"),
        CheckConstraint("rate > 0", name="rate"), UniqueConstraint("base", "currency", "day"),
        {"info": {"audit": True}},
    )
    base: Mapped[str]
    currency: Mapped[str]
    day: Mapped[date]
    rate: Mapped[Decimal] = mapped_column(Numeric(20, 10))
    source: Mapped[str | None]


RATE_HARMLESS = {"currency.code": "a currency", **{f"exchange_rate.{name}": "a currency" for name in ("base", "currency")}, "exchange_rate.source": "a bank or a paper"}
