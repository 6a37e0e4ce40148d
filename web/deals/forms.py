"""Forms of deals and of the pipelines they go through."""

from typing import Any

from wtforms import DateField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField, widgets
from wtforms.validators import InputRequired, Length, Optional

from core.base.words import N_
from core.deals.models import COLOURS, CRITERIA
from core.deals.words import CRITERION_LABELS, FORECAST_LABELS, LABELS, STATE_LABELS
from core.tags.words import COLOUR_LABELS
from web.forms import Form
from web.parties.forms import SHORT, PartyForm


class DealForm(PartyForm):
    """A deal. Its stage is chosen once, and moved from then on."""

    ROOM = "deals"
    phone = mail = None
    name = StringField(LABELS["name"], [InputRequired(), *SHORT])
    account_id = StringField(LABELS["account_id"])
    contact_id = StringField(LABELS["contact_id"])
    owner_id = SelectField(LABELS["owner_id"], validate_choice=False)
    amount = StringField(LABELS["amount"], [Length(max=30)])
    currency = StringField(LABELS["currency"], [Length(max=3)])
    closes_on = DateField(LABELS["closes_on"], [Optional()])
    probability = StringField(LABELS["probability"], [Length(max=3)])
    forecast = SelectField(LABELS["forecast"], choices=[("", N_("As its stage says")), *FORECAST_LABELS.items()], validate_choice=False)
    next_step = StringField(LABELS["next_step"], SHORT)
    next_step_on = DateField(LABELS["next_step_on"], [Optional()])
    source = StringField(LABELS["source"], SHORT)
    notes = TextAreaField(LABELS["notes"], [Length(max=20_000)])


class NewDealForm(DealForm):
    """The same with the stage in which it begins."""

    stage_id = SelectField(LABELS["stage_id"], validate_choice=False)


class MoveForm(Form):
    """Into which stage, and why it was lost."""

    stage_id = SelectField(LABELS["stage_id"], validate_choice=False)
    loss_reason = StringField(LABELS["loss_reason"], SHORT)


class PipelineForm(Form):
    """A pipeline's name, and the teams that work in it."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=60)])
    team_ids = SelectMultipleField(N_("Only these teams work in it"), option_widget=widgets.CheckboxInput(), validate_choice=False)


class ReasonForm(Form):
    """A reason that is offered where a deal is lost."""

    reason = StringField(N_("Reason for a loss"), [InputRequired(), Length(max=100)])


class StageForm(Form):
    """A stage."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=60)])
    kind = SelectField(N_("Kind"), choices=list(STATE_LABELS.items()))
    probability = StringField(LABELS["probability"], [Length(max=3)])
    stale_after = StringField(N_("Marked after days in which nothing happened"), [Length(max=3)])
    colour = RadioField(N_("Colour"), choices=[(one, COLOUR_LABELS[one]) for one in COLOURS], default="grey")
    forecast = SelectField(LABELS["forecast"], choices=list(FORECAST_LABELS.items()), default="pipeline", validate_choice=False)
    criteria = SelectMultipleField(N_("Asks for this before a deal goes further"), option_widget=widgets.CheckboxInput(), choices=[(one, CRITERION_LABELS[one]) for one in CRITERIA], validate_choice=False)


def stage_values(form: StageForm) -> dict[str, Any]:
    """What the form says of a stage that is there."""
    return {"name": form.name.data, "probability": form.probability.data, "stale_after": form.stale_after.data, "colour": form.colour.data, "forecast": form.forecast.data, "criteria": form.criteria.data or []}
