"""Settings, rooms: what the workspace has, and what it goes without."""

from flask import Blueprint, request
from wtforms import SelectMultipleField, widgets
from wtforms.fields.choices import SelectChoice

from core.base.context import Context
from core.base.rooms import switches
from core.base.words import N_
from tenants import rooms
from web.editing import BETWEEN
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other

bp = Blueprint("rooms", __name__, url_prefix="/settings/rooms")


class RoomsForm(Form):
    """A box for each room that may be off; ticked is on."""

    on = SelectMultipleField(N_("Rooms"), option_widget=widgets.CheckboxInput())

    def __init__(self, *args, **values):
        super().__init__(*args, **values)
        self.on.choices = [SelectChoice(name, one.text) for name, one in switches().items()]


@bp.get("/")
@needs("settings.manage")
def edit(ctx: Context):
    """Every room that may be off, as it stands."""
    return _edit(ctx)


@bp.post("/")
@needs("settings.manage")
def update(ctx: Context):
    """Switch what was changed on this page, and nothing that somebody else switched meanwhile."""
    form, was = RoomsForm(request.form), {name for name in request.form.get("_was_on", "").split(BETWEEN) if name}
    if not form.validate():
        return _edit(ctx, form, status=422)
    with form.attempt(ctx):
        wanted = set(form.on.data or ())
        changed = rooms.switch_rooms(ctx, on=wanted - was, off=was - wanted)
        say(ctx, N_("Rooms saved") if changed else N_("Nothing was changed"))
        return see_other("rooms.edit")
    return _edit(ctx, form, status=422)


def _edit(ctx: Context, form: RoomsForm | None = None, status: int = 200):
    away, known = rooms.rooms_off(ctx), switches()
    on = [name for name in known if name not in away]
    form = form or RoomsForm(data={"on": on})
    boxes = [(option, known[option.data]) for option in form.on]
    return page("settings/rooms.html", status=status, form=form, boxes=boxes, was={"on": BETWEEN.join(on)}, last=rooms.last_switch(ctx))
