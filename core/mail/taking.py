"""The door by which mail comes in. It is taken once, however often and by whosever mailbox it comes; it is never lost.

Whose it is, a token of ours or the mails that it answers decide, never the name of its sender alone: what nobody proves is kept as unverified and acts on
nothing (RELIABILITY X26). What a program wrote starts nothing. What nobody known wrote stays with the owner of the mailbox.

Nobody comes to read a conversation by what arrives in his mailbox, whatever it says or proves: he reads along where he took part before, or where a
mail that is kept names him. Otherwise what came to him begins a conversation of his own.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from core.activities.actions import log_activity
from core.base.context import Context, as_actor
from core.base.editing import hold_place
from core.base.facts import record
from core.base.hiding import unhidden
from core.base.outcome import if_undone
from core.files.rules import shown_name
from core.identity.models import User
from core.mail import preferring, rules, tokens
from core.mail.answering import take_answer
from core.mail.matching import Matched, colleagues, match
from core.mail.models import MailAttachment, MailCopy, MailLink, MailMessage, MailParticipant, MailRules, MailThread
from core.mail.telling import tell_received
from core.parties.models import Account, Contact
from core.post.sender import address_of
from infra.config import settings
from infra.filetypes import type_of
from infra.incoming import Enclosed, Incoming
from infra.storage import FileRefused, storage

MEGABYTE, MOST_FILES, MOST_REFS = 1_000_000, 50, 50
SLACK = timedelta(days=1)  # a sender's clock may be ahead


@dataclass(frozen=True)
class Place:
    """thread: the conversation that a mail belongs to, none for a new one. by_token: a token of ours said so."""

    thread: MailThread | None
    by_token: bool = False


@dataclass(frozen=True)
class Box:
    """Where a mail arrived. shared: whoever manages mailboxes set it up, and said which server proves senders there; of one's own mailbox that is one's own word."""

    owner_id: UUID
    mailbox_id: UUID | None = None
    shared: bool = False


def take(ctx: Context, mail: Incoming, *, owner_id: UUID, mailbox_id: UUID | None = None, shared: bool = False, raw: bytes) -> MailMessage | None:
    """Take one mail that came to a colleague's mailbox (shared: to one of the workspace's); raw: its bytes, which are kept. Gives the message, the one that is there
    already where it came before; None where its domain is blocked, which is counted. Safe to repeat. The caller is the system: who reads it is asked where it is read."""
    box = Box(owner_id, mailbox_id, shared)
    held = preferring.workspace(ctx)
    if mail.sender is not None and rules.is_blocked(mail.sender.address, held.blocked):
        ctx.session.execute(update(MailRules).values(dropped=MailRules.dropped + 1))
        return None
    identity = rules.identity(mail)
    _one_at_a_time(ctx, identity)
    known = _known(ctx, mail, box, identity)
    if known is None:
        known = _kept(ctx, mail, box, identity if _of_identity(ctx, identity) is None else rules.of_one(identity, owner_id), raw)
    else:
        join(ctx, known.thread_id, owner_id)
    _note_copy(ctx, known.id, owner_id, mailbox_id)
    ctx.session.flush()
    return known


def _kept(ctx: Context, mail: Incoming, box: Box, identity: bytes, raw: bytes) -> MailMessage:
    """A mail that was not there: into its conversation or a new one, and what follows from it."""
    owner_id = box.owner_id
    there, sender = _where(ctx, mail, owner_id), mail.sender.address if mail.sender else ""
    people = [one.address for one in (*mail.to, *mail.cc)]
    ours = colleagues(ctx, [sender, *people])
    writer = ours.get(sender.casefold())
    # A colleague who wrote with another program. Who answers to a token is a customer: as a colleague nobody writes by it.
    author = writer if mail.proven and (box.shared or writer == owner_id) else None
    verified = author is not None if writer else mail.proven or there.by_token
    other = _other_side(ctx, sender, people, ours) if author else sender
    matched = match(ctx, other, [one for one in people if one.casefold() not in ours])
    thread = there.thread or _new_thread(ctx, mail, author or owner_id, matched.one(other))
    message = _message(ctx, mail, thread, author=author, other=other, contact_id=matched.one(other), verified=verified, identity=identity)
    _keep_raw(ctx, message, raw)
    _keep_files(ctx, message, mail.enclosed)
    if there.thread is None:
        hang_on_matched(ctx, thread, matched, other)
        join(ctx, thread.id, owner_id)
    if author is not None:
        join(ctx, thread.id, author, seen_at=message.at)  # what he wrote himself he has read
    touch(thread, message.at)
    ctx.session.flush()
    if take_answer(ctx, mail) is None:
        tell_received(ctx, thread, message, known=there.thread is not None)
    else:
        message.verified = True  # and its owner, who was told what it answers, is not told that it came
    if message.verified and not message.automatic:
        _tell(ctx, thread, message, author or thread.owner_id or owner_id)
    return message


def _one_at_a_time(ctx: Context, identity: bytes) -> None:
    """Two mailboxes that bring the same mail at once come one after the other."""
    hold_place(ctx, f"mail.{identity.hex()}")


def _known(ctx: Context, mail: Incoming, box: Box, identity: bytes) -> MailMessage | None:
    """The mail itself, taken before; or one of ours that came back, as a copy in somebody's own mailbox. Only where its conversation is his, or the kept mail names him."""
    found = _of_identity(ctx, identity)
    if found is None and mail.message_id and mail.sender is not None:
        sender = mail.sender.address.casefold()
        with unhidden(ctx.session):
            own = select(MailMessage).where(MailMessage.message_id == mail.message_id, MailMessage.direction == "out")
            if sender != address_of(ctx.tenant).casefold():
                own = own.where(MailMessage.from_mail == sender)
            found = ctx.session.execute(own.order_by(MailMessage.id).limit(1)).scalar_one_or_none()
    if found is None or _is_his(ctx, found, box.owner_id):
        return found
    return _of_identity(ctx, rules.of_one(identity, box.owner_id))


