"""Forms of the console."""

from babel.numbers import format_decimal
from flask import g
from wtforms import DateField, DecimalField, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from billing.invoicing import METHODS
from core.base.errors import Refused
from core.base.money import parse_amount
from core.base.words import N_
from infra.i18n import babel_locale
from web.forms import Form

METHOD_WORDS = {
    "bank_transfer": N_("Bank transfer"), "cash": N_("Cash"), "cheque": N_("Cheque"), "other": N_("Other"), "balance": N_("Credit"),
}


class AmountField(DecimalField):
    """An amount, shown and read as the operator's language writes it: "95,00" as well as "95.00"."""

    def process_formdata(self, valuelist):
        if valuelist:
            try:
                self.data = parse_amount(valuelist[0])
            except Refused:
                self.data = None
                raise ValueError(self.gettext("Not a valid decimal value.")) from None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else format_decimal(self.data, "0.00", locale=babel_locale(g.get("lang", "en")))


class SignInForm(Form):
    mail = StringField(N_("Mail address"), [InputRequired(), Length(max=254)])
    password = PasswordField(N_("Password"), [InputRequired(), Length(max=200)])


class CodeForm(Form):
    """The second factor: six digits, or a recovery code."""

    code = StringField(N_("Code"), [InputRequired(), Length(max=40)])


class ReasonForm(Form):
    reason = StringField(N_("Reason"), [InputRequired(), Length(max=300)])


class CompForm(ReasonForm):
    until = DateField(N_("Free of charge until"), [InputRequired()])


class PaymentForm(Form):
    """seen: how many payments the page showed, so that a form sent twice books one."""

    seen = HiddenField()
    amount = AmountField(N_("Amount"), [InputRequired()])
    received_on = DateField(N_("Received on"), [InputRequired()])
    method = SelectField(N_("Method"), choices=[(m, m) for m in METHODS], default="bank_transfer")
    note = StringField(N_("Note"), [Length(max=200)])
