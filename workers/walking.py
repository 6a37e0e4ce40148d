"""One order that walks all tenants, a moment at a time: what would otherwise be an order for each tenant and minute. In a tenant it may walk people, each
in a transaction of his own."""

import logging
import time
from collections.abc import Callable, Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing import entitlements
from core.base.context import Context, make_context, system
from core.base.formats import Formats
from core.base.outbox import defer_row
from infra.config import settings
from tenants import entry
from tenants.models import ControlOrder, Tenant
from workers import relay
from workers.run import scrub

log = logging.getLogger("tendero.walking")
# Seconds of walking in one go.
MOMENT = 2.0


class Done(int):
    """How much was done for the people of a tenant; failed: for how many of them it failed."""

    failed: int

    def __new__(cls, done: int, failed: int) -> "Done":
        made = super().__new__(cls, done)
        made.failed = failed
        return made


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
            found = visit(tenant)
            done += found
            if isinstance(found, Done) and found.failed:  # each was logged by himself
                problems[str(tenant.id)] = f"people: {found.failed}"
        except Exception as error:
            problems[str(tenant.id)] = type(error).__name__
            log.error("%s failed for a tenant: %s", name, scrub(error), extra={"tenant": str(tenant.id)})
        if time.monotonic() > until and tenant is not tenants[-1]:
            _go_on(door, name, tenant)
            break
    return {"done": done, "problems": problems}


def each_person(tenant: Tenant, name: str, waiting: Callable[[Context], Iterable[UUID]], act: Callable[[Context, UUID], int]) -> Done:
    """Do something for each of those of one tenant who wait for it; returns how much it was, and for how many of them it failed: one person's
    failure is one person's (HOUSE 25)."""
    with entry.enter(tenant) as session:
        people = list(waiting(context_of(session, tenant, name)))
    done = failed = 0
    for user_id in people:
        try:
            with entry.enter(tenant) as session:
                done += act(context_of(session, tenant, name), user_id)
        except Exception as error:
            failed += 1
            log.error("%s failed for a person: %s", name, scrub(error), extra={"tenant": str(tenant.id), "user": str(user_id)})
    return Done(done, failed)


def context_of(session: Session, tenant: Tenant, name: str) -> Context:
    """The system's, in the language, the place and the formats of the workspace, with what its plan allows."""
    ref = tenant.ref(settings().tenant_url(tenant.slug or ""))
    return make_context(session, system(name), ref, entry.utcnow(), locale=tenant.locale, timezone=tenant.timezone, formats=Formats.of(tenant), entitlements=entitlements.of(tenant))


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
