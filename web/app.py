"""The application: settings, door, rooms, errors, headers. Rooms are collected by convention."""

import importlib
import importlib.util
import pkgutil
import secrets
from pathlib import Path

from flask import Blueprint, Flask, current_app, g, request
from jinja2 import ChoiceLoader, FileSystemLoader
from sqlalchemy.orm import configure_mappers
from werkzeug.middleware.proxy_fix import ProxyFix

import web
from infra import i18n
from infra.config import Settings, settings
from web import context, door, errors, filters, login, plumbing, telemetry_http
from web.install.briefs import whose
from web.nav import all_items
from web.pages import stay
from web.readable import ReadableRequest, refuse_unreadable
from web.routing import PlacedFlask
from web.words import words

HERE = Path(__file__).parent
MAX_BODY = 25 * 1024 * 1024


def create_app(config: Settings | None = None) -> Flask:
    """A WSGI application for every host: apex, operator, tenants."""
    config = config or settings()
    app = PlacedFlask("web", static_folder=None, template_folder=None)
    app.request_class = ReadableRequest
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY, MAX_FORM_PARTS=2000, MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024, SECRET_KEY=None,
        TRAP_HTTP_EXCEPTIONS=False, PROPAGATE_EXCEPTIONS=False, TEMPLATES_AUTO_RELOAD=config.environment == "development",
    )
    if config.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.trusted_proxies, x_proto=config.trusted_proxies, x_host=0)
    app.jinja_loader = ChoiceLoader([FileSystemLoader(HERE / "ui" / "templates"), *_room_loaders()])
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    filters.install(app)
    context.install(app)
    errors.install(app)
    app.before_request(find_out_where)
    app.before_request(refuse_unreadable)
    login.install(app)
    app.after_request(protect)
    app.after_request(stay)
    app.after_request(whose)
    plumbing.install(app)
    telemetry_http.install(app)
    for blueprint in blueprints():
        app.register_blueprint(blueprint)
    warm_up()
    return app


def warm_up() -> None:
    """What every process needs is made before the processes part: they share it, and no first visitor waits for it."""
    configure_mappers()
    words()
    all_items()


def web_rooms() -> list[str]:
    return sorted(m.name for m in pkgutil.iter_modules(web.__path__) if m.ispkg)


def blueprints() -> list[Blueprint]:
    """`bp` of every web.<room>.views and web.<room>.api."""
    found = []
    for room in web_rooms():
        for name in ("views", "api"):
            dotted = f"web.{room}.{name}"
            if importlib.util.find_spec(dotted):
                module = importlib.import_module(dotted)
                found += [value for value in vars(module).values() if isinstance(value, Blueprint) and value not in found]
    return found


def _room_loaders() -> list[FileSystemLoader]:
    """web/<room>/templates/ is the root of that room's own templates, which lie in a folder of its name."""
    return [FileSystemLoader(HERE / room / "templates") for room in web_rooms() if room != "ui" and (HERE / room / "templates").is_dir()]


def find_out_where() -> None:
    """Before anything else: request id, nonce, host, language."""
    g.request_id = secrets.token_hex(8)
    telemetry_http.note_request()
    g.csp_nonce = secrets.token_urlsafe(18)
    g.lang = i18n.negotiate([code for code, _ in request.accept_languages])
    if request.path in plumbing.HOSTLESS or request.path.startswith("/static/"):
        g.place = door.Place("none")
        return
    g.place = door.find_place(request)
    telemetry_http.note_tenant()
    check_place_of_endpoint()
    if g.place.tenant is not None and g.place.tenant.rooms_off:
        current_app.match_without(request._get_current_object(), frozenset(g.place.tenant.rooms_off))
    if g.place.tenant is not None:
        plumbing.refuse_unsettled(g.place.tenant)
    if not door.among_files():
        g.lang = door.public_language(g.place.tenant.locale if g.place.tenant else "en")


def check_place_of_endpoint() -> None:
    """A blueprint says on which hosts it lives (`bp.places`, default tenant); elsewhere it does not exist."""
    from flask import abort

    if request.blueprint is None:
        return
    blueprint = current_app.blueprints[request.blueprint]
    if g.place.kind not in getattr(blueprint, "places", ("tenant",)):
        abort(404)


def protect(response):
    """Headers of every answer (RELIABILITY 3, V3)."""
    nonce, framed_by = g.get("csp_nonce", ""), g.get("framed_by", "'none'")
    headers = response.headers
    headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self' 'nonce-{nonce}'; "
        "img-src 'self' data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; frame-src 'self'; "
        f"form-action 'self'{g.get('form_action', '')}; base-uri 'none'; frame-ancestors {framed_by}; report-uri /_csp",
    )
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
    headers.setdefault("X-Request-Id", g.get("request_id", ""))
    if settings().cookie_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
    if request.args.get("lang") in i18n.LANGUAGES and "sign_in" not in g and not door.among_files():
        response.set_cookie("lang", request.args["lang"], max_age=31536000, secure=settings().cookie_secure, httponly=True, samesite="Lax")
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    return response
