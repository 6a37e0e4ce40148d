"""What a sender does with a mailing, each step a short transaction of its own: open, claim, intend, settle, close.

The rules are RELIABILITY 1.3. Nothing is held while the mail server is asked; a recipient is marked `sending` before
the content leaves; every later step names the lease it holds. So a sender that is killed leaves at most one message
in doubt, and a message in doubt is shown, not sent again.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import and_, case, func, or_, select, update

from core.base.context import Context
from core.base.facts import record
from core.base.policy import SEND
from core.base.rooms import is_off
from core.consent.queries import agreed
from core.mailings import rules, unsubscribing
from core.mailings.models import Mailing, MailingRecipient, MailingRun
from core.mailings.running import lock, order_senders, touch
from core.notifications.telling import notify
from core.parties.marks import note_bounce
from core.parties.models import Contact
from core.parties.restricting import free
from core.post import queries as post
from infra.mail import Outcome, Permanent, Sent, Temporary

CLAIMED_FOR = timedelta(minutes=10)
SENDING_FOR = timedelta(minutes=3)
LATE = timedelta(hours=4)
MAX_BATCH = 50
# Of a recipient whose sender died before it began with him; after how many such deaths he is taken by himself, and
# with how many he is given up.
LOST, ALONE_AFTER, MAX_LOST = "lost", 3, 5
BROKE_OFF = "broke_off"


@dataclass(frozen=True, slots=True)
class Claimed:
    """One recipient that this sender holds, as plain values: it is used after the transaction."""

    id: UUID
    mailing_id: UUID
    token: UUID
    address: str
    address_norm: str
    name: str
    lang: str
    fields: dict


def open_run(ctx: Context, mailing_id: UUID) -> bool:
    """May a sender work on this mailing now? Pauses one whose plan withholds sending, and one that comes hours late:
    who would be surprised to get it now is asked by nobody but the sender's owner."""
    mailing = lock(ctx, mailing_id)
    if mailing.state != "sending":
        return False
    run = ctx.session.get_one(MailingRun, mailing_id)
    reason = "plan" if not ctx.entitlements.allows(SEND) else "late" if ctx.now - run.active_at > LATE else None
    if reason:
        mailing.state, mailing.pause_reason = "paused", reason
        return False
    touch(ctx, mailing_id)
    free_lost(ctx, mailing_id)
    return True


def free_lost(ctx: Context, mailing_id: UUID) -> None:
    """Leases that ran out: who was only claimed waits again, who was being sent to is in doubt. A row in doubt keeps its
    token: the sender that holds it may still be waiting for the server's word (`settle`).

    Who was claimed when senders died is taken by himself after some deaths (`claim`) and given up after MAX_LOST: one
    message that kills whoever composes it must not keep the mailing going for ever."""
    state = MailingRecipient.state
    _give_up_lost(ctx, mailing_id)
    lost = update(MailingRecipient).where(
        MailingRecipient.mailing_id == mailing_id, state.in_(("claimed", "sending")), MailingRecipient.lease_until < ctx.now
    )
    in_doubt = case((state == "sending", "unknown"), else_="queued")
    why = case((state == "sending", "interrupted"), else_=LOST)
    token = case((state == "sending", MailingRecipient.lease_token), else_=None)
    count = case((state == "claimed", MailingRecipient.attempts + 1), else_=MailingRecipient.attempts)
    ctx.session.execute(lost.values(state=in_doubt, reason=why, lease_until=None, lease_token=token, attempts=count))


def _give_up_lost(ctx: Context, mailing_id: UUID) -> None:
    lost = update(MailingRecipient).where(
        MailingRecipient.mailing_id == mailing_id, MailingRecipient.state == "claimed", MailingRecipient.lease_until < ctx.now,
        MailingRecipient.reason == LOST, MailingRecipient.attempts >= MAX_LOST - 1,
    )
    ctx.session.execute(lost.values(**_settled("failed", BROKE_OFF)))


def claim(ctx: Context, mailing_id: UUID, *, limit: int = 20) -> list[Claimed]:
    """Take up to `limit` waiting recipients under a lease and a new fencing token, until one batch holds somebody who
    has not left; those who have are settled at once. None left: an empty list."""
    token = uuid4()
    while rows := _take(ctx, mailing_id, _how_many(ctx, mailing_id, limit), token):
        out = post.suppressed(ctx, [row.address for row in rows if row.address])
        gone = {row.id for row in rows if not row.address or row.address in out}
        if gone:
            ctx.session.execute(_held(MailingRecipient.id.in_(gone), token).values(**_settled("suppressed", "unsubscribed")))
        kept = sorted((row for row in rows if row.id not in gone), key=lambda row: row.id)
        if kept:
            return [Claimed(r.id, mailing_id, token, r.address, r.address_norm, r.name or "", r.lang, r.fields) for r in kept]
    return []


