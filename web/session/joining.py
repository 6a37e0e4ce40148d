"""Accepting an invitation: the page behind the link of its letter. On tenant hosts, for whoever holds the link."""

from flask import Blueprint, Response, request, url_for

from core.base.context import Context
from core.base.errors import NotFound
from core.identity import actions, inviting
from core.identity.models import Invitation
from infra.limits import check_invitation
from web import door
from web.guard import stranger
from web.pages import page, quiet
from web.session.entering import let_in
from web.session.forms import JoiningForm

bp = Blueprint("joining", __name__, url_prefix="/invitation")


@bp.get("/<token>")
@stranger()
def new(ctx: Context, token: str):
    """Asks for a name and a password, and changes nothing: mail scanners follow every link (RELIABILITY X27)."""
    check_invitation(request.remote_addr)
    try:
        invitation = inviting.find(ctx, token)
    except NotFound as refusal:
        return _over(refusal)
    return _form(ctx, invitation, JoiningForm(data={"name": invitation.name or ""}))


@bp.post("/<token>")
@stranger("users.join")
def create(ctx: Context, token: str):
    """A user, signed in; or one refusal for every link that can't be accepted, whatever the reason."""
    door.check_same_site()
    check_invitation(request.remote_addr)
    form = JoiningForm(request.form)
    try:
        invitation = inviting.find(ctx, token)
        if form.validate():
            with form.attempt(ctx):
                user = inviting.accept(ctx, token, name=form.name.data, password=form.password.data)
                session_token, _ = actions.open_session(ctx.session, user, now=ctx.now, ip=request.remote_addr, agent=request.user_agent.string)
                return quiet(let_in(ctx, user, session_token, url_for("home.index")))
    except NotFound as refusal:
        return _over(refusal)
    form.password.data = ""
    return _form(ctx, invitation, form, status=422)


def _form(ctx: Context, invitation: Invitation, form: JoiningForm, status: int = 200) -> Response:
    return quiet(page("session/joining.html", status=status, form=form, invitation=invitation, inviter=inviting.inviter(ctx, invitation), workspace=ctx.tenant))


def _over(refusal: NotFound) -> Response:
    form = JoiningForm()
    form.take(refusal)
    return quiet(page("session/invitation_over.html", text=form.problem, status=404))

