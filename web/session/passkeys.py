"""Signing in with a passkey: a challenge for the browser, and its answer. Spoken by web/ui/static/js/passkey.js, in JSON."""

from flask import Blueprint, Response, jsonify, request, url_for

from core.base.context import Context
from core.base.errors import Refused
from core.identity import actions, passkeys, single_sign_on, stepping
from core.identity.networks import Outside
from infra.limits import check_passkey
from web import devices, door
from web.guard import stranger
from web.networks import note_outside
from web.redirects import safe_next
from web.words import say_refusal

bp = Blueprint("passkey_sign_in", __name__, url_prefix="/sign-in/passkey")


@bp.post("/challenge")
@stranger()
def challenge(ctx: Context):
    """What the browser asks its keys; the step is bound to this browser by a cookie of ten minutes."""
    door.check_same_site()
    check_passkey(request.remote_addr)
    token, options = passkeys.ask(ctx.session, door.here(), now=ctx.now, ip=request.remote_addr, agent=request.user_agent.string)
    response = Response(options, mimetype="application/json")
    door.set_step_cookie(response, token)
    return response


@bp.post("/")
@stranger()
def create(ctx: Context):
    """A session for the right answer, which counts as both steps; {"next": path} or {"error": text}."""
    door.check_same_site()
    check_passkey(request.remote_addr)
    step = stepping.waiting(ctx.session, "passkey", request.cookies.get(door.step_cookie_name()), ctx.now)
    try:
        user = passkeys.prove(ctx.session, door.here(), step, request.form.get("answer", ""), now=ctx.now)
        single_sign_on.allow(ctx.session, user)
        token, _ = actions.open_session(
            ctx.session, user, now=ctx.now, ip=request.remote_addr, agent=request.user_agent.string, method="passkey", second_step=True)
    except Refused as refusal:
        if isinstance(refusal, Outside):
            note_outside(refusal)
        response = jsonify(error=say_refusal(refusal, ctx.locale))
        response.status_code = 422
        return response
    response = jsonify(next=safe_next(request.form.get("next")) or url_for("home.index"))
    door.set_session_cookie(response, token)
    door.drop_step_cookie(response)
    devices.remember(ctx, response, user)
    return response
