"""Reads of files on records: the list of a record, one file, where its bytes lie."""

from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select

from core.base.context import Context
from core.base.errors import NotFound
from core.base.records import kind_of, on_readable
from core.files.models import Attachment
from core.identity.models import User
from infra.storage import FileRefused, storage

MOST_FILES = 200


def files_of(ctx: Context, record: Any) -> list[Row]:
    """(Attachment, by) of a record, newest first; the caller has checked that the actor sees the record."""
    query = select(Attachment, User.name.label("by")).join(User, User.id == Attachment.uploaded_by, isouter=True)
    query = query.where(Attachment.record_id == record.id, Attachment.record_kind == kind_of(record), Attachment.deleted_at.is_(None))
    return list(ctx.session.execute(query.order_by(Attachment.created_at.desc(), Attachment.id.desc()).limit(MOST_FILES)))


def files(ctx: Context) -> Select:
    """Where every query of files starts: those on records that the actor may open."""
    return select(Attachment).where(Attachment.deleted_at.is_(None), on_readable(ctx, Attachment.record_kind, Attachment.record_id, discussed=True))


def one_file(ctx: Context, file_id: UUID, *, deleted: bool = False) -> Attachment:
    """A file on a record that the actor may open; NotFound otherwise. deleted: one that was taken away."""
    side = Attachment.deleted_at.is_not(None) if deleted else Attachment.deleted_at.is_(None)
    query = select(Attachment).where(Attachment.id == file_id, side, on_readable(ctx, Attachment.record_kind, Attachment.record_id, discussed=True))
    found = ctx.session.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def bytes_of(ctx: Context, key: str | None) -> Path:
    """Where the bytes of a key lie, of this tenant alone; NotFound where they are gone."""
    try:
        return storage().path(ctx.tenant.id, key or "")
    except FileRefused:
        raise NotFound() from None
