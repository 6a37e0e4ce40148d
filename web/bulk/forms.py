"""What to do with the chosen records: one field, tags, or the owner."""

from typing import Any

from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import Length

from core.base.context import Context
from core.base.words import N_
from core.identity import queries as people
from core.tagging.rules import LONGEST_TAG, MOST_TAGS
from web.bulk.rooms import PARTIES, ROOMS
from web.custom_fields.forms import with_own
from web.forms import Form
from web.parties.forms import RoomForm
from web.parties.record import PROPS

TAGS = [Length(max=MOST_TAGS * (LONGEST_TAG + 2))]


class OwnerForm(Form):
    """Who answers for the records from now on."""

    owner_id = SelectField(N_("New owner"), validate_choice=False)


class TagsForm(Form):
    add = StringField(N_("Tags to add"), TAGS)
    remove = StringField(N_("Tags to remove"), TAGS)


def value_form(ctx: Context, kind: str, name: str, formdata: Any = None) -> RoomForm:
    """The records' own form with one field left, and "empty it"."""
    base = with_own(ctx, ROOMS[kind].form)
    others = {field: None for field in dir(base) if hasattr(getattr(base, field), "field_class") and field != name}
    form = type("ValueForm", (_OneField, base), others | {"empty": BooleanField(N_("Empty this field"))})(formdata)
    if kind not in PARTIES and PROPS[kind].fields.get(name) == "select":
        form[name].choices = PROPS[kind].choices(ctx, name, people.user_names(ctx))
    return form


class _OneField(RoomForm):
    """A form of which fields were taken away offers nothing for them."""

    def offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        if name in self:
            super().offer(name, choices)
