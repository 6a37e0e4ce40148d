"""Signing in to the console: password, then the code; and out."""

from flask import Blueprint, g, make_response, redirect, request, url_for

from core.base.errors import Refused
from infra.limits import check_known_device, check_sign_in, hit
from tenants import entry, operations
from web import devices, door
from web.guard import operator, public
from web.operator.door import OperatorContext
from web.operator.forms import CodeForm, SignInForm
from web.pages import page
from web.redirects import safe_next

bp = Blueprint("operator", __name__)
bp.places = ("ops",)


@bp.get("/sign-in")
@public
def sign_in():
    """The form of the first step."""
    return page("operator/sign_in.html", form=SignInForm(), next=request.args.get("next", ""))


@bp.post("/sign-in")
@public
def check_password():
    """The password; a right one leads to the code and to nothing else."""
    door.check_same_site()
    form = SignInForm(request.form)
    if form.validate():
        _check_tries(form.mail.data)
        try:
            with entry.control() as session:
                token = operations.start_sign_in(
                    session, form.mail.data, form.password.data, now=entry.utcnow(), ip=request.remote_addr, agent=request.user_agent.string
                )
        except Refused as refusal:
            form.take(refusal)
        else:
            response = make_response(redirect(url_for("operator.code", next=safe_next(request.form.get("next"))), code=303))
            door.set_session_cookie(response, token)
            return response
    form.password.data = ""
    return page("operator/sign_in.html", form=form, next=request.form.get("next", ""), status=422)


@bp.get("/sign-in/code")
@public
def code():
    """The form of the second step; without the first one back to it."""
    with entry.control() as session:
        found = operations.session_of(session, _token(), entry.utcnow(), half=True)
    if found is None:
        return redirect(url_for("operator.sign_in"), code=303)
    g.csrf = found[0].csrf
    return page("operator/code.html", form=CodeForm(), next=request.args.get("next", ""))


@bp.post("/sign-in/code")
@public
def check_code():
    """The code: five tries a minute and twenty an hour, whatever the address."""
    form = CodeForm(request.form)
    with entry.control() as session:
        now = entry.utcnow()
        found = operations.session_of(session, _token(), now, half=True)
        if found is None:
            return redirect(url_for("operator.sign_in"), code=303)
        g.csrf = found[0].csrf
        door.check_csrf(g.csrf)
        hit("operator_code", str(found[1].id), 5, 60, closed=True)
        hit("operator_code_hour", str(found[1].id), 20, 3600, closed=True)
        if form.validate():
            try:
                token = operations.finish_sign_in(session, found[0], form.code.data, now=now)
                marks = operations.marked(session, found[1].id, devices.held(), now)
            except Refused as refusal:
                form.take(refusal)
            else:
                response = make_response(redirect(safe_next(request.form.get("next")), code=303))
                door.set_session_cookie(response, token)
                devices.set_cookie(response, marks)
                return response
        form.code.data = ""
        return page("operator/code.html", form=form, next=request.form.get("next", ""), status=422)


@bp.post("/sign-out")
@operator("console.leave")
def sign_out(octx: OperatorContext):
    """End this session."""
    g.sign_in.revoked_at = octx.now
    response = make_response(redirect(url_for("operator.sign_in"), code=303))
    door.drop_session_cookie(response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _check_tries(mail: str) -> None:
    """Strangers are counted by account and network, a device that signed in before by itself."""
    known, marks = None, devices.held()
    if marks:
        with entry.control() as session:
            known = operations.known_device(session, mail, marks, entry.utcnow())
    if known is not None:
        check_known_device(None, *known)
    else:
        check_sign_in(None, mail, request.remote_addr or "")


def _token() -> str:
    return request.cookies.get(door.cookie_name()) or ""
