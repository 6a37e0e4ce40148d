"""Forms of signing in and of joining."""

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from core.base.words import N_
from web.forms import Form


class SignInForm(Form):
    """Mail address and password."""

    mail = StringField(N_("Mail address"), [InputRequired(), Length(max=254)])
    password = PasswordField(N_("Password"), [InputRequired(), Length(max=200)])
    next = HiddenField()


class JoiningForm(Form):
    """Name and password of whoever accepts an invitation."""

    name = StringField(N_("Your name"), [InputRequired(), Length(max=100)])
    password = PasswordField(N_("Password"), [InputRequired(), Length(max=200)])
