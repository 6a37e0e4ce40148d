"""Forms of agreed terms."""

from wtforms import DateField, HiddenField, StringField, TextAreaField
from wtforms.validators import Length

from core.terms.models import LONGEST
from core.terms.words import LABELS
from web.forms import Form


class TermsForm(Form):
    """What is agreed. seen: the mark of the facts that stood above the form."""

    seen = HiddenField()
    payment_days = StringField(LABELS["payment_days"], [Length(max=10)])
    discount = StringField(LABELS["discount"], [Length(max=20)])
    product_id = StringField(LABELS["product_id"])
    price = StringField(LABELS["price"], [Length(max=40)])
    words = TextAreaField(LABELS["words"], [Length(max=LONGEST)], id="agreed-words")  # "words" are those that scripts say
    until_on = DateField(LABELS["until_on"])


class BackForm(Form):
    """Why they are taken back."""

    reason = TextAreaField(LABELS["reason"], [Length(max=LONGEST)])
