"""Merges of accounts and contacts with the journal from which they are taken back, and the search for duplicates among all of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Integer, PrimaryKeyConstraint, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase
from core.base.personal import Personal
from core.base.registry import Child

KINDS = ("account", "contact")
STATES = ("running", "done", "failed", "undoing", "undone")
# moved: hangs on the survivor now. Not moved, because the survivor has the same (unique): stayed. After an undo: undone;
# elsewhere: somebody has hung it on another record since; gone: deleted since.
OUTCOMES = ("moved", "stayed", "undone", "elsewhere", "gone")
MOVING = ("running", "undoing")
SCAN_STATES = ("running", "done", "failed", "cancelled")
EMPTY = text("'{}'::jsonb")


class Merge(Record, TenantBase):
    """Two to ten records of a kind made one. fields: field of the survivor -> [before, after]. losers: key -> what the
    survivor took from it that only one may have ({"external_id": "A-1"}). strict: room -> what it wrote so that the strictest
    wish holds. counts: outcome -> rows; kept: fields that an undo left, because somebody changed them since."""

    __tablename__, ROOM = "merge_run", "merges"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"), CheckConstraint(f"state IN {STATES}", name="state"),
        Index("ix_merge_run_created_at", text("created_at DESC"), text("id DESC")), Index("ix_merge_run_survivor_id", "survivor_id"),
        {"info": {"audit": True, "secret": ["fields", "losers", "strict"]}},
    )
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'running'"), default="running")
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    survivor_id: Mapped[UUID]
    loser_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    names: Mapped[list[str]] = mapped_column(ARRAY(Text))
    fields: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY, default=dict)
    losers: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY, default=dict)
    strict: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY, default=dict)
    kept: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"), default=list)
    counts: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY, default=dict)
    rows_done: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    rows_todo: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    round: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    failure: Mapped[dict[str, Any] | None]
    finished_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]

    @property
    def keys(self) -> list[UUID]:
        """Of all the records, the survivor's first."""
        return [self.survivor_id, *self.loser_ids]


class MergeRow(TenantBase):
    """One row of another table that hung on a loser: which table and column, its key, on whom it hung, what became of it."""

    __tablename__ = "merge_row"
    __table_args__ = (
        PrimaryKeyConstraint("run_id", "child", "row_id"), CheckConstraint(f"outcome IN {OUTCOMES}", name="outcome"),
        Index("ix_merge_row_outcome", "run_id", "outcome", "child", "row_id"), Index("ix_merge_row_from_id", "from_id"),
    )
    run_id: Mapped[UUID] = mapped_column(ForeignKey("merge_run.id", ondelete="CASCADE"))
    child: Mapped[str]
    row_id: Mapped[UUID]
    from_id: Mapped[UUID]
    outcome: Mapped[str]


class DuplicateScan(Record, TenantBase):
    """One search for duplicates among all accounts, then all contacts. position: the last record that was compared."""

    __tablename__, ROOM = "duplicate_scan", "duplicates"
    __table_args__ = (CheckConstraint(f"state IN {SCAN_STATES}", name="state"), Index("ix_duplicate_scan_created_at", text("created_at DESC")))
    state: Mapped[str] = mapped_column(server_default=text("'running'"), default="running")
    kind: Mapped[str] = mapped_column(server_default=text("'account'"), default="account")
    position: Mapped[UUID | None]
    threshold: Mapped[float] = mapped_column(Float(53))
    since: Mapped[datetime | None]
    found: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    rows_done: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    rows_todo: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    round: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    finished_at: Mapped[datetime | None]


CHILDREN = tuple(Child("merge_row", "from_id", parent, verb="keep", grows=False) for parent in KINDS)
PERSONAL = (
    Personal("merge_run", by=("survivor_id",), told=("names", "fields", "losers", "strict", "failure"), gone=True, purged="delete"),
    Personal("merge_row", by=("from_id",), gone=True, purged="delete"),
)
HARMLESS = {
    **{f"merge_run.{name}": "a word of a list" for name in ("kind", "state", "kept", "counts")}, "merge_run.loser_ids": "keys alone",
    **{f"merge_row.{name}": "a word of a list" for name in ("child", "outcome")}, **{f"duplicate_scan.{name}": "a word of a list" for name in ("state", "kind")},
}
