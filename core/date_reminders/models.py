"""Reminders of the dates that records have: of which field, how long before, every year or once, and who is told."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Keyed, Record, TenantBase

ROOMS = ("accounts", "contacts")
MOST_DAYS, MOST_TIMES = 366, 10


class DateReminder(Record, TenantBase):
    """field: "birthday", or an own field ("custom.renewal") of that room. days_before: 0 is the day itself. The owner and the
    followers are those of each record; role_id: everybody who holds that role and sees the record; user_id: one more person."""

    __tablename__ = "date_reminder"
    __table_args__ = (
        CheckConstraint(f"room IN {ROOMS}", name="room"),
        CheckConstraint(f"cardinality(days_before) BETWEEN 1 AND {MOST_TIMES} AND 0 <= ALL (days_before) AND {MOST_DAYS} >= ALL (days_before)", name="days_before"),
        Index("ix_date_reminder_role_id", "role_id", postgresql_where=text("role_id IS NOT NULL")),
        Index("ix_date_reminder_user_id", "user_id", postgresql_where=text("user_id IS NOT NULL")),
        {"info": {"audit": True}},
    )
    room: Mapped[str]
    field: Mapped[str]
    days_before: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    yearly: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    to_owner: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    to_followers: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    role_id: Mapped[UUID | None] = mapped_column(ForeignKey("role.id", ondelete="SET NULL"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    deleted_at: Mapped[datetime | None]


class DateReminderDay(Keyed, TenantBase):
    """The last day, where he is, of which a user was told everything: written with the notifications of that day, so that
    either both are there or neither."""

    __tablename__ = "date_reminder_day"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), unique=True)
    day: Mapped[date]


HARMLESS = {"date_reminder.room": "a word of a list", "date_reminder.field": "the name of a field", "date_reminder.days_before": "numbers of days"}
