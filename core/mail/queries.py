"""Reads of correspondence: lists of conversations, the mails of one, drafts, who got the same before, what a search finds."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Lateral, Row, Select, Text, case, func, literal, null, or_, select, true

from core.base.context import Context
from core.base.finding import characters_of, first_of_each, holds
from core.base.hiding import in_table, unhidden
from core.base.policy import has, require
from core.deals import queries as deals
from core.identity.models import User
from core.leads import queries as leads
from core.mail import reading
from core.mail.models import KINDS, MailAttachment, MailLink, MailMessage, MailParticipant, MailThread
from core.parties import queries as parties
from core.post.models import OutgoingMail
from core.quotes import queries as quotes

SHOWN, MOST_MAILS = 50, 500
SEGMENTS = ("mine", "shared", "unmatched", "waiting")


def conversations(ctx: Context, *, segment: str = "mine", search: str | None = None, before: tuple[datetime, UUID] | None = None, limit: int = SHOWN) -> list[Row]:
    """(MailThread, owner, newest: the beginning of its last mail, who: on its other side, unread) the newest first, one more than the limit where there are more."""
    require(ctx, "mail.read")
    last = _last_mail(ctx)
    seen = select(MailParticipant.seen_at).where(MailParticipant.thread_id == MailThread.id, MailParticipant.user_id == ctx.actor.id).correlate(MailThread).scalar_subquery()
    unread = reading.mine(ctx) & (func.coalesce(seen < MailThread.last_at, literal(True)))
    query = reading.threads(ctx).add_columns(User.name.label("owner"), last.c.newest, last.c.who, unread.label("unread")).join(User, User.id == MailThread.owner_id, isouter=True).join(last, true(), isouter=True)
    query = query.where(MailThread.last_at.is_not(None), *_segment(ctx, segment), *_found(search))
    if before:
        query = query.where(func.row(MailThread.last_at, MailThread.id) < func.row(*before))
    return list(ctx.session.execute(query.order_by(MailThread.last_at.desc(), MailThread.id.desc()).limit(limit + 1)))


def _last_mail(ctx: Context) -> Lateral:
    """Of each conversation's last mail the beginning, and who wrote it, or to whom first a colleague did; from whom addresses are hidden, the name alone."""
    query = select(func.left(MailMessage.body, 200).label("newest"), case((MailMessage.direction == "in", _writer(ctx)), else_=_reader(ctx)).label("who"))
    query = query.where(MailMessage.thread_id == MailThread.id, MailMessage.state.in_(("sent", "received")))
    return query.order_by(MailMessage.at.desc(), MailMessage.id.desc()).limit(1).correlate(MailThread).lateral("last")


def _writer(ctx: Context) -> Any:
    name = func.nullif(MailMessage.from_name, "")
    return name if "from_mail" in in_table(ctx.session, "mail_message") else func.coalesce(name, MailMessage.from_mail)


def _reader(ctx: Context) -> Any:
    if "to_list" in in_table(ctx.session, "mail_message"):
        return null().cast(Text)
    first = MailMessage.to_list[0]
    return func.coalesce(func.nullif(first["name"].astext, ""), first["mail"].astext)


def _segment(ctx: Context, segment: str) -> list[ColumnElement[bool]]:
    hangs = select(literal(1)).where(MailLink.thread_id == MailThread.id).correlate(MailThread).exists()
    if segment == "unmatched":
        return [reading.mine(ctx), ~hangs]
    return [reading.mine(ctx)] if segment == "mine" else [~reading.mine(ctx)] if segment == "shared" else []


def _found(search: str | None) -> list[ColumnElement[bool]]:
    """Conversations with a mail in which these words stand; nothing where nothing was typed."""
    said = holds(search, (MailMessage.said_fold,), characters_of(MailMessage.said_fold))
    if said is None:
        return []
    return [select(literal(1)).where(MailMessage.thread_id == MailThread.id, MailMessage.state != "draft", MailMessage.at.is_not(None), said).correlate(MailThread).exists()]


def waiting(ctx: Context) -> list[MailMessage]:
    """The actor's own mails that have not gone: drafts, and those that wait for their moment."""
    require(ctx, "mail.read")
    query = reading.messages(ctx).where(MailMessage.author_id == ctx.actor.id, MailMessage.state.in_(("draft", "held")))
    return list(ctx.session.execute(query.order_by(MailMessage.due_at.nulls_last(), MailMessage.updated_at.desc()).limit(SHOWN)).scalars())


