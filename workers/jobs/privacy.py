"""Jobs of privacy: search all rooms for a person, take out, erase, and the end of the recycle bin."""

from uuid import UUID

from core.base.context import Context
from core.privacy import erasing, finding, purging, requests, taking_out
from core.privacy.models import SubjectRequest
from core.privacy.tombstones import tombstone
from core.transfer import sweeping
from tenants import entry, takeout, tombstones
from tenants.models import Tenant
from workers import walking
from workers.job import Why, control_job, given_up, job
from workers.queues import BULK


@job("privacy.search", queue=BULK, always=True)
def search(ctx: Context, *, request_id: str) -> dict:
    """Find every row in which the person may stand."""
    request = ctx.session.get(SubjectRequest, UUID(request_id), with_for_update=True)
    if request is None or request.state != "searching":
        return {}
    request.state = "open"
    return {"hits": finding.search(ctx, request)}


@job("privacy.take_out", queue=BULK, lease=600, always=True)
def take_out(ctx: Context, *, request_id: str) -> dict:
    """Write one person's archive. Stopped meanwhile, nothing of it is kept."""
    request = _at_work(ctx, request_id)
    if request is None:
        return {}
    requests.close(ctx, request, taking_out.take_out(ctx, request))
    return {"rows": sum(request.proof["tables"].values())}


@job("privacy.erase", queue=BULK, lease=600, steps=True, always=True)
def erase(door, *, request_id: str) -> dict:
    """Remember that it is wanted, outside; then erase in one transaction; then what a customer's own take-outs hold of him."""
    with door() as ctx:
        request = _at_work(ctx, request_id)
        if request is None:
            return {}
        what = tombstone(ctx, _person(ctx, request))
    tombstones.keep(door.tenant_id, UUID(request_id), what)
    archives = takeout.clear_all(door.tenant_id)
    with door() as ctx:
        request = _at_work(ctx, request_id)
        if request is None:
            return {}
        done = erasing.erase(ctx, tombstones.chain_key(door.tenant_id), _person(ctx, request))
        requests.certify(ctx, request, done, archives + sweeping.end_all(ctx))
    return {"rows": sum(done.counts.values()), "files": len(done.files)}


@given_up("privacy.search", "privacy.take_out", "privacy.erase")
def broke_off(ctx: Context, why: Why, *, request_id: str) -> None:
    """The request says so; what was decided can be decided again."""
    request = ctx.session.get(SubjectRequest, UUID(request_id), with_for_update=True)
    if request is not None and request.state in ("searching", "working"):
        request.state = "failed"


@control_job("privacy.purge_bins", queue=BULK, steps=True)
def purge_bins(door, *, after: str = "") -> dict:
    """What lay in recycle bins for so long goes for good, one tenant after the other."""
    return walking.walk(door, "privacy.purge_bins", after, purge_tenant)


def purge_tenant(tenant: Tenant) -> int:
    """Empty one tenant's bin of what is over; returns how many records went."""
    gone = 0
    while True:
        with entry.enter(tenant) as session:
            ctx = walking.context_of(session, tenant, "privacy.purge_bins")
            if not purging.has_old(session, ctx.now):
                return gone
            found = sum(purging.purge(ctx, tombstones.chain_key(tenant.id)).values())
        gone += found
        if not found:
            return gone


def _at_work(ctx: Context, request_id: str) -> SubjectRequest | None:
    """The request, held, if it still wants this."""
    request = ctx.session.get(SubjectRequest, UUID(request_id), with_for_update=True, populate_existing=True)
    return request if request is not None and request.state == "working" else None


def _person(ctx: Context, request: SubjectRequest):
    person = requests.person_of(ctx, request)
    person.mark = requests.pseudonym(ctx, request)
    return person
