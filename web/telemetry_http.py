"""One log line and one measurement for every request, and the page that Prometheus reads.

The line names the route, never the address as sent: paths and queries hold tokens of unsubscribe links and search words.
"""

import ipaddress
import logging
import time

from flask import Flask, Response, abort, g, request
from sqlalchemy import func, select

from infra import crypto, telemetry, telemetry_metrics
from infra.config import settings
from infra.db import database
from tenants import entry
from tenants.models import Clock, OutboxDue
from web.guard import public

log = logging.getLogger("tendero.request")
QUIET = ("healthz", "readyz", "metrics", "static")


def install(app: Flask) -> None:
    """Put the log line around the whole application, errors included, and register /metrics."""
    app.wsgi_app = _Bound(app.wsgi_app)
    app.after_request(note_answer)
    app.add_url_rule("/metrics", "metrics", metrics)


class _Bound:
    """Fields bound for one request and reset behind it: threads are used again."""

    def __init__(self, inner):
        self.inner = inner

    def __call__(self, environ, start_response):
        environ["tendero.started"] = time.monotonic()
        with telemetry.bind():
            return self.inner(environ, start_response)


def note_request() -> None:
    """The request has its id."""
    telemetry.add(request=g.request_id)


def note_tenant() -> None:
    """The host has been found to be a tenant's, or not."""
    telemetry.add(tenant=g.place.tenant.id if g.place.tenant else None)


def note_answer(response: Response) -> Response:
    """Log and measure one answered request."""
    seconds = time.monotonic() - request.environ.get("tendero.started", time.monotonic())
    endpoint = request.endpoint or "none"
    telemetry_metrics.request_done(endpoint, request.method, response.status_code, seconds)
    telemetry_metrics.pool_seen(database().free())
    if endpoint not in QUIET:
        ctx = g.get("ctx")
        log.info("answered", extra={
            "method": request.method, "route": request.url_rule.rule if request.url_rule else "none", "status": response.status_code,
            "ms": round(seconds * 1000, 1), "user": str(ctx.actor.id) if ctx and ctx.actor.id else None, "door": g.place.kind if g.get("place") else None,
        })
    return response


@public
def metrics() -> Response:
    """For Prometheus alone: straight from this machine, or with METRICS_TOKEN on a host that is no tenant's; else 404."""
    if not (_from_this_machine() or _with_token()):
        abort(404)
    return Response(telemetry_metrics.exposed(*_looked_up()), mimetype="text/plain", content_type="text/plain; version=0.0.4; charset=utf-8")


def _from_this_machine() -> bool:
    """By a loopback address in Host and at the other end, and through no proxy: a tenant's host never qualifies."""
    host = request.headers.get("Host", "").rsplit(":", 1)[0]
    forwarded = any(name.lower().startswith(("x-forwarded", "forwarded", "via")) for name, _ in request.headers)
    return host == "127.0.0.1" and not forwarded and _is_loopback(request.remote_addr)


def _is_loopback(address: str | None) -> bool:
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def _with_token() -> bool:
    """The token, and the platform's own host."""
    host = request.headers.get("Host", "").rsplit(":", 1)[0].lower()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = settings().metrics_token
    return bool(token) and host in (settings().host(), settings().host("ops")) and crypto.same(given, token)


def _looked_up() -> tuple[int, float, float]:
    """Due hints, age of the oldest, seconds since the scheduler was alive (-1: never)."""
    now = entry.utcnow()
    with entry.control() as session:
        due, oldest = session.execute(select(func.count(), func.min(OutboxDue.due_at)).where(OutboxDue.due_at <= now)).one()
        alive = session.execute(select(Clock.alive_at).where(Clock.name == "scheduler")).scalar_one_or_none()
    return due, (now - oldest).total_seconds() if oldest else 0.0, (now - alive).total_seconds() if alive else -1.0
