"""The form of sign-up."""

from zoneinfo import available_timezones

from wtforms import BooleanField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from core.base.words import N_
from infra import i18n, places
from tenants.industries import SETS
from web.forms import Form


class SignUpForm(Form):
    """Company, address, owner. Language and zone come from the browser and can be changed."""

    company = StringField(N_("Company"), [InputRequired(), Length(max=120)])
    slug = StringField(N_("Address"), [Length(max=40)])
    name = StringField(N_("Your name"), [InputRequired(), Length(max=100)])
    mail = StringField(N_("Mail address"), [InputRequired(), Length(max=254)])
    password = PasswordField(N_("Password"), [InputRequired(), Length(max=200)])
    locale = SelectField(N_("Language"), choices=[(code, own) for code, (own, _, _) in i18n.LANGUAGES.items()])
    currency = SelectField(N_("Currency"), choices=[("", N_("As where you are")), *((c, c) for c in places.currencies())], default="")
    timezone = SelectField(N_("Time zone"), choices=[(z, z.replace("_", " ")) for z in sorted(available_timezones()) if "/" in z and not z.startswith("Etc")] + [("UTC", "UTC")])
    industry = SelectField(N_("Industry"), choices=[("", N_("Choose later")), *((code, one.text) for code, one in SETS.items())], default="")
    sample_data = BooleanField(N_("Fill it with sample data to try things out"))
