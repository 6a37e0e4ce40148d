"""Routes that belong to no room: static files, health, CSP reports, and what a tenant's state forbids everywhere."""

import ipaddress
import json
import logging
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, abort, g, make_response, render_template, request, send_from_directory
from sqlalchemy import text

from infra import limits
from infra.config import settings
from infra.redis import client
from tenants import entry, migration, registry
from tenants.models import Tenant
from web.door import HOST
from web.guard import public
from web.ui.gallery import context as gallery_context

DIST = Path(__file__).parent / "ui" / "static" / "dist"
HOSTLESS = ("/healthz", "/readyz", "/metrics", "/_domain")
CSP_BYTES = 10_000
log = logging.getLogger("tendero.web")


def install(app: Flask) -> None:
    """Register the routes; read the revisions once, before threads ask for them."""
    migration.versions("tenant"), migration.head("control")
    app.add_url_rule("/static/<path:name>", "static", static_file)
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)
    app.add_url_rule("/_domain", "domain", domain_known)
    app.add_url_rule("/_ui", "gallery", gallery)
    app.add_url_rule("/_ui/options", "gallery_options", gallery_options)
    app.add_url_rule("/_csp", "csp_report", csp_report, methods=["POST"])


@lru_cache
def _manifest() -> dict[str, str]:
    path = DIST / "manifest.json"
    return json.loads(path.read_text()) if path.exists() else {}


def asset(name: str) -> str:
    """URL of a built file, with its content hash in the name."""
    return "/static/" + _manifest().get(name, name)


def asset_names() -> list[str]:
    """Plain names of all built files."""
    return list(_manifest())


@public
def static_file(name: str) -> Response:
    """A built file, compressed once at build, cached for ever: its name holds its hash."""
    for coding, suffix in (("br", ".br"), ("gzip", ".gz")):
        if coding in request.headers.get("Accept-Encoding", "") and (DIST / (name + suffix)).is_file():
            response = send_from_directory(DIST, name + suffix, conditional=False)
            response.headers["Content-Encoding"] = coding
            break
    else:
        response = send_from_directory(DIST, name)
    response.mimetype = _mime(name)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.vary.add("Accept-Encoding")
    return response


def _mime(name: str) -> str:
    kinds = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".json": "application/json", ".webmanifest": "application/manifest+json", ".png": "image/png"}
    return kinds.get(Path(name).suffix, "application/octet-stream")


@public
def healthz() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@public
def readyz() -> Response:
    """The process can serve: database there and at our version. Redis away is said but does not unready us."""
    try:
        with entry.control() as session:
            version = session.execute(text("SELECT version FROM control.schema_version")).scalar_one()
    except Exception:  # noqa: BLE001 (any reason means the same to a load balancer)
        return Response("database away\n", status=503, mimetype="text/plain")
    if version != migration.head("control"):
        return Response("control schema is not at this code's version\n", status=503, mimetype="text/plain")
    try:
        client().ping()
    except Exception:  # noqa: BLE001
        return Response("ok, redis away\n", mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain")


@public
def domain_known() -> Response:
    """Asked by the proxy before it gets a certificate for a customer's own domain: 200 for a verified one, else 404.
    Only a neighbour is answered: whoever comes through the proxy carries X-Forwarded-For."""
    host = request.args.get("domain", "").lower().removesuffix(".")
    if "X-Forwarded-For" in request.headers or not _is_neighbour(request.remote_addr) or not HOST.fullmatch(host):
        abort(404)
    ours = host == settings().base_domain or host.endswith(f".{settings().base_domain}")
    if ours or registry.by_host(host) is None:
        abort(404)
    return Response("ok\n", mimetype="text/plain")


def _is_neighbour(address: str | None) -> bool:
    """This machine or a private network; a Unix socket has no address."""
    return not address or ipaddress.ip_address(address).is_private


@public
def gallery() -> Response:
    """Every part of the interface in every state; not in production."""
    if settings().production:
        abort(404)
    return make_response(render_template("ui_gallery.html", **gallery_context()))


@public
def gallery_options() -> Response:
    """Options for the gallery's combobox."""
    if settings().production:
        abort(404)
    return Response('<li role="option" id="o1" data-value="1">Nordlicht Optik</li>', mimetype="text/html")


@public
def csp_report() -> Response:
    """A browser says that our page broke its own policy: a mistake of ours, or an attack."""
    limits.hit("csp", limits.network(request.remote_addr), 60, 60)
    request.max_content_length = CSP_BYTES
    report = request.get_data()
    if len(report) >= CSP_BYTES:  # a chunked body is cut off silently at the limit (Werkzeug 3.1)
        abort(413)
    log.warning("csp report", extra={"report": report.decode(errors="replace")[:2000]})
    return Response(status=204)


def refuse_unsettled(tenant: Tenant) -> None:
    """A tenant on the move or on a version that this code cannot read is not served (fails closed)."""
    if tenant.state in ("moving", "restoring"):
        abort(Response("Maintenance. Please try again in a moment.\n", status=503, headers={"Retry-After": "5"}, mimetype="text/plain"))
    if tenant.schema_version not in migration.versions("tenant")[-2:]:
        abort(Response("Maintenance. Please try again in a moment.\n", status=503, headers={"Retry-After": "30"}, mimetype="text/plain"))
    g.tenant_id = tenant.id
