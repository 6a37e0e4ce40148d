"""A new password by mail: asking for the letter, and the page behind its link. On tenant hosts, for strangers."""

from flask import Blueprint, Response, request

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.identity import resetting
from infra.limits import check_link, check_reset
from web import devices, door
from web.guard import stranger
from web.pages import page, quiet, see_other
from web.session.forms import ForgottenForm, NewPasswordForm

bp = Blueprint("resetting", __name__, url_prefix="/password")


@bp.get("/forgotten")
@stranger()
def new(ctx: Context):
    """Which address?"""
    return page("session/forgotten.html", form=ForgottenForm(), workspace=ctx.tenant)


@bp.post("/forgotten")
@stranger("users.reset")
def create(ctx: Context):
    """The same answer, and the same work, for every address."""
    door.check_same_site()
    form = ForgottenForm(request.form)
    if form.validate():
        check_reset(ctx.tenant.id, form.mail.data, request.remote_addr)
        try:
            resetting.ask(ctx, form.mail.data)
            return page("session/forgotten.html", form=form, workspace=ctx.tenant, asked=form.mail.data.strip())
        except Refused as refusal:
            form.take(refusal)
    return page("session/forgotten.html", form=form, workspace=ctx.tenant, status=422)


@bp.get("/<token>")
@stranger()
def edit(ctx: Context, token: str):
    """Asks for the new password, and changes nothing: mail scanners follow every link (RELIABILITY X27)."""
    check_link(request.remote_addr)
    try:
        return _form(ctx, resetting.find(ctx, token), NewPasswordForm())
    except NotFound as refusal:
        return _over(ctx, refusal)


@bp.post("/<token>")
@stranger("users.reset")
def update(ctx: Context, token: str):
    """The new password counts, and the link is spent; or one refusal for every link that is worth nothing."""
    door.check_same_site()
    check_link(request.remote_addr)
    form = NewPasswordForm(request.form)
    try:
        user = resetting.find(ctx, token)
        if form.validate():
            with form.attempt(ctx):
                response = quiet(see_other("session.new", changed=1))
                # Who holds the letter is let through to the sign-in page, however many strangers try his password.
                devices.remember(ctx, response, resetting.reset(ctx, token, form.password.data))
                return response
    except NotFound as refusal:
        return _over(ctx, refusal)
    form.password.data = ""
    return _form(ctx, user, form, status=422)


def _form(ctx: Context, user, form: NewPasswordForm, status: int = 200) -> Response:
    return quiet(page("session/new_password.html", status=status, form=form, mail=user.mail, workspace=ctx.tenant))


def _over(ctx: Context, refusal: NotFound) -> Response:
    form = NewPasswordForm()
    form.take(refusal)
    return quiet(page("session/reset_over.html", text=form.problem, workspace=ctx.tenant, status=404))
