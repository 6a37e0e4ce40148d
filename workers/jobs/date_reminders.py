"""The morning's reminders of dates: everybody's in a transaction of its own."""

from core.date_reminders import telling
from tenants.models import Tenant
from workers.job import control_job
from workers.walking import each_person, walk

REMIND = "date_reminders.remind"


@control_job(REMIND, steps=True)
def remind(door, *, after: str = "") -> dict:
    """Tell whoever's morning has come, in all tenants."""
    return walk(door, REMIND, after, remind_of)


def remind_of(tenant: Tenant) -> int:
    """Those of one tenant; returns of how many dates."""
    return each_person(tenant, REMIND, lambda ctx: telling.waiting(ctx.session, ctx.now), telling.tell)
