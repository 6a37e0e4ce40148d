"""Text as people type it: cleaned, bounded, comparable."""

import re
import unicodedata

from core.base.errors import Refused

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
# All that ends a line somewhere: PostgreSQL and browsers keep the last three, mail programs break a header at them.
LINE_END = re.compile(r"\r\n|[\r\x85\u2028\u2029]")


def clean(value: str | None, *, field: str | None = None, max_length: int = 200, multiline: bool = False) -> str | None:
    """NFC, trimmed, line ends of every kind one space, or one line feed where several lines may be; None when empty.
    Refuses control characters (`control_character`) and overlong text (`too_long`)."""
    if value is None:
        return None
    text = LINE_END.sub("\n", unicodedata.normalize("NFC", value))
    if not multiline:
        text = re.sub(r"[\n\t]+", " ", text)
    text = text.strip()
    if CONTROL.search(text):
        raise Refused("control_character", field=field)
    if len(text) > max_length:
        raise Refused("too_long", field=field, max=max_length)
    return text or None


def clean_needed(value: str | None, *, field: str, max_length: int = 200) -> str:
    """The same for one line that must not be empty (`required`)."""
    found = clean(value, field=field, max_length=max_length)
    if found is None:
        raise Refused("required", field=field)
    return found


def fold(value: str) -> str:
    """For comparing: compatibility form, case folded, single spaces."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", value).casefold()).strip()
