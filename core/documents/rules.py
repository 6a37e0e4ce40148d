"""What may stand in a print template, as pure rules: typed values in, values to keep out."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from core.base.cleaning import tick
from core.base.errors import Refused
from core.base.text import clean, clean_needed
from core.documents.models import (
    COLUMNS,
    FONTS,
    LANGUAGES,
    LAYOUTS,
    NARROWEST,
    NEEDED_COLUMNS,
    PAPERS,
    SIDES,
    TICKS,
    WIDEST,
)

# All that a text of a template may name; each is put in once, as text, and what is put in is never looked at again.
PLACEHOLDERS = ("number", "version", "date", "valid_until", "customer", "person", "subject", "seller", "owner", "owner_mail", "owner_phone", "total", "currency")
PLACEHOLDER = re.compile(r"\{([A-Za-z_]{1,40})\}")
COLOUR = re.compile(r"#?[0-9a-f]{6}")
CONTRAST = 4.5  # WCAG AA: titles are printed in the colour, and white on it
MOST_LINES, LONGEST_LINES, LONGEST_HEADING = 8, 600, 40


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders put in. What looks like one and is none stays as it is written."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def choice_of(*known: str) -> Callable[[Any, str], str]:
    """One of the words, nothing else."""

    def chosen(value: Any, field: str) -> str:
        if not isinstance(value, str) or value not in known:
            raise Refused("unknown_value", field=field)
        return value

    return chosen


def template_name(value: Any, field: str) -> str:
    return clean_needed(None if value is None else str(value), field=field, max_length=80)


def colour(value: Any, field: str) -> str:
    """A colour as #1f4e79, dark enough that it can be read on white paper."""
    typed = str(value or "").strip().lower()
    if not COLOUR.fullmatch(typed):
        raise Refused("print_colour", field=field)
    typed = f"#{typed.removeprefix('#')}"
    if contrast(typed) < CONTRAST:
        raise Refused("print_colour_pale", field=field)
    return typed


def contrast(hex_colour: str) -> float:
    """How far a colour stands out from white, as WCAG counts."""
    parts = [int(hex_colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def millimetres(value: Any, field: str) -> int:
    """A margin in whole mm."""
    typed = str(value).strip() if value is not None else ""
    if not re.fullmatch(r"[0-9]{1,3}", typed) or not NARROWEST <= int(typed) <= WIDEST:
        raise Refused("print_margin", field=field, low=NARROWEST, high=WIDEST)
    return int(typed)


def some_lines(value: Any, field: str) -> str | None:
    """A few lines, as a letterhead or a footer has."""
    typed = clean(None if value is None else str(value), field=field, max_length=LONGEST_LINES, multiline=True)
    if typed and typed.count("\n") >= MOST_LINES:
        raise Refused("print_lines", field=field, max=MOST_LINES)
    return typed


def text_of(longest: int, *, multiline: bool = True) -> Callable[[Any, str], str | None]:
    """Text with placeholders; one that is not known is named."""

    def typed(value: Any, field: str) -> str | None:
        found = clean(None if value is None else str(value), field=field, max_length=longest, multiline=multiline)
        for name in PLACEHOLDER.findall(found or ""):
            if name not in PLACEHOLDERS:
                raise Refused("print_placeholder", field=field, name=name, known=", ".join(f"{{{one}}}" for one in PLACEHOLDERS))
        return found

    return typed


def columns(value: Any, field: str) -> list[str]:
    """Which columns, in their order: each once; the item and its amount are always among them."""
    found = list(value) if isinstance(value, list | tuple) else []
    if not found or any(not isinstance(one, str) or one not in COLUMNS for one in found):
        raise Refused("unknown_value", field=field)
    if len(set(found)) != len(found):
        raise Refused("print_column_twice", field=field)
    if any(one not in found for one in NEEDED_COLUMNS):
        raise Refused("print_column_needed", field=field)
    return found


def headings(value: Any, field: str) -> dict[str, str]:
    """Words of one's own over a column; a column without has the document's language's."""
    if not isinstance(value, Mapping) or any(name not in COLUMNS for name in value):
        raise Refused("unknown_value", field=field)
    typed = {name: clean(None if said is None else str(said), field=field, max_length=LONGEST_HEADING) for name, said in value.items()}
    return {name: said for name, said in typed.items() if said}


FIELDS: dict[str, Callable[[Any, str], Any]] = {
    "name": template_name, "language": choice_of("", *LANGUAGES), "layout": choice_of(*LAYOUTS), "colour": colour, "font": choice_of(*FONTS), "paper": choice_of(*PAPERS),
    **dict.fromkeys(SIDES, millimetres), "letterhead": some_lines, "footer_left": some_lines, "footer_middle": some_lines, "footer_right": some_lines,
    "columns": columns, "headings": headings, "title": text_of(120, multiline=False), "intro": text_of(4000), "closing": text_of(4000), "terms": text_of(20_000),
    **dict.fromkeys(TICKS, tick),
}
