"""Merge fields of templates and mailings: a name out of a fixed list, replaced once by text. Nothing in a name, a template or a value is ever evaluated (RELIABILITY X1).

{{ contact.name }} or {{ contact.greeting | Hello }}: the words after the bar stand where the value is empty.
"""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass

from core.base.errors import Refused
from core.post.rules import BROKEN

PLACEHOLDER = re.compile(r"\{\{[ \t]*([A-Za-z_][A-Za-z0-9_.]{0,60})[ \t]*(?:\|([^{}|\n]{0,60}))?\}\}")
ANY_BRACES = re.compile(r"\{\{(.{0,60}?)\}\}", re.DOTALL)
VALUE_MAX = 200


@dataclass(frozen=True)
class MergeFields:
    """The fields that a kind of text knows. Values come as a mapping of field to text; what is no text counts as empty."""

    known: Container[str]

    def check(self, text: str, *, field: str) -> str:
        """The text itself. Refuses what looks like a merge field and is none (`merge_field_unknown`), before anybody gets it."""
        for braces in ANY_BRACES.finditer(text):
            exact = PLACEHOLDER.fullmatch(braces.group(0))
            if exact is None or exact.group(1) not in self.known:
                raise Refused("merge_field_unknown", field=field, name=braces.group(1).strip()[:40])
        return text

    def fill(self, template: str, values: Mapping[str, object]) -> str:
        """Replaced in plain text, once: a value that looks like a field stays as it is, an unknown name too."""
        return PLACEHOLDER.sub(lambda found: self.value(found, values), template)

    def fill_line(self, template: str, values: Mapping[str, object]) -> str:
        """The same for a header: what comes in by a value can not begin a new line."""
        return BROKEN.sub(" ", self.fill(template, values)).strip()

    def value(self, found: re.Match, values: Mapping[str, object]) -> str:
        """What stands in the place of one field."""
        name, instead = found.group(1), found.group(2) or ""
        if name not in self.known:
            return found.group(0)
        text = values.get(name)
        return (text.strip() if isinstance(text, str) else "")[:VALUE_MAX] or instead.strip()
