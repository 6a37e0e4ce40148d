"""Reminders of reports that were not handed in: everybody's in a transaction of its own."""

import logging

from billing import entitlements
from core.base.context import make_context, system
from core.base.policy import WRITE
from core.reports import reminding
from infra.config import settings
from tenants import entry
from tenants.models import Tenant
from workers.job import control_job
from workers.run import scrub
from workers.walking import walk

REMIND = "reports.remind"
log = logging.getLogger("tendero.reports")


@control_job(REMIND, steps=True)
def remind(door, *, after: str = "") -> dict:
    """Tell whoever's time is up, in all tenants."""
    return walk(door, REMIND, after, remind_of)


def remind_of(tenant: Tenant) -> int:
    """Those of one tenant; returns how many were told: nobody where its plan lets nothing be written. One person's failure is one person's (HOUSE 25)."""
    if not entitlements.of(tenant).allows(WRITE):
        return 0
    with entry.enter(tenant) as session:
        people = reminding.waiting(_context(session, tenant))
    told = 0
    for user_id in people:
        try:
            with entry.enter(tenant) as session:
                told += reminding.remind(_context(session, tenant), user_id)
        except Exception as error:
            log.error("%s failed for a person: %s", REMIND, scrub(error), extra={"tenant": str(tenant.id), "user": str(user_id)})
    return told


def _context(session, tenant: Tenant):
    ref = tenant.ref(settings().tenant_url(tenant.slug or ""))
    return make_context(session, system(REMIND), ref, entry.utcnow(), locale=tenant.locale, timezone=tenant.timezone, entitlements=entitlements.of(tenant))
