"""Forms of the console."""

from wtforms import DateField, DecimalField, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from billing.invoicing import METHODS
from core.base.words import N_
from web.forms import Form

METHOD_WORDS = {
    "bank_transfer": N_("Bank transfer"), "cash": N_("Cash"), "cheque": N_("Cheque"), "other": N_("Other"), "balance": N_("Credit"),
}


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
    amount = DecimalField(N_("Amount"), [InputRequired()], places=None)
    received_on = DateField(N_("Received on"), [InputRequired()])
    method = SelectField(N_("Method"), choices=[(m, m) for m in METHODS], default="bank_transfer")
    note = StringField(N_("Note"), [Length(max=200)])
