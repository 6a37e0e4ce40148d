"""Reminders of reports that were not handed in: everybody's in a transaction of its own."""

from billing import entitlements
from core.base.policy import WRITE
from core.reports import reminding
from tenants.models import Tenant
from workers.job import control_job
from workers.walking import each_person, walk

REMIND = "reports.remind"


@control_job(REMIND, steps=True)
def remind(door, *, after: str = "") -> dict:
    """Tell whoever's time is up, in all tenants."""
    return walk(door, REMIND, after, remind_of)


def remind_of(tenant: Tenant) -> int:
    """Those of one tenant; returns how many were told: nobody where its plan lets nothing be written."""
    return each_person(tenant, REMIND, reminding.waiting, reminding.remind) if entitlements.of(tenant).allows(WRITE) else 0