def _of_identity(ctx: Context, identity: bytes) -> MailMessage | None:
    return ctx.session.execute(select(MailMessage).where(MailMessage.identity == identity)).scalar_one_or_none()


def _is_his(ctx: Context, message: MailMessage, user_id: UUID) -> bool:
    """May a copy in his mailbox be this mail to him? What it says of itself counts for nothing: asked is what is kept."""
    if message.author_id == user_id or takes_part(ctx, ctx.session.get_one(MailThread, message.thread_id), user_id):
        return True
    his = ctx.session.execute(select(User.mail_norm).where(User.id == user_id)).scalar_one_or_none()
    return his in {str(one.get("mail", "")).casefold() for one in (*message.to_list, *message.cc_list, *message.bcc_list)}


def _where(ctx: Context, mail: Incoming, owner_id: UUID) -> Place:
    """First the token, then what it answers: of a conversation in which the owner of the mailbox takes part. It is held until the commit: two mails of one come one after the other."""
    named = tokens.thread_named(ctx, (one.address for one in (*mail.to, *mail.cc)))
    thread = _held(ctx, named)
    if thread is not None:
        return Place(thread, by_token=True)
    thread = _answered(ctx, [one for one in (mail.in_reply_to, *reversed(mail.references[-MOST_REFS:])) if one])
    return Place(thread if thread is not None and takes_part(ctx, thread, owner_id) else None)


def _held(ctx: Context, thread_id: UUID | None) -> MailThread | None:
    return ctx.session.get(MailThread, thread_id, with_for_update=True, populate_existing=True) if thread_id else None


def _answered(ctx: Context, ids: list[str]) -> MailThread | None:
    """The conversation of the first of these mails that we have."""
    found = select(MailMessage.message_id, MailMessage.thread_id).where(MailMessage.message_id.in_(ids)).order_by(MailMessage.created_at.desc(), MailMessage.id.desc())
    by_id: dict[str, UUID] = {}
    for message_id, thread_id in ctx.session.execute(found):
        by_id.setdefault(message_id, thread_id)
    first = next((by_id[one] for one in ids if one in by_id), None)
    return _held(ctx, first)


