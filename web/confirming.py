"""The page that asks once more who sits there, in the place of a dangerous act, and the act itself right after it.

What was typed travels in one sealed field through that page, so that nothing is lost and no typed password stands in it.
"""

import json
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from flask import Response, current_app, g, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from core.base.context import Context
from core.base.errors import Refused
from core.base.words import N_
from core.identity import confirming, passkeys, second_step, stepping
from core.identity.models import SignIn
from infra import crypto
from infra.config import settings
from infra.limits import check_confirming, wrong_confirming
from web import door
from web.forms import Form
from web.pages import page, say
from web.redirects import HOME, safe_next

CARRIED, OURS = "_carried", ("_csrf", "_carried", "_confirm", "_method", "_back", "secret", "answer")
FETCHED = "fetched"  # a cookie that tells the waiting page that its download has begun


class ConfirmForm(Form):
    """One field for the password or a code."""

    secret = PasswordField(N_("Password or code"), [InputRequired(), Length(max=200)])


def ask_first(ctx: Context, *, file: bool = False) -> Response | None:
    """None where the session is fresh, or has just become so: then the form is what was typed before. Else the page that asks.
    file: what comes is a download, that leaves a page as it is; so a page without the password fetches it."""
    row = g.sign_in
    if not confirming.is_fresh(row, ctx.now):
        answer = _take(ctx, row) if "_confirm" in request.form else _page(ctx, ConfirmForm(), request.form.get(CARRIED) or _sealed(row))
        if answer is not None:
            return answer
    if CARRIED in request.form:
        if file and "_confirm" in request.form:
            return _shown("confirmed.html", 200, request.form[CARRIED])
        g.back = _back() if "_back" in request.form else None
        request.__dict__["form"] = _opened(row, request.form[CARRIED])
    return None


def handed_over(ctx: Context, answer: Response) -> Response:
    """A download that was confirmed is told on the next page, and to the page that waits for it."""
    if g.get("back") and "attachment" in answer.headers.get("Content-Disposition", ""):
        say(ctx, N_("The file is downloaded"))
        answer.set_cookie(FETCHED, "1", max_age=60, samesite="Strict", secure=settings().cookie_secure)
    return answer


def _take(ctx: Context, row: SignIn) -> Response | None:
    """The answer to a wrong one; None for the right one. Too many wrong ones end the session: it may be stolen."""
    form, answer = ConfirmForm(request.form), request.form.get("answer", "")
    check_confirming(ctx.tenant.id, row.user_id)
    if answer or form.validate():
        try:
            if answer:
                step = stepping.waiting(ctx.session, "passkey", request.cookies.get(door.step_cookie_name()), ctx.now)
                confirming.confirm_by_passkey(ctx, row, door.here(), step, answer)
            else:
                confirming.confirm(ctx, row, form.secret.data)
            return None
        except Refused as refusal:
            form.take(refusal)
            if not wrong_confirming(ctx.tenant.id, row.id):
                row.revoked_at = ctx.now
    return _page(ctx, form, request.form.get(CARRIED, ""), status=422)


def _page(ctx: Context, form: ConfirmForm, carried: str, status: int = 403) -> Response:
    user = g.sign_in.user
    has_code = second_step.of(ctx.session, user.id) is not None
    form.secret.data = ""
    response = _shown(
        "confirm.html", status, carried, form=form,
        has_code=has_code, has_password=user.password_hash is not None, has_key=bool(passkeys.passkeys_of(ctx.session, user.id)),
    )
    if request.headers.get("HX-Request"):
        response.headers.update({"HX-Retarget": "body", "HX-Reswap": "innerHTML"})
    return response


def _shown(template: str, status: int, carried: str, **values) -> Response:
    response = page(template, status=status, carried=carried, method=request.form.get("_method", ""), action=request.full_path.rstrip("?"), back=_back(), **values)
    response.headers["Cache-Control"] = "no-store"
    return response


def _back() -> str:
    """The page that the form was sent from, where that is one of ours to open; else the first one."""
    came = urlsplit(request.referrer or "")
    place = safe_next(request.form.get("_back") or (f"{came.path}?{came.query}".removesuffix("?") if came.netloc == request.host else ""))
    try:
        current_app.create_url_adapter(request).match(urlsplit(place).path, method="GET")
    except (HTTPException, RequestRedirect):
        return HOME
    return place


def _sealed(row: SignIn) -> str:
    typed = [[name, value] for name, value in request.form.items(multi=True) if name not in OURS]
    return crypto.seal(_key(row), json.dumps(typed).encode()).decode()


def _opened(row: SignIn, carried: str) -> ImmutableMultiDict:
    """What was typed, from this very session; anything else is a form that has expired."""
    try:
        typed = json.loads(crypto.unseal(_key(row), carried.encode()))
    except InvalidToken:
        raise Refused("form_expired") from None
    return ImmutableMultiDict([(name, value) for name, value in typed])


def _key(row: SignIn) -> bytes:
    return settings().derived_key(f"carried:{row.id}")
