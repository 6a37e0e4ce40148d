"""Forms of the settings: oneself, and the people of the workspace."""

from collections.abc import Callable
from zoneinfo import available_timezones

from flask import g
from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from core.base.formats import CHOICES, DENSITIES
from core.base.words import N_
from infra import i18n, places
from tenants.settings import HUES
from web.forms import Form

LANGUAGES = [(code, own) for code, (own, _, _) in i18n.LANGUAGES.items()]
ZONES = [(z, z.replace("_", " ")) for z in sorted(available_timezones()) if "/" in z and not z.startswith("Etc")] + [("UTC", "UTC")]


def labels_of(form: Form) -> dict[str, str]:
    """Message ids of the fields' labels, for a conflict."""
    return {field.name: field.label.text for field in form}


def as_chosen(field: str, nothing: str) -> list[tuple[str, str]]:
    """The choices of a format by their examples; `nothing` says what holds where none is chosen."""
    return [("", nothing), *CHOICES[field].items()]


class FormatFields(Form):
    """How days, times and numbers are written."""

    date_format = SelectField(N_("Dates"), choices=as_chosen("date_format", ""), default="")
    clock = SelectField(N_("Times"), choices=as_chosen("clock", ""), default="")
    number_format = SelectField(N_("Numbers"), choices=as_chosen("number_format", ""), default="")
    first_day = SelectField(N_("Weeks begin on"), choices=as_chosen("first_day", ""), default="")

    def say_choices(self, nothing: str) -> None:
        """The choices in the reader's language. nothing: a message id."""
        lang = g.get("lang", "en")
        for name in CHOICES:
            self[name].choices = [(value, i18n.gettext(lang, text)) for value, text in as_chosen(name, nothing)]


def format_words(nothing: str) -> dict[str, Callable[[str], str]]:
    """field -> how a conflict says its values."""
    return {name: lambda value, name=name: i18n.gettext(g.get("lang", "en"), dict(as_chosen(name, nothing)).get(value or "", "")) for name in CHOICES}


AS_WORKSPACE, AS_LANGUAGE = N_("As the workspace does"), N_("As the language does")


def say_density(name: str) -> str:
    """How high the rows of lists are, in the reader's language."""
    return i18n.gettext(g.get("lang", "en"), DENSITIES.get(name, ""))


class ProfileForm(FormatFields):
    """One's own name, language, time zone and formats, and whether letters alone do something."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=100)])
    locale = SelectField(N_("Language"), choices=LANGUAGES)
    timezone = SelectField(N_("Time zone"), choices=ZONES)
    letter_keys = BooleanField(N_("One-letter keys"))
    density = SelectField(N_("Rows of lists"), choices=list(DENSITIES.items()), default="normal")

    def say_choices(self, nothing: str) -> None:
        super().say_choices(nothing)
        self.density.choices = [(name, say_density(name)) for name in DENSITIES]


class PasswordForm(Form):
    """The present password and a new one."""

    old = PasswordField(N_("Present password"), [InputRequired(), Length(max=200)])
    new = PasswordField(N_("New password"), [InputRequired(), Length(max=200)])


class InvitationForm(Form):
    """Somebody to invite by mail. Its fields stand beside those of MemberForm, so their keys on the page differ."""

    mail = StringField(N_("Mail address"), [InputRequired(), Length(max=254)], id="invite-mail")
    name = StringField(N_("Name"), [Length(max=100)], id="invite-name")
    role = SelectField(N_("Role"), default="sales", id="invite-role")
    team_id = SelectField(N_("Joins the team"), default="", id="invite-team")


class MemberForm(Form):
    """A person to add. He changes the first password himself."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=100)])
    mail = StringField(N_("Mail address"), [InputRequired(), Length(max=254)])
    role = SelectField(N_("Role"), default="sales")
    password = PasswordField(N_("First password"), [InputRequired(), Length(max=200)])


class LeavingForm(Form):
    """Whose access ends, who takes over what he looked after, and his address typed: a dangerous thing is said twice."""

    person = SelectField(N_("Person who leaves"), [InputRequired()])
    successor = SelectField(N_("Who takes over"), [Optional()])
    typed = StringField(N_("Mail address of this person"), [InputRequired(), Length(max=254)])


# What the hues are called; the page shows them as colours and says these.
HUE_NAMES = {262: N_("Blue"), 210: N_("Sky"), 190: N_("Turquoise"), 160: N_("Green"), 130: N_("Leaf"), 25: N_("Red"), 330: N_("Pink"), 290: N_("Violet")}


class WorkspaceForm(FormatFields):
    """What the workspace is called, its colour, and what new people start with."""

    name = StringField(N_("Company"), [InputRequired(), Length(max=120)])
    hue = RadioField(N_("Colour"), choices=[(hue, HUE_NAMES[hue]) for hue in HUES], coerce=int)
    currency = SelectField(N_("Currency"), choices=[(code, code) for code in places.currencies()])
    locale = SelectField(N_("Language"), choices=LANGUAGES)
    timezone = SelectField(N_("Time zone"), choices=ZONES)
