"""Let go of what has no more use: ended sessions and invitations, old answers to API requests, orders that are long done."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, delete

from core.base.context import Context
from core.base.outbox import Order
from core.identity.models import IdempotencyKey, Invitation, MailChange, SignIn, SignInEvent, SignInStep
from core.identity.sign_in_log import KEPT

ANSWERS, SESSIONS, ORDERS, CLOCK_ORDERS, INVITATIONS = timedelta(hours=24), timedelta(days=30), timedelta(days=14), timedelta(days=1), timedelta(days=90)


def prune(ctx: Context) -> dict[str, int]:
    """Delete what is past its time; returns how many rows of each. Parked orders stay until somebody looks at them."""
    done = Order.state == "done"
    rules = {
        "answers": delete(IdempotencyKey).where(IdempotencyKey.created_at < ctx.now - ANSWERS),
        "sessions": delete(SignIn).where((SignIn.expires_at < ctx.now - SESSIONS) | (SignIn.revoked_at < ctx.now - SESSIONS)),
        "sign_ins": delete(SignInEvent).where(SignInEvent.at < ctx.now - KEPT),
        "steps": delete(SignInStep).where(SignInStep.expires_at < ctx.now - ANSWERS),
        "invitations": delete(Invitation).where(_ended_before(ctx.now - INVITATIONS)),
        "mail_changes": delete(MailChange).where(MailChange.expires_at < ctx.now - INVITATIONS),
        "orders": delete(Order).where(done, Order.finished_at < ctx.now - ORDERS, ~_of_clock()),
        "clock": delete(Order).where(done, Order.finished_at < ctx.now - CLOCK_ORDERS, _of_clock()),
    }
    return {name: ctx.session.execute(statement).rowcount for name, statement in rules.items()}


def _ended_before(moment: datetime) -> ColumnElement[bool]:
    """Invitations that were accepted or revoked before it, or whose last link ran out by then."""
    return case((Invitation.state == "waiting", Invitation.expires_at), else_=Invitation.updated_at) < moment


def _of_clock():
    return Order.dedupe_key.startswith("clock:").is_(True)
