"""Outbox to queue: orders that are due are put before a worker right after the commit that left them.

Two sources: hints (control.outbox_due), written by the door after a tenant's commit, and control.outbox itself.
A hint is deleted only after its orders were put; killed in between, they are put again and the claim sorts it out.
"""

import logging
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.base import outbox
from core.base.outbox import Order
from tenants import entry, registry
from tenants.models import ControlOrder, OutboxDue, Tenant
from workers import turns
from workers.door import CONTROL

log = logging.getLogger("tendero.relay")
POLL_SECONDS = 0.3
# Orders of one kind, and tenants; tenants that are looked at before what was found is put.
BATCH, AT_ONCE = 500, 50


class Relay:
    """Remembers what it has put a moment ago, so that a tenant that commits often is not put again at each tick."""

    def __init__(self):
        self._put: dict[str, datetime] = {}

    def tick(self, now: datetime) -> int:
        """One look; returns how many orders were put."""
        with entry.control() as session:
            hints = hinted(session, now)
            due = {CONTROL: outbox.due_orders(session, ControlOrder, now=now, limit=BATCH)}
        put, tenants = len(self._hand_over(due, now).put), list(hints)
        for start in range(0, len(tenants), AT_ONCE):
            put += self._serve({key: hints[key] for key in tenants[start : start + AT_ONCE]}, now)
        return put

    def _serve(self, hints: dict[UUID, list[datetime]], now: datetime) -> int:
        """Some tenants together, so that each has its turn. A hint goes after its orders were put, or stays for what is left."""
        due, stay = {}, set()
        for tenant_id in hints:
            try:
                tenant = registry.by_id(tenant_id, fresh=True)
                if tenant is not None and tenant.state == "active":
                    due[str(tenant_id)] = due_of(tenant, now)
                elif tenant is not None and tenant.state == "provisioning":
                    stay.add(tenant_id)  # a sign-up leaves its first orders a moment before it opens the tenant
            except Exception as error:
                # One tenant's failure is one tenant's failure; the sweep comes back to it.
                log.error("relay failed for a tenant: %s", type(error).__name__, extra={"tenant": str(tenant_id)})
        handed = self._hand_over(due, now)
        for tenant_id in hints.keys() - stay:
            forget_hints(tenant_id, hints[tenant_id], now if str(tenant_id) in handed.left else None)
        return len(handed.put)

    def _hand_over(self, due: dict[str, list], now: datetime) -> turns.Handed:
        handed = turns.hand_over({place: self._fresh(place, rows, now) for place, rows in due.items()})
        self._put.update({f"{place}.{key}": now for place, key in handed.put})
        return handed

    def _fresh(self, place: str, due: list, now: datetime) -> list:
        if len(self._put) > 20_000:
            self._put.clear()
        # A few seconds only: an order on the ladder comes back under the same key.
        return [row for row in due if (now - self._put.get(f"{place}.{row.id}", datetime.min.replace(tzinfo=now.tzinfo))).total_seconds() > 3]


def hinted(session: Session, now: datetime) -> dict[UUID, list[datetime]]:
    """Tenants of which something is due, those that wait longest first, each with the times of its hints."""
    query = select(OutboxDue.tenant_id, func.array_agg(OutboxDue.due_at)).where(OutboxDue.due_at <= now).group_by(OutboxDue.tenant_id)
    return dict(session.execute(query.order_by(func.min(OutboxDue.due_at)).limit(BATCH)).all())


def due_of(tenant: Tenant, now: datetime) -> list:
    """What a worker could do for a tenant now."""
    with entry.enter(tenant) as session:
        return outbox.due_orders(session, Order, now=now, limit=BATCH)


def forget_hints(tenant_id: UUID, dues: Collection[datetime], again: datetime | None = None) -> None:
    """Hints that were followed go. again: one is left in their place, behind those of all others, because more is due."""
    with entry.control() as session:
        session.execute(delete(OutboxDue).where(OutboxDue.tenant_id == tenant_id, OutboxDue.due_at.in_(dues)))
        if again is not None:
            session.execute(insert(OutboxDue).values(tenant_id=tenant_id, due_at=again).on_conflict_do_nothing())


def active_tenants(session: Session) -> list[Tenant]:
    """Tenants whose data are there to be worked on, detached."""
    found = registry.all_tenants(session)
    session.expunge_all()
    return found
