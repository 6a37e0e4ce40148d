"""Settings, invitations: ask somebody by mail to work here, send it again, revoke it. They stand on the page of the people."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request

from core.base.context import Context
from core.base.policy import may
from core.base.words import N_
from core.identity import inviting, queries, teams
from infra import i18n
from infra.limits import check_inviting
from web.guard import needs
from web.pages import say, see_other
from web.settings.forms import InvitationForm

bp = Blueprint("invitations", __name__, url_prefix="/settings/invitations")
WAITS = N_("The invitation of %(mail)s waits until the owner's mail address is confirmed")


@bp.post("/")
@needs("users.manage", fresh=True)
def create(ctx: Context):
    """Invite; what was refused stands in the form on the page of the people."""
    from web.settings.views import show_members

    form = invitation_form(ctx, request.form)
    if form.validate():
        check_inviting(ctx.tenant.id)
        with form.attempt(ctx):
            team_id = UUID(form.team_id.data) if form.team_id.data else None
            made = inviting.invite(ctx, mail=form.mail.data, name=form.name.data, role=form.role.data, team_id=team_id)
            say(ctx, N_("The invitation goes to %(mail)s") if made.letter_at else WAITS, mail=made.mail)
            return see_other("settings.members")
    return show_members(ctx, invite=form, status=422)


@bp.post("/<uuid:id>/sending")
@needs("users.manage", fresh=True)
def resend(ctx: Context, id: UUID):
    """A new letter with a new link."""
    return _changed(ctx, id, inviting.resend, N_("The invitation goes to %(mail)s once more"), limited=True)


@bp.post("/<uuid:id>/revocation")
@needs("users.disable")
def revoke(ctx: Context, id: UUID):
    """The link ends, the seat is free."""
    return _changed(ctx, id, inviting.revoke, N_("The invitation of %(mail)s is revoked"))


def invitation_form(ctx: Context, sent: Any = None) -> InvitationForm:
    """With every role, and the teams as deep as they stand for whoever may put people in them."""
    form = InvitationForm(sent)
    form.role.choices = [(role.code, i18n.gettext(ctx.locale, role.name)) for role in queries.roles(ctx)]
    nodes = teams.tree(ctx) if may(ctx, "teams.manage") else ()
    form.team_id.choices = [("", i18n.gettext(ctx.locale, N_("No team"))), *((str(node.team.id), "\u2003" * node.depth + node.team.name) for node in nodes)]
    return form


def _changed(ctx: Context, id: UUID, act: Any, message: str, *, limited: bool = False):
    from web.settings.views import show_members

    invitation, form = inviting.one_invitation(ctx, id), invitation_form(ctx)
    if limited:
        check_inviting(ctx.tenant.id)
    with form.attempt(ctx):
        act(ctx, invitation)
        say(ctx, WAITS if limited and not invitation.letter_at else message, mail=invitation.mail)
        return see_other("settings.members")
    return show_members(ctx, invite=form, status=422)
