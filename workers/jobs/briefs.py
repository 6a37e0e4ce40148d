"""The lists of the day by mail: everybody's in a transaction of its own."""

from billing import entitlements
from core.briefs import daily
from tenants.models import Tenant
from workers.job import control_job
from workers.walking import each_person, walk

WRITE = "briefs.write"


@control_job(WRITE, steps=True)
def write(door, *, after: str = "") -> dict:
    """Write to whoever's hour has come, in all tenants."""
    return walk(door, WRITE, after, letters_of)


def letters_of(tenant: Tenant) -> int:
    """The letters of one tenant; returns how many. None of one that nobody can open."""
    return each_person(tenant, WRITE, daily.waiting, daily.write_letter) if entitlements.of(tenant).allows("read") else 0
