"""Forms in which an account's grade and tier are set by hand, and what follows from a grade."""

from typing import Any

from flask import g
from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from core.base.standing import LONGEST
from core.credit.words import GRADE_LABELS
from core.credit.words import LABELS as CREDIT
from core.loyalty.words import LABELS as LOYALTY
from infra import i18n
from web.forms import Form


class GradeForm(Form):
    """How far the account is trusted, why, and until when."""

    grade = SelectField(CREDIT["grade"], validate_choice=False)
    limit_amount = StringField(CREDIT["limit_amount"], [Length(max=40)])
    until_on = DateField(CREDIT["until_on"], id="grade-until")
    reason = TextAreaField(CREDIT["reason"], [Length(max=LONGEST)], id="grade-reason")

    def __init__(self, *args: Any, **values: Any):
        super().__init__(*args, **values)
        self.grade.choices = [SelectChoice(value, i18n.gettext(g.get("lang", "en"), text)) for value, text in GRADE_LABELS.items()]


class StandingTierForm(Form):
    """In which tier the account is, why, and until when."""

    tier = SelectField(LOYALTY["tier_id"], validate_choice=False)
    until_on = DateField(LOYALTY["until_on"], id="tier-until")
    reason = TextAreaField(LOYALTY["reason"], [Length(max=LONGEST)], id="tier-reason")


class RuleForm(Form):
    """What follows from a grade; its fields have the grade in their ids, since a page has all four."""

    discount = StringField(CREDIT["discount"], [Length(max=20)])
    payment_days = StringField(CREDIT["payment_days"], [Length(max=10)])
    prepaid = BooleanField(CREDIT["prepaid"])
    needs_release = BooleanField(CREDIT["needs_release"])

    def __init__(self, *args: Any, grade: str, **values: Any):
        super().__init__(*args, **values)
        for field in self:
            field.id = f"{grade}-{field.name}"
            field.label.field_id = field.id
