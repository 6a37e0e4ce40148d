"""Settings, notifications: how one wants to be told what, and when no mail shall come."""

from flask import Blueprint, url_for
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from core.base.context import Context
from core.base.errors import Conflict
from core.base.words import N_
from core.notifications import choosing
from core.notifications.models import CHANNELS, DAYS, KINDS
from core.notifications.queries import kinds_here
from core.notifications.rules import MORNING
from core.notifications.words import CHANNEL_LABELS, DAYS_LABELS, KIND_LABELS
from infra import i18n
from web import times
from web.editing import as_loaded, changed, chosen, conflict_page, filled, last_change, version_of_form
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other
from web.settings.forms import labels_of

bp = Blueprint("notification_settings", __name__, url_prefix="/settings/notifications")


OFFERED = [SelectChoice(one, CHANNEL_LABELS[one]) for one in CHANNELS]


class HourField(SelectField):
    """An hour of the day, or none; on the page a choice like any other."""

    def __init__(self, *args, **values):
        super().__init__(*args, **values)
        self.type = "SelectField"

    def process_data(self, value):
        self.data = "" if value is None else str(value)


class NotificationForm(Form):
    """A channel for each kind, quiet hours, and when the list of the day comes."""

    mentioned = SelectField(KIND_LABELS["mentioned"], choices=OFFERED)
    assigned = SelectField(KIND_LABELS["assigned"], choices=OFFERED)
    commented = SelectField(KIND_LABELS["commented"], choices=OFFERED)
    reminder = SelectField(KIND_LABELS["reminder"], choices=OFFERED)
    received = SelectField(KIND_LABELS["received"], choices=OFFERED)
    finished = SelectField(KIND_LABELS["finished"], choices=OFFERED)
    joined = SelectField(KIND_LABELS["joined"], choices=OFFERED)
    workspace = SelectField(KIND_LABELS["workspace"], choices=OFFERED)
    quiet_from = HourField(N_("No mail from"), choices=[])
    quiet_until = HourField(N_("Until"), choices=[])
    daily_hour = HourField(N_("By mail at"), choices=[])
    daily_days = SelectField(N_("On which days"), choices=[SelectChoice(one, DAYS_LABELS[one]) for one in DAYS])


@bp.get("/")
@needs("profile.edit")
def edit(ctx: Context):
    """The form as things stand."""
    return _edit(ctx)


@bp.post("/")
@needs("profile.edit")
def update(ctx: Context):
    """Save what was changed."""
    now = choosing.own_setting(ctx)
    form, was = filled(_offering(ctx), now)
    if form.validate():
        given = chosen(changed(form, was))
        try:
            with form.attempt(ctx):
                choosing.choose(ctx, version=version_of_form(), original=was, **given)
                say(ctx, N_("Notifications saved"))
                return see_other("notification_settings.edit")
        except Conflict as conflict:
            return _meet(ctx, now, conflict, given, was, labels_of(form))
    return _edit(ctx, form, was, status=422)


@bp.post("/daily")
@needs("profile.edit")
def send_daily(ctx: Context):
    """The list of the day comes by mail each morning from the next one on."""
    choosing.choose(ctx, daily_hour=str(MORNING))
    say(ctx, N_("This list comes to you by mail on working days at %(hour)s"), undo=url_for("notification_settings.end_daily"), hour=times.hour_of(ctx, MORNING))
    return see_other("home.index")


@bp.post("/daily/undo")
@needs("profile.edit")
def end_daily(ctx: Context):
    """It comes no more."""
    choosing.choose(ctx, daily_hour="")
    say(ctx, N_("The list of the day does not come by mail"))
    return see_other("home.index")


def _offering(ctx: Context) -> type[NotificationForm]:
    """The form with words and hours in the reader's language."""
    hours = times.hours(ctx)
    none, never = (SelectChoice("", i18n.gettext(ctx.locale, text)) for text in (N_("Not set"), N_("Not at all")))

    class Offering(NotificationForm):
        def __init__(self, *args, **values):
            super().__init__(*args, **values)
            self.quiet_from.choices = self.quiet_until.choices = [none, *hours]
            self.daily_hour.choices = [never, *hours]
            self.daily_days.choices = [SelectChoice(one, i18n.gettext(ctx.locale, DAYS_LABELS[one])) for one in DAYS]
            for kind in set(KINDS) - set(kinds_here(ctx)):
                del self[kind]
            for kind in kinds_here(ctx):
                self[kind].choices = [SelectChoice(one, i18n.gettext(ctx.locale, CHANNEL_LABELS[one])) for one in CHANNELS]

    return Offering


def _meet(ctx: Context, now, conflict: Conflict, given: dict, was: dict, labels: dict):
    """The page on which two changes of one person meet."""
    if conflict.code != "conflict":
        raise conflict
    said = {kind: lambda value: i18n.gettext(ctx.locale, CHANNEL_LABELS.get(value, "")) for kind in KINDS} | {"daily_days": lambda value: i18n.gettext(ctx.locale, DAYS_LABELS.get(value, ""))}
    return conflict_page(
        ctx, conflict, given, was, title=i18n.gettext(ctx.locale, N_("Notifications")), action=url_for("notification_settings.update"),
        back=url_for("notification_settings.edit"), labels=labels, last=last_change(ctx, now, conflict.fields) if now.id else None, say=said,
    )


def _edit(ctx: Context, form: NotificationForm | None = None, was: dict | None = None, status: int = 200):
    now, kind = choosing.own_setting(ctx), _offering(ctx)
    was, version = (was, version_of_form()) if was is not None else (as_loaded(kind(), now), now.version)
    return page("settings/notifications.html", status=status, form=form or kind(obj=now), was=was, version=version, kinds=kinds_here(ctx), zone=ctx.timezone.replace("_", " "))
