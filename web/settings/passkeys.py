"""Settings, one's own passkeys: name a new one and let the browser make it, rename, remove."""

from uuid import UUID

from flask import Blueprint, g, request, url_for
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from core.base.context import Context
from core.base.errors import Refused
from core.base.words import N_
from core.identity import passkeys, sign_in_rules, stepping
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


@bp.get("/first")
@needs("profile.edit")
def first(ctx: Context):
    """Where whoever must have a passkey proves or makes one before anything else."""
    return _first(ctx, PasskeyForm())


@bp.post("/")
@needs("profile.edit", fresh=True)
def new(ctx: Context):
    """The page on which the browser makes the key; its challenge is good for ten minutes and once."""
    if not passkeys.may_add(ctx, g.sign_in, door.here()):
        return see_other("passkeys.first")
    form = PasskeyForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            token, options = passkeys.begin(ctx, door.here(), form.name.data, ip=request.remote_addr, agent=request.user_agent.string)
            response = page("settings/passkey_new.html", options=options, name=form.name.data, back=url_for("passkeys.first" if _must(ctx) else "passkeys.index"))
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
    token = passkeys.count_as_proved(ctx, g.sign_in)
    response = see_other("passkeys.index" if token is None else "home.index")
    if token is not None:
        door.set_session_cookie(response, token)
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
    """It opens nothing any more; the last one stays where the workspace demands one."""
    form = PasskeyForm()
    with form.attempt(ctx):
        passkeys.remove(ctx, id)
        say(ctx, N_("Passkey removed"))
        return see_other("passkeys.index")
    return _index(ctx, form, status=422)


def _must(ctx: Context) -> bool:
    return sign_in_rules.asks_for_passkey(ctx, g.sign_in.user, g.sign_in, g.sign_in.rules)


def _first(ctx: Context, form: PasskeyForm, status: int = 200):
    if not _must(ctx):
        return see_other("passkeys.index")
    prove = passkeys.good_here(ctx.session, g.sign_in.user_id, door.here())
    response = page("settings/passkey_first.html", status=status, form=form, prove=prove, add=passkeys.may_add(ctx, g.sign_in, door.here()))
    response.headers["Cache-Control"] = "no-store"
    return response


def _index(ctx: Context, form: PasskeyForm, status: int = 200):
    if _must(ctx):
        return _first(ctx, form, status)
    return page("settings/passkeys.html", status=status, form=form, keys=passkeys.passkeys_of(ctx.session, ctx.actor.id), rp_id=door.here().rp_id)
