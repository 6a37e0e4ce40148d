"""Use cases of a conversation: who reads it, which records it hangs on, how far somebody has read."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from core.base.context import Context
from core.base.errors import Forbidden, Refused
from core.base.facts import record
from core.base.policy import require
from core.base.records import find, kind_of
from core.identity.models import User
from core.mail import reading
from core.mail.models import KINDS, PRIVACIES, TELLINGS, MailLink, MailParticipant, MailThread
from core.mail.policy import is_owner
from core.mail.preferring import word
from core.mail.taking import hang
from core.notifications.telling import mark_source_read


def open_thread(ctx: Context, thread: MailThread, *, privacy: Any, told: Any, people: list[UUID] | None = None) -> MailThread:
    """Say who reads it beside its owner, what others are told, and which colleagues take part. Only whose it is does so."""
    reading.one_thread(ctx, thread.id)
    require(ctx, "mail.open")
    if not is_owner(ctx, thread):
        raise Forbidden(permission="mail.open")
    before = (thread.privacy, thread.told)
    thread.privacy, thread.told = word(PRIVACIES, privacy, "privacy"), word(TELLINGS, told, "told")
    joined = people is not None and _take_part(ctx, thread, people)
    if joined or (thread.privacy, thread.told) != before:
        record(ctx, "mail.opened", thread)
    ctx.session.flush()
    return thread


def assign(ctx: Context, thread: MailThread, kind: str, key: UUID) -> None:
    """Hang it on a record that the actor may open, which tells those who see that record that there is one."""
    _check(ctx, thread)
    if kind not in KINDS:
        raise Refused("unknown_value", field="record_kind")
    target = find(ctx, kind, key)
    hang(ctx, thread, kind_of(target), target.id)
    if kind == "contact" and thread.contact_id is None:
        thread.contact_id = target.id
    record(ctx, "mail.assigned", thread, about=(target.id,))


def unassign(ctx: Context, thread: MailThread, kind: str, key: UUID) -> None:
    """Take it off a record."""
    _check(ctx, thread)
    target = find(ctx, kind, key)
    gone = delete(MailLink).where(MailLink.thread_id == thread.id, MailLink.record_kind == kind, MailLink.record_id == target.id)
    if ctx.session.execute(gone).rowcount:
        record(ctx, "mail.unassigned", thread, about=(target.id,))


def see(ctx: Context, thread: MailThread) -> None:
    """Whoever takes part has read it up to now."""
    values = {"thread_id": thread.id, "user_id": ctx.actor.id, "seen_at": ctx.now}
    if ctx.actor.id and (thread.owner_id == ctx.actor.id or _part(ctx, thread)):
        ctx.session.execute(insert(MailParticipant).values(values).on_conflict_do_update(index_elements=["thread_id", "user_id"], set_={"seen_at": ctx.now}))
        mark_source_read(ctx, thread.id)


def _check(ctx: Context, thread: MailThread) -> None:
    """Whoever reads it files it."""
    require(ctx, "mail.write")
    reading.one_thread(ctx, thread.id)


def _part(ctx: Context, thread: MailThread) -> bool:
    return ctx.session.execute(select(MailParticipant.id).where(MailParticipant.thread_id == thread.id, MailParticipant.user_id == ctx.actor.id)).first() is not None


def _take_part(ctx: Context, thread: MailThread, people: list[UUID]) -> bool:
    """Who takes part from now on, beside the owner: those named, active colleagues alone. Did that change anything?"""
    known = set(ctx.session.execute(select(User.id).where(User.id.in_(people), User.state == "active")).scalars())
    if len(known) != len(set(people)):
        raise Refused("unknown_value", field="people")
    gone = ctx.session.execute(delete(MailParticipant).where(MailParticipant.thread_id == thread.id, MailParticipant.user_id.not_in(known), MailParticipant.user_id.is_distinct_from(thread.owner_id))).rowcount
    came = [{"thread_id": thread.id, "user_id": key} for key in sorted(known)]
    new = len(ctx.session.execute(insert(MailParticipant).values(came).on_conflict_do_nothing().returning(MailParticipant.id)).all()) if came else 0
    return bool(gone or new)
