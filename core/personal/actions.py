"""Use cases of what is known of people: write down, correct, delete, bring back."""

from collections.abc import Mapping
from typing import Any

from core.base import editing
from core.base.context import Context
from core.base.editing import cleaned, cleaned_as_was
from core.base.errors import Refused
from core.base.facts import record
from core.base.policy import require
from core.parties import queries as parties
from core.parties.models import Contact
from core.parties.restricting import check_free
from core.personal.models import PersonalFact
from core.personal.rules import FIELDS


def add_fact(ctx: Context, contact: Contact, *, body: Any, kind: Any = "other", source: Any = "said", source_note: Any = None, noted_on: Any = None) -> PersonalFact:
    """Write down what is known of a person. Refuses nothing at all, an unknown kind or source, and a day to come."""
    _may_write(ctx, contact)
    given = {"kind": kind, "body": body, "source": source, "source_note": source_note, "noted_on": noted_on or ctx.today}
    fact = PersonalFact(contact_id=contact.id, noted_by=ctx.actor.id, **_checked(ctx, cleaned(FIELDS, given)))
    ctx.session.add(fact)
    record(ctx, "personal_fact.added", fact)  # about nobody: timelines are read without the permission
    return fact


def edit_fact(ctx: Context, fact: PersonalFact, *, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any) -> PersonalFact:
    """Correct it. Two at once are merged field by field, as everywhere."""
    _may_write(ctx, _person(ctx, fact))
    changes = editing.changes(ctx, fact, _checked(ctx, cleaned(FIELDS, given)), version=version, original=cleaned_as_was(FIELDS, original))
    for name, value in changes.items():
        setattr(fact, name, value)
    if changes:
        record(ctx, "personal_fact.edited", fact, fields=sorted(changes))
    ctx.session.flush()  # the answer shows the new version
    return fact


def delete_fact(ctx: Context, fact: PersonalFact) -> None:
    """Take it away; it can be brought back."""
    _may_write(ctx, _person(ctx, fact))
    fact.deleted_at = ctx.now
    record(ctx, "personal_fact.deleted", fact)


def restore_fact(ctx: Context, fact: PersonalFact) -> None:
    """Bring it back."""
    _may_write(ctx, _person(ctx, fact))
    fact.deleted_at = None
    record(ctx, "personal_fact.restored", fact)


def _may_write(ctx: Context, contact: Contact) -> None:
    require(ctx, "personal_facts.write", contact)
    check_free(contact)


def _person(ctx: Context, fact: PersonalFact) -> Contact:
    """Whom it is about; a fact of somebody who is not seen is none."""
    return parties.one_contact(ctx, fact.contact_id)


def _checked(ctx: Context, values: dict[str, Any]) -> dict[str, Any]:
    if "noted_on" in values and values["noted_on"] is None:
        raise Refused("required", field="noted_on")
    if values.get("noted_on") and values["noted_on"] > ctx.today:
        raise Refused("noted_in_future", field="noted_on")
    return values
