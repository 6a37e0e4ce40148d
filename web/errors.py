"""Refusals and errors into answers, in one place: a page, a form part, or problem+json for the API."""

import logging
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, jsonify, redirect, request, url_for
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from core.base import policy
from core.base.errors import Conflict, ReadOnly, Refused, TooMany, errors_of
from core.base.words import N_
from core.identity.networks import Outside
from infra import i18n
from infra.limits import TooOften
from infra.telemetry import error_text
from tenants import registry
from web.door import StepFirst, among_files
from web.networks import note_outside
from web.pages import page
from web.redirects import HOME, safe_next
from web.words import say_refusal, words

log = logging.getLogger("tendero.web")
HTTP_CODES = {400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 413: "too_large_request", 429: "too_many", 503: "busy"}


def install(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(Refused, refused)
    app.register_error_handler(Outside, outside)
    app.register_error_handler(ReadOnly, withheld)
    app.register_error_handler(StaleDataError, lambda error: refused(Conflict("stale")))
    app.register_error_handler(TooOften, lambda error: refused(TooMany(retry_after=error.retry_after)))
    app.register_error_handler(StepFirst, step_first)
    app.register_error_handler(PoolTimeout, busy)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(Exception, unexpected)


# What no plan withholds, offered where it withholds the rest: (text, endpoint, permission). What writes a record goes by POST.
WAYS = (
    (N_("Subscription"), "subscription.show", "billing.manage"), (N_("Your data"), "takeout.index", "takeout.run"),
    (N_("Accounts as a file"), "transfer.export_accounts", "accounts.export"), (N_("Contacts as a file"), "transfer.export_contacts", "contacts.export"),
    (N_("Contact log as a file"), "exports.create", "activities.export"),
    (N_("Profile"), "settings.profile", "profile.edit"),
)
POSTED = ("transfer.export_accounts", "transfer.export_contacts", "exports.create")


def withheld(refusal: ReadOnly) -> Response:
    """The plan withholds it: the ways that stay open to this person. Where the day begins there would be nothing
    else, so whoever may pay is brought to the subscription."""
    lang, actor = g.get("lang", "en"), g.get("actor")
    shut = refusal.params.get("access") in ("suspended", "closed")
    text = i18n.gettext(lang, words()["billing_suspended"]) if shut else say_refusal(refusal, lang)
    if is_api() or actor is None or actor.kind != "user":
        return answer(refusal.status, refusal.code, text)
    if request.endpoint == "home.index" and policy.holds(actor, "billing.manage"):
        return redirect(url_for("subscription.show"), code=303)
    ways = [(i18n.gettext(lang, name), url_for(endpoint), endpoint in POSTED) for name, endpoint, permission in WAYS if policy.holds(actor, permission)]
    return page("error.html", block="part", status=refusal.status, code=refusal.code, text=text, ways=ways, **_around())


def refused(refusal: Refused) -> Response:
    """A refusal that no form took."""
    lang = g.get("lang", "en")
    several = errors_of(refusal) if refusal.status == 422 else getattr(refusal, "errors", ())
    each = [{"field": one.field, "code": one.code, "detail": say_refusal(one, lang)} for one in several]
    response = answer(refusal.status, refusal.code, say_refusal(refusal, lang), field=refusal.field, errors=each)
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def outside(refusal: Outside) -> Response:
    """Refused for the network that it came from; written down apart, since what it stopped was taken back."""
    note_outside(refusal)
    return refused(refusal)


def busy(error: Exception) -> Response:
    response = answer(503, "busy", i18n.gettext(g.get("lang", "en"), words()["busy"]))
    response.headers["Retry-After"] = "2"
    return response


def _is_for_programs() -> bool:
    """A page beside the API that only tokens open: whoever asks for it reads no form."""
    guard = getattr(current_app.view_functions.get(request.endpoint or ""), "guard", None)
    return guard is not None and guard.kind == "address"


def http(error: HTTPException) -> Response:
    code = error.code or 500
    if code == 401 and not is_api():
        return Response(status=401) if _is_for_programs() else sign_in_first()
    if code < 400 or error.response is not None:
        return error.get_response()
    lang = g.get("lang", "en")
    text = words().get(HTTP_CODES.get(code, ""), error.description or "")
    try:
        text = i18n.gettext(lang, text) % {"max": "25 MB", "retry_after": 60}
    except (KeyError, ValueError):
        pass
    response = answer(code, HTTP_CODES.get(code, "error"), text)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "WWW-Authenticate"):
            response.headers[name] = value
    return response


