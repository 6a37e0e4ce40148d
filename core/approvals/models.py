"""What waits for somebody's yes, and up to where each role decides by itself.

A request names a record of a room above by kind and key; what was asked about is kept as it was shown (facts, needs) and as a
fingerprint, so that a yes to something else is none. Nobody decides on what he asked for: the database refuses it.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Integer, Numeric, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase
from core.base.personal import Personal
from core.base.registry import Child

WAITING, APPROVED, REFUSED, VOID = STATES = ("waiting", "approved", "refused", "void")
USER = "app_user.id"
_waits = {"postgresql_where": text("state = 'waiting'")}


class Approval(Record, TenantBase):
    """One request. kind: of core.approvals.kinds. needs: what makes it wait, facts: what was shown, both as they were when it was asked for.
    asked_ids: who was asked. decided_for: the absent colleague in whose place decided_by said it. escalate_at: when more are asked. void: what it
    was about has changed."""

    __tablename__ = "approval"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"), CheckConstraint("decided_by <> asked_by", name="own"), CheckConstraint("decided_for <> decided_by", name="deputy"),
        CheckConstraint("(state IN ('approved', 'refused')) = (decided_at IS NOT NULL)", name="decided"), CheckConstraint("state <> 'refused' OR decided_note IS NOT NULL", name="reason"),
        Index("uq_approval_waiting", "kind", "record_id", unique=True, **_waits), Index("ix_approval_record_id", "record_id"), Index("ix_approval_asked", "asked_at", "id", **_waits),
        {"info": {"audit": True}},
    )
    kind: Mapped[str]
    record_kind: Mapped[str]
    record_id: Mapped[UUID]
    title: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'waiting'"), default=WAITING)
    needs: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    facts: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    fingerprint: Mapped[str]
    note: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey(USER, ondelete="SET NULL"))
    asked_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"), default=list)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey(USER, ondelete="SET NULL"))
    decided_for: Mapped[UUID | None] = mapped_column(ForeignKey(USER, ondelete="SET NULL"))
    decided_note: Mapped[str | None]
    escalate_at: Mapped[datetime | None]
    escalated: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)


class ApprovalLimit(Record, TenantBase):
    """Up to where a role decides by itself. code: of core.approvals.kinds; currency: of an amount, else none. No row: no limit."""

    __tablename__ = "approval_limit"
    __table_args__ = (
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"), Index("uq_approval_limit_role_code", "role_id", "code", "currency", unique=True, postgresql_nulls_not_distinct=True), {"info": {"audit": True}},
    )
    role_id: Mapped[UUID] = mapped_column(ForeignKey("role.id", ondelete="CASCADE"))
    code: Mapped[str]
    currency: Mapped[str | None]
    value: Mapped[Decimal] = mapped_column(Numeric(18, 4))


class ApprovalClock(Record, TenantBase):
    """After how many working hours others are asked too, and which hours those are (by the workspace's clock). No row: USUAL of core.approvals.hours."""

    __tablename__ = "approval_clock"
    __table_args__ = (
        CheckConstraint("hours BETWEEN 1 AND 200", name="hours"), CheckConstraint("opens BETWEEN 0 AND 23 AND closes BETWEEN 1 AND 24 AND opens < closes", name="day"),
        CheckConstraint("cardinality(weekdays) > 0 AND weekdays <@ ARRAY[1, 2, 3, 4, 5, 6, 7]", name="weekdays"), Index("uq_approval_clock_one", text("(true)"), unique=True), {"info": {"audit": True}},
    )
    hours: Mapped[int] = mapped_column(Integer)
    opens: Mapped[int] = mapped_column(Integer, server_default=text("9"))
    closes: Mapped[int] = mapped_column(Integer, server_default=text("17"))
    weekdays: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{1,2,3,4,5}'"))


TOLD = ("title", "note", "decided_note", "facts", "needs")
CHILDREN = (Child("approval", "record_id", "*", kind="record_kind", personal=TOLD, grows=False),)
PERSONAL = (Personal("approval", by=("record_id",), told=TOLD, purged="delete"),)
HARMLESS = {
    "approval.asked_ids": "keys of colleagues", "approval_clock": "how the workspace is arranged",
    **{f"approval.{name}": "a word of a list" for name in ("kind", "record_kind", "state")}, "approval.fingerprint": "a checksum",
    "approval_limit.code": "a word of a list", "approval_limit.currency": "a currency",
}
