"""The lists of the day by mail: everybody's in a transaction of its own."""

import logging
from uuid import UUID

from billing import entitlements
from core.base.context import make_context, system
from core.base.formats import Formats
from core.briefs import daily
from infra.config import settings
from tenants import entry
from tenants.models import Tenant
from workers.job import control_job
from workers.run import scrub
from workers.walking import walk

WRITE = "briefs.write"
log = logging.getLogger("tendero.briefs")


@control_job(WRITE, steps=True)
def write(door, *, after: str = "") -> dict:
    """Write to whoever's hour has come, in all tenants."""
    return walk(door, WRITE, after, letters_of)


def letters_of(tenant: Tenant) -> int:
    """The letters of one tenant; returns how many. None of one that nobody can open. One person's failure is one person's (HOUSE 25)."""
    if not entitlements.of(tenant).allows("read"):
        return 0
    with entry.enter(tenant) as session:
        people = daily.waiting(_context(session, tenant))
    return sum(_one(tenant, user_id) for user_id in people)


def _one(tenant: Tenant, user_id: UUID) -> bool:
    try:
        with entry.enter(tenant) as session:
            return daily.write_letter(_context(session, tenant), user_id)
    except Exception as error:
        log.error("%s failed for a person: %s", WRITE, scrub(error), extra={"tenant": str(tenant.id), "user": str(user_id)})
        return False


def _context(session, tenant: Tenant):
    ref = tenant.ref(settings().tenant_url(tenant.slug or ""))
    return make_context(session, system(WRITE), ref, entry.utcnow(), locale=tenant.locale, timezone=tenant.timezone, formats=Formats.of(tenant))
