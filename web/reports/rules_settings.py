"""Settings: when reports of days and weeks are asked for."""

from flask import Blueprint, request
from wtforms.fields.choices import SelectChoice

from core.base.context import Context
from core.base.errors import Conflict
from core.base.words import N_
from core.reports import actions, queries
from core.reports.models import ReportRules
from infra import i18n
from web import times
from web.editing import version_of_form
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other
from web.reports.forms import RulesForm

bp = Blueprint("report_rules", __name__, url_prefix="/settings/reports")
NEVER = N_("Not asked for")


@bp.get("/")
@needs("reports.manage")
def edit(ctx: Context):
    """As it stands."""
    row = queries.rules_of(ctx)
    asked = queries.asked_of(row)
    data = {"days": [str(one) for one in asked.days], "day_hour": str(asked.day_hour), "week_day": str(asked.week_day or ""), "week_hour": str(asked.week_hour)}
    return _form(ctx, RulesForm(data=data), row)


@bp.post("/")
@needs("reports.manage")
def update(ctx: Context):
    form = RulesForm(request.form)
    if form.validate():
        try:
            with form.attempt(ctx):
                actions.change_rules(ctx, version=version_of_form(), **form.data)
                say(ctx, N_("Saved"))
                return see_other("report_rules.edit")
        except Conflict as conflict:  # nothing that was chosen is lost: it stands in the form
            form.take(conflict)
            return _form(ctx, form, queries.rules_of(ctx), status=409)
    return _form(ctx, form, queries.rules_of(ctx), status=422)


def _form(ctx: Context, form: Form, row: ReportRules | None, *, status: int = 200):
    days = times.week_days(ctx)
    form.days.choices, form.week_day.choices = days, [SelectChoice("", i18n.gettext(ctx.locale, NEVER)), *days]
    form.day_hour.choices = form.week_hour.choices = times.hours(ctx, first=1)
    return page("reports/rules.html", status=status, form=form, version=row.version if row else 0)
