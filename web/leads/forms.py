"""Forms of leads."""

from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from core.base.words import N_
from core.leads.words import LABELS
from web.forms import Form
from web.parties.forms import SHORT, PartyForm


class LeadForm(PartyForm):
    """A lead. A name, a company or a mail address is enough."""

    ROOM = "leads"
    name = StringField(LABELS["name"], SHORT)
    company = StringField(LABELS["company"], SHORT)
    job_title = StringField(LABELS["job_title"], SHORT)
    mail = StringField(LABELS["mail"], [Length(max=254)])
    phone = StringField(LABELS["phone"], SHORT)
    language = StringField(LABELS["language"], SHORT)
    postcode = StringField(LABELS["postcode"], SHORT)
    city = StringField(LABELS["city"], SHORT)
    country = StringField(LABELS["country"], SHORT)
    interest = StringField(LABELS["interest"], SHORT)
    message = TextAreaField(LABELS["message"], [Length(max=20_000)])
    source = StringField(LABELS["source"], SHORT)
    campaign = StringField(LABELS["campaign"], SHORT)
    owner_id = SelectField(LABELS["owner_id"], validate_choice=False)
    next_step = StringField(LABELS["next_step"], SHORT)
    next_step_on = DateField(LABELS["next_step_on"], [Optional()])
    notes = TextAreaField(LABELS["notes"], [Length(max=20_000)])


class TouchForm(Form):
    """That somebody was in touch, and what comes next. next_step_on: a day, in words too."""

    note = StringField(N_("In a few words"), [Length(max=200)])
    next_step = StringField(N_("What is to be done"), SHORT)
    next_step_on = StringField(LABELS["next_step_on"], [Length(max=40)])
