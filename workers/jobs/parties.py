"""What accounts get by the clock: the stage that the rule says, and their way to the shared pool."""

from core.parties import pool as keeping
from core.parties import staging
from tenants import entry
from tenants.models import Tenant
from workers.job import control_job, job
from workers.walking import context_of, walk

STAGES = "parties.stages"


@control_job(STAGES, steps=True, lease=600)
def stages(door, *, after: str = "") -> dict:
    """The stages of all tenants' accounts. The lease is long: one tenant is visited in one go, however many accounts it has."""
    return walk(door, STAGES, after, stages_of)


def stages_of(tenant: Tenant) -> int:
    """Those of one tenant, a thousand in a transaction; returns how many changed."""
    changed, place, more = 0, None, True
    while more:
        with entry.enter(tenant) as session:
            place, number = staging.recompute_after(context_of(session, tenant, STAGES), place)
        changed, more = changed + number, place is not None
    return changed


@job("parties.pool", always=False)
def pool(ctx) -> dict:
    """Accounts that nobody looked after: a warning, and into the shared pool two weeks later."""
    return keeping.keep(ctx)
