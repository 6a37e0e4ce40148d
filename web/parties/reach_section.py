"""The ways to reach a record, and its roles, as parts of its page."""

from collections.abc import Iterable
from typing import Any

from flask import request
from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from core.base.context import Context
from core.base.field_rights import protected
from core.base.policy import may
from core.base.words import N_
from core.parties.models import Contact
from core.parties.reach_access import Party, kinds_shown
from core.parties.reach_models import ADDRESS_FIELDS, FIELDS_OF, SERVICES
from core.parties.reach_queries import Way, Ways, ways
from core.parties.reach_words import INVALID_WORDS, KIND_WORDS, LABEL_WORDS, LABELS_OF, SERVICE_WORDS
from infra import i18n
from web.filters import country
from web.forms import Form
from web.parties.record import MAIN_FIELDS, is_for_drawer, properties

ICONS = {"mail": "mail", "phone": "phone", "messenger": "message", "address": "map-pin"}


class PointForm(Form):
    """A further mail, phone or messenger."""

    service = SelectField(N_("Messenger"), validate_choice=False)
    value = StringField(N_("Value"))
    label = StringField(N_("Label"))


class AddressForm(Form):
    """A further postal address."""

    label = StringField(N_("Label"))
    recipient = StringField(N_("Addressee"))
    street = TextAreaField(N_("Street"))
    postcode = StringField(N_("Postcode"))
    city = StringField(N_("City"))
    region = StringField(N_("Region"))
    country = StringField(N_("Country"))


class RoleForm(Form):
    """A person's role at a further account."""

    account_id = StringField(N_("Account"))
    title = StringField(N_("Job title"))
    department = StringField(N_("Department"))
    since = DateField(N_("Since"), [Optional()])
    until = DateField(N_("Until"), [Optional()])
    is_former = BooleanField(N_("No longer there"))


class MarkForm(Form):
    """Why an address or number is no good any more."""

    reason = SelectField(N_("Reason"), validate_choice=False)
    note = StringField(N_("Note"))


def reach_values(ctx: Context, party: Party, found: Ways | None = None) -> dict[str, Any]:
    """What reach/_section.html and reach/_roles.html need; one statement, or two."""
    found, room, edits = found or ways(ctx, party), party.ROOM, may(ctx, f"{party.ROOM}.edit", party)
    beyond, kinds = protected(ctx, room), kinds_shown(ctx, room)
    return {"reach": {
        "found": found, "party": party, "room": room, "place": f"/{room}/{party.id}", "kinds": kinds, "lines": _main_lines(ctx, party, found), "icons": ICONS, "own": FIELDS_OF, "edits": edits,
        "adds": [kind for kind in kinds if edits and not beyond.intersection(FIELDS_OF[kind])], "drawer": is_for_drawer(),
        "adds_address": edits and not protected(ctx, "accounts").intersection(ADDRESS_FIELDS), "adds_role": isinstance(party, Contact) and edits and "account_id" not in beyond,
        "current": [role for role in found.roles if not role.former], "former": [role for role in found.roles if role.former],
        "label": lambda given: said_label(ctx, given), "service": lambda given: _(ctx, SERVICE_WORDS[given]), "kind": lambda given: _(ctx, KIND_WORDS[given]),
        "invalid": lambda given: _(ctx, INVALID_WORDS[given]), "text": lambda place: address_text(ctx, place), "main": lambda field: _main(found, field),
    }}


def _main_lines(ctx: Context, party: Party, found: Ways) -> dict[str, dict[str, Any]]:
    """The record's own mail and numbers as they are edited where they stand; numbers are shown with their country."""
    lines = {line["name"]: line for line in properties(ctx, party, {})}
    shown = {way.field: {"value": way.shown} for way in found.ways if way.field}
    return {name: lines[name] | shown.get(name, {}) for name in MAIN_FIELDS if name in lines}


def _main(found: Ways, field: str) -> Way | None:
    return next((way for way in found.ways if way.field == field), None)


def said_label(ctx: Context, label: str) -> str:
    """A word of the list in the reader's language; what was typed stays."""
    return _(ctx, N_("Main one")) if label == "main" else _(ctx, LABEL_WORDS[label]) if label in LABEL_WORDS else label


def typed_label(ctx: Context, typed: str | None) -> str | None:
    """The word of the list that was chosen in the reader's language, else what was typed."""
    return next((code for code in LABEL_WORDS if _(ctx, LABEL_WORDS[code]).casefold() == (typed or "").strip().casefold()), typed)


def labels_for(ctx: Context, kind: str) -> list[str]:
    """What is offered as a label."""
    return [_(ctx, LABEL_WORDS[code]) for code in LABELS_OF[kind]]


def address_text(ctx: Context, place: Any) -> str:
    """The lines of an address with the country's name, as one copies it."""
    return "\n".join([*place.lines, *([country(place.parts["country"])] if place.parts.get("country") else [])])


def offer(ctx: Context, field: SelectField, words: dict[str, str], only: Iterable[str]) -> None:
    """What a select field offers."""
    field.choices = [SelectChoice(code, _(ctx, words[code])) for code in only]


def services(ctx: Context, form: PointForm) -> PointForm:
    """The same form, with the messengers to choose from."""
    offer(ctx, form.service, SERVICE_WORDS, SERVICES)
    return form


def said(form: Form) -> dict[str, Any]:
    """What was sent of a form's fields, as typed."""
    return {item.name: item.data if not isinstance(item, StringField | SelectField | TextAreaField) else request.form.get(item.name, "") for item in form if _sent(item)}


def _sent(item: Any) -> bool:
    return isinstance(item, BooleanField) or item.name in request.form


def _(ctx: Context, text: str) -> str:
    return i18n.gettext(ctx.locale, text)
