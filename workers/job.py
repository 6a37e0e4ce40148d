"""The door for time and queues: a named order becomes a call with a ctx, or a retry, or a parked order.

    @job("post.tidy")
    def tidy(ctx, *, days): …                   one transaction: effect and settlement commit together

    @job("post.deliver", queue=MAIL, steps=True)
    def deliver(door, *, mail_id):
        with door() as ctx: …                   short transactions around a slow outside call

    @given_up("post.deliver")
    def undeliverable(ctx, why, *, mail_id): …  the order ended without its effect (failed, or parked after all its
                                                attempts): told in the same transaction, so that nothing waits for ever

    @control_job("pool.fill")
    def fill(ctl, *, size): …                   on the control schema's outbox; ctl has session and now

Declared in workers/jobs/<room>.py and found there by themselves.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from core.base import outbox
from core.base.errors import Refused
from workers.queues import DEFAULT, QUEUES


@dataclass(frozen=True, slots=True)
class Job:
    """How a named order is run. always: also for tenants that are suspended. as_asker: acts as the user who left the
    order (refused when he is gone), not as the system. steps: gets a door, not a ctx."""

    name: str
    run: Callable
    queue: str = DEFAULT
    lease: timedelta = timedelta(seconds=60)
    steps: bool = False
    always: bool = False
    as_asker: bool = False
    control: bool = False


@dataclass(frozen=True, slots=True)
class Why:
    """Why an order was given up. state: failed (no further attempt would help) or parked (after all its attempts).
    refusal: what ended it, None where it broke off, died or gave up by itself."""

    state: str
    refusal: Refused | None = None


class Again(Exception):
    """Raised by a job that could not do it now: the order goes back on the ladder. `after`: a stated pause instead."""

    def __init__(self, reason: str, *, after: timedelta | None = None):
        super().__init__(reason)
        self.after = after


class GaveUp(Exception):
    """Raised by a job for which another attempt is useless: the order is parked as failed."""


JOBS: dict[str, Job] = {}
# Job name -> what its room does about an order that was given up.
GIVEN_UP: dict[str, Callable] = {}


def job(name: str, *, queue: str = DEFAULT, lease: int = 60, steps: bool = False, always: bool = False, as_asker: bool = False):
    """Declare what the order `name` of a tenant's outbox does: `f(ctx, **args)`, or `f(door, **args)` with steps."""
    return _declare(name, queue=queue, lease=timedelta(seconds=lease), steps=steps, always=always, as_asker=as_asker)


def control_job(name: str, *, queue: str = DEFAULT, lease: int = 60, steps: bool = False):
    """Declare what the order `name` of control.outbox does: `f(ctl, **args)`; with steps `f(door, **args)`."""
    return _declare(name, queue=queue, lease=timedelta(seconds=lease), steps=steps, control=True)


def given_up(*names: str):
    """Declare what happens when an order of these names is given up: `f(ctx, why, **args)`, as the system."""

    def keep(function: Callable) -> Callable:
        for name in names:
            if name in GIVEN_UP and GIVEN_UP[name].__module__ != function.__module__:
                raise RuntimeError(f"given_up declared twice: {name}")
            GIVEN_UP[name] = function
        return function

    return keep


def _declare(name: str, **values):
    if values["queue"] not in QUEUES:
        raise RuntimeError(f"no worker serves the queue {values['queue']!r} of {name}")

    def keep(function: Callable) -> Callable:
        if name in JOBS and JOBS[name].run.__module__ != function.__module__:
            raise RuntimeError(f"job declared twice: {name}")
        JOBS[name] = Job(name=name, run=function, **values)
        if values["queue"] != DEFAULT:
            outbox.QUEUES[name] = values["queue"]
        return function

    return keep


@lru_cache
def load_jobs() -> dict[str, Job]:
    """All jobs of workers/jobs, by name."""
    import workers.jobs as package

    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"workers.jobs.{module.name}")
    return JOBS
