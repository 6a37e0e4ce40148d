"""What colleagues say to each other about a record, and whom they mention."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase, Timed
from core.base.registry import Child

LONGEST = 10_000


class Comment(Record, TenantBase):
    """One comment on a record, for colleagues alone: it never leaves the workspace. edited_at: its author
    changed it after it was there. deleted_by: whoever took it away."""

    __tablename__ = "comment"
    __table_args__ = (
        CheckConstraint(f"char_length(body) BETWEEN 1 AND {LONGEST}", name="body"),
        CheckConstraint("(deleted_at IS NULL) = (deleted_by IS NULL)", name="deleted"),
        Index("ix_comment_record", "record_id", "record_kind", text("created_at DESC"), text("id DESC"), postgresql_where=text("deleted_at IS NULL")),
        Index("ix_comment_author_id", "author_id"),
        {"info": {"audit": True}},
    )
    record_kind: Mapped[str]
    record_id: Mapped[UUID]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    body: Mapped[str]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    deleted_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))


class Mention(Timed, TenantBase):
    """Whom a comment mentions. said: what stands behind the @ in its text, by which the page finds it."""

    __tablename__ = "mention"
    __table_args__ = (Index("uq_mention_comment_user", "comment_id", "user_id", unique=True), Index("ix_mention_user_id", "user_id"))
    comment_id: Mapped[UUID] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    said: Mapped[str]


CHILDREN = (Child("comment", "record_id", "*", kind="record_kind", personal=("body",)),)
