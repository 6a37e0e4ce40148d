"""Invitations for programs: who is asked to work here, and asking or revoking. The link is only ever in the letter."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from core.base import policy
from core.base.context import Context
from core.base.words import N_
from core.identity import inviting
from core.identity.models import INVITATION_STATES, Invitation
from infra.limits import check_inviting
from web.api import shell
from web.api.shell import Column
from web.settings.api_adoption import bp as adoption_bp  # noqa: F401 (found here by its kind)
from web.settings.api_people import bp as people_bp  # noqa: F401 (found here by its kind)

bp = shell.api_blueprint("settings_api")


class InvitationIn(shell.Body):
    """role: the code of a role."""

    mail: Annotated[str, Field(min_length=3, max_length=254)]
    name: Annotated[str, Field(max_length=100)] | None = None
    role: Annotated[str, Field(max_length=60)] = "sales"
    team_id: UUID | None = None


class InvitationOut(shell.Out):
    """Somebody who was asked by mail to work here. letter_at: when the letter was ordered; null while it waits for the owner of the
    workspace to confirm his own mail address."""

    id: UUID
    version: int
    mail: str
    name: str | None
    role_id: UUID | None
    team_id: UUID | None
    state: str
    expires_at: shell.Moment
    letter_at: shell.Moment | None
    created_at: shell.Moment


INVITATIONS = shell.Listing({
    "id": Column(Invitation.id), "mail": Column(Invitation.mail_norm, ops=("eq",)), "state": Column(Invitation.state, choices=INVITATION_STATES),
    "expires_at": Column(Invitation.expires_at), "created_at": Column(Invitation.created_at, sort=True),
}, default="-created_at")


@shell.resource_route(bp, "GET", "/invitations", "users.read", listing=INVITATIONS, answer=InvitationOut, summary=N_("List invitations"))
def list_invitations(ctx: Context, asked):
    return asked.page(ctx, policy.visible(ctx, Invitation))


@shell.resource_route(bp, "POST", "/invitations", "users.manage", body=InvitationIn, answer=InvitationOut, status=201, summary=N_("Invite somebody by mail"))
def create_invitation(ctx: Context, body):
    check_inviting(ctx.tenant.id)
    return inviting.invite(ctx, **body.all())


@shell.resource_route(bp, "GET", "/invitations/<uuid:id>", "users.read", answer=InvitationOut, summary=N_("Get an invitation"))
def get_invitation(ctx: Context, id: UUID):
    return inviting.one_invitation(ctx, id)


@shell.resource_route(
    bp, "POST", "/invitations/<uuid:id>/resending", "users.manage", answer=InvitationOut, summary=N_("Write an invitation once more, with a new link"),
)
def resend_invitation(ctx: Context, id: UUID):
    check_inviting(ctx.tenant.id)
    return inviting.resend(ctx, inviting.one_invitation(ctx, id))


@shell.resource_route(bp, "DELETE", "/invitations/<uuid:id>", "users.disable", status=204, versioned=True, summary=N_("Revoke an invitation"))
def revoke_invitation(ctx: Context, id: UUID, version: int):
    inviting.revoke(ctx, shell.at_version(ctx, inviting.one_invitation(ctx, id), version, "users.disable"))
