"""Outgoing mail as rows, and who is not to be written to any more."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import TenantBase, Timed
from core.base.personal import Personal

STATES = ("queued", "claimed", "sending", "sent", "failed", "unknown", "suppressed")
PURPOSES = ("transactional", "marketing")
SCOPES = ("list", "marketing", "all")
# The reason of a suppression that holds while the person's records are merged with those of somebody who left.
MERGED = "merged"


class OutgoingMail(Timed, TenantBase):
    """One letter to one person. sending: the content is on its way, nobody else may try; found so after a crash it
    becomes unknown, since the other side may have it (RFC 5321 4.2.5). lease_token: the order that holds it. shown: what its head
    says where one mail goes to several: {"id", "to", "cc"}. files: [{"key", "name", "type"}] of the store, which are read when it is sent. calendar: what calendar programs take out of it (iCalendar)."""

    __tablename__ = "outgoing_mail"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint(f"purpose IN {PURPOSES}", name="purpose"),
        Index("ix_outgoing_mail_about", "about_id", text("created_at DESC"), postgresql_where=text("about_id IS NOT NULL")),
        Index("ix_outgoing_mail_open", "state", "created_at", postgresql_where=text("state <> 'sent'")),
    )
    template: Mapped[str]
    purpose: Mapped[str] = mapped_column(server_default=text("'transactional'"))
    to_mail: Mapped[str]
    to_name: Mapped[str] = mapped_column(server_default=text("''"))
    lang: Mapped[str]
    from_name: Mapped[str]
    reply_to: Mapped[str | None]
    params: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    about_type: Mapped[str | None]
    about_id: Mapped[UUID | None]
    subject: Mapped[str]
    body_text: Mapped[str]
    body_html: Mapped[str | None]
    headers: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    shown: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    files: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    calendar: Mapped[str | None]
    state: Mapped[str] = mapped_column(server_default=text("'queued'"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[UUID | None]
    message_id: Mapped[str] = mapped_column(unique=True)
    provider_reply: Mapped[str | None]
    error: Mapped[str | None]
    dedupe_key: Mapped[str | None] = mapped_column(unique=True)
    sent_at: Mapped[datetime | None]


class Suppression(Timed, TenantBase):
    """Do not write to this address. Only a keyed hash of it is kept, so that it survives the person's erasure."""

    __tablename__ = "suppression"
    __table_args__ = (
        CheckConstraint(f"scope IN {SCOPES}", name="scope"),
        CheckConstraint("(scope = 'list') = (list_id IS NOT NULL)", name="list"),
        Index("uq_suppression_address", "mail_hash", "scope", "list_id", unique=True, postgresql_nulls_not_distinct=True),
        {"info": {"audit": True, "secret": ["mail_hash"]}},
    )
    mail_hash: Mapped[bytes]
    scope: Mapped[str]
    list_id: Mapped[UUID | None]
    reason: Mapped[str]
    at: Mapped[datetime]

_LETTER = ("to_mail", "to_name", "reply_to", "params", "subject", "body_text", "body_html", "headers", "shown", "files", "calendar", "provider_reply", "error")
PERSONAL = (Personal("outgoing_mail", by=("about_id",), at=("to_mail",), cleared=_LETTER, told=_LETTER, purged="clear"),)
HARMLESS = {
    **{f"outgoing_mail.{name}": "says what kind of letter it is, and of whom" for name in ("template", "purpose", "lang", "from_name", "about_type", "state", "message_id", "dedupe_key")},
    "suppression": "an address as a keyed hash alone, so that nobody writes to it again (RELIABILITY 1.3.8)",
}
