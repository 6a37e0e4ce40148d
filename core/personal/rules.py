"""What may stand in the fields of a personal fact, as pure rules."""

from collections.abc import Callable
from typing import Any

from core.base.errors import Refused
from core.base.text import clean
from core.parties.rules import day
from core.personal.models import KINDS, LONGEST, SOURCES


def one_of(known: tuple[str, ...]) -> Callable[[Any, str], str]:
    """A cleaner of values from a list."""

    def chosen(value: Any, field: str) -> str:
        if value not in known:
            raise Refused("unknown_value", field=field)
        return value

    return chosen


def body(value: Any, field: str) -> str:
    """The text; it must not be empty."""
    found = clean(None if value is None else str(value), field=field, max_length=LONGEST, multiline=True)
    if found is None:
        raise Refused("personal_fact_empty", field=field)
    return found


def note(value: Any, field: str) -> str | None:
    """One line of text."""
    return clean(None if value is None else str(value), field=field)


FIELDS: dict[str, Callable[[Any, str], Any]] = {"kind": one_of(KINDS), "body": body, "source": one_of(SOURCES), "source_note": note, "noted_on": day}
