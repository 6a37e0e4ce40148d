"""Jobs about what users are told: letters that waited, the morning's letters, an accepted invitation, tidying."""

from uuid import UUID

from core.identity.models import Invitation, User
from core.notifications import digesting, telling
from tenants.models import Tenant
from workers.job import control_job, job
from workers.walking import each_person, walk

DIGESTS = "notifications.digests"


@job(telling.LATE)
def mail(ctx, *, notification_id: str) -> None:
    """The letter of a notification whose reader had quiet hours."""
    telling.write_late(ctx, UUID(notification_id))


@job("notifications.joined")
def joined(ctx, *, invitation_id: str) -> None:
    """Tell whoever invited somebody that he came."""
    invitation = ctx.session.get(Invitation, UUID(invitation_id))
    user = ctx.session.get(User, invitation.accepted_user_id) if invitation is not None and invitation.accepted_user_id else None
    if user is not None:
        telling.notify(ctx, "joined", [invitation.invited_by], user, who=user, dedupe=f"joined:{invitation.id}")


@control_job(DIGESTS, steps=True)
def digests(door, *, after: str = "") -> dict:
    """Write the morning's letters of all tenants that are due; each person's in a transaction of its own."""
    return walk(door, DIGESTS, after, digests_of)


def digests_of(tenant: Tenant) -> int:
    """The letters of one tenant; returns how many."""
    return each_person(tenant, DIGESTS, lambda ctx: digesting.waiting(ctx.session), digesting.write_digest)


@job("notifications.prune", always=True)
def prune(ctx) -> dict:
    """Old notifications go."""
    return {"deleted": digesting.prune(ctx)}
