"""What every way in ends with: the second step where there is one, the cookie of the new session, and on to a page."""

from flask import Response, make_response, redirect, request, url_for

from core.base.context import Context
from core.identity import actions, passkeys, second_step, single_sign_on, stepping
from core.identity.models import User
from tenants import entry
from web import devices, door


def let_in_or_ask(ctx: Context, user: User, target: str, *, method: str = "password") -> Response:
    """Whoever has proved the first step: a session, or the page of his second step and no session before it is passed. Refuses
    (`sso_only`) who has to come through the company's own sign-in, and (`passkey_only`) by a passkey."""
    single_sign_on.allow(ctx.session, user)
    whence = {"ip": request.remote_addr, "agent": request.user_agent.string}
    if second_step.of(ctx.session, user.id) is None:
        passkeys.allow_other_way(ctx, user, door.here())
        token, _ = actions.open_session(ctx.session, user, now=ctx.now, method=method, **whence)
        return let_in(ctx, user, token, target)
    data = {"next": target, "credential_version": user.credential_version}
    token = stepping.begin(ctx.session, "code", now=ctx.now, user=user, data=data, **whence)
    response = make_response(redirect(url_for("session.code"), code=303))
    door.set_step_cookie(response, token)
    return response


def let_in(ctx: Context, user: User, token: str, target: str) -> Response:
    """Set the cookie of the session, and that of a known device, and go; also when htmx asked."""
    response = make_response(redirect(target, code=303))
    door.set_session_cookie(response, token)
    devices.remember(ctx, response, user)
    if request.cookies.get(door.step_cookie_name()):
        door.drop_step_cookie(response)
    entry.note_activity(door.place().tenant)
    return response
