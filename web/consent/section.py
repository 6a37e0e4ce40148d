"""What a person agreed to, as a part of his page."""

from typing import Any

from core.base.context import Context
from core.base.policy import has, may
from core.consent import bases, queries
from core.consent.words import ALL_BASIS_LABELS, SOURCE_LABELS
from core.parties.models import Contact


def consent_values(ctx: Context, contact: Contact) -> dict[str, Any]:
    """What consent/_section.html needs; nothing for whoever may not see it."""
    if not has(ctx, "consents.read"):
        return {"consents": None}
    purposes, rests_on = bases.beside_purposes(ctx, contact)
    return {"consents": {
        "purposes": [one for one in purposes if not one.ended], "standing": {row.purpose_id: row for row in queries.standing(ctx, contact)} if purposes else {},
        "can_record": may(ctx, "consents.record", contact), "can_restrict": may(ctx, "contacts.edit", contact), "bases": ALL_BASIS_LABELS, "rests_on": rests_on, "sources": SOURCE_LABELS,
    }}
