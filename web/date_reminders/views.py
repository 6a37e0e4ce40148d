"""Settings, date reminders: of which dates people are told how long before, and what comes in the next days."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import has
from core.base.records import path_of
from core.base.words import N_
from core.date_reminders import actions, queries
from core.date_reminders.actions import FIELDS
from core.date_reminders.models import ROOMS, DateReminder
from core.date_reminders.words import LABELS
from core.identity import queries as people
from infra import i18n
from web.editing import version_of_form
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other

bp = Blueprint("date_reminders", __name__, url_prefix="/settings/date-reminders")
ROOM_LABELS = {"accounts": N_("Accounts"), "contacts": N_("Contacts")}
NOBODY = N_("Nobody")


class ReminderForm(Form):
    """Which date, when, and who is told."""

    field = SelectField(LABELS["field"], validate_choice=False)
    days_before = StringField(LABELS["days_before"], [Length(max=100)])
    yearly = BooleanField(LABELS["yearly"])
    to_owner = BooleanField(LABELS["to_owner"])
    to_followers = BooleanField(LABELS["to_followers"])
    role_id = SelectField(LABELS["role_id"], validate_choice=False)
    user_id = SelectField(LABELS["user_id"], validate_choice=False)

    def offer(self, ctx: Context, rooms: tuple[str, ...]) -> "ReminderForm":
        """What the lists hold: the dates that this person may know, the roles, who works here."""
        fields = [(f"{room}.{name}", f"{_(ctx, ROOM_LABELS[room])}: {label}") for room in rooms for name, label in queries.date_fields(ctx, room).items()]
        roles = [(str(one.id), _(ctx, one.name)) for one in people.roles(ctx)]
        users = [(str(one.id), one.name) for one in people.users(ctx) if one.state == "active"]
        for name, found in (("field", fields), ("role_id", [("", _(ctx, NOBODY)), *roles]), ("user_id", [("", _(ctx, NOBODY)), *users])):
            self[name].choices = [SelectChoice(value, text) for value, text in found]
        return self

    def given(self) -> dict[str, Any]:
        """As the use cases know them."""
        return {name: self[name].data for name in FIELDS} | {"field": (self.field.data or "").partition(".")[2]}


@bp.get("/")
@needs("date_reminders.read")
def index(ctx: Context):
    """The definitions, a form for one more, and what comes."""
    return _index(ctx, ReminderForm(data=actions.USUAL | {"days_before": "7, 0"}))


@bp.post("/")
@needs("date_reminders.manage")
def create(ctx: Context):
    form = ReminderForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            actions.create_reminder(ctx, room=_room(form), **form.given())
            say(ctx, N_("The reminder is made. It begins with the next morning."))
            return see_other("date_reminders.index")
    return _index(ctx, form, status=422)


@bp.get("/<uuid:id>")
@needs("date_reminders.manage")
def show(ctx: Context, id: UUID):
    """One of them, to be changed or deleted."""
    row = queries.one(ctx, id)
    data = {name: getattr(row, name) for name in FIELDS}
    shown = {"field": f"{row.room}.{row.field}", "days_before": ", ".join(map(str, row.days_before)), "role_id": str(row.role_id or ""), "user_id": str(row.user_id or "")}
    return _show(ctx, row, ReminderForm(data=data | shown))


@bp.post("/<uuid:id>")
@needs("date_reminders.manage")
def update(ctx: Context, id: UUID):
    row, form = queries.one(ctx, id), ReminderForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            if _room(form) != row.room:
                raise Refused("date_reminder_field", field="field")
            actions.edit_reminder(ctx, row, version=version_of_form(), **form.given())
            say(ctx, N_("Saved"))
            return see_other("date_reminders.index")
    return _show(ctx, queries.one(ctx, id), form, status=422)


@bp.post("/<uuid:id>/deletion")
@needs("date_reminders.manage")
def delete(ctx: Context, id: UUID):
    """Nobody is told any more, with a way back."""
    actions.delete_reminder(ctx, queries.one(ctx, id))
    say(ctx, N_("Deleted"), undo=url_for("date_reminders.restore", id=id))
    return see_other("date_reminders.index")


@bp.post("/<uuid:id>/restoration")
@needs("date_reminders.manage")
def restore(ctx: Context, id: UUID):
    actions.restore_reminder(ctx, queries.one(ctx, id, deleted=True))
    say(ctx, N_("It is back"))
    return see_other("date_reminders.index")


def _room(form: ReminderForm) -> str:
    room = (form.field.data or "").partition(".")[0]
    if room not in ROOMS:
        raise Refused("date_reminder_field", field="field")
    return room


def _index(ctx: Context, form: ReminderForm, status: int = 200):
    coming = [(one, path_of(one.record_kind, one.record_id)) for one in queries.coming(ctx)]
    return page(
        "date_reminders/index.html", status=status, rows=[_said(ctx, row) for row in queries.reminders(ctx)], coming=coming, most=queries.SHOWN, ahead=queries.AHEAD,
        form=form.offer(ctx, ROOMS), manages=has(ctx, "date_reminders.manage"),
    )


def _show(ctx: Context, row: DateReminder, form: ReminderForm, status: int = 200):
    return page("date_reminders/show.html", status=status, row=row, said=_said(ctx, row), form=form.offer(ctx, (row.room,)))


def _said(ctx: Context, row: DateReminder) -> dict[str, Any]:
    """A definition in words. label: none where the field is gone, or is not the reader's to know."""
    roles, names = {one.id: _(ctx, one.name) for one in people.roles(ctx)}, people.user_names(ctx)
    who = [_(ctx, LABELS[name]) for name in ("to_owner", "to_followers") if getattr(row, name)]
    who += [roles[row.role_id]] if row.role_id in roles else []
    who += [names[row.user_id]] if row.user_id in names else []
    return {"row": row, "room": ROOM_LABELS[row.room], "label": queries.date_fields(ctx, row.room).get(row.field), "who": ", ".join(who)}


def _(ctx: Context, text: str) -> str:
    return i18n.gettext(ctx.locale, text)
