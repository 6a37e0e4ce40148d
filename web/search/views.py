"""Search over everything that has a page: the palette's answers, and the same as a page of its own."""

from flask import Blueprint, request, url_for

from core.base.context import Context
from core.parties import queries as parties
from web.guard import needs
from web.pages import page

bp = Blueprint("search", __name__)


@bp.get("/palette")
@needs("home.read")
def palette(ctx: Context):
    """Options for the palette."""
    return page("search/palette.html", found=parties.quick(ctx, request.args.get("q", "")), urls=_urls())


@bp.get("/search")
@needs("home.read")
def index(ctx: Context):
    """The same as a page, for whoever has no script."""
    q = request.args.get("q", "")
    return page("search/index.html", found=parties.quick(ctx, q, limit=25), q=q, urls=_urls())


def _urls() -> dict[str, str]:
    """The beginning of each kind's addresses: cheaper than building one for each row."""
    return {"account": url_for("accounts.index"), "contact": url_for("contacts.index")}
