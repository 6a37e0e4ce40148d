"""Forms of reports."""

from wtforms import SelectField, SelectMultipleField, TextAreaField, widgets
from wtforms.validators import Length

from core.reports.models import LONGEST
from core.reports.words import LABELS
from web.forms import Form


class ReportForm(Form):
    """What somebody says himself."""

    words = TextAreaField(LABELS["words"], [Length(max=LONGEST)], id="said")


class RulesForm(Form):
    """When reports are asked for."""

    days = SelectMultipleField(LABELS["days"], option_widget=widgets.CheckboxInput(), validate_choice=False)
    day_hour = SelectField(LABELS["day_hour"], validate_choice=False)
    week_day = SelectField(LABELS["week_day"], validate_choice=False)
    week_hour = SelectField(LABELS["week_hour"], validate_choice=False)
