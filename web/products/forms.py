"""Forms of products and of what they are described by."""

from typing import Any

from wtforms import BooleanField, DateField, FileField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from core.base.words import N_
from core.products.models import LONGEST_CODE
from core.products.words import LABELS, STATE_LABELS
from web.editing import shown
from web.forms import Form
from web.parties.cells import plain_number
from web.parties.forms import RoomForm, tags_field

SHORT = [Length(max=200)]


class ProductForm(RoomForm):
    """One product."""

    ROOM = "products"
    code = StringField(LABELS["code"], [InputRequired(), Length(max=LONGEST_CODE)])
    name = StringField(LABELS["name"], [InputRequired(), *SHORT])
    description = TextAreaField(LABELS["description"], [Length(max=20_000)])
    category_id = SelectField(LABELS["category_id"], validate_choice=False)
    unit_id = SelectField(LABELS["unit_id"], validate_choice=False)
    tax_code_id = SelectField(LABELS["tax_code_id"], validate_choice=False)
    price = StringField(LABELS["price"], [Length(max=30)])
    cost = StringField(LABELS["cost"], [Length(max=30)])
    state = SelectField(LABELS["state"], validate_choice=False, default="active")
    successor_id = StringField(LABELS["successor_id"])
    tags = tags_field()

    def __init__(self, *args: Any, **values: Any):
        super().__init__(*args, **values)
        self.offer("state", list(STATE_LABELS.items()))
        for field in (one for one in (self.price, self.cost) if one is not None):
            field.show = lambda value: shown(plain_number(value))


class UnitForm(Form):
    """Something to count in."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=40)], id="unit-name")
    places = SelectField(N_("Decimals of a quantity"), choices=[SelectChoice(str(n), str(n)) for n in range(4)], default="0", id="unit-places")
    retired = BooleanField(N_("Not offered any more"), id="unit-retired")


class CategoryForm(Form):
    """A branch of the catalogue."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=100)], id="category-name")
    parent_id = SelectField(N_("Below"), validate_choice=False, id="category-parent")


class TaxCodeForm(Form):
    """A way to tax products."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=60)], id="tax-name")
    category = SelectField(N_("Treatment"), validate_choice=False, default="S", id="tax-category")
    percent = StringField(N_("Percent"), [Length(max=10)], id="tax-percent")
    starts_on = DateField(N_("From"), [Optional()], id="tax-from")
    included = BooleanField(N_("Prices hold the tax already"), id="tax-included")
    retired = BooleanField(N_("Not offered any more"), id="tax-retired")


class RateForm(Form):
    """What one unit of the workspace's own currency is worth in another."""

    currency = SelectField(N_("Currency"), validate_choice=False)
    rate = StringField(N_("Rate"), [InputRequired(), Length(max=30)])
    day = DateField(N_("Day"), [Optional()])
    source = StringField(N_("Source"), SHORT)


class CurrencyForm(Form):
    """One more currency."""

    code = StringField(N_("Currency"), [InputRequired(), Length(max=3)])


class RatesFileForm(Form):
    """Rates from a file."""

    file = FileField(N_("File"))
    source = StringField(N_("Source"), SHORT, id="file-source")
