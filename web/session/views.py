"""Sign in, sign out, and the one-time way in after sign-up. On tenant hosts."""

from flask import Blueprint, abort, g, make_response, request, url_for

from billing.signup import spend_login_token
from core.base.context import Context
from core.base.errors import Refused
from core.identity import actions, passkeys, queries, sign_in_log, stepping
from core.identity.models import User
from core.identity.networks import Outside
from infra.limits import check_code as check_code_limit
from web import door
from web.devices import check_tries
from web.guard import needs, stranger
from web.pages import page, see_other
from web.redirects import safe_next
from web.session.entering import let_in, let_in_or_ask
from web.session.forms import CodeForm, SignInForm
from web.session.joining import bp as joining_bp  # noqa: F401 (found here by its kind)
from web.session.mail_address import bp as mail_kept_bp  # noqa: F401
from web.session.page import sign_in_page
from web.session.passkeys import bp as passkey_bp  # noqa: F401
from web.session.resetting import bp as resetting_bp  # noqa: F401
from web.session.single_sign_on import bp as single_sign_on_bp  # noqa: F401

bp = Blueprint("session", __name__)


@bp.get("/sign-in")
@stranger()
def new(ctx: Context):
    """The form; whoever is signed in already goes on."""
    token = request.cookies.get(door.cookie_name())
    if token and queries.session_of(ctx.session, token, ctx.now):
        return see_other("home.index")
    return sign_in_page(ctx, SignInForm(data={"next": request.args.get("next", "")}), changed="changed" in request.args, moved="moved" in request.args)


@bp.post("/sign-in")
@stranger()
def create(ctx: Context):
    """The first step: on to the second or in, or the one refusal that tells nothing."""
    door.check_same_site()
    form = SignInForm(request.form)
    if form.validate():
        check_tries(ctx, form.mail.data)
        try:
            user = actions.prove(ctx.session, form.mail.data, form.password.data)
            return let_in_or_ask(ctx, user, safe_next(form.next.data) or url_for("home.index"))
        except Outside:
            raise
        except Refused as refusal:
            form.take(refusal)
            sign_in_log.note_wrong_password(ctx.session, form.mail.data, now=ctx.now, ip=request.remote_addr)
    form.password.data = ""
    return sign_in_page(ctx, form, status=422)


@bp.get("/sign-in/code")
@stranger()
def code(ctx: Context):
    """The form of the second step; without the first one back to it."""
    if _step(ctx) is None:
        return see_other("session.new")
    return page("session/code.html", form=CodeForm(), workspace=ctx.tenant)


@bp.post("/sign-in/code")
@stranger()
def check_code(ctx: Context):
    """A new session for the right code. A wrong one is counted: five end the step, and the person's own count goes on."""
    door.check_same_site()
    step = _step(ctx)
    if step is None:
        return see_other("session.new")
    form = CodeForm(request.form)
    if form.validate():
        check_code_limit(ctx.tenant.id, step.user_id)
        try:
            user, method = stepping.pass_code(ctx.session, ctx.tenant.id, step, form.code.data, ctx.now)
        except Refused as refusal:
            form.take(refusal)
            sign_in_log.note(ctx.session, step.user_id, way="code", now=ctx.now, ip=request.remote_addr, succeeded=False)
        else:
            return _let_in_by_code(ctx, user, method, safe_next(step.data.get("next")) or url_for("home.index"))
    form.code.data = ""
    return page("session/code.html", form=form, workspace=ctx.tenant, status=422)


def _let_in_by_code(ctx: Context, user: User, method: str, target: str):
    """A session; or back to the sign-in page where a passkey alone counts, which a recovery code stands in for."""
    try:
        if method != "recovery":
            passkeys.allow_other_way(ctx, user, door.here())
    except Refused as refusal:
        form = SignInForm(data={"next": target})
        form.take(refusal)
        return sign_in_page(ctx, form, status=422)
    token, _ = actions.open_session(ctx.session, user, now=ctx.now, ip=request.remote_addr, agent=request.user_agent.string, method=method, second_step=True)
    return let_in(ctx, user, token, target)


def _step(ctx: Context):
    return stepping.waiting(ctx.session, "code", request.cookies.get(door.step_cookie_name()), ctx.now)


@bp.post("/sign-out")
@needs("profile.edit")
def destroy(ctx: Context):
    """End this session."""
    actions.sign_out(ctx, g.sign_in.id)
    response = make_response(see_other("session.new"))
    door.drop_session_cookie(response)
    return response


@bp.post("/enter")
@stranger()
def enter(ctx: Context):
    """The one-time token of sign-up becomes a session: once, within 60 seconds, on the right host."""
    found = spend_login_token(request.form.get("token", ""), now=ctx.now)
    if found is None or found[0] != ctx.tenant.id:
        return see_other("session.new")
    loaded = queries.load_actor(ctx.session, found[1], ctx.now)
    if loaded is None:
        abort(404)
    return let_in_or_ask(ctx, loaded[0], url_for("home.index"))
