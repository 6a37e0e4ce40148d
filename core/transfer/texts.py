"""Messengers and roles at other accounts as the text of one cell, written by an export and read by an import: one on each line.

"WhatsApp (At work): +34 600 111 222" · "Acme GmbH | Adviser | Board | 2020-01-01 | 2022-12-31 | former"
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from core.base.errors import Refused
from core.base.text import clean, fold
from core.base.words import N_
from core.parties import reach_rules
from core.parties.reach_words import LABEL_WORDS, SERVICE_WORDS
from core.transfer import cells
from core.transfer.cells import Reading
from infra import i18n

FORMER = N_("former")
HEAD = re.compile(r"^(?P<service>[^:()]{1,40}?)\s*(?:\((?P<label>[^)]{1,50})\))?\s*:\s*(?P<value>.+)$")
NEXT = re.compile(r"\s*;\s*(?=(?P<service>[^;:()\n]{1,40}?)\s*(?:\([^)\n]{1,50}\))?\s*:)")
PARTS = re.compile(r"(?<!\\)\|")


def word_in(typed: str, words: Mapping[str, str]) -> str | None:
    """The word of a list, as our own files write it or as a page shows it, in any of the languages."""
    return _folded(tuple(words.items())).get(fold(cells.plain_spaces(typed)))


@lru_cache
def _folded(words: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """What may be written, folded -> the word that it means; of several the first."""
    found: dict[str, str] = {}
    for name, text in words:
        for said in (name, *(fold(i18n.gettext(code, text)) for code in i18n.LANGUAGES)):
            found.setdefault(said, name)
    return found


def lines_of(cell: str) -> list[str]:
    """The entries of a cell; refuses too many."""
    found = [line.strip() for line in cell.splitlines() if line.strip()]
    if len(found) > reach_rules.MOST:
        raise Refused("too_many_points", max=reach_rules.MOST)
    return found


# ---- messengers ----


def say_messengers(language: str, found: Iterable[tuple[str, str, str]]) -> str | None:
    """(service, label, value) of each as a cell."""
    return "\n".join(f"{i18n.gettext(language, SERVICE_WORDS[service])}{_label(language, label)}: {value}" for service, label, value in found) or None


def _label(language: str, label: str) -> str:
    plain = re.sub(r"[():]", " ", i18n.gettext(language, LABEL_WORDS[label]) if label in LABEL_WORDS else label)
    return "" if label == "other" else f" ({' '.join(plain.split())})"


def read_messengers(cell: str, reading: Reading) -> list[list[str]] | None:
    """[service, label, value] of each; refuses a line that names no messenger."""
    found = []
    for line in lines_of(NEXT.sub(_break, cell)):
        match = HEAD.fullmatch(line)
        service = word_in(match["service"], SERVICE_WORDS) if match else None
        if match is None or service is None:
            raise Refused("messenger_unknown", value=cells.shown(line))
        label = match["label"] or "other"
        found.append([service, reach_rules.label(word_in(label, LABEL_WORDS) or label), reach_rules.point("messenger", match["value"], service)["value"]])
    return found or None


def _break(found: re.Match[str]) -> str:
    """A semicolon ends an entry where what follows it begins another one, else it belongs to a name."""
    return "\n" if word_in(found["service"], SERVICE_WORDS) else found[0]


# ---- roles ----


def say_roles(language: str, found: Iterable[Any]) -> str | None:
    """The roles of a person as a cell: account, title, department, from, until, whether it is over."""
    return "\n".join(_role(language, one) for one in found) or None


def _role(language: str, role: Any) -> str:
    parts = [role.name, role.title, role.department, role.since, role.until, i18n.gettext(language, FORMER) if role.is_former else None]
    texts = ["" if one is None else str(one).replace("\\", "\\\\").replace("|", "\\|") for one in parts]
    while not texts[-1]:
        texts.pop()
    return " | ".join(texts)


def read_roles(cell: str, reading: Reading) -> list[dict[str, Any]] | None:
    """{"account": name, and what reach_rules.AFFILIATION_FIELDS may hold} of each, as JSON; refuses a day that is none."""
    return [_read_role(PARTS.split(line), reading) for line in lines_of(cell)] or None


def _read_role(parts: Sequence[str], reading: Reading) -> dict[str, Any]:
    name, title, department, since, until, over, *more = [re.sub(r"\\([\\|])", r"\1", part).strip() for part in parts] + [""] * 6
    if not name or any(more) or (over and word_in(over, {"former": FORMER}) is None and fold(over) not in cells.YES):
        raise Refused("role_unreadable", value=cells.shown(" | ".join(parts)))
    days = {key: _day(text, reading) for key, text in (("since", since), ("until", until))}
    reach_rules.check_days({key: day and date.fromisoformat(day) for key, day in days.items()})
    said = {"title": title, "department": department}
    return {"account": clean(name, field="account", max_length=200), **{key: reach_rules.AFFILIATION_FIELDS[key](text or None, key) for key, text in said.items()}, **days, "is_former": bool(over)}


def _day(text: str, reading: Reading) -> str | None:
    return cells.read_day(text, reading) if text else None
