"""Use cases of a mailing under way: start, pause, resume, cancel, send again what is in doubt."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, cast, exists, select, update
from sqlalchemy.orm import Session

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.outbox import Order, defer
from core.base.policy import require
from core.mailings import audience
from core.mailings.models import Mailing, MailingRecipient, MailingRun

JOB = "mailings.send"


def start_mailing(ctx: Context, mailing_id: UUID, *, expected: int | None = None) -> Mailing:
    """Freeze the audience and begin to send. Of two starts at once one wins, the other is refused
    (`mailing_wrong_state`). expected: the number the person agreed to; refused when it is another one now."""
    mailing = lock(ctx, mailing_id)
    require(ctx, "mailings.send", mailing)
    _must_be(mailing, "draft")
    if mailing.audience != "everyone" and not mailing.tags:
        raise Refused("mailing_tags_missing", field="tags")
    total = audience.freeze(ctx, mailing)
    if total == 0:
        raise Refused("mailing_nobody", field="tags")
    if expected is not None and expected != total:
        raise Refused("mailing_count_changed", count=total)
    mailing.state, mailing.total, mailing.started_at, mailing.started_by = "sending", total, ctx.now, ctx.actor.id
    ctx.session.add(MailingRun(mailing_id=mailing.id, active_at=ctx.now, counts={"queued": total}))
    record(ctx, "mailing.started", mailing, name=mailing.name, count=total)
    order_senders(ctx, mailing.id)
    return mailing


def pause_mailing(ctx: Context, mailing_id: UUID) -> Mailing:
    """Stop sending. Returns once no sender can begin another message; at most one each is on its way."""
    mailing = _moved(ctx, mailing_id, {"sending"}, "paused", "mailing.paused")
    mailing.pause_reason = "person"
    return mailing


def resume_mailing(ctx: Context, mailing_id: UUID) -> Mailing:
    """Go on with those who are left."""
    mailing = _moved(ctx, mailing_id, {"paused"}, "sending", "mailing.resumed")
    mailing.pause_reason = None
    touch(ctx, mailing.id)
    order_senders(ctx, mailing.id)
    return mailing


def cancel_mailing(ctx: Context, mailing_id: UUID) -> Mailing:
    """Stop for good: whoever has not got it gets nothing."""
    mailing = _moved(ctx, mailing_id, {"sending", "paused"}, "cancelled", "mailing.cancelled")
    mailing.pause_reason, mailing.finished_at = None, ctx.now
    return mailing


def resend_unknown(ctx: Context, mailing_id: UUID) -> int:
    """Send again to those of whom nobody knows whether they got it; a person decides that, never the machine.
    The Message-ID stays, so that a mail server may fold the two. Returns to how many."""
    mailing = lock(ctx, mailing_id)
    require(ctx, "mailings.send", mailing)
    _must_be(mailing, "done", "paused", "sending")
    rows = update(MailingRecipient).where(MailingRecipient.mailing_id == mailing.id, MailingRecipient.state == "unknown")
    count = ctx.session.execute(rows.values(state="queued", next_at=ctx.now, attempts=0, reason="resent", lease_token=None)).rowcount
    if count and mailing.state == "done":
        mailing.state, mailing.finished_at = "sending", None
    if count:
        touch(ctx, mailing.id)
        record(ctx, "mailing.resent", mailing, name=mailing.name, count=count)
        order_senders(ctx, mailing.id)
    return count


def lock(ctx: Context, mailing_id: UUID, *, read: bool = False) -> Mailing:
    """The mailing, held until this transaction ends: against everybody, or (read) only against whoever changes it."""
    query = select(Mailing).where(Mailing.id == mailing_id).with_for_update(read=read)
    mailing = ctx.session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()
    if mailing is None:
        raise NotFound()
    return mailing


def touch(ctx: Context, mailing_id: UUID) -> None:
    """Note that senders are at work, or that a person wants them to be."""
    ctx.session.execute(update(MailingRun).where(MailingRun.mailing_id == mailing_id).values(active_at=ctx.now))


def order_senders(ctx: Context, mailing_id: UUID, due_at: datetime | None = None) -> None:
    """Leave an order to send, unless one waits already that is due no later."""
    due_at = due_at or ctx.now
    waiting = select(Order.id).where(
        Order.name == JOB, Order.state == "waiting", Order.args["mailing_id"].astext == str(mailing_id), Order.due_at <= due_at
    )
    if ctx.session.execute(waiting.limit(1)).first() is None:
        defer(ctx, JOB, due_at=due_at, mailing_id=mailing_id)


def left_alone(session: Session) -> bool:
    """Is there a mailing being sent that no order looks after? (Its order was parked after it had killed its worker
    too often.)"""
    return session.execute(_orphans().limit(1)).first() is not None


def revive(ctx: Context) -> None:
    """Order senders for such mailings; the clock asks for it."""
    for mailing_id in ctx.session.execute(_orphans()).scalars():
        order_senders(ctx, mailing_id)


def _orphans():
    alive = Order.state.in_(("waiting", "running"))
    looked_after = exists().where(Order.name == JOB, alive, Order.args["mailing_id"].astext == cast(Mailing.id, Text))
    return select(Mailing.id).where(Mailing.state == "sending", ~looked_after)


def _moved(ctx: Context, mailing_id: UUID, allowed: set[str], state: str, fact: str) -> Mailing:
    mailing = lock(ctx, mailing_id)
    require(ctx, "mailings.send", mailing)
    _must_be(mailing, *allowed)
    mailing.state = state
    record(ctx, fact, mailing, name=mailing.name)
    return mailing


def _must_be(mailing: Mailing, *states: str) -> None:
    if mailing.state not in states:
        raise Refused("mailing_wrong_state")
