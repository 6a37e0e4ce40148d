"""The way into a tenant's data: a session whose transactions run under its role and search path, and nothing else.

Only the doors (web, jobs, terminal) and the landlord's own long operations come through here.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core.base.outbox import take_due_hints
from infra.db import control_scope, database, open_session, tenant_scope
from tenants.models import OutboxDue, Tenant

log = logging.getLogger("tendero.tenants")


def utcnow() -> datetime:
    """The doors' clock; below them everybody reads ctx.now."""
    return datetime.now(UTC)


@contextmanager
def control(*, actor_id: UUID | None = None, snapshot: bool = False) -> Iterator[Session]:
    """A transaction on the control schema: returning commits, raising rolls back. actor_id: who of the tenant acts, for its audit."""
    with open_session(database().control(), control_scope(actor_id, snapshot=snapshot)) as session, session.begin():
        yield session


@contextmanager
def enter(tenant: Tenant, *, actor_id: UUID | None = None, snapshot: bool = False) -> Iterator[Session]:
    """A transaction in a tenant's schema: returning commits and leaves a hint of due orders, raising rolls back."""
    scope = tenant_scope(tenant.schema_name, actor_id, snapshot=snapshot)
    with open_session(database().engine(tenant.cluster), scope) as session:
        with session.begin():
            yield session
        hints = take_due_hints(session)
    try:
        leave_hints(tenant.id, hints)
    except SQLAlchemyError as error:
        # The work is committed: saying "try again" now would have it done twice. The sweep finds what is due.
        log.warning("hint not left: %s", type(error).__name__)


def note_activity(tenant: Tenant) -> None:
    """Somebody works there: for the operator's list, at most every five minutes, and never worth a failed page."""
    fresh = Tenant.last_activity_at > func.now() - timedelta(minutes=5)
    try:
        with control() as session:
            session.execute(update(Tenant).where(Tenant.id == tenant.id, ~func.coalesce(fresh, False)).values(last_activity_at=func.now()))
    except SQLAlchemyError as error:
        log.warning("activity not noted: %s", type(error).__name__)


def leave_hints(tenant_id: UUID, due: set[datetime]) -> None:
    """Tell the relay when something is due; called after the commit. Without it the sweep finds the work in 60 s."""
    if not due:
        return
    with control() as session:
        statement = insert(OutboxDue).values([{"tenant_id": tenant_id, "due_at": at} for at in due]).on_conflict_do_nothing()
        session.execute(statement)
