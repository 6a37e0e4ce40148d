"""Make promises true: every tenant is asked at most 60 s apart what is due, whatever Redis or a hint has lost.

With this alone, and with nothing else working, every order is still done (HOUSE 23).
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy import delete

from core.base import outbox
from core.base.outbox import Order
from infra import queue
from tenants import entry
from tenants.models import ControlOrder, OutboxDue, Tenant
from workers import relay
from workers.door import CONTROL
from workers.queues import QUEUES

log = logging.getLogger("tendero.sweep")
BATCH = 2000
HINT_LIFE = timedelta(minutes=5)


def sweep(now: datetime) -> int:
    """Put before a worker whatever is due or was left by a dead one, and is not waiting in a queue already."""
    put, waiting = 0, _waiting()
    with entry.control() as session:
        due = outbox.due_orders(session, ControlOrder, now=now, limit=BATCH)
        tenants = relay.active_tenants(session)
    put += relay.put_orders(CONTROL, _missing(CONTROL, due, waiting))
    for tenant in tenants:
        try:
            put += _sweep_tenant(tenant, now, waiting)
        except Exception as error:
            log.error("sweep failed for a tenant: %s", type(error).__name__, extra={"tenant": str(tenant.id)})
    delete_dead_hints(now)
    if put:
        log.info("sweep put orders", extra={"orders": put, "tenants": len(tenants)})
    return put


def _sweep_tenant(tenant: Tenant, now: datetime, waiting: set[str]) -> int:
    with entry.enter(tenant) as session:
        due = outbox.due_orders(session, Order, now=now, limit=BATCH)
    place = str(tenant.id)
    return relay.put_orders(place, _missing(place, due, waiting))


def _waiting() -> set[str]:
    """Messages that wait in any queue now. Only the queue's own list counts: a message that a dead worker took is in
    none, whatever RQ's registries say of it."""
    return set().union(*(queue.waiting(name) or () for name in QUEUES))


def _missing(place: str, due: list, waiting: set[str]) -> list:
    return [row for row in due if queue.job_id(row.id, place) not in waiting]


def delete_dead_hints(now: datetime) -> None:
    """Hints of tenants that are gone or moving would be looked at for ever; the sweep does not need them."""
    with entry.control() as session:
        session.execute(delete(OutboxDue).where(OutboxDue.due_at < now - HINT_LIFE))
