"""Mailboxes that are collected: a colleague's own and the workspace's shared ones, their folders, and mails that a person must look at.

What changes at every look (mailbox_state, mailbox_folder) stands beside what people set, so that it is no part of anybody's version and
of no audit entry.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    UniqueConstraint,
    and_,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Keyed, Record, TenantBase, Timed
from core.base.personal import Personal
from core.identity.models import User

WAYS = ("imap", "webhook")
# mail: correspondence of whose it is. leads: whoever writes there becomes a lead.
PURPOSES = ("mail", "leads")
STATES = ("on", "stopped", "held")
# waiting: its bytes are stored and an order will open it. done: became a mail or a lead. left: a program wrote it, nothing is made of it by
# itself. unverified: nobody proves its sender, and it would touch a lead. too_large: the beginning alone was fetched. unreadable: it can't be opened.
ARRIVALS = ("waiting", "done", "left", "unverified", "too_large", "unreadable")
OPEN = ("left", "unverified", "too_large", "unreadable")
KEY = "mailbox.id"


class Mailbox(Record, TenantBase):
    """owner_id: whose it is; of a shared one: who gets what comes. password, secret: sealed, and a digest. trusted: the name by which the server
    that takes its mail in signs Authentication-Results. since: older mails are not read. state: on, stopped by a person, held after a restore."""

    __tablename__ = "mailbox"
    __table_args__ = (
        CheckConstraint("char_length(name) BETWEEN 1 AND 100", name="name"), CheckConstraint(f"way IN {WAYS}", name="way"), CheckConstraint(f"purpose IN {PURPOSES}", name="purpose"), CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("way <> 'imap' OR (host IS NOT NULL AND port IS NOT NULL AND username IS NOT NULL AND password IS NOT NULL)", name="imap"),
        CheckConstraint("way <> 'webhook' OR secret IS NOT NULL", name="webhook"), CheckConstraint("purpose <> 'leads' OR shared", name="leads"), CheckConstraint("port BETWEEN 1 AND 65535", name="port"),
        Index("ix_mailbox_owner_id", "owner_id"),
        {"info": {"audit": True, "secret": ["password", "secret"]}},
    )
    name: Mapped[str]
    way: Mapped[str]
    purpose: Mapped[str]
    shared: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    host: Mapped[str | None]
    port: Mapped[int | None] = mapped_column(Integer)
    username: Mapped[str | None]
    password: Mapped[bytes | None] = mapped_column(LargeBinary)
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    trusted: Mapped[str | None]
    since: Mapped[date]
    state: Mapped[str] = mapped_column(server_default=text("'on'"), default="on")


def is_read() -> ColumnElement[bool]:
    """Mailboxes whose mails are taken: switched on, and not the own one of somebody who works here no more."""
    here = select(literal(1)).where(User.id == Mailbox.owner_id, User.state == "active").correlate(Mailbox).exists()
    return and_(Mailbox.state == "on", or_(Mailbox.shared, here))


class MailboxState(TenantBase):
    """How it stands. next_at: when it is looked at next, none where a person must do something first. looking: a look is at work. stop: it is asked to
    end. waiting, done: mails that this look still has to fetch, and fetched. error: a word of infra.imap.WHYS."""

    __tablename__ = "mailbox_state"
    __table_args__ = (Index("ix_mailbox_state_next_at", "next_at", postgresql_where=text("next_at IS NOT NULL")),)
    mailbox_id: Mapped[UUID] = mapped_column(ForeignKey(KEY, ondelete="CASCADE"), primary_key=True)
    next_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]
    mail_at: Mapped[datetime | None]
    looking: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    stop: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    waiting: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    done: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    failures: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    error: Mapped[str | None]


class MailboxFolder(Keyed, TenantBase):
    """kind: what the server says it is for. validity, mark: mails up to this number are taken, while the server counts as it did. gone: it is not there any more."""

    __tablename__ = "mailbox_folder"
    __table_args__ = (UniqueConstraint("mailbox_id", "name"),)
    mailbox_id: Mapped[UUID] = mapped_column(ForeignKey(KEY, ondelete="CASCADE"))
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default=text("''"), default="")
    followed: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    gone: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    validity: Mapped[int | None] = mapped_column(BigInteger)
    mark: Mapped[int] = mapped_column(BigInteger, server_default=text("0"), default=0)


class MailboxArrival(Timed, TenantBase):
    """A mail that waits to be opened or for a person, or the memory that it came. digest: what makes two comings of it one. raw_key: its bytes, while
    they are needed. from_mail, subject: as far as they can be read. why: a word."""

    __tablename__ = "mailbox_arrival"
    __table_args__ = (
        CheckConstraint(f"state IN {ARRIVALS}", name="state"), UniqueConstraint("mailbox_id", "digest"), Index("ix_mailbox_arrival_open", "mailbox_id", text("created_at DESC"), postgresql_where=text("state <> 'done'")),
    )
    mailbox_id: Mapped[UUID] = mapped_column(ForeignKey(KEY, ondelete="CASCADE"))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str]
    why: Mapped[str | None]
    size: Mapped[int] = mapped_column(BigInteger)
    raw_key: Mapped[str | None] = mapped_column(unique=True)
    from_mail: Mapped[str | None]
    subject: Mapped[str | None]


PERSONAL = (Personal("mailbox_arrival", at=("from_mail",), told=("subject", "from_mail"), gone=True, files=("raw_key",), original="raw_key"),)
HARMLESS: dict[str, Any] = {
    "mailbox": "where a colleague's or the workspace's own mailbox lies, and how it is signed in to", "mailbox_state": "numbers and a word of a list", "mailbox_folder": "names of folders of the workspace's own mailbox",
    **{f"mailbox_arrival.{name}": "a word of a list" for name in ("state", "why")}, "mailbox_arrival.digest": "a digest",
}
