"""What colleagues say to each other about a record, and whom they mention."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.finding import EAST_ASIAN, FOLDED
from core.base.model import Record, TenantBase, Timed
from core.base.personal import Personal
from core.base.registry import Child

LONGEST = 10_000
IN_ONE_LINE = "translate(body, E'\\n\\t', '  ')"
ALIVE = "deleted_at IS NULL"


class Comment(Record, TenantBase):
    """One comment on a record, for colleagues alone: it never leaves the workspace. edited_at: its author
    changed it after it was there. deleted_by: whoever took it away. said_fold: what a search looks in."""

    __tablename__ = "comment"
    __table_args__ = (
        CheckConstraint(f"char_length(body) BETWEEN 1 AND {LONGEST}", name="body"),
        CheckConstraint("(deleted_at IS NULL) = (deleted_by IS NULL)", name="deleted"),
        Index("ix_comment_record", "record_id", "record_kind", text("created_at DESC"), text("id DESC"), postgresql_where=text(ALIVE)),
        Index("ix_comment_author_id", "author_id"),
        Index("ix_comment_find", "said_fold", postgresql_using="gin", postgresql_ops={"said_fold": "ext.gin_trgm_ops"}, postgresql_where=text(ALIVE)),
        Index("ix_comment_east_asian", text(f"({EAST_ASIAN.format(folded='said_fold')})"), postgresql_using="gin", postgresql_where=text(ALIVE)),
        {"info": {"audit": True}},
    )
    record_kind: Mapped[str]
    record_id: Mapped[UUID]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    body: Mapped[str]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    deleted_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    said_fold: Mapped[str] = mapped_column(Computed(FOLDED.format(column=IN_ONE_LINE), persisted=True), deferred=True)


class Mention(Timed, TenantBase):
    """Whom a comment mentions. said: what stands behind the @ in its text, by which the page finds it."""

    __tablename__ = "mention"
    __table_args__ = (Index("uq_mention_comment_user", "comment_id", "user_id", unique=True), Index("ix_mention_user_id", "user_id"))
    comment_id: Mapped[UUID] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    said: Mapped[str]


CHILDREN = (Child("comment", "record_id", "*", kind="record_kind", personal=("body",)),)

PERSONAL = (Personal("comment", by=("record_id",), cleared=("body",), told=("body",), purged="delete"),)
HARMLESS = {"comment.record_kind": "a kind of record", "mention": "names a colleague, by his key and as he is called here"}
