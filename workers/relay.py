"""Outbox to queue: orders that are due are put before a worker right after the commit that left them.

Two sources: hints (control.outbox_due), written by the door after a tenant's commit, and control.outbox itself.
A hint is deleted only after its orders were put; killed in between, they are put again and the claim sorts it out.
"""

import logging
from collections import defaultdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.base import outbox
from core.base.outbox import Order
from infra import queue
from tenants import entry, registry
from tenants.models import ControlOrder, OutboxDue, Tenant
from workers.door import CONTROL
from workers.job import load_jobs
from workers.queues import AHEAD, QUEUES

log = logging.getLogger("tendero.relay")
POLL_SECONDS = 0.3
BATCH = 500


class Relay:
    """Remembers what it has put a moment ago, so that a tenant that commits often is not put again at each tick."""

    def __init__(self):
        self._put: dict[str, datetime] = {}

    def tick(self, now: datetime) -> int:
        """One look; returns how many orders were put."""
        with entry.control() as session:
            hints = session.execute(select(OutboxDue).where(OutboxDue.due_at <= now).order_by(OutboxDue.due_at).limit(BATCH)).scalars().all()
            due = self._fresh(CONTROL, outbox.due_orders(session, ControlOrder, now=now, limit=BATCH), now)
        put = put_orders(CONTROL, due)
        by_tenant: dict[UUID, list[datetime]] = defaultdict(list)
        for hint in hints:
            by_tenant[hint.tenant_id].append(hint.due_at)
        for tenant_id, dues in by_tenant.items():
            try:
                put += self._serve(tenant_id, dues, now)
            except Exception as error:
                # One tenant's failure is one tenant's failure; the sweep comes back to it.
                log.error("relay failed for a tenant: %s", type(error).__name__, extra={"tenant": str(tenant_id)})
                forget_hints(tenant_id, dues)
        return put

    def _serve(self, tenant_id: UUID, dues: list[datetime], now: datetime) -> int:
        tenant, put = registry.by_id(tenant_id, fresh=True), 0
        if tenant is not None and tenant.state == "active":
            with entry.enter(tenant) as session:
                due = outbox.due_orders(session, Order, now=now, limit=BATCH)
            put = put_orders(str(tenant_id), self._fresh(str(tenant_id), due, now))
            if len(due) == BATCH:
                return put  # the hints stay: there is more
        # A sign-up leaves its first orders a moment before it opens the tenant: they keep their hint.
        if tenant is None or tenant.state != "provisioning":
            forget_hints(tenant_id, dues)
        return put

    def _fresh(self, place: str, due: list, now: datetime) -> list:
        if len(self._put) > 20_000:
            self._put.clear()
        # A few seconds only: an order on the ladder comes back under the same key.
        found = [row for row in due if (now - self._put.get(f"{place}.{row.id}", datetime.min.replace(tzinfo=now.tzinfo))).total_seconds() > 3]
        self._put.update({f"{place}.{row.id}": now for row in found})
        return found


def put_orders(place: str, due: list) -> int:
    """Due orders into their queues, grouped."""
    jobs, by_queue = load_jobs(), defaultdict(list)
    for row in due:
        known = jobs.get(row.name)
        # The web door does not know the declarations: an order left there says "default".
        name = known.queue if known and row.queue == "default" else row.queue
        by_queue[name if name in QUEUES or name in AHEAD else "default"].append((row.id, place))
    return sum(_put(name, orders) for name, orders in by_queue.items())


def _put(name: str, orders: list) -> int:
    into = AHEAD.get(name, name)
    return queue.put_many(orders, into, timeout=QUEUES[into], ahead=name in AHEAD)


def forget_hints(tenant_id: UUID, dues: list[datetime]) -> None:
    with entry.control() as session:
        session.execute(delete(OutboxDue).where(OutboxDue.tenant_id == tenant_id, OutboxDue.due_at.in_(dues)))


def active_tenants(session: Session) -> list[Tenant]:
    """Tenants whose data are there to be worked on, detached."""
    found = registry.all_tenants(session)
    session.expunge_all()
    return found
