"""Settings, starter set: what fits an industry, looked at first, made once, taken back while untouched."""

from flask import Blueprint, request

from core.base.context import Context
from core.base.rooms import switches
from core.base.words import N_
from core.identity import queries as people
from infra import i18n
from tenants import starters
from tenants.industries import SETS
from web.guard import needs
from web.pages import page, say, see_other

bp = Blueprint("starters", __name__, url_prefix="/settings/starter")
KINDS = {"fields": N_("Fields"), "views": N_("Views"), "roles": N_("Roles"), "rooms": N_("Rooms")}


@bp.get("/")
@needs("settings.manage")
def show(ctx: Context):
    """All sets and what each would make; or the one that stands, and the way back."""
    row = starters.applied(ctx)
    touched = [i18n.gettext(ctx.locale, KINDS.get(name, name)) for name in starters.touched(ctx, row)] if row else []
    who = people.user_names(ctx).get(row.created_by, "") if row else ""
    return page("settings/starters.html", sets=SETS, rooms=switches(), row=row, touched=touched, who=who)


@bp.post("/")
@needs("settings.manage", fresh=True)
def create(ctx: Context):
    """Apply one."""
    row = starters.apply(ctx, request.form.get("set", ""))
    say(ctx, N_("Your workspace is set up for %(set)s"), set=i18n.gettext(ctx.locale, SETS[row.code].text))
    return see_other("starters.show")


@bp.post("/undoing")
@needs("settings.manage", fresh=True)
def undo(ctx: Context):
    """Take back what stands."""
    starters.undo(ctx)
    say(ctx, N_("The starter set is taken back"))
    return see_other("starters.show")
