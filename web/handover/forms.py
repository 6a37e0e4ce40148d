"""Forms of a handover."""

from typing import Any
from uuid import UUID

from flask import request
from wtforms import DateField, SelectField, SelectMultipleField, widgets
from wtforms.validators import InputRequired, Optional

from core.base.context import Context
from core.base.words import N_
from core.handover.words import WAY_LABELS
from infra import i18n
from web.forms import Form, keys_of
from web.parties.conditions import WITHOUT, builder, condition_of_args

RULES = 4


class HandoverForm(Form):
    """Whose it is, in which way it goes, to whom, and until when."""

    from_id = SelectField(N_("Whose records"), [InputRequired()], validate_choice=False)
    way = SelectField(N_("In which way"), choices=list(WAY_LABELS.items()), validate_choice=False)
    people = SelectMultipleField(N_("To these people"), option_widget=widgets.CheckboxInput(), validate_choice=False)
    until = DateField(N_("Only until"), [Optional()])

    def offer(self, ctx: Context, owners: dict[UUID, str], successors: dict[UUID, str]) -> None:
        self.from_id.choices = [("", ""), *((str(key), name) for key, name in owners.items())]
        self.people.choices = [(str(key), name) for key, name in successors.items()]
        self.way.choices = [(code, i18n.gettext(ctx.locale, text)) for code, text in WAY_LABELS.items()]

    def chosen(self) -> list[UUID]:
        return keys_of(self.people.data or ())


def typed_rules(ctx: Context) -> list[dict[str, Any]]:
    """The rules as they were typed, one condition each; refuses what a field does not take."""
    found = []
    for to, field, op, value in lines_of_form():
        condition = condition_of_args(ctx, "accounts", {"add": field, "op": op, "value": value})
        if condition is not None and to:
            found.append({"to": keys_of([to])[0], "conditions": [condition]})
    return found


def lines_of_form() -> list[tuple[str, str, str, str]]:
    """(to, field, comparison, value) of each line."""
    return [tuple(request.form.get(f"{name}{n}", "").strip() for name in ("to", "field", "op", "value")) for n in range(RULES)]


def rule_values(ctx: Context, lines: list[tuple[str, str, str, str]] | None) -> dict[str, Any]:
    """What the template needs to show the lines."""
    return {"offered": builder(ctx, "accounts"), "lines": lines or [("", "", "", "")] * RULES, "without": WITHOUT}
