"""What may stand in the tags of a record, as a pure rule."""

import re
from collections.abc import Iterable
from typing import Any

from core.base.errors import Refused
from core.base.text import clean, fold

MOST_TAGS, LONGEST_TAG = 30, 50


def tags(value: Any, field: str) -> list[str]:
    """Tags from a list or "fair, priority": each once whatever its case, in the order given."""
    given = re.split(r"[,;\n]", value) if isinstance(value, str) else list(value or [])
    found: dict[str, str] = {}
    for tag in given:
        kept = clean(str(tag), field=field, max_length=LONGEST_TAG)
        if kept:
            found.setdefault(fold(kept), kept)
    if len(found) > MOST_TAGS:
        raise Refused("too_many_tags", field=field, max=MOST_TAGS)
    return list(found.values())


def together(*given: Iterable[str] | None) -> list[str]:
    """The tags of several records as those of one: each once, as many as a record may have."""
    found: dict[str, str] = {}
    for tag in (tag for some in given for tag in some or ()):
        found.setdefault(fold(tag), tag)
    return list(found.values())[:MOST_TAGS]
