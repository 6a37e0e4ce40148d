"""Jobs that tests defer: their effect is one fact a run, so that a repeated effect shows as a second fact.

tests.support.plant starts our processes with these jobs added.
"""

import os
import signal
import time
from uuid import UUID

from sqlalchemy import text

from core.base import outbox
from core.base.errors import ReadOnly, Refused
from core.base.facts import Fact
from core.post import actions as post
from infra import queue, telemetry
from workers import relay
from workers.job import Again, control_job, job
from workers.queues import BULK


def effect(ctx, key: str, kind: str = "test.effect") -> None:
    ctx.session.add(Fact(kind=kind, at=ctx.now, subject_type="test", subject_id=UUID(key), params={"tenant": str(ctx.tenant.id), "pid": os.getpid()}))


@job("test.effect")
def make_effect(ctx, *, key: str, seconds: float = 0) -> None:
    effect(ctx, key)
    ctx.session.flush()
    time.sleep(seconds)


@job("test.slow", queue=BULK, steps=True)
def slow(door, *, key: str, seconds: float) -> None:
    with door() as ctx:
        effect(ctx, key, "test.begun")
    time.sleep(seconds)
    with door() as ctx:
        effect(ctx, key)


@job("test.poison")
def poison(ctx, *, key: str) -> None:
    effect(ctx, key)
    ctx.session.flush()
    os.kill(os.getpid(), signal.SIGKILL)


@job("test.again")
def again(ctx, *, key: str) -> None:
    raise Again("later")


@job("test.raises")
def raises(ctx, *, key: str) -> None:
    effect(ctx, key)
    raise RuntimeError("mail of anna@example.com with token abcdefghijklmnopqrstuvwxyz0123456789ABCD failed")


@job("test.refused")
def refused(ctx, *, key: str) -> None:
    effect(ctx, key)
    raise Refused("unknown_value", field="x")


@job("test.read_only")
def read_only(ctx, *, key: str) -> None:
    raise ReadOnly()


@job("test.always", always=True)
def always(ctx, *, key: str) -> None:
    effect(ctx, key)


@job("test.as_asker", as_asker=True)
def as_asker(ctx, *, key: str) -> dict:
    return {"name": ctx.actor.name, "locale": ctx.locale}


@job("test.whoami")
def whoami(ctx) -> dict:
    return {"tenant": str(ctx.tenant.id), "actor": ctx.actor.kind, "reason": ctx.actor.reason, "locale": ctx.locale, "timezone": ctx.timezone}


@job("test.sentinel")
def sentinel(ctx, *, key: str, crash: bool = False, fail: bool = False) -> None:
    """Reads the tenant's own sentinel and writes it down; some crash, some fail: none may see another's."""
    found = ctx.session.execute(text("SELECT params ->> 'sentinel' FROM fact WHERE kind = 'test.sentinel'")).scalar_one()
    ctx.session.add(Fact(
        kind="test.seen", at=ctx.now, subject_type="test", subject_id=UUID(key),
        params={"sentinel": found, "tenant": str(ctx.tenant.id), "bound": telemetry.bound().get("tenant")},
    ))
    ctx.session.flush()
    if crash:
        os._exit(9)
    if fail:
        raise RuntimeError("failed")


@control_job("test.control")
def control(ctl) -> dict:
    return {"now": ctl.now.isoformat()}


# Negative controls: a protection is taken away in the processes that plant starts with this in their environment.
if os.environ.get("TENDERO_TEST_NO_RQ_RETRY"):
    queue.RETRY = None
if os.environ.get("TENDERO_TEST_NO_PARKING"):
    outbox.MAX_ATTEMPTS = 10**6
if os.environ.get("TENDERO_TEST_NO_FENCE"):
    outbox.settle = lambda *_, **__: True
    outbox.renew = lambda *_, **__: True
if os.environ.get("TENDERO_TEST_NO_CLAIM"):
    _first_claim = outbox.claim

    def claim_always(session, model, order_id, **rest):
        session.execute(outbox.update(model).where(model.id == order_id).values(state="waiting"))
        return _first_claim(session, model, order_id, **rest)

    outbox.claim = claim_always
if os.environ.get("TENDERO_TEST_DIE_BEFORE_MARK"):
    relay.forget_hints = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
if os.environ.get("TENDERO_TEST_NO_INTENT"):
    post.mark_sending = lambda *_: True
