"""Settings, the second step of one's own signing in: set up, confirm, new recovery codes, turn off."""

from urllib.parse import quote

from flask import Blueprint, g, make_response, request

from core.base.context import Context
from core.base.errors import Refused
from core.base.words import N_
from core.identity import actions, second_step, sign_in_rules
from infra.limits import check_code
from infra.references import qr_data_uri
from web import door
from web.guard import needs
from web.pages import page, say, see_other
from web.session.forms import CodeForm

bp = Blueprint("second_step", __name__, url_prefix="/settings/second-step")


@bp.get("/")
@needs("profile.edit")
def show(ctx: Context):
    """How it stands: to begin, to confirm (with the picture for an authenticator), or on."""
    return _show(ctx, CodeForm())


@bp.post("/")
@needs("profile.edit", fresh=True)
def create(ctx: Context):
    """A secret to take into an authenticator; it counts only once a code has confirmed it."""
    second_step.begin(ctx)
    return see_other("second_step.show")


@bp.post("/confirmation")
@needs("profile.edit")
def confirm(ctx: Context):
    """On from now. The recovery codes stand in this one answer, so it is no redirect; the session gets a new token."""
    form = CodeForm(request.form)
    if form.validate():
        check_code(ctx.tenant.id, g.sign_in.user_id)
        with form.attempt(ctx):
            made = second_step.confirm(ctx, g.sign_in, form.code.data)
            token = actions.rotate_session(g.sign_in)
            g.csrf = g.sign_in.csrf
            response = _codes(ctx, made, fresh=True)
            door.set_session_cookie(response, token)
            return response
    form.code.data = ""
    return _show(ctx, form, status=422)


@bp.post("/recovery-codes")
@needs("profile.edit", fresh=True)
def create_codes(ctx: Context):
    """Ten new ones; the old ones are worthless."""
    return _codes(ctx, second_step.new_recovery_codes(ctx))


@bp.post("/removal")
@needs("profile.edit", fresh=True)
def destroy(ctx: Context):
    """Off; refused where the workspace demands one."""
    form = CodeForm()
    try:
        with ctx.session.begin_nested():
            second_step.turn_off(ctx, g.sign_in)
    except Refused as refusal:
        form.take(refusal)
        return _show(ctx, form, status=422)
    say(ctx, N_("The second step is off"))
    return see_other("second_step.show")


def _codes(ctx: Context, made: list[str], *, fresh: bool = False):
    text = f"{ctx.tenant.name} {ctx.tenant.url}\n{ctx.actor.mail}\n\n" + "\n".join(made) + "\n"
    response = make_response(page(
        "settings/recovery_codes.html", status=201, codes=made, fresh=fresh, download="data:text/plain;charset=utf-8," + quote(text), filename=f"{ctx.tenant.slug}-recovery-codes.txt",
    ))
    response.headers["Cache-Control"] = "no-store"
    return response


def _show(ctx: Context, form: CodeForm, status: int = 200):
    found, setup = second_step.of(ctx.session, g.sign_in.user_id), second_step.setup_of(ctx, g.sign_in)
    response = page(
        "settings/second_step.html", status=status, form=form, found=found, setup=setup, picture=qr_data_uri(setup.uri) if setup else "",
        demanded=sign_in_rules.demands(ctx, g.sign_in.user), must=sign_in_rules.asks_for_second_step(ctx, g.sign_in.user, g.sign_in, g.sign_in.rules),
    )
    response.headers["Cache-Control"] = "no-store"
    return response
