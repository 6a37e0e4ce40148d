"""Signing in through the company's own provider: there, and back. No transaction is held while the provider is asked."""

import logging
from collections.abc import Callable

from flask import Blueprint, Response, jsonify, make_response, redirect, request, url_for

from core.base.context import Context
from core.base.errors import Refused
from core.identity import actions, single_sign_on, stepping
from core.identity.networks import Outside
from infra import http, oidc
from infra.limits import check_logout, check_single_sign_on
from tenants import entry
from web import door
from web.guard import stranger, stranger_in_steps
from web.pages import see_other
from web.redirects import safe_next
from web.session.entering import let_in
from web.session.forms import SignInForm
from web.session.page import sign_in_page

bp = Blueprint("single_sign_on", __name__, url_prefix="/sign-in/company")
log = logging.getLogger("tendero.sign_in")


@bp.post("/")
@stranger()
def create(ctx: Context):
    """To the provider, with a state, a nonce and a verifier that this browser alone holds."""
    door.check_same_site()
    check_single_sign_on(request.remote_addr)
    row = single_sign_on.usable(ctx.session)
    if row is None:
        return see_other("session.new")
    asked, target = oidc.ask(), safe_next(request.form.get("next"))
    token = single_sign_on.begin(ctx.session, asked, target, now=ctx.now, ip=request.remote_addr, agent=request.user_agent.string)
    response = make_response(redirect(oidc.way_there(single_sign_on.client_of(ctx.tenant.id, row), asked, back()), code=303))
    door.set_step_cookie(response, token)
    return response


@bp.get("/back")
@stranger_in_steps("users.join")
def callback(enter: Callable):
    """Back from the provider. What came is believed only for the state that this browser holds, and once."""
    check_single_sign_on(request.remote_addr)
    try:
        with enter() as ctx:
            client, begun = _begun(ctx)
        person = oidc.person_of(client, begun.asked, back(), request.args.get("code", ""), now=entry.utcnow())
        with enter() as ctx:
            return _let_in(ctx, client.issuer, person, begun.next)
    except (oidc.Untrue, http.Unreachable) as error:
        log.warning("single sign-on failed", extra={"reason": f"{type(error).__name__}: {error}"[:200]})
        refusal = Refused("sso_failed")
    except Refused as found:
        if isinstance(found, Outside):
            raise
        refusal = found
    with enter() as ctx:
        form = SignInForm()
        form.take(refusal)
        return sign_in_page(ctx, form, status=422)


@bp.post("/sign-out")
@stranger_in_steps()
def sign_out(enter: Callable):
    """The provider itself calls: somebody signed out there. 200 once the sessions are ended, 400 for whatever proves nothing
    (OpenID Connect Back-Channel Logout 1.0); no browser, so no cookie and no token of a form."""
    try:
        with enter() as ctx:
            check_logout(ctx.tenant.id, request.remote_addr)
            row = single_sign_on.usable(ctx.session)
            client = single_sign_on.client_of(ctx.tenant.id, row) if row is not None else None
        if client is None:
            raise oidc.Untrue("nobody signs in through a provider here")
        said = oidc.signed_out(client, request.form.get("logout_token", ""), now=entry.utcnow())
        with enter() as ctx:
            single_sign_on.sign_out_there(ctx, client.issuer, said)
    except (oidc.Untrue, http.Unreachable, Refused) as error:
        log.warning("a sign-out of the provider was refused", extra={"reason": f"{type(error).__name__}: {error}"[:200]})
        return _said(400, {"error": "invalid_request"})
    return _said(200, {})


def _said(status: int, body: dict[str, str]) -> Response:
    response = jsonify(body)
    response.status_code, response.headers["Cache-Control"] = status, "no-store"
    return response


def back() -> str:
    """Where the provider sends people: the host that they came from."""
    return door.here().origin + url_for("single_sign_on.callback")


def _begun(ctx: Context) -> tuple[oidc.Client, single_sign_on.Begun]:
    row = single_sign_on.usable(ctx.session)
    step = stepping.waiting(ctx.session, "sso", request.cookies.get(door.step_cookie_name()), ctx.now)
    begun = single_sign_on.come_back(ctx.session, step, request.args.get("state", ""), ctx.now)
    if row is None or not request.args.get("code"):
        raise Refused("sso_failed")
    client = single_sign_on.client_of(ctx.tenant.id, row)
    said = request.args.get("iss")
    if said != client.issuer and (said is not None or client.metadata.get("says_issuer")):
        raise Refused("sso_failed")  # another provider's answer (RFC 9207)
    return client, begun


def _let_in(ctx: Context, issuer: str, person: oidc.Person, target: str):
    user = single_sign_on.admit(ctx, issuer, person)
    token, _ = actions.open_session(ctx.session, user, now=ctx.now, ip=request.remote_addr, agent=request.user_agent.string, method="sso", provider_sid=person.sid)
    return let_in(ctx, user, token, safe_next(target) or url_for("home.index"))
