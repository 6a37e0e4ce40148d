"""Forms of signing in, of its second step, of a new password, and of joining."""

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from core.base.words import N_
from web.forms import Form


class SignInForm(Form):
    """Mail address and password."""

    mail = StringField(N_("Mail address"), [InputRequired(), Length(max=254)])
    password = PasswordField(N_("Password"), [InputRequired(), Length(max=200)])
    next = HiddenField()


class CodeForm(Form):
    """The second step: six digits, or a recovery code."""

    code = StringField(N_("Code"), [InputRequired(), Length(max=40)])


class ForgottenForm(Form):
    """Who forgot his password."""

    mail = StringField(N_("Mail address"), [InputRequired(), Length(max=254)])


class NewPasswordForm(Form):
    """The password of whoever follows the link of his letter."""

    password = PasswordField(N_("New password"), [InputRequired(), Length(max=200)])


class JoiningForm(Form):
    """Name and password of whoever accepts an invitation."""

    name = StringField(N_("Your name"), [InputRequired(), Length(max=100)])
    password = PasswordField(N_("Password"), [InputRequired(), Length(max=200)])