def mails_of(ctx: Context, thread: MailThread) -> list[MailMessage]:
    """The mails of a conversation that the actor reads, the oldest first; what he is writing himself at the end."""
    query = reading.messages(ctx).where(MailMessage.thread_id == thread.id).order_by(MailMessage.at.desc().nulls_first(), MailMessage.id.desc())
    return list(ctx.session.execute(query.limit(MOST_MAILS)).scalars())[::-1]


def files_of(ctx: Context, messages: Sequence[MailMessage]) -> dict[UUID, list[MailAttachment]]:
    """Message -> its files; the caller has checked that the actor reads them."""
    query = select(MailAttachment).where(MailAttachment.message_id.in_([one.id for one in messages])).order_by(MailAttachment.position, MailAttachment.id)
    found: dict[UUID, list[MailAttachment]] = {}
    for one in ctx.session.execute(query).scalars():
        found.setdefault(one.message_id, []).append(one)
    return found


def letters_of(ctx: Context, messages: Sequence[MailMessage]) -> dict[UUID, Counter]:
    """Message -> state of its letters -> how many; the caller has checked that the actor reads them."""
    query = select(OutgoingMail.about_id, OutgoingMail.state, func.count()).where(OutgoingMail.about_id.in_([one.id for one in messages]), OutgoingMail.about_type == "mail_message")
    found: dict[UUID, Counter] = {}
    for about, state, number in ctx.session.execute(query.group_by(OutgoingMail.about_id, OutgoingMail.state)):
        found.setdefault(about, Counter())[state] = number
    return found


def participants(ctx: Context, thread: MailThread) -> list[Row]:
    """(id, name) of the colleagues who take part."""
    query = select(User.id, User.name).join(MailParticipant, MailParticipant.user_id == User.id).where(MailParticipant.thread_id == thread.id)
    return list(ctx.session.execute(query.order_by(User.name, User.id)))


def sought_records(ctx: Context, search: str, *, limit: int = 5) -> list[Row]:
    """(kind, id, name, note) of the records that a conversation can be put to, for what was typed: the best of each kind."""
    require(ctx, "mail.write")
    parts = [part for room in (parties, deals, leads, quotes) for part in room.quick(ctx, search, limit=limit)]
    return [row for row in first_of_each(ctx.session, parts, KINDS, limit) if row.kind in KINDS]


def got_before(ctx: Context, addresses: Sequence[str], *, template_id: UUID | None = None, sha256: Sequence[str] = (), limit: int = 5) -> list[Row]:
    """(mail, at, by) of those who got the same template or the same file before, by whomever, in a conversation of which the actor is told: of what it was and when, not what it said."""
    keys = sorted({one.casefold() for one in addresses if one})
    if not keys or not (template_id or sha256):
        return []
    same = [*([MailMessage.template_id == template_id] if template_id else [])]
    if sha256:
        same.append(select(literal(1)).where(MailAttachment.message_id == MailMessage.id, MailAttachment.sha256.in_(sha256)).exists())
    query = select(MailMessage.other_mail.label("mail"), MailMessage.at, User.name.label("by")).join(User, User.id == MailMessage.author_id, isouter=True).join(MailThread, MailThread.id == MailMessage.thread_id).where(reading.told(ctx))
    with unhidden(ctx.session):  # the addresses are those that he typed
        return list(ctx.session.execute(query.where(MailMessage.other_mail.in_(keys), MailMessage.state == "sent", MailMessage.direction == "out", or_(*same)).order_by(MailMessage.at.desc()).limit(limit)))


def quick(ctx: Context, search: str, *, limit: int = 8) -> list[Select]:
    """What the search of everything finds among conversations that the actor reads."""
    found = _found(search) if has(ctx, "mail.read") else []
    if not found:
        return []
    columns = (literal("mail_thread").label("kind"), MailThread.id, MailThread.subject.label("name"), User.name.label("note"), literal("").label("name_fold"), literal(1).label("rank"))
    query = reading.threads(ctx).with_only_columns(*columns).join(User, User.id == MailThread.owner_id, isouter=True)
    return [query.where(MailThread.last_at.is_not(None), *found).order_by(MailThread.last_at.desc(), MailThread.id.desc()).limit(limit)]
