"""Sign in, sign out, and the one-time way in after sign-up. On tenant hosts."""

from flask import Blueprint, abort, g, make_response, request, url_for

from billing.signup import spend_login_token
from core.base.context import Context
from core.base.errors import Refused
from core.identity import actions, queries
from infra.limits import check_sign_in
from web import door
from web.guard import needs, stranger
from web.pages import page, see_other
from web.redirects import safe_next
from web.session.entering import let_in
from web.session.forms import SignInForm
from web.session.joining import bp as joining_bp  # noqa: F401 (found here by its kind)

bp = Blueprint("session", __name__)


@bp.get("/sign-in")
@stranger()
def new(ctx: Context):
    """The form; whoever is signed in already goes on."""
    token = request.cookies.get(door.cookie_name())
    if token and queries.session_of(ctx.session, token, ctx.now):
        return see_other("home.index")
    return page("session/new.html", form=SignInForm(data={"next": request.args.get("next", "")}), workspace=ctx.tenant)


@bp.post("/sign-in")
@stranger()
def create(ctx: Context):
    """Let a person in, or say the one refusal that tells nothing."""
    door.check_same_site()
    form = SignInForm(request.form)
    if form.validate():
        check_sign_in(str(ctx.tenant.id), form.mail.data, request.remote_addr or "")
        try:
            token, row = actions.sign_in(
                ctx.session, form.mail.data, form.password.data, now=ctx.now, ip=request.remote_addr, agent=request.user_agent.string
            )
        except Refused as refusal:
            form.take(refusal)
        else:
            return let_in(token, safe_next(form.next.data) or url_for("home.index"))
    form.password.data = ""
    return page("session/new.html", form=form, workspace=ctx.tenant, status=422)


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
    token, _ = actions.open_session(ctx.session, loaded[0], now=ctx.now, ip=request.remote_addr, agent=request.user_agent.string)
    return let_in(token, url_for("home.index"))
