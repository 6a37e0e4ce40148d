"""What stands beside accounts and contacts: the stages that accounts went through, the shared pool, pairs that may be duplicates."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Double, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase, Timed
from core.base.personal import Personal
from core.base.registry import Child

PAIR_STATES = ("open", "later", "not_duplicates", "merged")
STAGES = ("identified", "selected", "acquired", "developed", "kept", "loyal", "lost")


class StageChange(Timed, TenantBase):
    """From which stage to which an account went, and why. created_by: who set it by hand; a rule is nobody."""

    __tablename__ = "stage_change"
    __table_args__ = (
        CheckConstraint(f"from_stage IN {STAGES}", name="from_stage"),
        CheckConstraint(f"to_stage IN {STAGES}", name="to_stage"),
        Index("ix_stage_change_account_id", "account_id", text("created_at DESC"), text("id DESC")),
    )
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    from_stage: Mapped[str]
    to_stage: Mapped[str]
    why: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    until: Mapped[date | None]


class PoolRules(Record, TenantBase):
    """When accounts go to the shared pool: at most one row. idle_days: after so many days without any contact, never where
    none is said; claims_a_day: how many anybody may take from it on one day."""

    __tablename__ = "pool_rules"
    __table_args__ = (
        CheckConstraint("one", name="one"), CheckConstraint("idle_days BETWEEN 30 AND 3650", name="idle_days"), CheckConstraint("claims_a_day BETWEEN 1 AND 1000", name="claims_a_day"),
        {"info": {"audit": True}},
    )
    one: Mapped[bool] = mapped_column(server_default=text("true"), default=True, unique=True)
    idle_days: Mapped[int | None]
    claims_a_day: Mapped[int | None]


class PoolWarning(TenantBase):
    """An owner was told that an account goes to the pool on that day."""

    __tablename__ = "pool_warning"
    __table_args__ = (Index("ix_pool_warning_due_on", "due_on", "account_id"), Index("ix_pool_warning_owner_id", "owner_id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    due_on: Mapped[date]
    warned_at: Mapped[datetime]


class PoolClaim(Timed, TenantBase):
    """Somebody took an account from the pool."""

    __tablename__ = "pool_claim"
    __table_args__ = (Index("ix_pool_claim_user_id", "user_id", "created_at"), Index("ix_pool_claim_account_id", "account_id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))


class DuplicatePair(Timed, TenantBase):
    """Two accounts or contacts that are likely the same, or (not_duplicates) that somebody said are not. a_id is the smaller
    key. reasons: as core.parties.duplicates gives them."""

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        CheckConstraint("kind IN ('account', 'contact')", name="kind"), CheckConstraint(f"state IN {PAIR_STATES}", name="state"),
        Index("uq_duplicate_pair_both", "a_id", "b_id", unique=True), Index("ix_duplicate_pair_b_id", "b_id"),
        Index("ix_duplicate_pair_open", "kind", text("score DESC"), "id", postgresql_where=text("state = 'open'")),
    )
    kind: Mapped[str]
    a_id: Mapped[UUID]
    b_id: Mapped[UUID]
    score: Mapped[float] = mapped_column(Double)
    reasons: Mapped[list[str]] = mapped_column(ARRAY(Text))
    state: Mapped[str] = mapped_column(server_default=text("'open'"), default="open")
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]


BESIDE_CHILDREN = (
    Child("stage_change", "account_id", "account", grows=False),
    Child("pool_warning", "account_id", "account", verb="keep", grows=False),
    Child("pool_claim", "account_id", "account", grows=False),
    *(Child("duplicate_pair", column, parent, verb="keep", grows=False) for column in ("a_id", "b_id") for parent in ("account", "contact")),
)
BESIDE_PERSONAL = (
    Personal("stage_change", by=("account_id",), told=("why",), purged="delete"), Personal("pool_warning", by=("account_id",), gone=True, purged="delete"),
    Personal("pool_claim", by=("account_id",), purged="delete"), Personal("duplicate_pair", by=("a_id", "b_id"), gone=True, purged="delete"),
)
BESIDE_HARMLESS = {
    **{f"stage_change.{name}": "a word of a list" for name in ("from_stage", "to_stage")}, "pool_rules": "how the workspace is arranged",
    **{f"duplicate_pair.{name}": "a word of a list" for name in ("kind", "state", "reasons")},
}
