"""Web forms that strangers fill in, and their enquiries: what each of them sent, and what became of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase
from core.base.personal import Personal

STATES = ("open", "closed")
# Whether the sender confirms his address by a letter: never, before a lead is made of it, or after.
CONFIRMED = ("never", "before", "after")
# waiting: for the sender's confirmation. held: looks like spam, a person decides. taken: it became a lead. discarded: a person threw it away.
ENQUIRY_STATES = ("waiting", "held", "taken", "discarded")
# Why one is held back. unconfirmed: it is to be confirmed and has no address that a letter may go to; letters: its address has had its letters for today.
HELD_FOR = ("trap", "no_stamp", "fast", "old", "replayed", "often", "links", "refused", "unconfirmed", "letters")


class WebForm(Record, TenantBase):
    """code: its public address. fields: [{"name", "needed", "labels": language -> label}] in their order. texts: language -> title, intro,
    button, thanks. purpose_id: what the box below the form asks consent for. owner: who gets its leads (none: the rules of assignment).
    hosts: on whose pages it may be shown. redirect_url: where the sender is led (none: the thanks)."""

    __tablename__, ROOM = "web_form", "forms"
    __table_args__ = (
        CheckConstraint("char_length(name) BETWEEN 1 AND 100", name="name"), CheckConstraint(f"state IN {STATES}", name="state"), CheckConstraint(f"confirmed IN {CONFIRMED}", name="confirmed"),
        Index("ix_web_form_purpose_id", "purpose_id"), Index("ix_web_form_lead_owner_id", "lead_owner_id"), {"info": {"audit": True}},
    )
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'open'"), default="open")
    fields: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    texts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    purpose_id: Mapped[UUID | None] = mapped_column(ForeignKey("consent_purpose.id", ondelete="SET NULL"))
    source: Mapped[str | None]
    campaign: Mapped[str | None]
    lead_owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    hosts: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"), default=list)
    redirect_url: Mapped[str | None]
    confirmed: Mapped[str] = mapped_column(server_default=text("'never'"), default="never")


class Enquiry(Record, TenantBase):
    """said: field -> what was typed, cleaned. nonce, fingerprint: the same page sent twice with the same content is one enquiry. touch: where
    the sender was (core.leads.rules.TOUCH). address: his network address. agreed_to: the words that he agreed to. wanted: whether he was to
    confirm his address, as the form was when he sent it. decided_at: when a person let it in or threw it away. reply: what the sender
    reads on his page. What he typed goes with the row, so the audit keeps none of it."""

    __tablename__, ROOM = "enquiry", "enquiries"
    __table_args__ = (
        CheckConstraint(f"state IN {ENQUIRY_STATES}", name="state"), CheckConstraint(f"held_for IN {HELD_FOR}", name="held_for"), CheckConstraint(f"wanted IN {CONFIRMED}", name="wanted"),
        CheckConstraint("state <> 'held' OR held_for IS NOT NULL", name="held"), CheckConstraint("(reply IS NULL) = (replied_at IS NULL)", name="reply"),
        Index("uq_enquiry_once", "form_id", "nonce", "fingerprint", unique=True),
        Index("ix_enquiry_state", "state", text("created_at DESC"), text("id DESC")), Index("ix_enquiry_lead_id", "lead_id", postgresql_where=text("lead_id IS NOT NULL")),
        Index("ix_enquiry_mail_norm", "mail_norm", "created_at", postgresql_where=text("mail_norm IS NOT NULL")), {"info": {"audit": True, "secret": ["said", "mail_norm", "touch", "address"]}},
    )
    form_id: Mapped[UUID] = mapped_column(ForeignKey("web_form.id"))
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"))
    state: Mapped[str]
    held_for: Mapped[str | None]
    said: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    mail_norm: Mapped[str | None]
    lang: Mapped[str]
    agreed_to: Mapped[UUID | None] = mapped_column(ForeignKey("consent_wording.id"))
    touch: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    address: Mapped[str | None]
    nonce: Mapped[str]
    fingerprint: Mapped[str]
    wanted: Mapped[str] = mapped_column(server_default=text("'never'"), default="never")
    confirmed_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    reply: Mapped[str | None]
    replied_at: Mapped[datetime | None]


PERSONAL = (Personal("enquiry", by=("lead_id",), at=("mail_norm",), through=(("lead_id", "lead"),), told=("said", "reply", "touch", "address"), gone=True, purged="delete"),)
HARMLESS = {
    **{f"web_form.{name}": "words of the workspace" for name in ("code", "name", "fields", "texts", "source", "campaign", "redirect_url", "hosts")},
    **{f"web_form.{name}": "a word of a list" for name in ("state", "confirmed")}, **{f"enquiry.{name}": "a word of a list" for name in ("state", "held_for", "wanted")},
    "enquiry.lang": "a language", "enquiry.nonce": "a random word", "enquiry.fingerprint": "a keyed hash alone",
}
