"""The forms that order a plan and cancel it."""

from uuid import uuid4

from wtforms import HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from billing.plans import Offer
from billing.subscriptions import Buyer
from core.base.words import N_
from infra import i18n
from web.forms import Form

BUYER = ("legal_name", "address", "postcode", "city", "country", "mail", "vat_id")


class EndingForm(Form):
    """The workspace's name typed, before its subscription is cancelled."""

    typed = StringField(N_("Name of this workspace"), [InputRequired(), Length(max=120)])


class OrderForm(Form):
    """Plan, interval, seats, and who pays. key makes a double click one order."""

    key = HiddenField(default=lambda: str(uuid4()))
    plan = RadioField(N_("Plan"), [InputRequired()])
    interval = RadioField(N_("Paid"), [InputRequired()])
    seats = IntegerField(N_("Seats"), [InputRequired()])
    partner_seats = IntegerField(N_("Further partner seats"), [Optional(), NumberRange(min=0)], default=0)
    legal_name = StringField(N_("Company name on the invoice"), [InputRequired(), Length(max=140)])
    address = StringField(N_("Street and number"), [InputRequired(), Length(max=200)])
    postcode = StringField(N_("Postcode"), [Length(max=20)])
    city = StringField(N_("City"), [InputRequired(), Length(max=100)])
    country = SelectField(N_("Country"), [InputRequired()])
    mail = StringField(N_("Mail address for invoices"), [InputRequired(), Length(max=254)])
    vat_id = StringField(N_("VAT number"), [Length(max=20)])

    def offer(self, offers: list[Offer], lang: str) -> None:
        """Fill the choices from the catalogue, in the reader's language."""
        say = lambda text: i18n.gettext(lang, text)  # noqa: E731
        self.plan.choices = [(offer.code, say(offer.name)) for offer in offers]
        self.interval.choices = [("month", say(N_("Monthly"))), ("year", say(N_("Yearly, two months free")))]
        self.country.choices = [("", say(N_("Choose")))] + countries(lang)

    def buyer(self) -> Buyer:
        return Buyer(**{name: self[name].data or "" for name in BUYER})


def countries(lang: str) -> list[tuple[str, str]]:
    """ISO codes with their names, in order of the names."""
    names = i18n.babel_locale(lang).territories
    found = [(code, name) for code, name in names.items() if len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES]
    return sorted(found, key=lambda one: one[1])


NOT_COUNTRIES = frozenset({"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO", "AC", "CP", "DG", "EA", "IC", "TA", "CQ"})