def _how_many(ctx: Context, mailing_id: UUID, limit: int) -> int:
    """One where the next in turn has cost senders their lives: nobody else shall wait for his lease with him."""
    due = (MailingRecipient.mailing_id == mailing_id, MailingRecipient.state == "queued", MailingRecipient.next_at <= ctx.now)
    first = select(MailingRecipient.reason == LOST, MailingRecipient.attempts).where(*due).order_by(MailingRecipient.next_at, MailingRecipient.id).limit(1)
    row = ctx.session.execute(first).one_or_none()
    return 1 if row is not None and row[0] and row[1] >= ALONE_AFTER else min(limit, MAX_BATCH)


def _take(ctx: Context, mailing_id: UUID, limit: int, token: UUID) -> list:
    # MATERIALIZED: as a plain subquery the planner may run it once a row, and then its limit limits nothing.
    free = (
        select(MailingRecipient.id)
        .where(MailingRecipient.mailing_id == mailing_id, MailingRecipient.state == "queued", MailingRecipient.next_at <= ctx.now)
        .order_by(MailingRecipient.next_at, MailingRecipient.id).limit(limit).with_for_update(skip_locked=True)
        .cte("free").prefix_with("MATERIALIZED")
    )
    taken = (
        update(MailingRecipient).where(MailingRecipient.id == free.c.id, MailingRecipient.state == "queued")
        .values(state="claimed", lease_until=ctx.now + CLAIMED_FOR, lease_token=token)
        .returning(*(getattr(MailingRecipient, name) for name in ("id", "address", "address_norm", "name", "lang", "fields")))
    )
    return ctx.session.execute(taken.execution_options(synchronize_session=False)).all()


def intend(ctx: Context, held: Claimed, message_id: str) -> str:
    """The last word before the content leaves. "go": commit it, then send. "skip": this one must not get it, which is
    written down. "lost": the lease ran out and others have taken over. "stop": the mailing no longer goes out.

    Pause, cancel and leaving all wait for this transaction or are seen by it, so none of them comes too late unseen.
    """
    mailing = lock(ctx, held.mailing_id, read=True)
    if mailing.state != "sending" or not ctx.entitlements.allows(SEND) or is_off(ctx, "mailings"):
        release(ctx, held.mailing_id, held.token)
        return "stop"
    address_hash = post.hash_of(ctx, held.address)
    unsubscribing.hold_address(ctx, address_hash)
    claimed = _held(MailingRecipient.id == held.id, held.token).where(MailingRecipient.state == "claimed")
    reason = _why_not(ctx, held, address_hash)
    if reason:
        ctx.session.execute(claimed.values(**_settled("suppressed", reason)))
        return "skip"
    mine = claimed.where(MailingRecipient.lease_until > ctx.now)
    values = {"state": "sending", "lease_until": ctx.now + SENDING_FOR, "message_id": message_id, "attempts": MailingRecipient.attempts + 1}
    return "go" if ctx.session.execute(mine.values(**values)).rowcount == 1 else "lost"


def settle(ctx: Context, held: Claimed, outcome: Outcome) -> str | None:
    """Write down how it went; the new state, or None where the lease was lost meanwhile: then others have decided. Only a late
    yes still counts: it ends the doubt."""
    awaited = ("claimed", "sending", "unknown") if isinstance(outcome, Sent) else ("claimed", "sending")
    row = ctx.session.execute(
        select(MailingRecipient)
        .where(MailingRecipient.id == held.id, MailingRecipient.lease_token == held.token, MailingRecipient.state.in_(awaited))
        .with_for_update()
    ).scalar_one_or_none()
    if row is None:
        return None
    if row.state == "claimed":
        row.attempts += 1  # refused before the content: `intend` did not count it
    row.lease_until = row.lease_token = None
    if isinstance(outcome, Sent):
        row.state, row.reason, row.sent_at, row.provider_reply = "sent", None, ctx.now, outcome.reply[:500]
    elif isinstance(outcome, Temporary):
        _try_later(ctx, row, outcome.reason)
    else:
        row.state, row.provider_reply = "failed" if isinstance(outcome, Permanent) else "unknown", outcome.reason[:500]
        row.reason = "refused" if isinstance(outcome, Permanent) else "interrupted"
        if isinstance(outcome, Permanent):
            note_bounce(ctx, held.address, outcome.reason)
    _note(ctx, row)
    return row.state


def stumble(ctx: Context, held: Claimed) -> None:
    """His mail could not be made: tried again later, given up at the end of the ladder. The others do not wait for him."""
    query = select(MailingRecipient).where(MailingRecipient.id == held.id, MailingRecipient.lease_token == held.token, MailingRecipient.state == "claimed")
    row = ctx.session.execute(query.with_for_update()).scalar_one_or_none()
    if row is not None:
        row.attempts, row.lease_until, row.lease_token = row.attempts + 1, None, None
        wait = rules.next_try(row.attempts, random.random())  # noqa: S311 (spreads the load, keeps no secret)
        row.state, row.reason, row.next_at = "queued" if wait else "failed", BROKE_OFF, ctx.now + (wait or timedelta())