def takes_part(ctx: Context, thread: MailThread, user_id: UUID) -> bool:
    """Is it his, or does he take part in it?"""
    part = select(MailParticipant.id).where(MailParticipant.thread_id == thread.id, MailParticipant.user_id == user_id)
    return thread.owner_id == user_id or ctx.session.execute(part).first() is not None


def _other_side(ctx: Context, sender: str, people: list[str], ours: dict[str, UUID]) -> str:
    """To whom a colleague wrote: the first who is none of ours."""
    return next((one for one in people if one.casefold() not in ours), sender)


def _new_thread(ctx: Context, mail: Incoming, owner_id: UUID, contact_id: UUID | None) -> MailThread:
    privacy, told = preferring.beginning(ctx, owner_id)
    thread = MailThread(subject=rules.bare(rules.one_line(mail.subject)), owner_id=owner_id, privacy=privacy, told=told, contact_id=contact_id)
    ctx.session.add(thread)
    ctx.session.flush()  # the mail names it by key
    return thread


def _message(ctx: Context, mail: Incoming, thread: MailThread, *, author: UUID | None, other: str, contact_id: UUID | None, verified: bool, identity: bytes) -> MailMessage:
    sender = mail.sender
    message = MailMessage(
        thread_id=thread.id, direction="out" if author else "in", state="sent" if author else "received", author_id=author, contact_id=contact_id, other_mail=rules.one_line(other, 320).casefold() or None,
        from_mail=rules.one_line(sender.address, 320).casefold() if sender else None, from_name=rules.one_line(sender.name, 200) if sender else None, to_list=rules.named(mail.to), cc_list=rules.named(mail.cc),
        subject=rules.one_line(mail.subject), body=rules.lines(mail.text), quoted=rules.lines(mail.quoted) or None, at=_moment(ctx, mail.sent_at), identity=identity, verified=verified, automatic=mail.automatic,
        message_id=rules.one_line(mail.message_id, 900) or None, in_reply_to=rules.one_line(mail.in_reply_to, 900) or None, refs=[rules.one_line(one, 900) for one in mail.references[-MOST_REFS:]],
    )
    ctx.session.add(message)
    ctx.session.flush()  # its files name it by key
    return message


def _moment(ctx: Context, sent_at: datetime | None) -> datetime:
    """When it was sent, as its sender says; now where that can't be."""
    return sent_at if sent_at is not None and sent_at.tzinfo is not None and datetime(1990, 1, 1, tzinfo=ctx.now.tzinfo) < sent_at <= ctx.now + SLACK else ctx.now


def save(ctx: Context, data: bytes, most: int) -> Any:
    """Bytes in the store; forgotten where this transaction fails."""
    stored = storage().save(ctx.tenant.id, BytesIO(data), limit=most)
    if_undone(ctx.session, lambda: storage().remove(ctx.tenant.id, stored.key))
    return stored


def _keep_raw(ctx: Context, message: MailMessage, raw: bytes) -> None:
    if raw:
        message.raw_key = save(ctx, raw, len(raw)).key


def _keep_files(ctx: Context, message: MailMessage, enclosed: tuple[Enclosed, ...]) -> None:
    """Its files under names that are shown alone; what they are is told from their bytes. An empty one, or a larger one than may be brought, is in the raw mail alone."""
    for position, one in enumerate(enclosed[:MOST_FILES]):
        try:
            stored = save(ctx, one.data, settings().upload_mb * MEGABYTE)
        except FileRefused:
            continue
        kind = type_of(storage().path(ctx.tenant.id, stored.key))
        ctx.session.add(MailAttachment(
            message_id=message.id, position=position, name=shown_name(one.name), size=stored.size, sha256=stored.sha256, mimetype=kind, stored_key=stored.key,
            contact_id=message.contact_id, other_mail=rules.one_line(message.other_mail, 320) or None,
        ))


