"""What was handed over: from whom, to whom, by which bulk edits, and which open next contacts; from it all of it is taken back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase
from core.handover.run_models import RUN_HARMLESS, RUN_KINDS, HandoverRow, HandoverRun  # noqa: F401 (one door to all tables)


class HandOver(Record, TenantBase):
    """One handing over. run_ids: its bulk edits; deal_ids, lead_ids, quote_ids: the open deals, leads and quotes that went along; undone_at: when it was taken back."""

    __tablename__ = "hand_over"
    __table_args__ = (Index("ix_hand_over_from_id", "from_id"), Index("ix_hand_over_to_id", "to_id"), {"info": {"audit": True}})
    from_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    to_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    run_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"), default=list)
    deal_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"), default=list)
    lead_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"), default=list)
    quote_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"), default=list)
    undone_at: Mapped[datetime | None]


class HandedNext(TenantBase):
    """An open next contact that went along."""

    __tablename__ = "handed_next"
    __table_args__ = (PrimaryKeyConstraint("hand_over_id", "activity_id"), Index("ix_handed_next_activity_id", "activity_id"))
    hand_over_id: Mapped[UUID] = mapped_column(ForeignKey("hand_over.id", ondelete="CASCADE"))
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))


HARMLESS = {"hand_over": "keys of colleagues and of bulk edits", **RUN_HARMLESS}
RECORD_KINDS = RUN_KINDS
