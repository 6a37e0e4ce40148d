"""One order that walks all tenants, a moment at a time: what would otherwise be an order for each tenant and minute."""

import logging
import time
from collections.abc import Callable

from sqlalchemy import select

from core.base.outbox import defer_row
from tenants.models import ControlOrder, Tenant
from workers import relay
from workers.run import scrub

log = logging.getLogger("tendero.walking")
# Seconds of walking in one go.
MOMENT = 2.0


def walk(door, name: str, after: str, visit: Callable[[Tenant], int]) -> dict:
    """Visit one tenant after the other, for a moment; what is left then goes on in an order of its own, behind those that
    wait meanwhile. after: key of the tenant that was the last one. A walk begins when the one before is through. One
    tenant's failure is logged, named in the result, and the walk goes on (HOUSE 25)."""
    with door() as ctl:
        if not after and _under_way(ctl, name):
            return {"left_to": "the walk before"}
        tenants = sorted((one for one in relay.active_tenants(ctl.session) if str(one.id) > after), key=lambda one: str(one.id))
    until, done, problems = time.monotonic() + MOMENT, 0, {}
    for tenant in tenants:
        try:
            done += visit(tenant)
        except Exception as error:
            problems[str(tenant.id)] = type(error).__name__
            log.error("%s failed for a tenant: %s", name, scrub(error), extra={"tenant": str(tenant.id)})
        if time.monotonic() > until and tenant is not tenants[-1]:
            _go_on(door, name, tenant)
            break
    return {"done": done, "problems": problems}


def _go_on(door, name: str, tenant: Tenant) -> None:
    """Leave the rest of the walk; once, however often this order is run."""
    with door() as ctl:
        defer_row(
            ctl.session, ControlOrder, name, now=ctl.now, due_at=None, queue=None, dedupe=f"after:{ctl.order_id}", asked_by=None, args={"after": str(tenant.id)},
        )


def _under_way(ctl, name: str) -> bool:
    """Is an earlier walk over all tenants not through yet?"""
    open_ = (ControlOrder.name == name, ControlOrder.state.in_(("waiting", "running")), ControlOrder.id < ctl.order_id)
    return ctl.session.execute(select(ControlOrder.id).where(*open_).limit(1)).first() is not None
