"""Refusals and errors into answers, in one place: a page, a form part, or problem+json for the API."""

import logging

from flask import Flask, Response, g, jsonify, redirect, request, url_for
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from core.base.errors import Conflict, Refused, TooMany
from infra import i18n
from infra.limits import TooOften
from web.pages import page
from web.words import say_refusal, words

log = logging.getLogger("tendero.web")
HTTP_CODES = {400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 413: "too_large_request", 429: "too_many", 503: "busy"}


def install(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(Refused, refused)
    app.register_error_handler(StaleDataError, lambda error: refused(Conflict("stale")))
    app.register_error_handler(TooOften, lambda error: refused(TooMany(retry_after=error.retry_after)))
    app.register_error_handler(PoolTimeout, busy)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(Exception, unexpected)


def refused(refusal: Refused) -> Response:
    """A refusal that no form took."""
    lang = g.get("lang", "en")
    response = answer(refusal.status, refusal.code, say_refusal(refusal, lang), field=refusal.field)
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def busy(error: Exception) -> Response:
    response = answer(503, "busy", i18n.gettext(g.get("lang", "en"), words()["busy"]))
    response.headers["Retry-After"] = "2"
    return response


def http(error: HTTPException) -> Response:
    code = error.code or 500
    if code == 401 and not is_api():
        return sign_in_first()
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
    """A mistake of ours, or the database away: logged whole, answered plainly."""
    log.exception("unexpected", extra={"path": request.path})
    if isinstance(error, DBAPIError) and (error.connection_invalidated or "terminat" in str(error.orig)):
        return busy(error)
    return answer(500, "went_wrong", i18n.gettext(g.get("lang", "en"), words()["went_wrong"]))


def is_api() -> bool:
    return request.path.startswith("/api/")


def answer(status: int, code: str, text: str, *, field: str | None = None) -> Response:
    """problem+json for the API (RFC 9457), a toast part for htmx, a page for people."""
    if is_api():
        body = {"type": "about:blank", "status": status, "code": code, "title": text, "detail": text}
        if field:
            body["field"] = field
        response = jsonify(body)
        response.mimetype = "application/problem+json"
        response.status_code = status
        if status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response
    return page("error.html", block="part", status=status, code=code, text=text)


def sign_in_first() -> Response:
    """Where a person must sign in: to the sign-in page of this host, and back afterwards."""
    place = g.get("place")
    endpoint = "operator.sign_in" if place and place.kind == "ops" else "session.new"
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    url = url_for(endpoint, next=target) if target and target != "/" else url_for(endpoint)
    if request.headers.get("HX-Request"):
        response = Response(status=401)
        response.headers["HX-Redirect"] = url
        return response
    return redirect(url, code=303)
