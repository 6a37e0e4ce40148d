"""Reads of the audit: a record's history, the whole log by pages, what still waits for its seal."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, text
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from core.audit.models import AuditEntry, AuditLink
from core.base.context import Context
from core.base.errors import NotFound
from core.base.policy import is_visible, require, tables_beyond
from core.base.rooms import tables_off

# Sealing goes by time; a transaction that was open long may commit behind newer ones, so the last few are looked at.
RECENT = text("""
SELECT EXISTS (SELECT FROM (SELECT id FROM audit_entry ORDER BY at DESC, id DESC LIMIT 200) e
WHERE NOT EXISTS (SELECT FROM audit_chain c WHERE c.entry_id = e.id))""")


@dataclass(frozen=True, slots=True)
class Seal:
    """How far the chain goes: its last number, when it was sealed, whether something still waits."""

    seq: int
    sealed_at: datetime | None
    waiting: bool


def history(ctx: Context, row_id: UUID, *, before: tuple[datetime, UUID] | None = None, limit: int = 50) -> list[AuditEntry]:
    """What changed on one record, newest first. `before`: (at, id) of the last one shown. The caller has checked
    that the actor sees the record."""
    require(ctx, "audit.read")
    return _page(ctx, select(AuditEntry).where(AuditEntry.row_id == row_id), before, limit)


def changes_of(ctx: Context, record: Any, *, before: tuple[datetime, UUID] | None = None, limit: int = 50) -> list[AuditEntry]:
    """The same for whoever sees the record, audit or not: it is part of the record. Fields hidden from him are left out."""
    if not is_visible(ctx, record):
        raise NotFound()
    return _page(ctx, select(AuditEntry).where(AuditEntry.row_id == record.id, AuditEntry.table_name == record.__tablename__), before, limit)


def one_change(ctx: Context, record: Any, entry_id: UUID) -> AuditEntry:
    """One of these; NotFound otherwise."""
    if not is_visible(ctx, record):
        raise NotFound()
    found = ctx.session.execute(select(AuditEntry).where(AuditEntry.id == entry_id, AuditEntry.row_id == record.id)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def last_change(ctx: Context, row_id: UUID, fields: Collection[str]) -> tuple[UUID | None, datetime] | None:
    """(key of who, when) changed any of these fields of a record last; no key where a job or an import did. None where
    nobody has since it was made. The caller has checked that the actor sees the record."""
    query = select(AuditEntry.actor_id, AuditEntry.at).where(AuditEntry.row_id == row_id, AuditEntry.changes.has_any(array(list(fields))))
    found = ctx.session.execute(query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(1)).one_or_none()
    return (found.actor_id, found.at) if found else None


def entries(
    ctx: Context, *, table: str | None = None, actor_id: UUID | None = None, since: datetime | None = None, until: datetime | None = None,
    before: tuple[datetime, UUID] | None = None, limit: int = 50,
) -> list[AuditEntry]:
    """The whole log by pages, newest first, narrowed as asked; nothing of a room that is off."""
    query = _narrowed(ctx, table, actor_id)
    if since:
        query = query.where(AuditEntry.at >= since)
    if until:
        query = query.where(AuditEntry.at < until)
    return _page(ctx, query, before, limit)


def entries_query(ctx: Context, *, table: str | None = None, actor_id: UUID | None = None) -> Select:
    """The same as a statement, for whoever takes all of it out."""
    return _ordered(_knowable(ctx, _narrowed(ctx, table, actor_id)))


def _narrowed(ctx: Context, table: str | None, actor_id: UUID | None) -> Select:
    require(ctx, "audit.read")
    query = select(AuditEntry).where(AuditEntry.table_name.not_in(tables_off(ctx)))
    wanted = ((AuditEntry.table_name, table), (AuditEntry.actor_id, actor_id))
    return query.where(*(column == value for column, value in wanted if value is not None))


def seal_of(ctx: Context) -> Seal:
    """What the page says about the chain."""
    require(ctx, "audit.read")
    row = ctx.session.execute(select(AuditLink.seq, AuditLink.sealed_at).order_by(AuditLink.seq.desc()).limit(1)).one_or_none()
    return Seal(row.seq if row else 0, row.sealed_at if row else None, has_unsealed(ctx.session))


def has_unsealed(session: Session) -> bool:
    """Is there something to seal? Asked by the clock of every tenant each minute, so it looks at the newest only."""
    return session.execute(RECENT).scalar_one()


def _page(ctx: Context, query: Select, before: tuple[datetime, UUID] | None, limit: int) -> list[AuditEntry]:
    query = _knowable(ctx, query)
    if before:
        query = query.where(func.row(AuditEntry.at, AuditEntry.id) < func.row(before[0], before[1]))
    return list(ctx.session.execute(_ordered(query).limit(limit)).scalars())


def _knowable(ctx: Context, query: Select) -> Select:
    """Without the tables that the actor may not read."""
    return query.where(AuditEntry.table_name.not_in(beyond)) if (beyond := tables_beyond(ctx)) else query


def _ordered(query: Select) -> Select:
    return query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
