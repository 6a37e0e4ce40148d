"""Forms of quotes: what one is about, what its draft says, its lines, what came of it."""

from typing import Any

from flask import g
from wtforms import BooleanField, DateField, EmailField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from core.base.words import N_
from core.parties.words import RELIEF_LABELS
from core.quotes.answering import LONGEST_NAME, LONGEST_NOTE
from core.quotes.words import CHOICE_LABELS, KIND_LABELS, LABELS
from infra import i18n
from web.forms import Form
from web.parties.forms import SHORT, PartyForm


def in_words(form: Form, *names: str) -> None:
    """Choices in the reader's language."""
    for name in names:
        form[name].choices = [(value, i18n.gettext(g.get("lang", "en"), text)) for value, text in form[name].choices]


class QuoteForm(PartyForm):
    """What a quote is about and for whom."""

    ROOM = "quotes"
    phone = mail = tags = source = None
    name = StringField(LABELS["name"], [InputRequired(), *SHORT])
    account_id = StringField(LABELS["account_id"])
    contact_id = StringField(LABELS["contact_id"])
    owner_id = SelectField(LABELS["owner_id"], validate_choice=False)
    notes = TextAreaField(LABELS["notes"], [Length(max=20_000)])


class NewQuoteForm(QuoteForm):
    """The same with the deal that it comes from, and its currency."""

    deal_id = HiddenField()
    currency = SelectField(LABELS["currency"], validate_choice=False)


class DraftForm(Form):
    """What the draft says beside its lines."""

    valid_until = DateField(LABELS["valid_until"], [Optional()])
    currency = SelectField(LABELS["currency"], validate_choice=False)
    language = SelectField(LABELS["language"], choices=[(code, name[0] if isinstance(name, tuple) else name) for code, name in i18n.LANGUAGES.items()])
    gross = BooleanField(LABELS["gross"])
    relief = SelectField(LABELS["relief"], choices=list(RELIEF_LABELS.items()))
    intro = TextAreaField(LABELS["intro"], [Length(max=20_000)])
    closing = TextAreaField(LABELS["closing"], [Length(max=20_000)])
    terms = TextAreaField(LABELS["terms"], [Length(max=20_000)])

    def __init__(self, *args: Any, **values: Any):
        super().__init__(*args, **values)
        in_words(self, "relief")


class LineForm(Form):
    """One line. Its product is found while one types; what is no product is offered as it is written."""

    id = HiddenField()
    kind = SelectField(N_("Kind"), choices=list(KIND_LABELS.items()), validate_choice=False, default="item")
    product_id = StringField(N_("Product or text"))
    description = TextAreaField(N_("Description"), [Length(max=20_000)])
    quantity = StringField(N_("Quantity"), [Length(max=30)])
    unit_price = StringField(N_("Price"), [Length(max=30)])
    discount = StringField(N_("Discount in percent"), [Length(max=10)])
    tax_code_id = SelectField(N_("Tax code"), validate_choice=False)
    choice = SelectField(N_("Choice"), choices=list(CHOICE_LABELS.items()), validate_choice=False)

    def __init__(self, *args: Any, **values: Any):
        super().__init__(*args, **values)
        in_words(self, "kind", "choice")


class SendingForm(Form):
    """Until when it holds."""

    valid_until = DateField(LABELS["valid_until"], [Optional()])


class LetterForm(Form):
    """To whom the link goes, with which words."""

    to = EmailField(N_("Mail address"), [Length(max=320)], id="letter-to")
    message = TextAreaField(N_("Message"), [Length(max=5000)], id="letter-message")


class ApprovalForm(Form):
    """Why it should be approved, or is not."""

    note = StringField(N_("Reason"), [Length(max=500)], id="approval-note")


class AnswerForm(Form):
    """What the customer answered: who, and in which words."""

    name = StringField(N_("Your name"), [Length(max=LONGEST_NAME)])
    note = TextAreaField(N_("What you want to tell us"), [Length(max=LONGEST_NOTE)])
