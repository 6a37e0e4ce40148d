"""Correspondence of the workspace's people with its customers: conversations, their mails, the files that came or go with them, templates.

A conversation is read by its owner and whoever takes part in it; further by his team, or by all who see a record that it hangs on, where
it says so (core.mail.reading). What stands in mails is kept out of the audit: who reads that need not be one who reads them.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.base.finding import EAST_ASIAN, FOLDED
from core.base.hiding import mirror
from core.base.model import Keyed, Record, TenantBase, Timed
from core.base.personal import Personal
from core.base.registry import Child
from infra.i18n import LANGUAGES

# Who reads a conversation beside its owner and those who take part: nobody, the owner's team, all who see a record that it hangs on.
PRIVACIES = ("private", "team", "record")
# What whoever sees the record and may not read it is told: that there is one, of when and of whom; its subject too.
TELLINGS = ("metadata", "subject")
DIRECTIONS = ("out", "in")
# draft: being written; held: goes out at due_at and can be stopped until then; sent: handed to the post, whose letters say how it went.
STATES = ("draft", "held", "sent", "received")
KINDS = ("account", "contact", "deal", "lead", "quote")  # of records that a conversation hangs on
LONGEST = 50_000
ALIVE = "deleted_at IS NULL"
SOUGHT = "translate(coalesce(subject, '') || ' ' || left(body, 20000), E'\\n\\t', '  ')"


class MailThread(Record, TenantBase):
    """A conversation. owner_id: whose it is. last_at: when the last mail of it went or came; none while there are only drafts."""

    __tablename__ = "mail_thread"
    __table_args__ = (
        CheckConstraint(f"privacy IN {PRIVACIES}", name="privacy"), CheckConstraint(f"told IN {TELLINGS}", name="told"),
        Index("ix_mail_thread_owner_id", "owner_id", text("last_at DESC"), text("id DESC")), Index("ix_mail_thread_last_at", text("last_at DESC"), text("id DESC")),
        Index("ix_mail_thread_contact_id", "contact_id", postgresql_where=text("contact_id IS NOT NULL")),
        {"info": {"audit": True, "secret": ["subject"]}},
    )
    subject: Mapped[str]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    privacy: Mapped[str]
    told: Mapped[str]
    # The person with whom it is above all: what erasing him empties.
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    last_at: Mapped[datetime | None]


class MailParticipant(Keyed, TenantBase):
    """A colleague who takes part in a conversation: he wrote in it, his mailbox got it, or its owner named him. seen_at: up to when he has read."""

    __tablename__ = "mail_participant"
    __table_args__ = (UniqueConstraint("thread_id", "user_id"), Index("ix_mail_participant_user_id", "user_id"))
    thread_id: Mapped[UUID] = mapped_column(ForeignKey("mail_thread.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    seen_at: Mapped[datetime | None]


class MailLink(Timed, TenantBase):
    """A record that a conversation hangs on."""

    __tablename__ = "mail_link"
    __table_args__ = (
        CheckConstraint(f"record_kind IN {KINDS}", name="record_kind"), UniqueConstraint("thread_id", "record_kind", "record_id"),
        Index("ix_mail_link_record", "record_id", "record_kind", "thread_id"), {"info": {"audit": True}},
    )
    thread_id: Mapped[UUID] = mapped_column(ForeignKey("mail_thread.id", ondelete="CASCADE"))
    record_kind: Mapped[str]
    record_id: Mapped[UUID]


class MailMessage(Record, TenantBase):
    """One mail. contact_id, other_mail: the person on the other side, and his address in small letters. message_id, in_reply_to, refs: without brackets.
    identity: what makes two copies of an incoming mail one. verified: a token of ours, or the proven domain of its sender, says from whom it is. automatic: a program
    wrote it. raw_key: the bytes as they came. due_at: when a held one goes."""

    __tablename__ = "mail_message"
    __table_args__ = (
        CheckConstraint(f"direction IN {DIRECTIONS}", name="direction"), CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("(direction = 'in') = (state = 'received')", name="came"), CheckConstraint("(state = 'held') = (due_at IS NOT NULL)", name="held"),
        CheckConstraint("state NOT IN ('sent', 'received') OR at IS NOT NULL", name="moment"), CheckConstraint(f"char_length(body) <= {LONGEST * 4}", name="body"),
        Index("ix_mail_message_thread_id", "thread_id", "at", "id"), Index("uq_mail_message_identity", "identity", unique=True, postgresql_where=text("identity IS NOT NULL")),
        Index("ix_mail_message_message_id", "message_id", postgresql_where=text("message_id IS NOT NULL")),
        Index("ix_mail_message_contact_id", "contact_id", text("at DESC"), postgresql_where=text("contact_id IS NOT NULL")),
        Index("ix_mail_message_author_id", "author_id", "state", postgresql_where=text("author_id IS NOT NULL")),
        Index("ix_mail_message_template_id", "template_id", "contact_id", postgresql_where=text("template_id IS NOT NULL")),
        Index("ix_mail_message_find", "said_fold", postgresql_using="gin", postgresql_ops={"said_fold": "ext.gin_trgm_ops"}, postgresql_where=text("state <> 'draft'")),
        Index("ix_mail_message_east_asian", text(f"({EAST_ASIAN.format(folded='said_fold')})"), postgresql_using="gin", postgresql_where=text("state <> 'draft'")),
        {"info": {"audit": True, "secret": ["subject", "body", "quoted", "from_mail", "from_name", "to_list", "cc_list", "bcc_list", "other_mail", "refs", "in_reply_to", "message_id", "identity", "said_fold"]}},
    )
    thread_id: Mapped[UUID] = mapped_column(ForeignKey("mail_thread.id", ondelete="CASCADE"))
    direction: Mapped[str]
    state: Mapped[str]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    other_mail: Mapped[str | None]
    from_mail: Mapped[str | None]
    from_name: Mapped[str | None]
    to_list: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    cc_list: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    bcc_list: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    subject: Mapped[str | None]
    body: Mapped[str] = mapped_column(server_default=text("''"), default="")
    quoted: Mapped[str | None]
    language: Mapped[str | None]
    template_id: Mapped[UUID | None] = mapped_column(ForeignKey("mail_template.id", ondelete="SET NULL"))
    at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    message_id: Mapped[str | None]
    in_reply_to: Mapped[str | None]
    refs: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    identity: Mapped[bytes | None] = mapped_column(LargeBinary)
    verified: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    automatic: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    raw_key: Mapped[str | None] = mapped_column(unique=True)
    said_fold: Mapped[str] = mapped_column(Computed(FOLDED.format(column=SOUGHT), persisted=True), deferred=True)

    @property
    def to(self) -> list[dict[str, str]]:
        """To whom, for programs."""
        return _people(self.to_list)

    @property
    def bcc(self) -> list[dict[str, str]]:
        """Of whom nobody else is told."""
        return _people(self.bcc_list)

    @property
    def cc(self) -> list[dict[str, str]]:
        """Who got a copy, for programs."""
        return _people(self.cc_list)


def _people(kept: list[Any] | None) -> list[dict[str, str]]:
    return [{"mail": str(one.get("mail") or ""), "name": str(one.get("name") or "")} for one in kept or [] if isinstance(one, dict)]


class MailCopy(Keyed, TenantBase):
    """That a mailbox, or a colleague without one, got this mail: a second coming of it is no second mail."""

    __tablename__ = "mail_copy"
    __table_args__ = (Index("uq_mail_copy_message", "message_id", "user_id", "mailbox_id", unique=True, postgresql_nulls_not_distinct=True), Index("ix_mail_copy_user_id", "user_id"))
    message_id: Mapped[UUID] = mapped_column(ForeignKey("mail_message.id", ondelete="CASCADE"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    mailbox_id: Mapped[UUID | None]
    at: Mapped[datetime]


class MailAttachment(Timed, TenantBase):
    """A file of a mail. stored_key: where its bytes lie. file_id: the file of a record of which it is the bytes; then they are that file's own."""

    __tablename__ = "mail_attachment"
    __table_args__ = (
        CheckConstraint("char_length(name) BETWEEN 1 AND 255", name="name"), CheckConstraint("size > 0", name="size"), Index("ix_mail_attachment_message_id", "message_id", "position"),
        Index("ix_mail_attachment_contact_id", "contact_id", "sha256", postgresql_where=text("contact_id IS NOT NULL")), {"info": {"audit": True, "secret": ["name", "other_mail"]}},
    )
    message_id: Mapped[UUID] = mapped_column(ForeignKey("mail_message.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"), default=0)
    name: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    mimetype: Mapped[str]
    stored_key: Mapped[str] = mapped_column(unique=True)
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    other_mail: Mapped[str | None]


