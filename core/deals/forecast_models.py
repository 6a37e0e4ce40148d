"""What is expected beside the deals themselves: targets, and what a manager adds to a forecast or takes off it."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase, Timed
from core.base.personal import Personal

KINDS_OF_PERIOD = ("month", "quarter", "year")
# A period begins with its first day, of one person, one team (a branch is one), or nobody: then it is the workspace's.
CHECKS = (
    (f"period IN {KINDS_OF_PERIOD}", "period"), ("begins_on = date_trunc(period, begins_on::timestamp)::date", "begins_on"),
    ("num_nonnulls(user_id, team_id) <= 1", "whose"), ("currency ~ '^[A-Z]{3}$'", "currency"),
)


class SalesTarget(Record, TenantBase):
    """What somebody is to win in a period: a person, a team, or (neither) the whole workspace."""

    __tablename__, ROOM = "sales_target", "targets"
    __table_args__ = (
        *(CheckConstraint(rule, name=name) for rule, name in CHECKS), CheckConstraint("amount > 0", name="amount"),
        Index("uq_sales_target", "begins_on", "period", "user_id", "team_id", unique=True, postgresql_nulls_not_distinct=True),
        Index("ix_sales_target_user_id", "user_id"), Index("ix_sales_target_team_id", "team_id"), {"info": {"audit": True}},
    )
    period: Mapped[str]
    begins_on: Mapped[date]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"))
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    currency: Mapped[str]


class ForecastAdjustment(Timed, TenantBase):
    """What a manager adds to what is expected of somebody in a period, or takes off it, and why. It is never changed: the newest
    of a person, team or workspace and period holds, the others are its history."""

    __tablename__ = "forecast_adjustment"
    __table_args__ = (
        *(CheckConstraint(rule, name=name) for rule, name in CHECKS), CheckConstraint("char_length(reason) BETWEEN 1 AND 500", name="reason"),
        Index("ix_forecast_adjustment_period", "begins_on", "period", "user_id", "team_id", "id"),
        Index("ix_forecast_adjustment_user_id", "user_id"), Index("ix_forecast_adjustment_team_id", "team_id"), {"info": {"audit": True}},
    )
    period: Mapped[str]
    begins_on: Mapped[date]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"))
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    currency: Mapped[str]
    reason: Mapped[str]


FORECAST_PERSONAL = (Personal("forecast_adjustment", told=("reason",)),)
FORECAST_HARMLESS = {f"{table}.{name}": "a word of a list" for table in ("sales_target", "forecast_adjustment") for name in ("period", "currency")}
