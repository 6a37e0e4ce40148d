"""Languages: catalogues, negotiation, locale data. The .po files are read once per process and language."""

from functools import lru_cache
from pathlib import Path

from babel import Locale
from babel.messages.pofile import read_po
from babel.support import Translations

from infra.once import made_once

FOLDER = Path(__file__).parent / "translations"
# code -> (its own name, the page's lang attribute, Babel locale)
LANGUAGES = {
    "en": ("English", "en", "en_US"),
    "es": ("Español", "es", "es_ES"),
    "zh": ("简体中文", "zh-Hans", "zh_Hans_CN"),
    "ko": ("한국어", "ko", "ko_KR"),
    "ru": ("Русский", "ru", "ru_RU"),
}
DEFAULT = "en"


def language(code: str | None) -> str:
    """A supported language for whatever was asked ("zh-CN", "ru_RU", None)."""
    short = (code or "").replace("_", "-").split("-")[0].lower()
    return short if short in LANGUAGES else DEFAULT


def html_lang(code: str) -> str:
    return LANGUAGES[language(code)][1]


@lru_cache
def babel_locale(code: str) -> Locale:
    return Locale.parse(LANGUAGES[language(code)][2])


class Catalogue(Translations):
    """One language's messages, from its .po file."""

    def __init__(self, code: str):
        super().__init__()
        self._catalog: dict = {}
        path = FOLDER / code / "LC_MESSAGES" / "messages.po"
        self.plural = lambda n: int(n != 1)
        if path.exists():
            with path.open("rb") as file:
                self._load(read_po(file, locale=code))

    def _load(self, catalog) -> None:
        from gettext import c2py

        self.plural = c2py(catalog.plural_expr)
        for message in catalog:
            if not message.id or not message.string or message.fuzzy:
                continue
            if isinstance(message.id, tuple):
                for index, text in enumerate(message.string):
                    self._catalog[(message.id[0], index)] = text
            else:
                self._catalog[message.id] = message.string

    def knows(self, message: str) -> bool:
        return message in self._catalog


@made_once
def catalogue(code: str) -> Catalogue:
    return Catalogue(language(code))


def is_ours(message: str) -> bool:
    """Is it one of the messages that stand in our sources? Every one of them is in each catalogue."""
    return catalogue("es").knows(message)


def gettext(code: str, message: str, **params) -> str:
    """The message in a language, parameters put in (%(name)s); English where a translation is missing."""
    text = catalogue(code).gettext(message)
    return text % params if params else text


def ngettext(code: str, one: str, many: str, n: int, **params) -> str:
    text = catalogue(code).ngettext(one, many, n)
    return text % {"num": n, **params}


def negotiate(accept: list[str]) -> str:
    """The first language of a browser's list that we have."""
    for code in accept:
        if code.replace("_", "-").split("-")[0].lower() in LANGUAGES:
            return language(code)
    return DEFAULT
