"""Run one order: claim it under a lease, call its job, settle it in the transaction of its effect.

What a message from Redis says is only "look at this order": everything that counts is read from PostgreSQL. A
duplicate message finds the order held or done and goes home; a lost one is found by the sweep.
"""

import logging
import os
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.exc import SQLAlchemyError

from core.base import outbox
from core.base.errors import Conflict, ReadOnly, Refused, TooMany
from core.base.facts import plain
from infra import telemetry
from infra.config import settings
from tenants.entry import utcnow
from workers.door import Asker, ControlPlace, TenantPlace, context_of, place_of
from workers.job import GIVEN_UP, Again, GaveUp, Job, Why, load_jobs
from workers.queues import ACCESS_PAUSE, retry_delay

log = logging.getLogger("tendero.jobs")


# Where a horse tells its worker how a job went, for the metrics; none outside the worker process.
TELL: int | None = None


class LeaseLost(Exception):
    """Somebody else holds the order by now: whatever was done here is rolled back."""


def work(order_id: str, tenant_id: str | None = None) -> str:
    """What RQ calls. Returns one word: done, held, away, waits, again, failed, parked, lost. Refuses a message
    without a tenant; raises only when not even the outcome could be written (the lease then runs out)."""
    place = place_of(tenant_id)
    held = Held.claim(place, UUID(order_id)) if place is not None else None
    if held is None:
        tell("")
        return "away" if place is None else "held"
    with telemetry.bind(tenant=place.key, job=held.name, order=order_id):
        started = time.monotonic()
        word, seconds = held.run(), round(time.monotonic() - started, 3)
        log.info("job %s", word, extra={"attempt": held.attempts, "seconds": seconds})
        # The name becomes a label: of an order that names no job it says only that.
        tell(f"{held.name if held.job else 'unknown'} {word} {seconds}")
        return word


def tell(line: str) -> None:
    """One line to the worker; an empty one says that this horse lived, yet had nothing to do."""
    if TELL is not None:
        os.write(TELL, f"{line}\n".encode())