class MailTemplate(Record, TenantBase):
    """Words to begin a mail with: subject and body with merge fields out of a fixed list (core.mail.filling). They are put in once and nothing is evaluated."""

    __tablename__ = "mail_template"
    __table_args__ = (
        CheckConstraint(f"language IN {tuple(LANGUAGES)}", name="language"),
        Index("uq_mail_template_name", text("lower(name)"), "language", unique=True, postgresql_where=text(ALIVE)), {"info": {"audit": True}},
    )
    name: Mapped[str]
    language: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    deleted_at: Mapped[datetime | None]


class MailRules(Record, TenantBase):
    """What holds for correspondence in the workspace; one row. reply_address: an address that is collected and takes +words; answers go there then.
    blocked: domains whose mail is not taken. dropped: how many mails that were."""

    __tablename__ = "mail_rules"
    __table_args__ = (
        CheckConstraint(f"privacy IN {PRIVACIES}", name="privacy"), CheckConstraint(f"told IN {TELLINGS}", name="told"), CheckConstraint("undo_seconds BETWEEN 0 AND 120", name="undo_seconds"),
        CheckConstraint("the_one", name="the_one"), Index("uq_mail_rules_the_one", "the_one", unique=True), {"info": {"audit": True}},
    )
    the_one: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    privacy: Mapped[str] = mapped_column(server_default=text("'private'"), default="private")
    told: Mapped[str] = mapped_column(server_default=text("'metadata'"), default="metadata")
    undo_seconds: Mapped[int] = mapped_column(SmallInteger, server_default=text("10"), default=10)
    reply_address: Mapped[str | None]
    blocked: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"), default=list)
    dropped: Mapped[int] = mapped_column(BigInteger, server_default=text("0"), default=0)


