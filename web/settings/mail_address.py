"""Settings, another mail address of one's own: ask for it, call it off, and the page behind the link of the new address."""

from flask import Blueprint, Response, make_response, request
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from core.base.context import Context
from core.base.errors import NotFound
from core.base.words import N_
from core.identity import queries, readdressing, single_sign_on
from infra.limits import check_mail_change
from web import door
from web.forms import Form
from web.guard import needs
from web.pages import page, quiet, say, see_other

bp = Blueprint("mail_address", __name__, url_prefix="/settings/mail-address")


class MailAddressForm(Form):
    """The address that one wants to sign in with."""

    mail = StringField(N_("New mail address"), [InputRequired(), Length(max=254)], id="new-mail")


@bp.get("/")
@needs("profile.edit")
def edit(ctx: Context):
    """The address as it is, the one that waits to be confirmed, and the form for another."""
    return _edit(ctx, MailAddressForm())


@bp.post("/")
@needs("profile.edit", fresh=True)
def create(ctx: Context):
    """Letters go to both addresses; the same answer for a free address and a taken one."""
    form = MailAddressForm(request.form)
    if form.validate():
        check_mail_change(ctx.tenant.id, ctx.actor.id, form.mail.data)
        with form.attempt(ctx):
            row = readdressing.ask(ctx, form.mail.data)
            say(ctx, N_("A letter goes to %(mail)s"), mail=row.mail)
            return see_other("mail_address.edit")
    return _edit(ctx, form, status=422)


@bp.post("/stop")
@needs("profile.edit")
def stop(ctx: Context):
    """Leave the address as it is."""
    readdressing.cancel(ctx)
    say(ctx, N_("Your mail address stays as it is"))
    return see_other("mail_address.edit")


@bp.get("/<token>")
@needs("profile.edit")
def show(ctx: Context, token: str):
    """Asks whether to confirm, and changes nothing: mail scanners follow every link (RELIABILITY X27)."""
    try:
        return quiet(page("settings/mail_address_confirm.html", change=readdressing.find(ctx, token)))
    except NotFound as refusal:
        return _over(refusal)


@bp.post("/<token>")
@needs("profile.edit")
def confirm(ctx: Context, token: str):
    """The new address counts: sign in with it."""
    form = MailAddressForm()
    try:
        with form.attempt(ctx):
            readdressing.confirm(ctx, token)
            response = make_response(see_other("session.new", moved=1))
            door.drop_session_cookie(response)
            return quiet(response)
    except NotFound as refusal:
        return _over(refusal)
    return _edit(ctx, form, status=422)


def _edit(ctx: Context, form: MailAddressForm, status: int = 200) -> Response:
    user = queries.one_user(ctx, ctx.actor.id)
    return page("settings/mail_address.html", status=status, form=form, user=user, waits=readdressing.waiting(ctx, user), company=single_sign_on.answers_for(ctx, user))


def _over(refusal: NotFound) -> Response:
    form = MailAddressForm()
    form.take(refusal)
    return quiet(page("settings/mail_address_over.html", text=form.problem, status=404))
