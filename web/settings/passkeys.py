"""Settings, one's own passkeys: name a new one and let the browser make it, rename, remove."""

from uuid import UUID

from flask import Blueprint, request
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from core.base.context import Context
from core.base.errors import Refused
from core.base.words import N_
from core.identity import passkeys, stepping
from web import door
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other

bp = Blueprint("passkeys", __name__, url_prefix="/settings/passkeys")


class PasskeyForm(Form):
    """What a key is called: the device, or the password manager."""

    name = StringField(N_("Name of the passkey"), [InputRequired(), Length(max=60)], id="passkey-name")


@bp.get("/")
@needs("profile.edit")
def index(ctx: Context):
    """One's own keys, and the form for a new one."""
    return _index(ctx, PasskeyForm())


@bp.post("/")
@needs("profile.edit", fresh=True)
def new(ctx: Context):
    """The page on which the browser makes the key; its challenge is good for ten minutes and once."""
    form = PasskeyForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            token, options = passkeys.begin(ctx, door.here(), form.name.data, ip=request.remote_addr, agent=request.user_agent.string)
            response = page("settings/passkey_new.html", options=options, name=form.name.data)
            response.headers["Cache-Control"] = "no-store"
            door.set_step_cookie(response, token)
            return response
    return _index(ctx, form, status=422)


@bp.post("/registration")
@needs("profile.edit")
def create(ctx: Context):
    """Keep what the browser made. A challenge is spent by the first answer, right or wrong."""
    step = stepping.waiting(ctx.session, "passkey", request.cookies.get(door.step_cookie_name()), ctx.now)
    try:
        row = passkeys.register(ctx, door.here(), step, request.form.get("answer", ""))
    except Refused as refusal:
        form = PasskeyForm()
        form.take(refusal)
        return _index(ctx, form, status=422)
    say(ctx, N_("The passkey %(name)s is added"), name=row.name)
    response = see_other("passkeys.index")
    door.drop_step_cookie(response)
    return response


@bp.post("/<uuid:id>/name")
@needs("profile.edit")
def rename(ctx: Context, id: UUID):
    row, form = passkeys.own_passkey(ctx, id), PasskeyForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            passkeys.rename(ctx, row, form.name.data)
            say(ctx, N_("Passkey renamed"))
            return see_other("passkeys.index")
    return _index(ctx, form, status=422)


@bp.post("/<uuid:id>/removal")
@needs("profile.edit", fresh=True)
def remove(ctx: Context, id: UUID):
    passkeys.remove(ctx, id)
    say(ctx, N_("Passkey removed"))
    return see_other("passkeys.index")


def _index(ctx: Context, form: PasskeyForm, status: int = 200):
    return page("settings/passkeys.html", status=status, form=form, keys=passkeys.passkeys_of(ctx.session, ctx.actor.id), rp_id=door.here().rp_id)
