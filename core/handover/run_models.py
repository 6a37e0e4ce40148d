"""A handover as planned and run: who gets what, row by row; from these rows it is taken back."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase
from core.base.records import RecordKind

# To one person; one after the other; by rules; account by account.
WAYS = ("one", "turn", "rules", "hand")
STATES = ("planned", "running", "done", "failed", "cancelled", "undoing", "undone")
MOVING = ("running", "undoing")
KINDS = ("accounts", "contacts", "deals", "leads", "quotes", "activities")
# due: to be given. since: it was somebody else's, or over, when its turn came. given: done. undone, kept: what taking it back made of it.
OUTCOMES = ("due", "since", "given", "undone", "kept")
EMPTY = text("'{}'::jsonb")


class HandoverRun(Record, TenantBase):
    """One handover. name: of whoever's it was. by_id: who does it. wanted: by what rule, as JSON. counts: successor -> kind -> records, as
    planned; outcomes: outcome -> records. until: of a temporary one, the last day; then everything comes back by itself. position: the last
    row that a committed chunk has dealt with; round tells an order from an older one."""

    __tablename__, ROOM = "handover_run", "handovers"
    __table_args__ = (
        CheckConstraint(f"way IN {WAYS}", name="way"), CheckConstraint(f"state IN {STATES}", name="state"),
        Index("ix_handover_run_from_id", "from_id"), Index("ix_handover_run_by_id", "by_id"), Index("ix_handover_run_created_at", text("created_at DESC"), text("id DESC")),
        {"info": {"audit": True}},
    )
    name: Mapped[str]
    from_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    by_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    way: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'planned'"), default="planned")
    wanted: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY, default=dict)
    counts: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY, default=dict)
    outcomes: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY, default=dict)
    until: Mapped[date | None]
    rows_done: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    position: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    round: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    failure: Mapped[dict[str, Any] | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    @property
    def rows_todo(self) -> int:
        """How many the work at hand is about."""
        back = self.state == "undoing" or (self.failure or {}).get("while") == "undoing"
        return self.outcomes.get("given" if back else "due", 0)


class HandoverRow(TenantBase):
    """One record, and who is to have it."""

    __tablename__ = "handover_row"
    __table_args__ = (
        PrimaryKeyConstraint("run_id", "position"), CheckConstraint(f"kind IN {KINDS}", name="kind"), CheckConstraint(f"outcome IN {OUTCOMES}", name="outcome"),
        Index("uq_handover_row_record", "run_id", "kind", "record_id", unique=True), Index("ix_handover_row_outcome", "run_id", "outcome", "position"), Index("ix_handover_row_to_id", "to_id", "run_id"),
    )
    run_id: Mapped[UUID] = mapped_column(ForeignKey("handover_run.id", ondelete="CASCADE"))
    position: Mapped[int]
    kind: Mapped[str]
    record_id: Mapped[UUID]
    to_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    outcome: Mapped[str] = mapped_column(server_default=text("'due'"), default="due")


RUN_HARMLESS = {"handover_run": "keys of colleagues, conditions of the workspace, counts", "handover_row": "keys and words of lists"}
# A successor is led to what he took over; what stands there is asked of his own rights.
RUN_KINDS = (RecordKind(HandoverRun, "accounts.read", "/taken-over/{id}"),)