def hang_on_matched(ctx: Context, thread: MailThread, matched: Matched, other: str) -> None:
    """A new conversation hangs on the people whose addresses stand in it, their account, or the lead who wrote."""
    people = dict.fromkeys(key for one in matched.contacts.values() if len(one) == 1 for key in one)
    hang(ctx, thread, "contact", *people)
    hang(ctx, thread, "account", *([matched.account_id] if matched.account_id else []))
    hang(ctx, thread, "lead", *([matched.lead_id] if matched.lead_id else []))


def hang(ctx: Context, thread: MailThread, kind: str, *keys: UUID) -> None:
    """Hang a conversation on records; those on which it hangs already stay."""
    rows = [{"thread_id": thread.id, "record_kind": kind, "record_id": key, "created_at": ctx.now, "created_by": ctx.actor.id} for key in keys]
    if rows:
        ctx.session.execute(insert(MailLink).values(rows).on_conflict_do_nothing())


def join(ctx: Context, thread_id: UUID, user_id: UUID, *, seen_at: datetime | None = None) -> None:
    """He takes part in it from now on; seen_at: up to when he has read it, since he wrote himself."""
    row = insert(MailParticipant).values(thread_id=thread_id, user_id=user_id, seen_at=seen_at)
    keys = ["thread_id", "user_id"]
    ctx.session.execute(row.on_conflict_do_update(index_elements=keys, set_={"seen_at": func.greatest(MailParticipant.seen_at, seen_at)}) if seen_at else row.on_conflict_do_nothing())


def _note_copy(ctx: Context, message_id: UUID, owner_id: UUID, mailbox_id: UUID | None) -> None:
    ctx.session.execute(insert(MailCopy).values(message_id=message_id, user_id=owner_id, mailbox_id=mailbox_id, at=ctx.now).on_conflict_do_nothing())


def touch(thread: MailThread, at: datetime | None) -> None:
    """When the last mail of it went or came."""
    if at is not None and (thread.last_at is None or thread.last_at < at):
        thread.last_at = at


def _tell(ctx: Context, thread: MailThread, message: MailMessage, user_id: UUID) -> None:
    """A customer was in touch: on the timelines of what the conversation hangs on, and in the log, without a word of what he wrote."""
    name = ctx.session.execute(select(User.name).where(User.id == user_id)).scalar_one_or_none() or ""
    record(ctx, "mail.sent" if message.direction == "out" else "mail.received", thread, about=told_on(ctx, thread), name=name)
    log_contact(ctx, thread, message, user_id, name)


def told_on(ctx: Context, thread: MailThread) -> tuple[UUID, ...]:
    """The records on whose timelines a mail stands as a fact: people and accounts have an entry of the log for it."""
    query = select(MailLink.record_id).where(MailLink.thread_id == thread.id, MailLink.record_kind.not_in(("contact", "account")))
    return tuple(ctx.session.execute(query).scalars())


def log_contact(ctx: Context, thread: MailThread, message: MailMessage, user_id: UUID, name: str) -> None:
    """An entry of the contact log, so that it counts as the last contact. It says that there was a mail and of whom."""
    account_id = ctx.session.execute(select(MailLink.record_id).where(MailLink.thread_id == thread.id, MailLink.record_kind == "account").order_by(MailLink.created_at).limit(1)).scalar_one_or_none()
    with unhidden(ctx.session):
        contact = ctx.session.get(Contact, message.contact_id) if message.contact_id else None
        account = ctx.session.get(Account, contact.account_id if contact is not None else account_id) if (contact is not None and contact.account_id) or (contact is None and account_id) else None
        if contact is None and account is None:
            return
        acting = as_actor(ctx, replace(ctx.actor, id=user_id, name=name))
        try:
            log_activity(acting, kind="mail", account=account, contact=contact, direction=message.direction, happened_at=min(message.at, ctx.now))
            ctx.session.flush()  # written by whoever it is about, while he acts
        finally:
            as_actor(ctx, ctx.actor)
