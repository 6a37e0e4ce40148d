"""Settings, your data: everything exported into one archive, whatever the plan says."""

from uuid import UUID

from flask import Blueprint, send_file

from core.base.context import Context
from core.base.errors import Refused
from core.base.words import N_
from tenants import takeout
from web.guard import needs
from web.pages import page, say, see_other
from web.words import say_refusal

bp = Blueprint("takeout", __name__, url_prefix="/settings/data")


@bp.get("/")
@needs("takeout.run")
def index(ctx: Context):
    """What was exported, and how far the one at work is; asks again by itself while one is."""
    found = takeout.takeouts(ctx)
    running = any(one.state in ("waiting", "running") for one in found)
    return page("settings/data.html", block="list", takeouts=found, running=running, kept_days=takeout.KEPT.days, say_code=lambda code, params: say_refusal(Refused(code, **params), ctx.locale))


@bp.post("/")
@needs("takeout.run", fresh=True)
def create(ctx: Context):
    """Order an export; a worker makes it."""
    takeout.ask(ctx)
    say(ctx, N_("The export has begun. You can leave this page."))
    return see_other("takeout.index")


@bp.post("/<uuid:id>/cancellation")
@needs("takeout.run")
def create_cancellation(ctx: Context, id: UUID):
    """Stop the one at work."""
    takeout.cancel(ctx, id)
    say(ctx, N_("Export stopped"))
    return see_other("takeout.index")


@bp.post("/<uuid:id>/downloads")
@needs("takeout.run", fresh=True, file=True)
def create_download(ctx: Context, id: UUID):
    """Send the archive piece by piece; that it was sent stands in the record (so it is no GET)."""
    path = takeout.fetch(ctx, id)
    name = f"{ctx.tenant.slug}-{ctx.today.isoformat()}.tar"
    return send_file(path, mimetype="application/x-tar", as_attachment=True, download_name=name, conditional=False, etag=False, max_age=0)
