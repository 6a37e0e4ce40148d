"""What is known of a person, as a part of his page; nothing at all for those who may not read it."""

from typing import Any

from flask import g
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from core.base.context import Context
from core.base.policy import has, may
from core.parties.models import Contact
from core.personal import queries
from core.personal.models import LONGEST
from core.personal.words import KIND_LABELS, LABELS, SOURCE_LABELS
from infra import i18n
from web.forms import Form

ICONS = {"taste": "tools-kitchen-2", "habit": "repeat", "family": "users", "hobby": "ball-tennis", "personal": "user", "gift": "gift", "referral": "user-share", "other": "note"}


class FactForm(Form):
    """One thing that is known."""

    kind = SelectField(LABELS["kind"], validate_choice=False, default="taste")
    body = TextAreaField(LABELS["body"], [Length(max=LONGEST)], id="fact-body")
    source = SelectField(LABELS["source"], validate_choice=False, default="said")
    source_note = StringField(LABELS["source_note"], [Length(max=200)])
    noted_on = DateField(LABELS["noted_on"])

    def __init__(self, *args: Any, **values: Any):
        super().__init__(*args, **values)
        for name, labels in (("kind", KIND_LABELS), ("source", SOURCE_LABELS)):
            self[name].choices = [SelectChoice(value, i18n.gettext(g.get("lang", "en"), text)) for value, text in labels.items()]


def section_values(ctx: Context, contact: Contact, form: FactForm | None = None) -> dict[str, Any] | None:
    """What personal/_section.html needs; None where the actor may not read it."""
    if not has(ctx, "personal_facts.read"):
        return None
    return {
        "rows": queries.facts_of(ctx, contact), "form": form or FactForm(data={"kind": "taste", "source": "said", "noted_on": ctx.today}), "opened": form is not None,
        "can_write": may(ctx, "personal_facts.write", contact), "kinds": KIND_LABELS, "sources": SOURCE_LABELS, "icons": ICONS, "contact": contact,
    }
