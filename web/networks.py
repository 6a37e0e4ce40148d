"""Who came from a network that the workspace does not name is written down among the sign-ins, in a transaction of its own."""

from flask import g, request

from core.identity import sign_in_log
from core.identity.networks import Outside
from infra import limits
from tenants import entry

# An open page, or a program, asks again and again: one line in ten minutes says as much.
EVERY = 600


def note_outside(refusal: Outside) -> None:
    """Once in ten minutes for each person, way and network."""
    tenant = g.place.tenant
    whose = f"{tenant.id}:{refusal.user_id}:{refusal.way}:{limits.network(request.remote_addr)}"
    if not limits.look("outside", whose, 1, EVERY).allowed:
        return
    with entry.enter(tenant) as session:
        sign_in_log.note(session, refusal.user_id, way=refusal.way, now=entry.utcnow(), ip=request.remote_addr, succeeded=False, outside=True)
