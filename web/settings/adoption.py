"""Settings, who uses the workspace: by role, and for whoever manages people by person."""

from flask import Blueprint

from core.adoption import queries
from core.adoption.rules import FEWEST
from core.base.context import Context
from core.base.policy import has
from web.guard import needs
from web.pages import page

bp = Blueprint("adoption", __name__, url_prefix="/settings/adoption")


@bp.get("/")
@needs("users.read")
def index(ctx: Context):
    """Means of the roles, and the people behind them for who may see them."""
    return page("settings/adoption.html", roles=queries.roles(ctx), people=queries.people(ctx) if has(ctx, "users.manage") else None, fewest=FEWEST)
