"""Which skills a text asks for, and who has them: pure rules over plain values."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID

from core.base.text import fold
from infra import i18n

# What a letter of a script without spaces between its words stands beside says nothing of where a word ends.
UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
SEPARATORS = re.compile(r"[,;/|+\n]")


@dataclass(frozen=True)
class Skills:
    """Of one person. works_in: the language of his pages; languages: codes of further ones; categories: key -> name; words: as they were written."""

    works_in: str = ""
    languages: tuple[str, ...] = ()
    categories: Mapping[UUID, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """What a text may name. names, above: of each category its name, folded, and the one that it belongs to; products: code or name, folded -> its categories; given: the categories of what is offered already."""

    names: Mapping[UUID, str] = field(default_factory=dict)
    above: Mapping[UUID, UUID | None] = field(default_factory=dict)
    products: Mapping[str, frozenset[UUID]] = field(default_factory=dict)
    given: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class Asked:
    """categories: those that are named, or to which what is named belongs, with all above them. text: folded, for words."""

    categories: frozenset[UUID] = frozenset()
    text: str = ""


def language_code(typed: str | None) -> str | None:
    """The code of a language that was written as one ("pt-BR") or by its name in a language of ours ("Spanish", "испанский")."""
    text = fold(typed or "")
    short = re.split("[-_]", text)[0]
    return next((found for found in (_languages().get(text), _languages().get(short)) if found), None)


@cache
def _languages() -> dict[str, str]:
    """Code or folded name -> code."""
    locales = [i18n.babel_locale(code) for code in i18n.LANGUAGES]
    plain = {code for code in locales[0].languages if re.fullmatch("[a-z]{2,3}", code)}
    named = {fold(str(name)): code for locale in reversed(locales) for code, name in locale.languages.items() if code in plain}
    return named | {code: code for code in plain}


def speaking(people: Mapping[UUID, Skills], language: str | None) -> set[UUID] | None:
    """Who of them speaks a language: works in it, or has it among his skills. None where it is not known which that is."""
    code = language_code(language)
    return None if code is None else {key for key, one in people.items() if code == one.works_in or code in one.languages}


def parts(text: str | None) -> list[str]:
    """The text and what stands between its commas and the like, folded: what may be the name of a product."""
    if not text:
        return []
    return [one for one in dict.fromkeys(fold(part) for part in (text, *SEPARATORS.split(text))) if one]


def named_in(word: str, text: str) -> bool:
    """Does the folded word stand in the folded text as a word? In scripts without spaces wherever it stands."""
    if not word or word not in text:
        return False
    before, after = ("" if UNSPACED.match(edge) else r"(?<!\w)" if place == 0 else r"(?!\w)" for place, edge in enumerate((word[0], word[-1])))
    return re.search(before + re.escape(word) + after, text) is not None


def asked_for(catalogue: Catalogue, sought: str | None, said: str | None = None) -> Asked:
    """sought: what somebody asks for, whose products and categories count; said: what else he wrote, where only words of people's skills do."""
    text = fold(sought or "")
    named = {key for key, name in catalogue.names.items() if named_in(name, text)} | catalogue.given
    for part in parts(sought):
        named |= catalogue.products.get(part, frozenset())
    return Asked(frozenset(with_above(named, catalogue.above)), fold(f"{sought or ''} {said or ''}"))


def with_above(keys: Iterable[UUID], above: Mapping[UUID, UUID | None]) -> set[UUID]:
    """These categories and all to which they belong."""
    found: set[UUID] = set()
    for key in keys:
        here: UUID | None = key
        while here is not None and here not in found:
            found.add(here)
            here = above.get(here)
    return found


def known(skills: Skills, asked: Asked) -> tuple[str, ...]:
    """Which of his skills are asked for, by name."""
    categories = (name for key, name in skills.categories.items() if key in asked.categories)
    return tuple(dict.fromkeys((*sorted(categories), *(word for word in skills.words if named_in(fold(word), asked.text)))))


def suited(people: Mapping[UUID, Skills], asked: Asked) -> set[UUID] | None:
    """Who of them has what is asked for; None where nothing is that a skill could be: then anybody will do."""
    found = {key for key, skills in people.items() if known(skills, asked)}
    return found if found or asked.categories else None
