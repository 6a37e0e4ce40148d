"""What makes the workspace a program of its own on a phone: manifest, service worker, the page without a network."""

import json

from flask import Blueprint, Response, jsonify, request

from core.base.context import Context
from core.parties.briefs import still_seen
from web import plumbing
from web.guard import needs, stranger
from web.install.briefs import MOST, record_of
from web.pages import page

bp = Blueprint("install", __name__)
GROUND = "#f3f5f7"


@bp.get("/manifest.webmanifest")
@stranger()
def manifest(ctx: Context):
    """Name, pictures and colour of this workspace; browsers ask without a cookie."""
    icons = [(f"icon-{size}.png", f"{size}x{size}", "any") for size in (192, 512)] + [("icon-mask.png", "512x512", "maskable")]
    answer = jsonify({
        "id": "/", "name": ctx.tenant.name, "short_name": ctx.tenant.name[:30], "lang": ctx.locale, "start_url": "/", "scope": "/", "display": "standalone",
        "background_color": GROUND, "theme_color": GROUND,
        "icons": [{"src": plumbing.asset(name), "sizes": sizes, "type": "image/png", "purpose": purpose} for name, sizes, purpose in icons],
    })
    answer.mimetype = "application/manifest+json"
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


@bp.get("/sw.js")
@stranger()
def worker(ctx: Context):
    """The service worker with the names of this build's files: a new build is a new worker."""
    names = json.dumps(sorted(plumbing.asset(name) for name in plumbing.asset_names() if not name.startswith(("worker", "signup", "icon-"))))
    text = (plumbing.DIST / plumbing.asset("worker.js").rpartition("/")[2]).read_text()
    return Response(f"const ASSETS = {names};\n{text}", mimetype="text/javascript", headers={"Cache-Control": "no-cache"})


@bp.get("/offline")
@needs("home.read")
def offline(ctx: Context):
    """What is shown without a network: the worker keeps it and puts the kept briefs in."""
    return page("install/offline.html")


@bp.get("/offline/seen")
@needs("home.read")
def seen(ctx: Context):
    """Which of these records (path=/accounts/…) the person still sees; the worker lets go of the others."""
    asked = {path: record for path in request.args.getlist("path")[:MOST] if (record := record_of(path))}
    keys = still_seen(ctx, *([key for room, key in asked.values() if room == one] for one in ("accounts", "contacts")))
    return jsonify({"seen": [path for path, (_, key) in asked.items() if key in keys]})
