"""Pure rules of comments: whom a text mentions."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from core.base.text import fold

# An @ that begins a word: that of a mail address does not.
AT = re.compile(r"(?:^|(?<=[\s(\[{\"'\u00ab\u201c\u300c\uff08,;:.!?/\-\u3000-\u303f\u4e00-\u9fff\uac00-\ud7a3]))@")
LETTER = re.compile(r"\w")


@dataclass(frozen=True)
class Person:
    """A colleague as a text may name him: by his name, where no other has it, or by his mail address."""

    id: UUID
    name: str
    mail: str


@dataclass(frozen=True)
class Found:
    """Somebody who is mentioned, by what stands behind the @."""

    id: UUID
    said: str


def mentions(text: str, people: Iterable[Person]) -> tuple[list[Found], list[str]]:
    """(whom the text mentions, each once; names behind an @ that several people have). The longest name counts: "@Anna
    Lee" is not Anna. An @ behind which nobody's name stands is just a sign."""
    names: dict[str, set[UUID]] = {}
    for person in people:
        for said in (person.name, person.mail):
            names.setdefault(fold(said), set()).add(person.id)
    found: dict[UUID, Found] = {}
    unclear = []
    for at in AT.finditer(text):
        said = _longest(text[at.end() :], names)
        if said is None:
            continue
        who = names[fold(said)]
        if len(who) > 1:
            unclear.append(said)
        else:
            (one,) = who
            found.setdefault(one, Found(one, said))
    return list(found.values()), list(dict.fromkeys(unclear))


def _longest(behind: str, names: dict[str, set[UUID]]) -> str | None:
    """The longest beginning of the text that is somebody's name, and ends where a word ends."""
    line = behind.split("\n", 1)[0][:260]
    for end in range(len(line), 0, -1):
        said = line[:end]
        if said != said.strip() or (end < len(line) and LETTER.match(line[end]) and _is_spaced(said[-1])):
            continue
        if fold(said) in names:
            return said
    return None


def _is_spaced(letter: str) -> bool:
    """Is it a letter of a script that puts spaces between words? A Chinese or Korean name may be followed by anything."""
    return ord(letter) < 0x2E80
