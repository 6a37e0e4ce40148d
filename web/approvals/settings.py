"""Settings: up to where each role decides by itself, and after how long others are asked."""

from functools import cache
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from wtforms import SelectField, SelectMultipleField, StringField, widgets
from wtforms.validators import Length

from core.approvals import actions, limits, queries
from core.approvals.kinds import AMOUNT, PERCENT, YES_NO, LimitKind, limit_kinds
from core.approvals.words import LABELS
from core.base.context import Context
from core.base.words import N_
from core.identity import queries as people
from core.identity import roles
from core.identity.models import Role
from core.products import rating
from infra import i18n
from web import times
from web.editing import version_of_form
from web.filters import amount, number
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other
from web.parties.cells import plain_number

bp = Blueprint("approval_settings", __name__, url_prefix="/settings/approvals")
MAY, MAY_NOT = N_("Yes"), N_("No")


class ClockForm(Form):
    """After how many working hours others are asked, and which those are."""

    hours = StringField(LABELS["hours"], [Length(max=3)])
    opens = StringField(LABELS["opens"], [Length(max=2)])
    closes = StringField(LABELS["closes"], [Length(max=2)])
    weekdays = SelectMultipleField(LABELS["weekdays"], choices=[(str(day), str(day)) for day in range(1, 8)], option_widget=widgets.CheckboxInput())


@bp.get("/")
@needs("users.read")
def index(ctx: Context):
    """All roles with their limits, and the working hours."""
    return _index(ctx)


@bp.post("/hours")
@needs("roles.manage")
def update_clock(ctx: Context):
    """After how long others are asked."""
    form = ClockForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            actions.set_clock(ctx, **form.data)
            say(ctx, N_("The working hours are saved"))
            return see_other("approval_settings.index")
    return _index(ctx, form, status=422)


@bp.get("/<uuid:id>")
@needs("users.read")
def show(ctx: Context, id: UUID):
    """The limits of one role."""
    return _show(ctx, roles.role_of(ctx, id))


@bp.post("/<uuid:id>")
@needs("roles.manage", fresh=True)
def update(ctx: Context, id: UUID):
    """Save them; they hold for all who have the role with their next quote."""
    role = roles.role_of(ctx, id)
    form = _form_of(ctx)(request.form)
    if form.validate():
        with form.attempt(ctx):
            limits.set_limits(ctx, role, {_key(name): form[name].data for name in form.data}, version=version_of_form())
            say(ctx, N_("The limits of %(name)s are saved"), name=i18n.gettext(ctx.locale, role.name))
            return see_other("approval_settings.index")
    return _show(ctx, role, form, status=422)


def _index(ctx: Context, form: ClockForm | None = None, *, status: int = 200):
    clock, kept = queries.clock(ctx), limits.all_limits(ctx)
    form = form or ClockForm(data={"hours": clock.hours, "opens": clock.opens, "closes": clock.closes, "weekdays": [str(day) for day in clock.weekdays]})
    form.weekdays.choices = times.week_days(ctx)
    rows = [(role, [_said(ctx, code, currency, value) for (code, currency), value in sorted(kept.get(role.id, {}).items())]) for role in people.roles(ctx) if _matters(role)]
    return page("approvals/settings.html", status=status, rows=rows, form=form)


def _show(ctx: Context, role: Role, form: Form | None = None, *, status: int = 200):
    shape = _form_of(ctx)
    if form is None:
        kept = limits.limits_of(ctx, role)
        form = shape(data={name: _typed(value) for name in shape().data if (value := kept.get(_key(name))) is not None})
    for field in form:
        if field.type == "SelectField":
            field.choices = [("", i18n.gettext(ctx.locale, MAY)), ("0", i18n.gettext(ctx.locale, MAY_NOT))]
    return page("approvals/limits.html", status=status, role=role, form=form, version=version_of_form() or role.version, fixed=role.code == roles.FIXED, labels={name: _label(ctx, name) for name in form.data})


def _matters(role: Role) -> bool:
    """Has it anything that is limited? The administrator's has no limits."""
    return role.code != roles.FIXED and any(one.right in role.permissions for one in limit_kinds().values())


def _form_of(ctx: Context) -> type[Form]:
    return _shape(tuple(rating.currencies(ctx)))


@cache
def _shape(currencies: tuple[str, ...]) -> type[Form]:
    """A field for each limit; of amounts one for each currency in which one deals."""
    fields: dict[str, Any] = {}
    for one in limit_kinds().values():
        for currency in currencies if one.unit == AMOUNT else ("",):
            name = f"{one.code}.{currency}" if currency else one.code
            fields[name] = SelectField(one.label, validate_choice=False) if one.unit == YES_NO else StringField(one.label, [Length(max=30)])
    return type("LimitsForm", (Form,), fields)


def _key(name: str) -> tuple[str, str]:
    code, _, currency = name.rpartition(".")
    return (code, currency) if code in limit_kinds() else (name, "")


def _label(ctx: Context, name: str) -> str:
    code, currency = _key(name)
    return i18n.gettext(ctx.locale, limit_kinds()[code].label) + (f" ({currency})" if currency else "")


def _typed(value: Any) -> str:
    return str(plain_number(value.normalize()))


def _said(ctx: Context, code: str, currency: str, value: Any) -> str:
    kind: LimitKind | None = limit_kinds().get(code)
    if kind is None:
        return ""
    shown = amount(value, currency) if kind.unit == AMOUNT else f"{number(value.normalize())} %" if kind.unit == PERCENT else i18n.gettext(ctx.locale, MAY if value else MAY_NOT)
    return f"{i18n.gettext(ctx.locale, kind.label)}: {shown}"
