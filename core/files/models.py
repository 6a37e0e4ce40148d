"""Files that people put on records. The bytes lie in the store under a random key, never under a name."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase
from core.base.personal import Personal
from core.base.registry import Child

LONGEST_NAME = 255


class Attachment(Record, TenantBase):
    """A file on a record. name: as it was called, cleaned, for showing alone. mimetype: told from the content.
    stored_key, thumb_key: where the bytes lie. deleted_by: who took it away."""

    __tablename__ = "attachment"
    __table_args__ = (
        CheckConstraint(f"char_length(name) BETWEEN 1 AND {LONGEST_NAME}", name="name"), CheckConstraint("size > 0", name="size"),
        CheckConstraint("(deleted_at IS NULL) = (deleted_by IS NULL)", name="deleted"),
        Index("ix_attachment_record", "record_id", "record_kind", text("created_at DESC"), text("id DESC"), postgresql_where=text("deleted_at IS NULL")),
        Index("ix_attachment_deleted_at", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
        {"info": {"audit": True}},
    )
    record_kind: Mapped[str]
    record_id: Mapped[UUID]
    name: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    mimetype: Mapped[str]
    stored_key: Mapped[str] = mapped_column(unique=True)
    thumb_key: Mapped[str | None] = mapped_column(unique=True)
    uploaded_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    deleted_at: Mapped[datetime | None]
    deleted_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))


CHILDREN = (Child("attachment", "record_id", "*", kind="record_kind", personal=("name", "stored_key", "thumb_key")),)

PERSONAL = (Personal("attachment", by=("record_id",), told=("name",), gone=True, files=("stored_key", "thumb_key"), purged="delete"),)
HARMLESS = {f"attachment.{name}": "says what the bytes are" for name in ("record_kind", "sha256", "mimetype")}
