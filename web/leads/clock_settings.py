"""Settings: how soon leads are to be answered, and when this workspace works. And, on a lead's page: somebody was in touch."""


from flask import Blueprint, request
from wtforms import BooleanField, SelectMultipleField, StringField, TextAreaField, widgets
from wtforms.validators import Length

from core.base.context import Context
from core.base.words import N_
from core.leads import clock
from core.leads.clock_models import LeadClock
from web import times
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other

bp = Blueprint("first_answer", __name__, url_prefix="/settings/first-answer")


class ClockForm(Form):
    """The clock and the working hours it counts in."""

    hours = StringField(N_("Hours until the first answer"), [Length(max=10)])
    warn_hours = StringField(N_("Hours before the end at which the owner is warned"), [Length(max=10)])
    days = SelectMultipleField(N_("Working days"), option_widget=widgets.CheckboxInput(), validate_choice=False)
    opens = StringField(N_("From"), [Length(max=5)])
    closes = StringField(N_("Until"), [Length(max=5)])
    holidays = TextAreaField(N_("Days off"), [Length(max=6000)])
    only_open = BooleanField(N_("Give leads to somebody only while we work"))


@bp.get("/")
@needs("leads.manage")
def edit(ctx: Context):
    """As it stands."""
    return _form(ctx, ClockForm(data=_loaded(clock.clock_of(ctx))))


@bp.post("/")
@needs("leads.manage")
def update(ctx: Context):
    form = ClockForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            clock.change_clock(ctx, **form.data)
            say(ctx, N_("First answer saved"))
            return see_other("first_answer.edit")
    return _form(ctx, form, status=422)


def _loaded(row: LeadClock) -> dict:
    return {
        "hours": _hours(row.within), "warn_hours": _hours(row.warned), "days": [str(one) for one in row.days], "opens": _time(row.opens), "closes": _time(row.closes),
        "holidays": "\n".join(one.isoformat() for one in row.holidays), "only_open": row.only_open,
    }


def _hours(minutes: int | None) -> str:
    return "" if minutes is None else f"{round(minutes / 60, 2):g}"


def _time(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def _form(ctx: Context, form: ClockForm, *, status: int = 200):
    form.days.choices = times.week_days(ctx, monday=0)
    return page("leads/first_answer.html", status=status, form=form, zone=ctx.tenant.timezone)
