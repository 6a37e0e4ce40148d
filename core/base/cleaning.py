"""What may stand in a field of any room, as pure rules: typed values in, values to keep out.

Every cleaner takes what a form, an API call or an import has (text or the value itself) and the field's name; it
refuses with a code that names the field.
"""

import re
from collections.abc import Callable, Collection
from datetime import date
from typing import Any
from uuid import UUID

from babel.numbers import list_currencies

from core.base.errors import Refused
from core.base.text import clean, clean_needed

TRUE = frozenset({"1", "true", "yes", "on", "y"})


def line(value: Any, field: str) -> str | None:
    """One line of text, 200 characters at most."""
    return clean(None if value is None else str(value), field=field)


def needed_line(value: Any, field: str) -> str:
    """The same, and it must not be empty."""
    return clean_needed(None if value is None else str(value), field=field)


def paragraphs(value: Any, field: str) -> str | None:
    """Text of several lines, 20,000 characters at most."""
    return clean(None if value is None else str(value), field=field, max_length=20_000, multiline=True)


def tick(value: Any, field: str) -> bool:
    """A yes or no of a form, an API call or a file."""
    return value if isinstance(value, bool) else str(value or "").strip().lower() in TRUE


# Digits, or groups of three of them behind the first.
WHOLE = re.compile(r"[+-]?(?:[0-9]{1,12}|[0-9]{1,3}(?:[\s.,'\u2019\u00a0\u202f][0-9]{3}){1,3})", re.ASCII)


def whole_number(low: int, high: int) -> Callable[[Any, str], int | None]:
    """A cleaner of whole numbers within bounds; "12,000" and "12 000" are read, "0.5" and "1,7" are no whole numbers."""

    def whole(value: Any, field: str) -> int | None:
        typed = str(value).strip() if value is not None else ""
        if not typed:
            return None
        found = int(re.sub(r"[^0-9+-]", "", typed)) if WHOLE.fullmatch(typed) else None
        if found is None or not low <= found <= high:
            raise Refused("not_whole", field=field, low=low, high=high)
        return found

    return whole


def currency(value: Any, field: str) -> str | None:
    """An ISO 4217 code."""
    typed = (line(value, field) or "").upper()
    if typed and typed not in list_currencies():
        raise Refused("not_a_currency", field=field)
    return typed or None


def day(value: Any, field: str) -> date | None:
    """A date as in 2026-05-31."""
    if isinstance(value, date) or not value:
        return value or None
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise Refused("not_a_date", field=field) from None


def one_of(known: Collection[str]) -> Callable[[Any, str], str | None]:
    """A cleaner of the words of a list."""

    def word(value: Any, field: str) -> str | None:
        if value and value not in known:
            raise Refused("unknown_value", field=field)
        return value or None

    return word


def key(value: Any, field: str) -> UUID | None:
    """The key of another record; whether it is there and seen is asked by the use case."""
    if isinstance(value, UUID) or not value:
        return value or None
    try:
        return UUID(str(value).strip())
    except ValueError:
        raise Refused("unknown_value", field=field) from None
