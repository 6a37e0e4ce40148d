"""Who changed which field from what to what. Written by the database itself, sealed into a chain by a job."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, event, func, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from core.base.hiding import CUSTOM, FIND, hidden_keys, in_table
from core.base.model import Keyed, TenantBase
from core.base.personal import Personal


class AuditEntry(Keyed, TenantBase):
    """One row changed. changes: field -> [old, new]; for a deletion the whole old row; none for an insertion,
    whose values are the row itself. The tenant's role can only read it: ext.audit_capture writes as the owner."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_row", "row_id", text("at DESC")),
        Index("ix_audit_entry_at", text("at DESC"), text("id DESC")),
        {"info": {"append_only": True, "definer_only": True}},
    )
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor_id: Mapped[UUID | None]
    table_name: Mapped[str]
    row_id: Mapped[UUID]
    action: Mapped[str]
    changes: Mapped[dict[str, Any] | None]


class AuditLink(TenantBase):
    """One link of the chain: hash = HMAC(key, previous hash, seq, canonical entry). The key is not in the database."""

    __tablename__ = "audit_chain"
    __table_args__ = ({"info": {"append_only": True}},)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[UUID] = mapped_column(unique=True)
    hash: Mapped[bytes]
    sealed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AuditRedaction(TenantBase):
    """A sealed entry of which values were taken away for a person's erasure. seal: HMAC(key, the entry's link, the entry as it
    stands since): whoever holds the key has seen the link hold before, and says so; a later change shows."""

    __tablename__ = "audit_redaction"
    __table_args__ = ({"info": {"append_only": True}},)
    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now(), primary_key=True)
    seal: Mapped[bytes]


@event.listens_for(AuditEntry, "load")
def _without_hidden(entry: AuditEntry, context: Any, *_: Any) -> None:
    """What was changed in a field is hidden with the field."""
    away = in_table(context.session, entry.table_name)
    keys = hidden_keys(context.session, entry.table_name)
    if (away or keys) and entry.changes:
        kept = {name: both for name, both in entry.changes.items() if name not in away}
        if keys:
            kept.pop(FIND, None)
            kept |= {CUSTOM: [_without(value, keys) for value in kept[CUSTOM]]} if CUSTOM in kept else {}
        set_committed_value(entry, "changes", kept)


def _without(values: Any, keys: frozenset[str]) -> Any:
    return {key: value for key, value in values.items() if key not in keys} if isinstance(values, dict) else values


# Both by a function of the database that can only take away (ext.redact), countersigned in the chain (core.audit.redacting).
PERSONAL = (Personal("audit_entry", by=("row_id",), told=("changes",)),)
HARMLESS = {**{f"audit_entry.{name}": "a word of a list" for name in ("table_name", "action")}, "audit_chain": "hashes alone", "audit_redaction": "hashes alone"}
