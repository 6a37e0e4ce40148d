"""The sample company: how far it is, fill, take away by one button."""

from flask import Blueprint

from core.base.context import Context
from core.base.words import N_
from tenants import samples
from web.guard import needs
from web.pages import page, say, see_other

bp = Blueprint("samples", __name__, url_prefix="/settings/samples")


@bp.get("")
@needs("settings.manage")
def show(ctx: Context):
    """State and buttons; the part of the progress for htmx."""
    return page("samples/show.html", block="state", found=samples.progress(ctx))


@bp.post("")
@needs("settings.manage")
def fill(ctx: Context):
    """Order it; done in the background."""
    samples.order_fill(ctx)
    return see_other("samples.show")


@bp.post("/removal")
@needs("settings.manage")
def remove(ctx: Context):
    """Take every sample away; they lie in the recycle bin."""
    samples.order_removal(ctx)
    say(ctx, N_("The sample data is being removed"))
    return see_other("samples.show")
