"""Forms of price lists, their lines, discounts by tier, and of the price check."""

from wtforms import BooleanField, DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from core.base.words import N_
from web.forms import Form


class ListForm(Form):
    """A price list."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=100)])
    currency = SelectField(N_("Currency"), validate_choice=False)
    whom = SelectField(N_("For whom"), validate_choice=False, default="everybody")
    account_id = StringField(N_("Account"))
    group_name = StringField(N_("Accounts with the tag"), [Length(max=50)])
    priority = StringField(N_("Priority"), [Length(max=5)])
    net = BooleanField(N_("No discount of a tier comes off it"))
    rounding_step = StringField(N_("Round to a multiple of"), [Length(max=20)])
    rounding_less = StringField(N_("Less"), [Length(max=20)])
    starts_on = DateField(N_("From"), [Optional()])
    ends_on = DateField(N_("Until"), [Optional()])
    based_on_id = SelectField(N_("Stands on the list"), validate_choice=False)
    based_way = SelectField(N_("With"), validate_choice=False)
    based_percent = StringField(N_("Percent"), [Length(max=10)])


class LineForm(Form):
    """One line of a list."""

    what = SelectField(N_("Of what"), validate_choice=False, default="product", id="line-what")
    product_id = StringField(N_("Product"), id="line-product")
    category_id = SelectField(N_("Category"), validate_choice=False, id="line-category")
    way = SelectField(N_("What it says"), validate_choice=False, default="price", id="line-way")
    value = StringField(N_("Price or percent"), [InputRequired(), Length(max=30)], id="line-value")
    from_quantity = StringField(N_("From the quantity"), [Length(max=20)], id="line-quantity")
    starts_on = DateField(N_("From"), [Optional()], id="line-from")
    ends_on = DateField(N_("Until"), [Optional()], id="line-until")


class TierForm(Form):
    """What comes off for a tier."""

    tier = StringField(N_("Tier"), [InputRequired(), Length(max=40)])
    percent = StringField(N_("Percent"), [InputRequired(), Length(max=10)])


class CheckForm(Form):
    """What is asked of a price."""

    product_id = StringField(N_("Product"))
    quantity = StringField(N_("Quantity"), [Length(max=20)], default="1")
    on = DateField(N_("Day"), [Optional()])
    currency = SelectField(N_("Currency"), validate_choice=False)
    account_id = StringField(N_("Account"))
    tier = SelectField(N_("Tier"), validate_choice=False)
