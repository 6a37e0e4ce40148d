"""The page behind the link that goes to a former mail address: it was not me. On tenant hosts, for whoever holds the link."""

from flask import Blueprint, Response, request

from core.base.context import Context
from core.base.errors import NotFound
from core.identity import readdressing
from infra.limits import check_mail_link
from web import door
from web.forms import Form
from web.guard import stranger
from web.pages import page, quiet

bp = Blueprint("mail_kept", __name__, url_prefix="/mail-address")


@bp.get("/<token>")
@stranger()
def show(ctx: Context, token: str):
    """Says what will happen, and changes nothing: mail scanners follow every link (RELIABILITY X27)."""
    check_mail_link(request.remote_addr)
    try:
        return quiet(page("session/mail_address.html", change=readdressing.find_to_stop(ctx, token), workspace=ctx.tenant))
    except NotFound as refusal:
        return _over(ctx, refusal)


@bp.post("/<token>")
@stranger("users.reset")
def create(ctx: Context, token: str):
    """The address stays or comes back, and a letter for a new password is on its way."""
    door.check_same_site()
    check_mail_link(request.remote_addr)
    try:
        user = readdressing.stop(ctx, token)
    except NotFound as refusal:
        return _over(ctx, refusal)
    return quiet(page("session/mail_address.html", kept=user.mail, workspace=ctx.tenant))


def _over(ctx: Context, refusal: NotFound) -> Response:
    form = Form()
    form.take(refusal)
    return quiet(page("session/mail_address.html", over=form.problem, workspace=ctx.tenant, status=404))
