"""What may stand in a field of a lead and in a touch, as pure rules."""

from collections.abc import Callable, Mapping
from typing import Any

from core.base.errors import Refused
from core.base.text import clean
from core.leads.models import ENDED, REASONS, STATES
from core.parties import rules as parties
from core.tagging.rules import tags

# What is kept of a visit; `at` is the moment, as text.
TOUCH = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "referrer", "page", "click_id")
LONGEST = 300


def touch(value: Any, field: str) -> dict[str, str]:
    """A touch by its fields, without those that are empty; refuses fields that there are not."""
    given = dict(value or {})
    unknown = next((name for name in given if name not in TOUCH), None)
    if unknown is not None:
        raise Refused("touch_unknown", field=field, name=str(unknown)[:60])
    found = {name: clean(str(given[name]), field=field, max_length=LONGEST) for name in TOUCH if given.get(name) not in (None, "")}
    return {name: text for name, text in found.items() if text}


FIELDS: dict[str, Callable[[Any, str], Any]] = {
    "name": parties.needed_line, "company": parties.line, "job_title": parties.line, "mail": parties.mail, "phone": parties.phone, "language": parties.line, "postcode": parties.line,
    "city": parties.line, "country": parties.line, "interest": parties.line, "message": parties.paragraphs, "source": parties.line, "campaign": parties.line, "owner_id": parties.key,
    "next_step": parties.line, "next_step_on": parties.day, "notes": parties.paragraphs, "tags": tags, "external_id": parties.line,
}


def named(values: Mapping[str, Any]) -> str:
    """What a lead is called: the person, else the company, else the mail address."""
    found = next((values[name] for name in ("name", "company", "mail") if values.get(name)), None)
    if not found:
        raise Refused("lead_nameless", field="name")
    return str(found)


def verdict(state: str, reason: str | None, note: str | None) -> tuple[str | None, str | None]:
    """(reason, note) of a lead that comes into a state; refuses an end without a reason, and another reason without its words."""
    if state not in STATES or state == "converted":
        raise Refused("unknown_value", field="state")
    if reason and reason not in REASONS:
        raise Refused("unknown_value", field="reason")
    said = parties.line(note, "reason_note")
    if state in ENDED and not reason:
        raise Refused("lead_reason_needed", field="reason")
    if reason == "other" and not said:
        raise Refused("lead_note_needed", field="reason_note")
    return reason or None, said