class Held:
    """An order that this process holds: its fencing token proves it at every step."""

    def __init__(self, place: ControlPlace | TenantPlace, order_id: UUID, token: UUID, row: Any):
        self.place, self.order_id, self.token = place, order_id, token
        self.name, self.args, self.attempts, self.asked_by = row.name, row.args, row.attempts, Asker(row.asked_by, row.by_token)
        self.job: Job | None = load_jobs().get(row.name)

    @classmethod
    def claim(cls, place: ControlPlace | TenantPlace, order_id: UUID) -> "Held | None":
        """Take the order for one lease, committed before anything happens; None where it is held, done or not due."""
        token, lease = uuid4(), timedelta(seconds=settings().job_lease)
        with place.open() as session:
            row = outbox.claim(session, place.model, order_id, now=utcnow(), token=token, lease=lease)
        return cls(place, order_id, token, row) if row else None

    def run(self) -> str:
        """Call the job and write down how it went."""
        if self.job is None or isinstance(self.place, ControlPlace) != self.job.control:
            return self._settle("parked", error=f"no such job: {self.name}")
        if self.attempts > outbox.MAX_ATTEMPTS:
            # Each attempt was counted when it was claimed: this one killed its worker every time.
            return self._give_up("parked", "the worker died at every attempt")
        if not self.place.runs(self.job):
            return self._wait_for_access()
        self.heartbeat = Heartbeat(self, min(self.job.lease, timedelta(seconds=settings().job_lease)))
        try:
            with self.heartbeat:
                self._act()
            return "done"
        except LeaseLost:
            log.warning("job lost its lease; its work was rolled back")
            return "lost"
        except ReadOnly:
            return self._wait_for_access()
        except (Again, TooMany, Conflict) as error:
            pause = error.after if isinstance(error, Again) else None
            return self._again(error, pause or (timedelta(seconds=error.retry_after) if isinstance(error, TooMany) else None))
        except (GaveUp, Refused) as error:
            if self.place.went_off(self.job):
                return self._wait_for_access()
            log.warning("job refused: %s", scrub(error))
            return self._give_up("failed", scrub(error), error)
        except Exception as error:
            log.error("job raised %s\n%s", scrub(error), "".join(traceback.format_tb(error.__traceback__)))
            return self._again(error, None)

    def _act(self) -> None:
        if self.job.steps:
            result = self.job.run(Door(self), **self.args)
            with self.place.open() as session:
                self._finish(session, result)
            return
        with context_of(self.place, self.job, self.order_id, self.asked_by) as ctx:
            self._finish(ctx.session, self.job.run(ctx, **self.args))

    def _finish(self, session, result: Any) -> None:
        # The heartbeat updates the same row: ended first, or both would wait for each other.
        self.heartbeat.stop()
        values = {"result": plain(result)} if isinstance(result, dict) else {}
        if not outbox.settle(session, self.place.model, self.order_id, self.token, now=utcnow(), error=None, **values):
            raise LeaseLost

    def _settle(self, state: str, **values: Any) -> str:
        with self.place.open() as session:
            if state == "waiting":
                session.info.setdefault("due", set()).add(values["due_at"])  # the hint for the relay
            kept = outbox.settle(session, self.place.model, self.order_id, self.token, now=utcnow(), state=state, **values)
        return state if kept else "lost"

    def _give_up(self, state: str, error: str, cause: Exception | None = None) -> str:
        """The order ends without its effect. Its room is told in the same transaction; where that fails too the order
        ends all the same, and the room's sweep (workers/schedule.py) finds what waits for it."""
        if self.name in GIVEN_UP:
            try:
                with context_of(self.place, replace(self.job, as_asker=False), self.order_id, self.asked_by) as ctx:
                    GIVEN_UP[self.name](ctx, Why(state, cause if isinstance(cause, Refused) else None), **self.args)
                    if not outbox.settle(ctx.session, self.place.model, self.order_id, self.token, now=utcnow(), state=state, error=error):
                        raise LeaseLost
                return state
            except LeaseLost:
                return "lost"
            except Exception as problem:
                log.error("a room could not be told that its job was given up: %s", scrub(problem))
        return self._settle(state, error=error)

    def _again(self, error: Exception, pause: timedelta | None) -> str:
        """Back on the ladder, or parked at its end."""
        delay = retry_delay(self.attempts)
        if delay is None:
            return self._give_up("parked", scrub(error), error)
        return "again" if self._settle("waiting", due_at=utcnow() + (pause or delay), error=scrub(error)) == "waiting" else "lost"

    def _wait_for_access(self) -> str:
        """The subscription withholds it, or its room is off: asked again later, and none of the attempts is used up."""
        settled = self._settle("waiting", due_at=utcnow() + ACCESS_PAUSE, attempts=self.attempts - 1, error="waits for the subscription or its room")
        return "waits" if settled == "waiting" else "lost"


class Door:
    """What a job in steps gets: each `with door() as ctx:` is one short transaction. token: unique to this hold."""

    def __init__(self, held: Held):
        self._held = held
        self.token, self.attempts, self.order_id = held.token, held.attempts, held.order_id
        self.tenant_id = held.place.tenant.id if held.place.tenant else None

    @contextmanager
    def __call__(self, *, fenced: bool = True) -> Iterator[Any]:
        """A transaction that commits only while the order is still ours. fenced=False: for a truth that must be
        written down whoever holds the order by now (the caller has its own fence)."""
        held = self._held
        with context_of(held.place, held.job, held.order_id, held.asked_by) as ctx:
            yield ctx
            ctx.session.flush()  # a refusal of the database belongs to the step, not to the lease
            until = utcnow() + held.heartbeat.lease
            if fenced and not outbox.renew(ctx.session, held.place.model, held.order_id, held.token, until=until):
                raise LeaseLost


class Heartbeat:
    """Holds the lease of a long job from a thread of its own, in transactions of its own."""

    def __init__(self, held: Held, lease: timedelta):
        self.held, self.lease = held, lease
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="lease", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join(timeout=10)

    def _beat(self) -> None:
        while not self._ended.wait(self.lease.total_seconds() / 3):
            try:
                with self.held.place.open() as session:
                    if not outbox.renew(session, self.held.place.model, self.held.order_id, self.held.token, until=utcnow() + self.lease):
                        return
            except SQLAlchemyError as error:
                # The next beat tries again; if none gets through the lease runs out, and settling will say so.
                log.warning("lease not renewed: %s", scrub(error))


def scrub(error: BaseException) -> str:
    """An error's first line without what may be personal or secret: no parameters, addresses, tokens, typed values."""
    if isinstance(error, Refused):
        return f"{type(error).__name__}: {error.code}"
    message = str(getattr(error, "orig", None) or error).split("\n", 1)[0]
    return f"{type(error).__name__}: {telemetry.error_text(message)}"[:300]
