"""What is expected beside the deals themselves: targets, what a manager adds to a forecast or takes off it, and how it stood day by day."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Numeric, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Keyed, Record, TenantBase, Timed
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


class ForecastDay(Keyed, TenantBase):
    """A day whose forecast is kept. rates: what one unit of the workspace's own currency was worth then, by currency."""

    __tablename__ = "forecast_day"
    __table_args__ = (Index("uq_forecast_day", "day", unique=True),)
    day: Mapped[date]
    taken_at: Mapped[datetime]
    currency: Mapped[str]
    rates: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)


class ForecastLine(Keyed, TenantBase):
    """How a deal stood in the forecast from one kept day on, until another (not that one; NULL: it stands so still). Only what changed
    makes a line, so that a thousand days of a deal that rests are one. day: by which it was counted; counted: as what. people, parts: of a deal of
    several, who had what of its amount, side by side; NULL: it was its owner's alone."""

    __tablename__ = "forecast_line"
    __table_args__ = (
        CheckConstraint("counted IN ('won', 'commit', 'best_case', 'pipeline', 'omitted')", name="counted"), CheckConstraint("until_day > from_day", name="until_day"),
        CheckConstraint("probability BETWEEN 0 AND 100", name="probability"), CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint("num_nulls(people, parts) <> 1 AND cardinality(people) = cardinality(parts)", name="parts"),
        Index("uq_forecast_line_open", "deal_id", unique=True, postgresql_where=text("until_day IS NULL")),
        Index("ix_forecast_line_deal_id", "deal_id"), Index("ix_forecast_line_day", "day", "from_day"),
    )
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"))
    from_day: Mapped[date]
    until_day: Mapped[date | None]
    owner_id: Mapped[UUID | None]
    pipeline_id: Mapped[UUID]
    counted: Mapped[str]
    day: Mapped[date | None]
    amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    currency: Mapped[str]
    probability: Mapped[int] = mapped_column(Integer)
    people: Mapped[list[UUID | None] | None] = mapped_column(ARRAY(Uuid))
    parts: Mapped[list[Decimal | None] | None] = mapped_column(ARRAY(Numeric(18, 2)))


FORECAST_PERSONAL = (Personal("forecast_adjustment", told=("reason",)),)
FORECAST_HARMLESS = {f"{table}.{name}": "a word of a list" for table in ("sales_target", "forecast_adjustment") for name in ("period", "currency")} | {
    "forecast_day": "days and rates", "forecast_line.counted": "a word of a list", "forecast_line.people": "keys of users", "forecast_line.parts": "amounts", "forecast_line.currency": "a currency",
}
