"""Orders for later. A row here exists exactly when the change that wants it exists (HOUSE 15).

The relay puts due rows before a worker; the worker claims a row with a lease and a fencing token, and marks it
done in the transaction of its effect. Redis only wakes (DECISIONS 3).
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func, null, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.base.context import Context
from core.base.facts import plain
from core.base.model import Keyed, TenantBase
from core.base.personal import Personal

MAX_ATTEMPTS = 8
STATES = ("waiting", "running", "done", "failed", "parked")


class OutboxColumns(Keyed):
    """The columns of an order, shared by the tenant's outbox and the control schema's."""

    name: Mapped[str]
    args: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    queue: Mapped[str] = mapped_column(server_default=text("'default'"))
    state: Mapped[str] = mapped_column(server_default=text("'waiting'"))
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[UUID | None]
    dedupe_key: Mapped[str | None]
    asked_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None]
    result: Mapped[dict[str, Any] | None]


def outbox_constraints(table: str) -> tuple:
    """Constraints and indexes of an outbox table."""
    return (
        CheckConstraint(f"state IN {STATES}", name="state"),
        Index(f"ix_{table}_due", "due_at", postgresql_where=text("state IN ('waiting', 'running')")),
        Index(f"uq_{table}_dedupe_key", "name", "dedupe_key", unique=True, postgresql_where=text("dedupe_key IS NOT NULL")),
    )


class Order(OutboxColumns, TenantBase):
    """One order for later of a tenant."""

    __tablename__ = "outbox"
    __table_args__ = outbox_constraints("outbox")
    # The API token by which asked_by asked, if any.
    by_token: Mapped[UUID | None]


def defer(
    ctx: Context, name: str, *, due_at: datetime | None = None, queue: str | None = None, dedupe: str | None = None, **args: Any
) -> UUID | None:
    """Leave an order: the job `name` runs with `args` at `due_at` (default: now), once this transaction commits.

    dedupe: at most one order ever with this (name, key); returns None where it exists already.
    """
    by_token = {"by_token": ctx.actor.token_id} if ctx.actor.token_id else {}
    return defer_row(ctx.session, Order, name, now=ctx.now, due_at=due_at, queue=queue, dedupe=dedupe, asked_by=ctx.actor.id, args=args, **by_token)


def defer_row(session: Session, model, name: str, *, now: datetime, due_at, queue, dedupe, asked_by, args, **more: UUID) -> UUID | None:
    """The insert itself, for a tenant's or the control schema's outbox; remembers the hint for after the commit."""
    values = {**more, "name": name, "args": plain(args), "due_at": due_at or now, "asked_by": asked_by, "created_at": now, "dedupe_key": dedupe}
    if queue or QUEUES.get(name):
        values["queue"] = queue or QUEUES[name]
    statement = insert(model).values(**values).on_conflict_do_nothing().returning(model.id)
    order_id = session.execute(statement).scalar_one_or_none()
    if order_id is not None:
        session.info.setdefault("due", set()).add(due_at or now)
    return order_id


# In a queue's place: a letter that somebody waits for before his screen (workers.queues.AHEAD).
WAITED_FOR = "waited_for"
# Job name -> queue where it is not "default"; workers/job.py fills it from the @job declarations.
QUEUES: dict[str, str] = {}


def take_due_hints(session: Session) -> set[datetime]:
    """The due times left by this transaction; the door writes them to control.outbox_due after the commit."""
    return session.info.pop("due", set())


def claim(session: Session, model, order_id: UUID, *, now: datetime, token: UUID, lease: timedelta):
    """Take one order if it is due and nobody holds it; None otherwise. Commit before acting."""
    free = (model.state == "waiting") | ((model.state == "running") & (model.lease_until < now))
    statement = (
        update(model).where(model.id == order_id, free, model.due_at <= now)
        .values(state="running", lease_until=now + lease, lease_token=token, attempts=model.attempts + 1)
        .returning(model.name, model.args, model.attempts, model.queue, model.asked_by, getattr(model, "by_token", null().label("by_token")))
    )
    return session.execute(statement).one_or_none()


def settle(session: Session, model, order_id: UUID, token: UUID, *, now: datetime, state: str = "done", **values: Any) -> bool:
    """Mark an order held under `token`; False when the lease was lost to somebody else (then roll back)."""
    statement = (
        update(model).where(model.id == order_id, model.lease_token == token, model.state == "running")
        .values(state=state, finished_at=now if state in ("done", "failed", "parked") else None, lease_until=None, lease_token=None, **values)
    )
    return session.execute(statement).rowcount == 1


def renew(session: Session, model, order_id: UUID, token: UUID, *, until: datetime) -> bool:
    """Heartbeat: hold the lease longer; False when it was lost."""
    statement = update(model).where(model.id == order_id, model.lease_token == token, model.state == "running").values(lease_until=until)
    return session.execute(statement).rowcount == 1


def due_orders(session: Session, model, *, now: datetime, limit: int = 500) -> list:
    """(id, name, queue) of what a worker could take now: waiting and due, or running with a lease that ran out. Of each kind of
    order the `limit` that are due longest, so that thousands of one kind hide no other."""
    free = (model.state == "waiting") | ((model.state == "running") & (model.lease_until < now))
    place = func.row_number().over(partition_by=(model.queue, model.name), order_by=model.due_at).label("place")
    due = select(model.id, model.name, model.queue, model.due_at, place).where(free, model.state.in_(("waiting", "running")), model.due_at <= now).subquery()
    return session.execute(select(due.c.id, due.c.name, due.c.queue).where(due.c.place <= limit).order_by(due.c.due_at)).all()


def next_due(session: Session, model) -> datetime | None:
    """When the earliest order that still has to run is due."""
    return session.execute(select(func.min(model.due_at)).where(model.state.in_(("waiting", "running")))).scalar_one()

PERSONAL = (Personal("outbox", told=("args", "result", "error"), passing=True),)
HARMLESS = {**{f"outbox.{name}": "a word of a list, or made of keys" for name in ("name", "queue", "state", "dedupe_key")}, "schema_version": "a number of a revision"}
