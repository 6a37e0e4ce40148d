"""Use cases of what people write: write and send, stop while it waits, send what is due, throw a draft away.

A mail that is sent waits for as long as it can be stopped, or until its moment; then the job "mail.send" hands it to the post, a letter for each who gets it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.base.context import Context
from core.base.editing import read_anew
from core.base.errors import Forbidden, Refused
from core.base.hiding import unhidden
from core.base.outbox import defer
from core.base.outcome import once_kept
from core.base.policy import require
from core.base.records import may_open
from core.base.text import clean
from core.files.rules import shown_name
from core.identity.models import User
from core.identity.rules import normal_mail
from core.mail import preferring, reading, rules, templates
from core.mail.matching import match
from core.mail.models import LONGEST, MailAttachment, MailMessage, MailThread
from core.mail.taking import hang, hang_on_matched, save
from core.parties.models import Contact
from core.parties.restricting import check_free
from infra.filetypes import type_of
from infra.storage import FileRefused, storage

MOST_PEOPLE, MOST_FILES, MOST_BYTES = 20, 20, 20_000_000
FARTHEST = timedelta(days=365)
PARTED = re.compile(r'[,;\n](?=(?:[^"]*"[^"]*")*[^"]*$)')  # not within quotation marks
NAMED = re.compile(r"([^<>]*)<([^<>\s]+)>")


@dataclass(frozen=True)
class Brought:
    """A file to go along: its name, its bytes."""

    name: str
    data: bytes


def write(
    ctx: Context, *, to: Any, subject: Any, body: Any, cc: Any = None, bcc: Any = None, record: Any = None, thread: MailThread | None = None, answers: MailMessage | None = None,
    template_id: UUID | None = None, language: str | None = None, files: Sequence[Brought] = (), send_at: datetime | None = None, draft: MailMessage | None = None,
) -> MailMessage:
    """Write a mail and let it go after the time in which it can be stopped, or at send_at. record: from whose page; thread, answers: what it answers; draft: one that was
    stopped, which is sent instead. Refuses no or bad addresses, nothing written, files that are too large together, and people who must not be worked with."""
    require(ctx, "mail.send")
    named = {"to": people(to, "to"), "cc": people(cc, "cc"), "bcc": people(bcc, "bcc")}
    text = _checked(ctx, named, body, record)
    line = clean(subject, field="subject", max_length=300) or ""
    message = _message(ctx, _thread(ctx, line, record, thread, answers, draft), answers, draft)
    message.to_list, message.cc_list, message.bcc_list = named["to"], named["cc"], named["bcc"]
    message.subject, message.body, message.language = line, text, language
    message.template_id = templates.one_template(ctx, template_id).id if template_id else None
    message.state, message.due_at = "held", _due(ctx, send_at)
    check_all_free(ctx, message)
    _match(ctx, message, [one["mail"] for part in ("to", "cc") for one in named[part]], record)
    _enclose(ctx, message, files)
    ctx.session.flush()  # the order names it by key
    defer(ctx, "mail.send", due_at=message.due_at, dedupe=f"{message.id}:{message.version}", message_id=message.id)
    return message


def stop(ctx: Context, message: MailMessage) -> MailMessage:
    """Take it back while it waits: a draft again. Refuses one that has gone."""
    _own(ctx, message)
    read_anew(ctx, message)
    if message.state != "held":
        raise Refused("mail_gone")
    message.state, message.due_at = "draft", None
    ctx.session.flush()
    return message


def discard(ctx: Context, message: MailMessage) -> None:
    """Throw a draft away, and its conversation where there is nothing else in it."""
    _own(ctx, message)
    read_anew(ctx, message)
    if message.state != "draft":
        raise Refused("mail_gone")
    thread = ctx.session.get_one(MailThread, message.thread_id)
    for key in ctx.session.execute(select(MailAttachment.stored_key).where(MailAttachment.message_id == message.id)).scalars():
        once_kept(ctx.session, partial(storage().remove, ctx.tenant.id, key))
    ctx.session.delete(message)
    ctx.session.flush()
    if ctx.session.execute(select(MailMessage.id).where(MailMessage.thread_id == thread.id).limit(1)).first() is None:
        ctx.session.delete(thread)


def people(typed: Any, field: str) -> list[dict[str, str]]:
    """Addresses as people type them, with or without names, parted by commas, semicolons or lines. Each once; refuses what is none."""
    line = clean(typed, field=field, max_length=4000, multiline=True) or ""
    found: dict[str, dict[str, str]] = {}
    for one in filter(None, map(str.strip, PARTED.split(line))):
        called = NAMED.fullmatch(one)
        mail, norm = normal_mail(called[2] if called else one, field=field)
        found.setdefault(norm, {"mail": mail, "name": rules.one_line(called[1], 200).strip('" ') if called else ""})
    if len(found) > MOST_PEOPLE:
        raise Refused("mail_too_many", field=field, max=MOST_PEOPLE)
    return list(found.values())


def _checked(ctx: Context, named: dict[str, list], body: Any, record: Any) -> str:
    if not named["to"]:
        raise Refused("required", field="to")
    text = clean(body, field="body", max_length=LONGEST, multiline=True)
    if not text:
        raise Refused("mail_empty", field="body")
    if record is not None and not may_open(ctx, record):
        raise Forbidden()
    if isinstance(record, Contact):
        check_free(record)
    return text


def _own(ctx: Context, message: MailMessage) -> None:
    require(ctx, "mail.write")
    if message.author_id != ctx.actor.id:
        raise Forbidden()


def _thread(ctx: Context, subject: str, record: Any, thread: MailThread | None, answers: MailMessage | None, draft: MailMessage | None) -> MailThread:
    """The conversation that it belongs to, which the actor reads; a new one otherwise, as private as he wants his."""
    known = thread.id if thread is not None else answers.thread_id if answers is not None else draft.thread_id if draft is not None else None
    if known is not None:
        return reading.one_thread(ctx, known)
    privacy, told = preferring.beginning(ctx, ctx.actor.id)
    made = MailThread(subject=rules.bare(subject), owner_id=ctx.actor.id, privacy=privacy, told=told)
    ctx.session.add(made)
    ctx.session.flush()  # the mail names it by key
    if record is not None:
        hang(ctx, made, record.__tablename__, record.id)
    return made


def _message(ctx: Context, thread: MailThread, answers: MailMessage | None, draft: MailMessage | None) -> MailMessage:
    if draft is not None:
        _own(ctx, draft)
        read_anew(ctx, draft)
        if draft.state != "draft":
            raise Refused("mail_gone")
        return draft
    message = MailMessage(thread_id=thread.id, direction="out", state="draft", author_id=ctx.actor.id)
    if answers is not None:
        message.in_reply_to, message.refs = answers.message_id, [*(answers.refs or []), *([answers.message_id] if answers.message_id else [])][-20:]
    ctx.session.add(message)
    ctx.session.flush()
    return message


def _due(ctx: Context, send_at: datetime | None) -> datetime:
    if send_at is None:
        return ctx.now + timedelta(seconds=preferring.peek(ctx).undo_seconds)
    if send_at <= ctx.now or send_at > ctx.now + FARTHEST:
        raise Refused("mail_moment", field="send_at")
    return send_at


def _match(ctx: Context, message: MailMessage, addresses: list[str], record: Any) -> None:
    """Whom it goes to, and on whose records it stands; nobody in bcc, whom no other is to know of."""
    matched, thread = match(ctx, addresses[0], addresses), ctx.session.get_one(MailThread, message.thread_id)
    message.other_mail, message.contact_id = addresses[0].casefold(), record.id if isinstance(record, Contact) and record.id in matched.contacts.get(addresses[0].casefold(), []) else matched.one(addresses[0])
    thread.contact_id = thread.contact_id or message.contact_id
    hang_on_matched(ctx, thread, matched, addresses[0])
    if getattr(record, "account_id", None):
        hang(ctx, thread, "account", record.account_id)


def check_all_free(ctx: Context, message: MailMessage) -> None:
    """Refuses a mail to anybody, in bcc too, whose data must not be worked with."""
    mails = [one["mail"] for part in (message.to_list, message.cc_list, message.bcc_list) for one in part]
    keys = {key for found in match(ctx, mails[0], mails).contacts.values() for key in found}
    with unhidden(ctx.session):
        for one in ctx.session.execute(select(Contact).where(Contact.id.in_(keys))).scalars():
            check_free(one)


def _enclose(ctx: Context, message: MailMessage, files: Sequence[Brought]) -> None:
    held = list(ctx.session.execute(select(MailAttachment).where(MailAttachment.message_id == message.id)).scalars())
    if sum(one.size for one in held) + sum(len(one.data) for one in files) > MOST_BYTES or len(held) + len(files) > MOST_FILES:
        raise Refused("mail_too_large", field="files", max=MOST_BYTES // 1_000_000)
    for position, one in enumerate(files, len(held)):
        try:
            stored = save(ctx, one.data, MOST_BYTES)
        except FileRefused as refusal:
            raise Refused(f"upload_{refusal.code}", field="files", max=MOST_BYTES // 1_000_000) from None
        ctx.session.add(MailAttachment(
            message_id=message.id, position=position, name=shown_name(one.name), size=stored.size, sha256=stored.sha256, mimetype=type_of(storage().path(ctx.tenant.id, stored.key)),
            stored_key=stored.key, contact_id=message.contact_id, other_mail=message.other_mail,
        ))


def author_of(ctx: Context, message: MailMessage) -> User | None:
    """Who wrote it, if he works here still."""
    found = ctx.session.get(User, message.author_id) if message.author_id else None
    return found if found is not None and found.state in ("active", "program") else None