def release(ctx: Context, mailing_id: UUID, token: UUID) -> None:
    """Give back what this sender claimed and did not begin."""
    rows = _held(MailingRecipient.mailing_id == mailing_id, token).where(MailingRecipient.state == "claimed")
    ctx.session.execute(rows.values(state="queued", lease_until=None, lease_token=None))


def close_run(ctx: Context, mailing_id: UUID, *, pause: timedelta = timedelta()) -> None:
    """Count, and either finish the mailing or order the next run: at once, after `pause`, or when the next is due."""
    mailing = lock(ctx, mailing_id)
    free_lost(ctx, mailing_id)
    run = ctx.session.get_one(MailingRun, mailing_id)
    run.counts = state_counts(ctx, mailing_id)
    if mailing.state != "sending":
        return
    wake = next_work(ctx, mailing_id)
    if wake is None:
        mailing.state, mailing.finished_at = "done", ctx.now
        notify(ctx, "finished", [mailing.started_by], mailing, by_itself=True, say="told.mailing_finished")
    else:
        touch(ctx, mailing_id)
        order_senders(ctx, mailing_id, max(wake, ctx.now + pause))


def next_work(ctx: Context, mailing_id: UUID) -> datetime | None:
    """When the next recipient is to be looked at: a waiting one is due, or a lease runs out; None when all is settled."""
    waiting = select(func.min(MailingRecipient.next_at)).where(MailingRecipient.mailing_id == mailing_id, MailingRecipient.state == "queued")
    leased = select(func.min(MailingRecipient.lease_until)).where(
        MailingRecipient.mailing_id == mailing_id, MailingRecipient.state.in_(("claimed", "sending"))
    )
    return ctx.session.execute(select(func.least(waiting.scalar_subquery(), leased.scalar_subquery()))).scalar_one()


def state_counts(ctx: Context, mailing_id: UUID) -> dict[str, int]:
    """State -> number of recipients."""
    query = select(MailingRecipient.state, func.count()).where(MailingRecipient.mailing_id == mailing_id).group_by(MailingRecipient.state)
    return {state: count for state, count in ctx.session.execute(query)}


def _held(which, token: UUID):
    return update(MailingRecipient).where(which, MailingRecipient.lease_token == token).execution_options(synchronize_session=False)


def _settled(state: str, reason: str) -> dict:
    return {"state": state, "reason": reason, "lease_until": None, "lease_token": None}


def _why_not(ctx: Context, held: Claimed, address_hash: bytes) -> str | None:
    """Why this person must not get this mail now."""
    if post.is_suppressed(ctx, held.address):
        return "unsubscribed"
    if _is_held_back(ctx, held):
        return "no_consent"
    days = unsubscribing.wish_days(ctx, address_hash)
    if days is None:
        return None
    other = MailingRecipient.mailing_id != held.mailing_id
    got = or_(MailingRecipient.sent_at > ctx.now - timedelta(days=days), MailingRecipient.state == "sending")
    recent = select(MailingRecipient.id).where(MailingRecipient.address_norm == held.address_norm, other, got)
    return "fewer" if ctx.session.execute(recent.limit(1)).first() else None


def _is_held_back(ctx: Context, held: Claimed) -> bool:
    """Was the person restricted since, or did he take back what this mailing needs?"""
    query = select(Contact.id).join(MailingRecipient, MailingRecipient.contact_id == Contact.id).join(Mailing, Mailing.id == MailingRecipient.mailing_id)
    no = or_(~free(), and_(Mailing.needs_consent_id.is_not(None), ~agreed(Mailing.needs_consent_id)))
    return ctx.session.execute(query.where(MailingRecipient.id == held.id, no)).first() is not None


def _try_later(ctx: Context, row: MailingRecipient, reply: str) -> None:
    wait = rules.next_try(row.attempts, random.random())  # noqa: S311 (spreads the load, keeps no secret)
    row.provider_reply = reply[:500]
    if wait is None:
        row.state, row.reason = "failed", "gave_up"
    else:
        row.state, row.reason, row.next_at = "queued", "later", ctx.now + wait


def _note(ctx: Context, row: MailingRecipient) -> None:
    """The send ledger: what a person got stands on his timeline (V8)."""
    fact = {"sent": "mailing.got", "unknown": "mailing.maybe_got"}.get(row.state)
    if fact is None or row.contact_id is None:
        return
    contact = ctx.session.get(Contact, row.contact_id)
    if contact is not None:
        name = ctx.session.execute(select(Mailing.name).where(Mailing.id == row.mailing_id)).scalar_one()
        record(ctx, fact, contact, name=name, mailing_id=row.mailing_id)
