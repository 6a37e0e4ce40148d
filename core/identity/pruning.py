"""Let go of what has no more use: ended sessions, old answers to API requests, orders that are long done."""

from datetime import timedelta

from sqlalchemy import delete

from core.base.context import Context
from core.base.outbox import Order
from core.identity.models import IdempotencyKey, SignIn, SignInStep

ANSWERS, SESSIONS, ORDERS, CLOCK_ORDERS = timedelta(hours=24), timedelta(days=30), timedelta(days=14), timedelta(days=1)


def prune(ctx: Context) -> dict[str, int]:
    """Delete what is past its time; returns how many rows of each. Parked orders stay until somebody looks at them."""
    done = Order.state == "done"
    rules = {
        "answers": delete(IdempotencyKey).where(IdempotencyKey.created_at < ctx.now - ANSWERS),
        "sessions": delete(SignIn).where((SignIn.expires_at < ctx.now - SESSIONS) | (SignIn.revoked_at < ctx.now - SESSIONS)),
        "steps": delete(SignInStep).where(SignInStep.expires_at < ctx.now - ANSWERS),
        "orders": delete(Order).where(done, Order.finished_at < ctx.now - ORDERS, ~_of_clock()),
        "clock": delete(Order).where(done, Order.finished_at < ctx.now - CLOCK_ORDERS, _of_clock()),
    }
    return {name: ctx.session.execute(statement).rowcount for name, statement in rules.items()}


def _of_clock():
    return Order.dedupe_key.startswith("clock:").is_(True)
