"""The step by which prices of many products change: its form, and as one reads it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from core.base.context import Context
from core.base.words import N_
from core.products.rating import currencies
from core.products.repricing import FIELDS
from infra import i18n
from web.filters import number, price
from web.forms import Form

WAYS = {"markup": N_("More by percent"), "discount": N_("Less by percent"), "price": N_("The same price for all")}
SAID = {"markup": N_("%(percent)s %% more"), "discount": N_("%(percent)s %% less")}


class PriceForm(Form):
    """How the prices change, and how they are rounded."""

    way = SelectField(N_("How"), validate_choice=False)
    value = StringField(N_("Percent or price"), [InputRequired(), Length(max=30)])
    currency = SelectField(N_("Currency"), validate_choice=False)
    rounding_step = StringField(N_("Round to a multiple of"), [Length(max=20)])
    rounding_less = StringField(N_("Less"), [Length(max=20)])


def price_form(ctx: Context, formdata: Any = None) -> PriceForm:
    """The form with the workspace's currencies."""
    form = PriceForm(formdata)
    form.currency.choices = [SelectChoice(one, one) for one in currencies(ctx)]
    form.way.choices = [SelectChoice(way, i18n.gettext(ctx.locale, text)) for way, text in WAYS.items()]
    return form


def given(form: PriceForm) -> dict[str, Any]:
    """What it asks for."""
    return {name: form[name].data or None for name in FIELDS}


def said(ctx: Context, wanted: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(what, how) of a step."""
    value = Decimal(wanted["value"])
    how = price(value, wanted["currency"]) if wanted["way"] == "price" else i18n.gettext(ctx.locale, SAID[wanted["way"]]) % {"percent": number(value.normalize())}
    found = [(i18n.gettext(ctx.locale, N_("Sales price")), how)]
    if wanted["rounding_step"]:
        less = f" − {number(Decimal(wanted['rounding_less']).normalize())}" if wanted["rounding_less"] else ""
        found.append((i18n.gettext(ctx.locale, N_("Round to a multiple of")), number(Decimal(wanted["rounding_step"]).normalize()) + less))
    return found


def figure(text: str | None, currency: str) -> str:
    """A price of the journal as one reads it."""
    return price(Decimal(text), currency) if text is not None else ""