def unexpected(error: Exception) -> Response:
    """A mistake of ours: logged whole, answered plainly. Or the database away or overrun: busy, try again."""
    if isinstance(error, DBAPIError) and (passes(error) or moved_away(error)):
        log.warning("database busy or away", extra={"reason": error_text(str(error.orig)), "route": request.endpoint})
        return busy(error)
    log.exception("unexpected", extra={"route": request.endpoint})
    return answer(500, "went_wrong", i18n.gettext(g.get("lang", "en"), words()["went_wrong"]))


# Lock not to be had, statement cancelled for its time, server ending or full, serialisation and deadlock: none is
# a mistake of the request, all go by.
PASSING = ("55P03", "57014", "57P01", "57P02", "57P03", "40001", "40P01", "53300", "25P03")


# Neither table nor right to it.
CLOSED = ("42P01", "42501")


def passes(error: DBAPIError) -> bool:
    """Is it a state of the database that passes, so that the same request may succeed in a moment?"""
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or state in PASSING or (state is None and isinstance(error, OperationalError))


def moved_away(error: DBAPIError) -> bool:
    """Were this tenant's data exchanged while the request was under way? Its old schema is closed to it by then."""
    tenant = getattr(g.get("place"), "tenant", None)
    if tenant is None or getattr(error.orig, "sqlstate", None) not in CLOSED:
        return False
    now = registry.by_id(tenant.id, fresh=True)
    return now is not None and (now.state, now.schema_name) != (tenant.state, tenant.schema_name)


def is_api() -> bool:
    return request.path.startswith("/api/")


def answer(status: int, code: str, text: str, *, field: str | None = None, errors: list | None = None) -> Response:
    """problem+json for the API (RFC 9457), a toast part for htmx, a page for people."""
    if is_api():
        body = {"type": "about:blank", "status": status, "code": code, "title": text, "detail": text}
        if field:
            body["field"] = field
        if errors:
            body["errors"] = errors
        response = jsonify(body)
        response.mimetype = "application/problem+json"
        response.status_code = status
        if status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response
    shown = page("error.html", block="part", status=status, code=code, text=text, **_around())
    shown.headers["X-Refused"] = code  # for the script that sent the form
    return shown


def _around() -> dict[str, Any]:
    """Whose workspace it is, and the page that led here, where that is one of this host. The host of files has no pages."""
    if among_files():
        return {"ways": []}
    came = urlsplit(request.referrer or "")
    back = safe_next(came.path + (f"?{came.query}" if came.query else "")) if came.netloc == request.host else HOME
    return {"tenant": getattr(g.get("place"), "tenant", None), "back": back if back not in (HOME, request.full_path.rstrip("?")) else ""}


def step_first(error: StepFirst) -> Response:
    """To the page that sets up what is demanded; what htmx asked for is no part of it."""
    url = url_for(error.endpoint)
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": url})
    return redirect(url, code=303)


def sign_in_first() -> Response:
    """Where a person must sign in: to the sign-in page of this host, and back afterwards."""
    place = g.get("place")
    endpoint = "operator.sign_in" if place and place.kind == "ops" else "session.new"
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    url = url_for(endpoint, next=target) if target and target != "/" else url_for(endpoint)
    if "X-Stay" in request.headers:
        return Response(status=401, headers={"X-Go": url})
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": url})
    return redirect(url, code=303)
