"""Long operations on a tenant as lists of steps. A step is repeatable; what is done is written down before the next
begins, so a kill -9 at any point costs at most one step done twice."""

from collections.abc import Callable
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import select

from core.base.errors import Refused
from infra.db import database
from tenants import entry
from tenants.models import Run, Tenant

ENDED = ("done", "failed", "cancelled")
Step = tuple[str, Callable[[Run, Tenant], dict[str, Any] | None]]


def start(kind: str, tenant: Tenant, asked_by: str, **data: Any) -> UUID:
    """Write down that the operation is wanted; refuses a second one of its kind on the same tenant (`run_exists`), and
    any once the tenant's erasure has begun (`deletion_begun`)."""
    with entry.control() as session:
        session.execute(select(Tenant.id).where(Tenant.id == tenant.id).with_for_update())
        erasing = select(Run.id).where(Run.tenant_id == tenant.id, Run.kind == "delete", Run.state.in_(("running", "done")))
        if session.execute(erasing).first():
            raise Refused("deletion_begun")
        open_run = select(Run.id).where(Run.tenant_id == tenant.id, Run.kind == kind, Run.state.in_(("waiting", "running")))
        if session.execute(open_run).first():
            raise Refused("run_exists", kind=kind)
        run = Run(kind=kind, tenant_id=tenant.id, asked_by=asked_by, data=data, done=[])
        session.add(run)
        session.flush()  # the caller wants the key
        return run.id


def go(run_id: UUID, steps: list[Step]) -> Run:
    """Take every step that is not done yet. A refusal fails the run for good; anything else leaves it to be resumed."""
    with _alone(run_id):
        run = _load(run_id)
        if run.state in ENDED:
            return run
        for name, act in steps:
            if name not in run.done:
                run = _take(run, name, act)
                if run.state in ENDED:
                    return run
        return _note(run_id, state="done", finished=True)


def unfinished() -> list[Run]:
    """Runs that a crash left behind; the sweep resumes them."""
    with entry.control() as session:
        found = list(session.execute(select(Run).where(Run.state.in_(("waiting", "running"))).order_by(Run.created_at)).scalars())
        session.expunge_all()
    return found


def cancel(run_id: UUID) -> None:
    """End a run that is at a halt; refuses while a process works on it (`run_busy`)."""
    with _alone(run_id):
        if _load(run_id).state in ("waiting", "running"):
            _note(run_id, state="cancelled", finished=True)


def _take(run: Run, name: str, act: Callable) -> Run:
    run = _begin(run.id, name)
    if run.state in ENDED:  # a person took it back at this very moment
        return run
    with entry.control() as session:
        tenant = session.get_one(Tenant, run.tenant_id)
        session.expunge(tenant)
    try:
        found = act(run, tenant) or {}
    except Refused as refusal:
        if refusal.code == "run_busy":  # another run stands in the way for now: no refusal for good
            raise
        return _note(run.id, state="failed", error=refusal.code, finished=True, **{"refused": refusal.params})
    return _note(run.id, done=name, **found)


def _begin(run_id: UUID, step: str) -> Run:
    """Write down that a step begins; a run that has ended meanwhile stays as it is."""
    with entry.control() as session:
        run = session.get_one(Run, run_id, with_for_update=True)
        if run.state not in ENDED:
            run.state, run.step = "running", step
        session.flush()  # so that the detached row is whole
        session.expunge(run)
    return run


def _note(run_id: UUID, *, state: str | None = None, step: str | None = None, done: str | None = None, error: str | None = None, finished: bool = False, **data: Any) -> Run:
    with entry.control() as session:
        run = session.get_one(Run, run_id, with_for_update=True)
        run.state, run.step, run.error = state or run.state, step or run.step, error or run.error
        run.done = [*run.done, done] if done else run.done
        run.data = {**run.data, **data}
        run.finished_at = entry.utcnow() if finished else run.finished_at
        session.flush()  # so that the detached row is whole
        session.expunge(run)
    return run


def _load(run_id: UUID) -> Run:
    with entry.control() as session:
        run = session.get_one(Run, run_id)
        session.expunge(run)
    return run


@contextmanager
def _alone(run_id: UUID):
    """One process at a time per run; the lock dies with its connection, so also with a kill -9."""
    with database().owner() as connection:
        key = run_id.int & ((1 << 63) - 1)
        if not connection.execute("SELECT pg_try_advisory_lock(%s)", (key,)).fetchone()[0]:
            raise Refused("run_busy")
        try:
            yield
        finally:
            # Closing the connection would do, but the server notices that a moment later.
            with suppress(psycopg.Error):
                connection.execute("SELECT pg_advisory_unlock(%s)", (key,))
