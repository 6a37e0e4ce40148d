"""The composer, one entry of the contact log and the next contact in the same line; the step after one; a line in words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wtforms import HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from core.activities.words import DIRECTION_LABELS, KIND_LABELS, PLAN_LABELS
from core.base.context import Context
from core.base.words import N_
from infra import i18n
from web.filters import zone
from web.forms import Form

SEPARATOR = " \u00b7 "


class LogForm(Form):
    """contact_id: with whom, on an account's page. Days and times are words ("tomorrow 10:00"), read by the rules."""

    kind = RadioField(N_("Kind"), choices=[SelectChoice(*item) for item in KIND_LABELS.items()][:5], default="note", validate_choice=False)
    body = TextAreaField(N_("Text"), [Length(max=20_000)])
    contact_id = StringField(N_("With"))
    happened_at = StringField(N_("When"), [Length(max=60)])
    place = StringField(N_("Place"), [Length(max=200)])
    who = StringField(N_("Also taking part"))
    next_contact = StringField(N_("Next contact"), [Length(max=60)])
    next_contact_note = StringField(N_("About"), [Length(max=500)])
    next_contact_kind = SelectField(N_("As what"), choices=[SelectChoice("", N_("The same")), *(SelectChoice(*item) for item in PLAN_LABELS.items())], default="", validate_choice=False)


class MomentField(StringField):
    """Shows a moment to the minute, on the reader's clock, as the rules read it again; other words may be written too."""

    @staticmethod
    def show(value: datetime) -> str:
        return value.astimezone(zone()).strftime("%Y-%m-%d %H:%M")


class EntryForm(Form):
    """What an entry says, to be put right."""

    kind = SelectField(N_("Kind"), choices=[SelectChoice(*item) for item in KIND_LABELS.items()], validate_choice=False)
    happened_at = MomentField(N_("When"), [InputRequired(), Length(max=60)])
    body = TextAreaField(N_("Text"), [Length(max=20_000)])
    direction = SelectField(N_("Direction"), choices=[SelectChoice("", N_("Not said")), *(SelectChoice(*item) for item in DIRECTION_LABELS.items())], validate_choice=False)
    outcome = StringField(N_("Outcome"), [Length(max=200)])
    place = StringField(N_("Place"), [Length(max=200)])


class ParticipantForm(Form):
    """who: "contact:key" or "user:key" of the list, or the name that was typed."""

    who = StringField(N_("One more"))


class NextStepForm(Form):
    """What comes after a next contact that was made."""

    body = StringField(N_("What was said"), [Length(max=20_000)])
    next_contact = StringField(N_("Next contact"), [Length(max=60)])
    next_contact_note = StringField(N_("About"), [Length(max=500)])


class LineForm(Form):
    """What was understood of a line, each part to be put right before anything is saved. who: "contact:key" or "account:key"."""

    line = HiddenField()
    was = RadioField(N_("What it is"), choices=[SelectChoice("plan", N_("To be done")), SelectChoice("was", N_("Has happened"))], default="plan", validate_choice=False)
    kind = SelectField(N_("Kind"), choices=[SelectChoice(*item) for item in (PLAN_LABELS | KIND_LABELS).items()], default="call", validate_choice=False)
    who = RadioField(N_("With"), choices=[], validate_choice=False)
    next_contact = StringField(N_("When"), [Length(max=60)])
    next_contact_minutes = IntegerField(N_("Minutes"), [Optional()])
    next_contact_note = StringField(N_("About"), [Length(max=500)])


def offer(form: LineForm, ctx: Context, found: Sequence[Any]) -> None:
    """Labels in the reader's language, and the people and accounts that may be meant."""
    for field in (form.was, form.kind):
        field.choices = [SelectChoice(one.value, i18n.gettext(ctx.locale, one.label)) for one in field.choices]
    form.who.choices = [SelectChoice(f"{row.kind}:{row.id}", f"{row.name}{SEPARATOR}{row.note}" if row.note else row.name) for row in found]
    if len(found) == 1 and not form.who.data:
        form.who.data = form.who.choices[0].value
