"""The form of a definition, and what it says."""

from typing import Any

from flask import request
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from core.base.words import N_
from core.custom_fields.models import KINDS
from core.custom_fields.words import KIND_LABELS, OPERATOR_LABELS
from infra import i18n
from web.forms import Form

MOST_LINES = 200


class FieldForm(Form):
    """A definition. Options are lines of their own beside it (opt-0-label, …)."""

    kind = SelectField(N_("Kind"), choices=[(kind, KIND_LABELS[kind]) for kind in KINDS])
    label = StringField(N_("Name"), [InputRequired(), Length(max=60)])
    help = StringField(N_("Help"), [Length(max=200)], description=N_("Stands below the field in forms."))
    section = StringField(N_("Section"), [Length(max=60)], description=N_("Fields of one section stand together."))
    preset = StringField(N_("New records begin with"), [Length(max=2000)])
    is_required = BooleanField(N_("Must be filled in"))
    is_unique = BooleanField(N_("No two records have the same value"))
    in_list = BooleanField(N_("Stands in the list until somebody chooses other columns"))
    is_searched = BooleanField(N_("The search looks in it"))
    is_personal = BooleanField(N_("Holds personal data"))
    when_field = SelectField(N_("Shown"), validate_choice=False)
    when_op = SelectField(N_("Comparison"), choices=[(op, OPERATOR_LABELS[op]) for op in OPERATOR_LABELS])
    when_value = StringField(N_("Value"), [Length(max=200)])

    def __init__(self, *args: Any, **values: Any):
        super().__init__(*args, **values)
        for name, (own, _, _) in i18n.LANGUAGES.items():
            self[f"label_{name}"].label.text = own


for _language in i18n.LANGUAGES:
    setattr(FieldForm, f"label_{_language}", StringField("", [Length(max=60)]))


class ErasureForm(Form):
    """The field's name, typed: what is erased does not come back."""

    typed = StringField(N_("Name of the field"), [InputRequired(), Length(max=60)])


def said_by(form: FieldForm) -> dict[str, Any]:
    """What the form says, as the use case takes it."""
    found = {name: form[name].data for name in ("label", "help", "section", "is_required", "is_unique", "in_list", "is_searched", "is_personal")}
    found |= {"labels": {code: form[f"label_{code}"].data for code in i18n.LANGUAGES if form[f"label_{code}"].data}, "preset": form.preset.data or None}
    when = {"field": form.when_field.data, "op": form.when_op.data, "value": form.when_value.data} if form.when_field.data else {}
    return found | {"shown_when": when, "options": sent_options()}


TOLD = {"labels": {f"label_{code}" for code in i18n.LANGUAGES}, "shown_when": {"when_field", "when_op", "when_value"}}


def told_by(name: str) -> set[str]:
    return TOLD.get(name, {name})


def original(was: dict[str, str], given: dict[str, Any]) -> dict[str, Any]:
    """What the form was loaded with, as the use case compares it; of what stands in several inputs it says nothing."""
    return {name: was[name] for name in given if name in was and name != "preset"}


def sent_options() -> list[dict[str, Any]]:
    """The lines of the options editor in the order that their places say; a line without a name is none."""
    found = []
    for n in range(MOST_LINES):
        label, key = request.form.get(f"opt-{n}-label"), request.form.get(f"opt-{n}-key", "")
        if label is None:
            break
        if label.strip() or key:
            place = request.form.get(f"opt-{n}-place", "")
            one = {"label": label, "colour": request.form.get(f"opt-{n}-colour", "grey"), "archived": bool(request.form.get(f"opt-{n}-archived"))} | ({"key": key} if key else {})
            found.append((int(place) if place.isascii() and place.isdigit() and len(place) < 6 else n + 1, n, one))
    return [one for _, _, one in sorted(found, key=lambda three: three[:2])]
