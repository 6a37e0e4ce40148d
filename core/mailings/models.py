"""Mailings and their recipients. The audience is frozen as rows at the start; a row's state is what happened to it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.base.finding import FOLDED
from core.base.hiding import mirror
from core.base.model import Keyed, Record, TenantBase, Timed
from core.base.personal import Personal
from core.base.records import RecordKind
from core.base.registry import Child

STATES = ("draft", "sending", "paused", "done", "cancelled")
AUDIENCES = ("everyone", "any", "all")
# Why a mailing stands still: a person paused it, the plan withholds sending, it comes hours late, the workspace was
# put back to a backup, which does not know who got it since.
PAUSES = ("person", "plan", "late", "restore")
RECIPIENT_STATES = ("queued", "claimed", "sending", "sent", "bounced", "suppressed", "unknown", "failed")
# The states after which nothing happens to a recipient by itself.
SETTLED = ("sent", "bounced", "suppressed", "unknown", "failed")


class Mailing(Record, TenantBase):
    """One text for many people. `tags` with `audience` say to whom; needs_consent_id: only to those who agreed to that purpose; `total` is how many that were at the start.
    called_fold: what a search looks in."""

    __tablename__ = "mailing"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint(f"audience IN {AUDIENCES}", name="audience"),
        CheckConstraint(f"pause_reason IN {PAUSES}", name="pause_reason"),
        Index("ix_mailing_created_at", text("created_at DESC"), text("id DESC")),
        Index("ix_mailing_find", "called_fold", postgresql_using="gin", postgresql_ops={"called_fold": "ext.gin_trgm_ops"}),
        {"info": {"audit": True}},
    )
    name: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    from_name: Mapped[str]
    reply_to: Mapped[str | None]
    audience: Mapped[str] = mapped_column(server_default=text("'any'"))
    tags: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"), default=list)
    needs_consent_id: Mapped[UUID | None] = mapped_column(ForeignKey("consent_purpose.id"))
    state: Mapped[str] = mapped_column(server_default=text("'draft'"), default="draft")
    pause_reason: Mapped[str | None]
    started_at: Mapped[datetime | None]
    started_by: Mapped[UUID | None]
    finished_at: Mapped[datetime | None]
    total: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    called_fold: Mapped[str] = mapped_column(Computed(FOLDED.format(column="name || ' ' || subject"), persisted=True), deferred=True)


class MailingRun(TenantBase):
    """What the senders note about a mailing: apart from it, so that a person's edit and a sender never collide."""

    __tablename__ = "mailing_run"
    mailing_id: Mapped[UUID] = mapped_column(ForeignKey("mailing.id", ondelete="CASCADE"), primary_key=True)
    active_at: Mapped[datetime]
    counts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)


class MailingRecipient(Keyed, TenantBase):
    """One address of one mailing, once. `fields` are the merge values as they were at the start.

    queued -> claimed (lease, fencing token) -> sending (the intent, committed before the mail leaves) -> a settled
    state. A row found in `sending` after its lease is `unknown`: never sent again by itself, and `sent` once its sender hears so.
    """

    __tablename__ = "mailing_recipient"
    __table_args__ = (
        CheckConstraint(f"state IN {RECIPIENT_STATES}", name="state"),
        Index("uq_mailing_recipient_address", "mailing_id", "address_norm", unique=True),
        Index("ix_mailing_recipient_state", "mailing_id", "state", "id"),
        Index("ix_mailing_recipient_due", "mailing_id", "next_at", "id", postgresql_where=text("state = 'queued'")),
        Index("ix_mailing_recipient_held", "mailing_id", "lease_until", postgresql_where=text("state IN ('claimed', 'sending')")),
        Index("ix_mailing_recipient_contact_id", "contact_id"),
        Index("ix_mailing_recipient_address_norm", "address_norm"),
    )
    mailing_id: Mapped[UUID] = mapped_column(ForeignKey("mailing.id", ondelete="CASCADE"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    address: Mapped[str | None]
    address_norm: Mapped[str | None]
    name: Mapped[str | None]
    lang: Mapped[str]
    fields: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    state: Mapped[str] = mapped_column(server_default=text("'queued'"))
    reason: Mapped[str | None]
    next_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[UUID | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    message_id: Mapped[str | None]
    provider_reply: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    unsubscribed_at: Mapped[datetime | None]


class MailWish(Timed, TenantBase):
    """Somebody wants fewer mailings: at most one in `days`. Keyed by the hash of the address, like a suppression."""

    __tablename__ = "mail_wish"
    __table_args__ = ({"info": {"audit": True, "secret": ["address_hash"]}},)
    address_hash: Mapped[bytes] = mapped_column(unique=True)
    days: Mapped[int]


CHILDREN = (
    Child("mailing_recipient", "contact_id", "contact", personal=("address", "address_norm", "name", "fields")),
)
# The values of merge fields tell several of a contact's.
mirror("contacts", "mail", MailingRecipient, "address", "address_norm", "fields")
mirror("contacts", "how_to_address", MailingRecipient, "fields")
RECORD_KINDS = (RecordKind(Mailing, "mailings.read", "/mailings/{id}"),)

_RECIPIENT = ("address", "address_norm", "name", "fields", "provider_reply")
PERSONAL = (
    Personal("mailing_recipient", by=("contact_id",), at=("address_norm",), cleared=_RECIPIENT, told=_RECIPIENT, purged="clear"),
    Personal("mailing", told=("name", "subject", "body", "reply_to", "tags")),
)
HARMLESS = {
    **{f"mailing_recipient.{name}": "a word of a list, or made by us" for name in ("lang", "state", "reason", "message_id")},
    **{f"mailing.{name}": "says to whom it goes, not who it is" for name in ("from_name", "audience", "state", "pause_reason")},
    "mailing_run": "counts alone", "mail_wish": "an address as a keyed hash alone",
}
