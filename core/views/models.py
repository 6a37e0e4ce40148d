"""Saved views, and how somebody likes a list to open."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase, Timed
from core.base.personal import Personal

AUDIENCES = ("me", "team", "everyone")


class SavedView(Record, TenantBase):
    """A list's filters, order and columns under a name. query: what the list's address says (core.views.rules). audience:
    who finds it in his list; with a team that is gone it is its maker's alone. widths: pixels by column, kept as they are dragged."""

    __tablename__ = "saved_view"
    __table_args__ = (
        CheckConstraint(f"audience IN {AUDIENCES}", name="audience"),
        Index("uq_saved_view_name", "user_id", "room", text("lower(name)"), unique=True, postgresql_where=text("deleted_at IS NULL")),
        Index("ix_saved_view_room", "room", postgresql_where=text("deleted_at IS NULL AND audience <> 'me'")),
        Index("ix_saved_view_team_id", "team_id", postgresql_where=text("team_id IS NOT NULL")),
        {"info": {"audit": True}},
    )
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    room: Mapped[str]
    name: Mapped[str]
    audience: Mapped[str] = mapped_column(server_default=text("'me'"), default="me")
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id", ondelete="SET NULL"))
    query: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    widths: Mapped[dict[str, int]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"), default=dict)
    deleted_at: Mapped[datetime | None]


class ListHabit(Timed, TenantBase):
    """How a list opens for somebody: with which columns (NULL: the usual ones) and widths of them, and with which view. pinned: keys of the
    views that stand in his side bar; what is gone, or no longer shared with him, stays away."""

    __tablename__ = "list_habit"
    __table_args__ = (
        Index("uq_list_habit_user_room", "user_id", "room", unique=True), Index("ix_list_habit_view_id", "view_id", postgresql_where=text("view_id IS NOT NULL")),
    )
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    room: Mapped[str]
    columns: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    widths: Mapped[dict[str, int]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"), default=dict)
    pinned: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'::uuid[]"), default=list)
    view_id: Mapped[UUID | None] = mapped_column(ForeignKey("saved_view.id", ondelete="SET NULL"))

PERSONAL = (Personal("saved_view", told=("name", "query")),)
HARMLESS = {**{f"saved_view.{name}": "a word of a list" for name in ("room", "audience")}, "list_habit": "which columns a list shows, and how wide", "saved_view.widths": "pixels by column"}
