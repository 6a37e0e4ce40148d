"""Forms of accounts and contacts."""

from typing import Any

from flask import g, request
from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from core.base.field_rights import hidden, protected
from core.base.words import N_
from core.custom_fields.fields import is_own
from core.parties.actions import wrong_values
from core.parties.origins import ORIGINS
from core.parties.words import CHANNEL_LABELS, LABELS, RELIEF_LABELS
from core.tagging.rules import LONGEST_TAG, MOST_TAGS
from infra import i18n
from web.custom_fields.forms import dress
from web.editing import WAS, same_lines, shown, typed_value, withheld
from web.forms import Form

SHORT = [Length(max=200)]
NO_CHANNEL = N_("No matter")


class RoomForm(Form):
    """A record's form with the tenant's own fields, without those that its reader must not write. Labels come from core, so that a
    conflict and the timeline call a field the same."""

    def __init__(self, *args: Any, **values: Any):
        super().__init__(*args, **values)
        if g.get("ctx") is not None:
            dress(g.ctx, self)
        for field in self:
            field.label.text = i18n.gettext(g.get("lang", "en"), field.label.text) if not is_own(field.name) else field.label.text
        self._withhold()

    def _withhold(self) -> None:
        """Fields that the actor must not know, or not write, are neither filled nor read: `field.withheld`."""
        ctx = g.get("ctx")
        if ctx is None or not ctx.actor.protected:
            return
        away, beyond = hidden(ctx, self.ROOM), protected(ctx, self.ROOM)
        for field in self:
            if field.name in beyond:
                field.withheld = "hidden" if field.name in away else "protected"

    def validate(self, *args: Any, **rest: Any) -> bool:
        """Where the form itself refuses something no use case looks at the rest: it is looked at here, so that all is told at once."""
        if super().validate(*args, **rest):
            return True
        given = {one.name: typed_value(one) for one in self if not one.errors and not withheld(one) and not _as_loaded(one)}
        for refusal in wrong_values(g.ctx, self.ROOM, given):
            self.take(refusal)
        return False

    def offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        """What a select field offers: values with message ids."""
        self[name].choices = [SelectChoice(value, i18n.gettext(g.get("lang", "en"), text)) for value, text in choices]

    ROOM = ""


def tags_field() -> StringField:
    """Tags as words with commas between them."""
    return StringField(LABELS["tags"], [Length(max=MOST_TAGS * (LONGEST_TAG + 2))])


class PartyForm(RoomForm):
    """What both have."""

    name = StringField(LABELS["name"], [InputRequired(), *SHORT])
    phone = StringField(LABELS["phone"], SHORT)
    mail = StringField(LABELS["mail"], [Length(max=254)])
    owner_id = SelectField(LABELS["owner_id"], validate_choice=False)
    tags = tags_field()
    source = StringField(LABELS["source"], SHORT)
    notes = TextAreaField(LABELS["notes"], [Length(max=20_000)])


def _as_loaded(field: Any) -> bool:
    """Left as the form showed it, or empty: an import may have brought what no form would take."""
    return shown(typed_value(field)) in ("", same_lines(request.form.get(WAS + field.name, "")))


class AccountForm(PartyForm):
    """A company or private person."""

    ROOM = "accounts"
    kind = SelectField(LABELS["kind"], validate_choice=False, default="company")
    is_customer = BooleanField(LABELS["is_customer"])
    is_supplier = BooleanField(LABELS["is_supplier"])
    website = StringField(LABELS["website"], SHORT)
    industry = StringField(LABELS["industry"], SHORT)
    employees = StringField(LABELS["employees"], [Length(max=20)])
    annual_revenue = StringField(LABELS["annual_revenue"], [Length(max=30)])
    currency = StringField(LABELS["currency"], [Length(max=3)])
    founded_year = StringField(LABELS["founded_year"], [Length(max=4)])
    vat_id = StringField(LABELS["vat_id"], SHORT)
    tax_relief = SelectField(LABELS["tax_relief"], validate_choice=False)
    street = StringField(LABELS["street"], SHORT)
    postcode = StringField(LABELS["postcode"], SHORT)
    city = StringField(LABELS["city"], SHORT)
    region = StringField(LABELS["region"], SHORT)
    country = StringField(LABELS["country"], SHORT)
    parent_id = StringField(LABELS["parent_id"])

    def __init__(self, *args: Any, **values: Any):
        super().__init__(*args, **values)
        self.offer("kind", [("company", N_("Company")), ("person", N_("Person"))])
        self.offer("tax_relief", list(RELIEF_LABELS.items()))


class ContactForm(PartyForm):
    """A person."""

    ROOM = "contacts"
    account_id = StringField(LABELS["account_id"])
    how_to_address = StringField(LABELS["how_to_address"], SHORT)
    job_title = StringField(LABELS["job_title"], SHORT)
    mobile = StringField(LABELS["mobile"], SHORT)
    language = StringField(LABELS["language"], SHORT)
    birthday = DateField(LABELS["birthday"], [Optional()])
    preferred_channel = SelectField(LABELS["preferred_channel"], validate_choice=False)
    preferred_hours = StringField(LABELS["preferred_hours"], [Length(max=100)])
    timezone = StringField(LABELS["timezone"], [Length(max=60)])
    referred_by_id = StringField(LABELS["referred_by_id"])
    birthday_source = StringField(LABELS["birthday_source"], SHORT)
    birthday_noted_on = DateField(LABELS["birthday_noted_on"], [Optional()])
    language_source = StringField(LABELS["language_source"], SHORT)
    language_noted_on = DateField(LABELS["language_noted_on"], [Optional()])
    preferred_channel_source = StringField(LABELS["preferred_channel_source"], SHORT)
    preferred_channel_noted_on = DateField(LABELS["preferred_channel_noted_on"], [Optional()])
    preferred_hours_source = StringField(LABELS["preferred_hours_source"], SHORT)
    preferred_hours_noted_on = DateField(LABELS["preferred_hours_noted_on"], [Optional()])
    referred_by_source = StringField(LABELS["referred_by_source"], SHORT)
    referred_by_noted_on = DateField(LABELS["referred_by_noted_on"], [Optional()])

    def __init__(self, *args: Any, **values: Any):
        super().__init__(*args, **values)
        self.offer("preferred_channel", [("", NO_CHANNEL), *CHANNEL_LABELS.items()])

    @property
    def known_from(self) -> list[tuple[Any, Any]]:
        """(source, day) of each field that says where it is known from."""
        return [(self[origin.source], self[origin.noted_on]) for origin in ORIGINS.values()]


def typed(form: RoomForm) -> dict[str, Any]:
    """Every value as it was typed, for a new record: what was left empty is left out."""
    values = {field.name: typed_value(field) for field in form if not withheld(field)}
    return {name: value for name, value in values.items() if value not in ("", None) or name == "name" or is_own(name) or (name == "owner_id" and name in request.form)}
