"""The page that asks once more who sits there, in the place of a dangerous act, and the act itself right after it.

What was typed travels in one sealed field through that page, so that nothing is lost and no typed password stands in it.
"""

import json

from cryptography.fernet import InvalidToken
from flask import Response, g, request
from werkzeug.datastructures import ImmutableMultiDict
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
from web.pages import page

CARRIED, OURS = "_carried", ("_csrf", "_carried", "_confirm", "_method", "secret", "answer")


class ConfirmForm(Form):
    """One field for the password or a code."""

    secret = PasswordField(N_("Password or code"), [InputRequired(), Length(max=200)])


def ask_first(ctx: Context) -> Response | None:
    """None where the session is fresh, or has just become so: then the form is what was typed before. Else the page that asks."""
    row = g.sign_in
    if not confirming.is_fresh(row, ctx.now):
        answer = _take(ctx, row) if "_confirm" in request.form else _page(ctx, ConfirmForm(), _sealed(row))
        if answer is not None:
            return answer
    if CARRIED in request.form:
        request.__dict__["form"] = _opened(row, request.form[CARRIED])
    return None


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
    response = page(
        "confirm.html", status=status, form=form, carried=carried, method=request.form.get("_method", ""), action=request.full_path.rstrip("?"),
        has_code=has_code, has_password=user.password_hash is not None, has_key=bool(passkeys.passkeys_of(ctx.session, user.id)),
    )
    response.headers["Cache-Control"] = "no-store"
    if request.headers.get("HX-Request"):
        response.headers.update({"HX-Retarget": "body", "HX-Reswap": "innerHTML"})
    return response


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
