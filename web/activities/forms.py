"""The composer: one entry of the contact log and the next contact in the same line."""

from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from core.activities.words import KIND_LABELS
from core.base.words import N_
from web.forms import Form


class LogForm(Form):
    """contact_id: with whom, on an account's page. Days and times are words ("tomorrow 10:00"), read by the rules."""

    kind = RadioField(N_("Kind"), choices=[SelectChoice(*item) for item in KIND_LABELS.items()][:5], default="note", validate_choice=False)
    body = TextAreaField(N_("Text"), [Length(max=20_000)])
    contact_id = StringField(N_("With"))
    happened_at = StringField(N_("When"), [Length(max=60)])
    next_contact = StringField(N_("Next contact"), [Length(max=60)])
    next_contact_note = StringField(N_("About"), [Length(max=500)])


class NextStepForm(Form):
    """What comes after a next contact that was made."""

    body = StringField(N_("What was said"), [Length(max=20_000)])
    next_contact = StringField(N_("Next contact"), [Length(max=60)])
    next_contact_note = StringField(N_("About"), [Length(max=500)])
