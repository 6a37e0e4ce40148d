"""Make promises true: every tenant is asked at most 60 s apart what is due, whatever Redis or a hint has lost.

With this alone, and with nothing else working, every order is still done (HOUSE 23).
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete

from core.base import outbox
from tenants import entry
from tenants.models import ControlOrder, OutboxDue
from workers import relay, turns
from workers.door import CONTROL

log = logging.getLogger("tendero.sweep")
HINT_LIFE = timedelta(minutes=5)


def sweep(now: datetime) -> int:
    """Put before a worker whatever is due or was left by a dead one, and is not waiting in a queue already. Only a queue's own
    list counts: a message that a dead worker took is in none, whatever RQ's registries say of it."""
    with entry.control() as session:
        due = {CONTROL: outbox.due_orders(session, ControlOrder, now=now, limit=relay.BATCH)}
        tenants = relay.active_tenants(session)
    for tenant in tenants:
        try:
            due[str(tenant.id)] = relay.due_of(tenant, now)
        except Exception as error:
            log.error("sweep failed for a tenant: %s", type(error).__name__, extra={"tenant": str(tenant.id)})
    handed = turns.hand_over(due)
    delete_dead_hints(now)
    for place in handed.left - {CONTROL}:
        relay.forget_hints(UUID(place), (), now)  # the relay goes on with what is left
    if handed.put:
        log.info("sweep put orders", extra={"orders": len(handed.put), "tenants": len(tenants)})
    return len(handed.put)


def delete_dead_hints(now: datetime) -> None:
    """Hints of tenants that are gone or moving would be looked at for ever; the sweep does not need them."""
    with entry.control() as session:
        session.execute(delete(OutboxDue).where(OutboxDue.due_at < now - HINT_LIFE))
