"""Changes of a tag in all records, with the journal from which they are taken back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.hiding import mirror
from core.base.model import Record, TenantBase
from core.base.personal import Personal
from core.base.registry import Child
from core.tagging.models import TAGGED

KINDS = ("rename", "merge", "delete")
STATES = ("running", "done", "failed", "undoing", "undone")
MOVING = ("running", "undoing")
OUTCOMES = ("changed", "undone", "kept")
EMPTY = text("'{}'::jsonb")


class TagChange(Record, TenantBase):
    """A tag renamed, merged into another, or deleted. kept: what of it (colour, description) and what beside the records (drafts of
    mailings, views) an undo puts back. `position` is the last row of the journal that a committed chunk has dealt with, `round`
    tells an order from an older one."""

    __tablename__, ROOM = "tag_change", "tags"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"), CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("(into_name IS NULL) = (kind = 'delete')", name="into"),
        Index("ix_tag_change_created_at", text("created_at DESC"), text("id DESC")),
        Index("uq_tag_change_running", text("(true)"), unique=True, postgresql_where=text(f"state IN {MOVING}")),
        {"info": {"audit": True, "permission": "tags.read"}},
    )
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'running'"), default="running")
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    tag_name: Mapped[str]
    into_name: Mapped[str | None]
    kept: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY, default=dict)
    rows_todo: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    rows_done: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    changed: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    undone: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    position: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    round: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    failure: Mapped[dict[str, Any] | None]
    finished_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]

    @property
    def broke_off_while(self) -> str | None:
        """The state in which its work broke off for good; None where it did not."""
        return (self.failure or {}).get("while") if self.state == "failed" else None


class TagChangeRow(TenantBase):
    """One record of it. place: where among its tags the old one stood; had: it had the other one as well."""

    __tablename__ = "tag_change_row"
    __table_args__ = (
        PrimaryKeyConstraint("run_id", "position"), CheckConstraint(f"outcome IN {OUTCOMES}", name="outcome"),
        CheckConstraint(f"room IN {tuple(TAGGED.values())}", name="room"), Index("ix_tag_change_row_record_id", "record_id"),
    )
    run_id: Mapped[UUID] = mapped_column(ForeignKey("tag_change.id", ondelete="CASCADE"))
    position: Mapped[int]
    room: Mapped[str]
    record_id: Mapped[UUID]
    place: Mapped[int]
    had: Mapped[bool]
    outcome: Mapped[str] = mapped_column(server_default=text("'changed'"), default="changed")


for _room in TAGGED:
    mirror(_room, "tags", TagChange, "tag_name", "into_name", "kept")
CHILDREN = tuple(Child("tag_change_row", "record_id", parent, verb="keep", grows=False) for parent in TAGGED.values())
PERSONAL = (Personal("tag_change", told=("tag_name", "into_name", "kept", "failure")), Personal("tag_change_row", by=("record_id",), gone=True, purged="delete"))
HARMLESS = {
    **{f"tag_change.{name}": "a word of a list" for name in ("kind", "state")}, **{f"tag_change_row.{name}": "a word of a list" for name in ("room", "outcome")},
}
