"""Forms of what belongs to a deal: its products, its team, its competitors."""

from typing import Any

from flask import g
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from core.base.words import N_
from core.deals.words import COMPETITOR_LABELS, RECUR_LABELS
from infra import i18n
from web.forms import Form


class DealLineForm(Form):
    """One product of a deal; what is no product stands in words."""

    id = HiddenField()
    product_id = StringField(N_("Product or text"))
    quantity = StringField(N_("Quantity"), [Length(max=30)])
    unit_price = StringField(N_("Price"), [Length(max=30)])
    discount = StringField(N_("Discount in percent"), [Length(max=10)])
    recurs = SelectField(N_("Paid"), choices=list(RECUR_LABELS.items()), validate_choice=False)
    times = StringField(N_("How often"), [Length(max=3)])

    def __init__(self, *args: Any, **values: Any):
        super().__init__(*args, **values)
        self.recurs.choices = [(value, i18n.gettext(g.get("lang", "en"), text)) for value, text in RECUR_LABELS.items()]


class MemberForm(Form):
    """Who joins, as what, with how much of it."""

    user_id = SelectField(N_("Colleague"), [InputRequired()], id="member-user", validate_choice=False)
    role = StringField(N_("Role in the team"), [Length(max=60)], id="member-role")
    credit = StringField(N_("Share in percent"), [Length(max=6)], id="member-credit")


class RivalForm(Form):
    """Who else wants the deal."""

    competitor = StringField(N_("Competitor"), [InputRequired(), Length(max=100)], id="rival-name")
    note = StringField(N_("What they offer"), [Length(max=500)], id="rival-note")
    took_it = BooleanField(N_("The customer bought there"), id="rival-took")


class CompetitorForm(Form):
    """A competitor of the list."""

    name = StringField(COMPETITOR_LABELS["name"], [InputRequired(), Length(max=100)])
    website = StringField(COMPETITOR_LABELS["website"], [Length(max=200)])
    strengths = TextAreaField(COMPETITOR_LABELS["strengths"], [Length(max=20_000)])
    weaknesses = TextAreaField(COMPETITOR_LABELS["weaknesses"], [Length(max=20_000)])
