"""Of which day somebody's list was written to him."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Keyed, TenantBase


class DailyLetter(Keyed, TenantBase):
    """The last day, where he is, whose list a user got by mail, or whose there was nothing to write of: written with the letter, so that
    either both are there or neither."""

    __tablename__ = "daily_letter"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), unique=True)
    day: Mapped[date]
