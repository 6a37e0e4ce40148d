"""Use cases of files on records in the order of their life: add, draw small, rename, delete, bring back; bytes that go."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import func, select, update

from core.base import editing
from core.base.context import Context
from core.base.errors import Conflict, Forbidden, Refused
from core.base.facts import record as fact
from core.base.outbox import defer
from core.base.outcome import if_undone
from core.base.policy import may, require, room_of
from core.base.records import check_open, find, kind_of
from core.files.models import Attachment
from core.files.queries import MOST_FILES
from core.files.rules import shown_name
from infra import pictures
from infra.config import settings
from infra.filetypes import type_of
from infra.storage import FileRefused, storage

KEPT = timedelta(days=90)
AT_ONCE, MEGABYTE = 100, 1_000_000


def add_file(ctx: Context, record: Any, *, source: BinaryIO, name: str | None) -> Attachment:
    """Put a file on a record. What it is, is told from its content; its name is only shown. Refuses an empty file, one
    that is too large or has too many pixels, too many on one record, and more than the plan's storage; then nothing is
    kept, and nothing either where the transaction fails."""
    require(ctx, "files.write")
    check_open(ctx, record)
    _check_room(ctx, record)
    try:
        stored = storage().save(ctx.tenant.id, source, limit=settings().upload_mb * MEGABYTE)
    except FileRefused as refusal:
        raise Refused(f"upload_{refusal.code}", field="files", max=settings().upload_mb) from None
    if_undone(ctx.session, lambda: storage().remove(ctx.tenant.id, stored.key))
    try:
        path = storage().path(ctx.tenant.id, stored.key)
        mimetype = type_of(path)
        _check_storage(ctx, stored.size)
        drawn = mimetype.startswith("image/") and _picture(path)
        attachment = Attachment(
            record_kind=kind_of(record), record_id=record.id, name=shown_name(name), size=stored.size, sha256=stored.sha256, mimetype=mimetype, stored_key=stored.key,
            uploaded_by=ctx.actor.id,
        )
        ctx.session.add(attachment)
        fact(ctx, "file.added", attachment, about=(record.id,), name=attachment.name)
        ctx.session.flush()  # the order below names it by key
        if drawn:
            defer(ctx, "files.draw", dedupe=str(attachment.id), file_id=attachment.id)
    except BaseException:
        storage().remove(ctx.tenant.id, stored.key)
        raise
    return attachment


def keep_thumbnail(ctx: Context, file_id: UUID, picture: bytes) -> bool:
    """The small picture of a file, made by a worker; False where the file is gone or has one already."""
    attachment = ctx.session.execute(select(Attachment).where(Attachment.id == file_id).with_for_update()).scalar_one_or_none()
    if attachment is None or attachment.thumb_key:
        return False
    stored = storage().save(ctx.tenant.id, BytesIO(picture), limit=MEGABYTE)
    if_undone(ctx.session, lambda: storage().remove(ctx.tenant.id, stored.key))
    # Not by the record's version: nobody's change of the name is to meet it.
    ctx.session.execute(update(Attachment.__table__).where(Attachment.__table__.c.id == file_id).values(thumb_key=stored.key))
    return True


def rename_file(ctx: Context, attachment: Attachment, name: str | None, *, version: int | None = None) -> Attachment:
    """Call it otherwise. Refuses an empty name, and a file that was changed in another window."""
    record = _mine(ctx, attachment)
    if not (name or "").strip():
        raise Refused("required", field="name")
    editing.hold(ctx, attachment)
    if version is not None and version != attachment.version:
        raise Conflict("stale")
    before, attachment.name = attachment.name, shown_name(name)
    if attachment.name != before:
        fact(ctx, "file.renamed", attachment, about=(record.id,), name=attachment.name, before=before)
    ctx.session.flush()  # the answer shows the new version
    return attachment


def delete_file(ctx: Context, attachment: Attachment) -> None:
    """Take a file away; it can be brought back for 90 days, then its bytes go too."""
    record = _mine(ctx, attachment)
    editing.hold(ctx, attachment)
    attachment.deleted_at, attachment.deleted_by = ctx.now, ctx.actor.id
    fact(ctx, "file.deleted", attachment, about=(record.id,), name=attachment.name)


def restore_file(ctx: Context, attachment: Attachment) -> None:
    """Bring a file back."""
    record = _mine(ctx, attachment)
    attachment.deleted_at = attachment.deleted_by = None
    fact(ctx, "file.restored", attachment, about=(record.id,), name=attachment.name)


def may_change(ctx: Context, attachment: Attachment, record: Any) -> bool:
    """Did the actor put it here, or may he change the record?"""
    return may(ctx, "files.write") and (attachment.uploaded_by == ctx.actor.id or may(ctx, f"{room_of(record)}.edit", record))


def tidy(ctx: Context) -> dict[str, int]:
    """The bytes and the rows of files that were deleted 90 days ago go; says how many it was. Safe to repeat."""
    old = select(Attachment).where(Attachment.deleted_at < ctx.now - KEPT).order_by(Attachment.deleted_at).limit(AT_ONCE).with_for_update(skip_locked=True)
    found = list(ctx.session.execute(old).scalars())
    keys = [key for one in found for key in (one.stored_key, one.thumb_key) if key]
    for one in found:
        ctx.session.delete(one)
    ctx.session.flush()  # rows first: should that fail, the bytes are still there for the next night
    for key in keys:
        storage().remove(ctx.tenant.id, key)
    return {"files": len(found)}


def has_deleted(session: Any) -> bool:
    """Is there anything that could become old? Tenants without deleted files get no order."""
    return session.execute(select(Attachment.id).where(Attachment.deleted_at.is_not(None)).limit(1)).first() is not None


def _mine(ctx: Context, attachment: Attachment) -> Any:
    """The record that it is on, where the actor may change the file."""
    record = find(ctx, attachment.record_kind, attachment.record_id)
    require(ctx, "files.write")
    if not may_change(ctx, attachment, record):
        raise Forbidden("file_not_yours")
    return record


def _check_room(ctx: Context, record: Any) -> None:
    mine = (Attachment.record_id == record.id, Attachment.record_kind == kind_of(record), Attachment.deleted_at.is_(None))
    if ctx.session.execute(select(func.count()).select_from(Attachment).where(*mine)).scalar_one() >= MOST_FILES:
        raise Refused("too_many_files", field="files", max=MOST_FILES)


def _check_storage(ctx: Context, size: int) -> None:
    """The plan's storage, where it limits any. Two who upload at once wait for one another, or both would fit."""
    limit = ctx.entitlements.limit("storage_mb")
    if limit is None:
        return
    editing.hold_place(ctx, "attachment.size")
    used = ctx.session.execute(select(func.coalesce(func.sum(Attachment.size), 0))).scalar_one()
    if used + size > limit * MEGABYTE:
        raise Refused("storage_full", field="files", max=limit)


def _picture(path: Path) -> bool:
    """Can a small one be drawn of it? Refuses what must not be decoded."""
    try:
        return pictures.size_of(path) is not None
    except pictures.PictureRefused:
        raise Refused("picture_too_large", field="files", max=pictures.MOST_PIXELS // 1_000_000) from None
