"""Bulk edits: a run over chosen records, and its journal, from which it is taken back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, Integer, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.context import Context
from core.base.model import Record, TenantBase
from core.base.personal import Personal
from core.base.registry import Child
from core.base.rooms import is_off

KINDS = ("accounts", "contacts", "deals", "leads", "products")
OPERATIONS = ("change", "owner", "tags", "price", "delete")
STATES = ("selected", "previewed", "running", "done", "failed", "cancelled", "undoing", "undone")
# due: to be done. Left out: same, not_yours, circle, too_many_tags; of_lines: its products make the amount; of_parts: its parts make the price; no_price: it has none; unfit: it would not go with
# what else the record says; since: somebody changed it after the preview; gone.
# changed: done; undone, kept: what an undo made of it.
OUTCOMES = ("due", "same", "not_yours", "circle", "too_many_tags", "of_lines", "of_parts", "no_price", "unfit", "since", "gone", "changed", "undone", "kept")
# In these a worker is at it, and pages ask again.
MOVING = ("running", "undoing")
EMPTY = text("'{}'::jsonb")


class BulkEdit(Record, TenantBase):
    """One change of many records. wanted: what is to be done, as JSON. counts: outcome -> records, beside "selected" and
    "missing" (keys that named nothing). `position` is the last row that a committed chunk has dealt with, `round` tells
    an order from an older one. back: the list's filters, as in its address. erased_at: when the journal was erased."""

    __tablename__, ROOM = "bulk_edit", "bulk_edits"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint(f"operation IN {OPERATIONS}", name="operation"),
        CheckConstraint("operation IS NOT NULL OR state IN ('selected', 'cancelled')", name="decided"),
        Index("ix_bulk_edit_created_at", text("created_at DESC"), text("id DESC")),
        {"info": {"audit": True, "secret": ["wanted", "back"]}},
    )
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'selected'"), default="selected")
    operation: Mapped[str | None]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    wanted: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY, default=dict)
    counts: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY, default=dict)
    rows_done: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    position: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    round: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    failure: Mapped[dict[str, Any] | None]
    back: Mapped[str | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]

    @classmethod
    def narrowed(cls, ctx: Context) -> ColumnElement[bool]:
        """Nothing is told of one in a room that is switched off."""
        return cls.kind.not_in([kind for kind in KINDS if is_off(ctx, kind)])

    def is_narrowed(self, ctx: Context) -> bool:
        """The same of this one."""
        return not is_off(ctx, self.kind)

    @property
    def selected(self) -> int:
        """How many records were chosen."""
        return self.counts.get("selected", 0)

    @property
    def rows_todo(self) -> int:
        """How many the work at hand is about: those to be changed, or to be put back."""
        return self.counts.get("changed" if self.state == "undoing" or self.broke_off_while == "undoing" else "due", 0)

    @property
    def broke_off_while(self) -> str | None:
        """The state in which its work broke off for good (core.bulk.breaking); None where it did not."""
        return (self.failure or {}).get("while") if self.state == "failed" else None


class BulkEditRow(TenantBase):
    """One record of a run, and what it was. seen_version: at which the preview saw it; before: the fields that are (to
    be) changed with what stood in them; left_version: at which the change left it, so that a later one is noticed."""

    __tablename__ = "bulk_edit_row"
    __table_args__ = (
        PrimaryKeyConstraint("run_id", "position"),
        CheckConstraint(f"outcome IN {OUTCOMES}", name="outcome"),
        Index("ix_bulk_edit_row_outcome", "run_id", "outcome", "position"),
        Index("ix_bulk_edit_row_record_id", "record_id"),
    )
    run_id: Mapped[UUID] = mapped_column(ForeignKey("bulk_edit.id", ondelete="CASCADE"))
    position: Mapped[int]
    record_id: Mapped[UUID]
    seen_version: Mapped[int]
    outcome: Mapped[str | None]
    before: Mapped[dict[str, Any] | None]
    left_version: Mapped[int | None]


# The journal goes when the person's data do; it is no sign that somebody works with the record (verb keep).
CHILDREN = tuple(Child("bulk_edit_row", "record_id", parent, personal=("before",), verb="keep") for parent in ("account", "contact"))

PERSONAL = (Personal("bulk_edit_row", by=("record_id",), through=(("record_id", "deal"), ("record_id", "lead")), cleared=("before",), told=("before",), purged="clear"), Personal("bulk_edit", told=("wanted", "back", "failure")))
HARMLESS = {"bulk_edit_row.outcome": "a word of a list", **{f"bulk_edit.{name}": "a word of a list, or counts" for name in ("kind", "state", "operation", "counts")}}
