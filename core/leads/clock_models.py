"""How soon somebody who comes in is to hear from us, and when this workspace works. One row at most; without one no clock runs."""

from datetime import date

from sqlalchemy import Boolean, CheckConstraint, Date, Index, Integer, SmallInteger, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase

ANSWERS = ("running", "met", "missed")
# How a clock was stopped.
STOPPED_BY = ("contact", "mail", "reply", "judgement")


class LeadClock(Record, TenantBase):
    """within: minutes of working time until the first answer (none: no clock). warned: so many minutes of it before the end its owner is
    warned. days: as weekday() counts; opens, closes: minutes from midnight where the workspace is. only_open: leads that come in while nobody
    works are given to somebody once somebody does."""

    __tablename__, ROOM = "lead_clock", "leads"
    __table_args__ = (
        CheckConstraint("within BETWEEN 1 AND 60000", name="within"), CheckConstraint("warned >= 0 AND warned < within", name="warned"),
        CheckConstraint("opens >= 0 AND opens < closes AND closes <= 1440", name="hours"), CheckConstraint("cardinality(days) > 0", name="days"),
        Index("uq_lead_clock_one", text("(true)"), unique=True), {"info": {"audit": True}},
    )
    within: Mapped[int | None] = mapped_column(Integer)
    warned: Mapped[int | None] = mapped_column(Integer)
    days: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger), server_default=text("'{0,1,2,3,4}'"), default=lambda: [0, 1, 2, 3, 4])
    opens: Mapped[int] = mapped_column(SmallInteger, server_default=text("540"), default=540)
    closes: Mapped[int] = mapped_column(SmallInteger, server_default=text("1020"), default=1020)
    holidays: Mapped[list[date]] = mapped_column(ARRAY(Date), server_default=text("'{}'"), default=list)
    only_open: Mapped[bool] = mapped_column(Boolean, server_default=text("false"), default=False)