class MailPreference(Record, TenantBase):
    """How a colleague writes: his signature, and how private his conversations begin where he wants it otherwise than the workspace."""

    __tablename__ = "mail_preference"
    __table_args__ = (CheckConstraint(f"privacy IN {PRIVACIES}", name="privacy"), CheckConstraint(f"told IN {TELLINGS}", name="told"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), unique=True)
    signature: Mapped[str] = mapped_column(server_default=text("''"), default="")
    privacy: Mapped[str | None]
    told: Mapped[str | None]


# An address that is hidden on the records is hidden here.
for _room in ("accounts", "contacts", "leads"):
    mirror(_room, "mail", MailMessage, "from_mail", "to_list", "cc_list", "bcc_list", "other_mail")
    mirror(_room, "mail", MailAttachment, "other_mail")

CHILDREN = (
    Child("mail_link", "record_id", "*", kind="record_kind", unique=("thread_id",)),
    Child("mail_thread", "contact_id", "contact", owner="owner_id", personal=("subject",), grows=False),
    Child("mail_message", "contact_id", "contact", owner="author_id", personal=("subject", "body", "quoted")),
    Child("mail_attachment", "contact_id", "contact", personal=("name", "stored_key"), grows=False),
)
_SAID = ("subject", "body", "quoted", "from_mail", "from_name", "to_list", "cc_list", "bcc_list", "other_mail")
PERSONAL = (
    # First the files, whose keys are needed, then the mails that they hang on.
    Personal("mail_attachment", by=("contact_id",), at=("other_mail",), told=("name",), gone=True, files=("stored_key",), purged="delete"),
    Personal("mail_message", by=("contact_id",), at=("other_mail",), told=_SAID, gone=True, files=("raw_key",), purged="delete", original="raw_key", blind=("bcc_list",)),
    Personal("mail_thread", by=("contact_id",), cleared=("subject",), told=("subject",), purged="unlink"),
    Personal("mail_link", by=("record_id",), gone=True, purged="delete"),
    Personal("mail_template", told=("name", "subject", "body")),
    Personal("mail_preference", told=("signature",)),
)
HARMLESS = {
    **{f"mail_thread.{name}": "a word of a list" for name in ("privacy", "told")}, "mail_link.record_kind": "a kind of record", "mail_participant": "a colleague, by key", "mail_copy": "keys alone",
    **{f"mail_message.{name}": "a word of a list" for name in ("direction", "state", "language")}, **{f"mail_message.{name}": "the name that a mail has among mails" for name in ("message_id", "in_reply_to", "refs")},
    "mail_message.identity": "a digest", **{f"mail_attachment.{name}": "says what the bytes are" for name in ("sha256", "mimetype")}, "mail_template.language": "a language",
    "mail_rules": "words of lists, an address of the workspace's own, and domains", **{f"mail_preference.{name}": "a word of a list" for name in ("privacy", "told")},
}
