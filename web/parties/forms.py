"""Forms of accounts and contacts, and what they say about a record that two people edit.

Every field `x` of an edit form travels with `_was_x`, the value that the form was loaded with: what the person left
as it was is not written at all, and a conflict can show all three values.
"""

from collections.abc import Mapping
from typing import Any

from flask import g, request
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from core.base.words import N_
from core.parties.rules import LONGEST_TAG, MOST_TAGS
from core.parties.words import LABELS
from infra import i18n
from web.forms import Form, small_int

WAS = "_was_"
SHORT = [Length(max=200)]


class PartyForm(Form):
    """What both have. Labels come from core, so that a conflict and the timeline call a field the same."""

    def __init__(self, *args: Any, **values: Any):
        super().__init__(*args, **values)
        for field in self:
            field.label.text = i18n.gettext(g.get("lang", "en"), field.label.text)

    def offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        """What a select field offers: values with message ids."""
        self[name].choices = [SelectChoice(value, i18n.gettext(g.get("lang", "en"), text)) for value, text in choices]

    name = StringField(LABELS["name"], [InputRequired(), *SHORT])
    phone = StringField(LABELS["phone"], SHORT)
    mail = StringField(LABELS["mail"], [Length(max=254)])
    owner_id = SelectField(LABELS["owner_id"], validate_choice=False)
    tags = StringField(LABELS["tags"], [Length(max=MOST_TAGS * (LONGEST_TAG + 2))])
    source = StringField(LABELS["source"], SHORT)
    notes = TextAreaField(LABELS["notes"], [Length(max=20_000)])


class AccountForm(PartyForm):
    """A company or private person."""

    kind = SelectField(LABELS["kind"], validate_choice=False, default="company")
    is_customer = BooleanField(LABELS["is_customer"])
    is_supplier = BooleanField(LABELS["is_supplier"])
    website = StringField(LABELS["website"], SHORT)
    industry = StringField(LABELS["industry"], SHORT)
    employees = StringField(LABELS["employees"], [Length(max=20)])
    annual_revenue = StringField(LABELS["annual_revenue"], [Length(max=30)])
    currency = StringField(LABELS["currency"], [Length(max=3)])
    founded_year = StringField(LABELS["founded_year"], [Length(max=4)])
    street = StringField(LABELS["street"], SHORT)
    postcode = StringField(LABELS["postcode"], SHORT)
    city = StringField(LABELS["city"], SHORT)
    region = StringField(LABELS["region"], SHORT)
    country = StringField(LABELS["country"], SHORT)
    parent_id = StringField(LABELS["parent_id"])

    def __init__(self, *args: Any, **values: Any):
        super().__init__(*args, **values)
        self.offer("kind", [("company", N_("Company")), ("person", N_("Person"))])


class ContactForm(PartyForm):
    """A person."""

    account_id = StringField(LABELS["account_id"])
    how_to_address = StringField(LABELS["how_to_address"], SHORT)
    job_title = StringField(LABELS["job_title"], SHORT)
    mobile = StringField(LABELS["mobile"], SHORT)
    language = StringField(LABELS["language"], SHORT)
    birthday = DateField(LABELS["birthday"], [Optional()])


def shown(value: Any) -> str:
    """A value of a record as its form field shows it."""
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, list | tuple):
        return ", ".join(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def as_loaded(form: PartyForm, record: Any) -> dict[str, str]:
    """What the form's fields show of a record."""
    return {name: shown(getattr(record, name)) for name in form._fields}


def filled(kind: type[PartyForm], record: Any) -> tuple[PartyForm, dict[str, str]]:
    """(the form as sent, what it was loaded with). What was not sent at all stands as the record has it."""
    loaded = as_loaded(kind(), record)
    was = {name: same_lines(request.form.get(WAS + name, value)) for name, value in loaded.items()}
    sent = {name: request.form.get(name, "" if WAS + name in request.form else value) for name, value in loaded.items()}
    return kind(MultiDict({name: value for name, value in sent.items() if value != ""} | {"name": sent["name"]})), was


def typed(form: PartyForm) -> dict[str, Any]:
    """Every value as it was typed, for a new record: what was left empty is left out."""
    values = {field.name: _typed(field) for field in form}
    return {name: value for name, value in values.items() if value not in ("", None) or name == "name" or (name == "owner_id" and name in request.form)}


def changed(form: PartyForm, was: Mapping[str, str]) -> dict[str, Any]:
    """The values that differ from what the form was loaded with."""
    values = {field.name: _typed(field) for field in form}
    return {name: value for name, value in values.items() if same_lines(shown(value)) != was[name]}


def _typed(field: Any) -> Any:
    if isinstance(field, BooleanField):
        return bool(field.data)
    if isinstance(field, DateField):
        return (field.raw_data or [""])[0]
    return field.data if field.data is not None else ""


def same_lines(text: str) -> str:
    """Browsers send line ends as CRLF, whatever the value had."""
    return text.replace("\r\n", "\n")


def version_of_form() -> int | None:
    """The version that the form was loaded with; None where it does not say."""
    return small_int(request.form.get("_version"))
