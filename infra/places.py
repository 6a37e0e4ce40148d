"""What a time zone tells of where somebody is: the money that is paid with there; and countries in the order of their names (Unicode CLDR)."""

import unicodedata
from functools import cache

from anyascii import anyascii
from babel.core import get_global
from babel.numbers import get_territory_currencies, list_currencies

from infra import i18n

# Those of most customers first, then every other that is money today.
OFTEN = ("EUR", "USD", "GBP", "CNY", "KRW", "RUB", "MXN", "JPY", "CHF", "PLN", "BRL", "INR")


def currency_of_zone(timezone: str) -> str | None:
    """The currency of the country of that time zone; None for zones of no country (UTC)."""
    country = get_global("zone_territories").get(timezone)
    found = get_territory_currencies(country) if country else []
    return found[0] if found else None


def currencies() -> list[str]:
    """Every currency that is legal tender somewhere, the usual ones first."""
    tender = {one for country in set(get_global("zone_territories").values()) for one in get_territory_currencies(country)}
    return [*OFTEN, *sorted((tender & list_currencies()) - set(OFTEN))]


@cache
def countries_in_order(lang: str) -> tuple[str, ...]:
    """The codes of all countries in the order of their names in that language: accents aside, Chinese by its sounds."""
    names = {code: name for code, name in i18n.babel_locale(lang).territories.items() if len(code) == 2}
    return tuple(sorted(names, key=lambda code: (_sorted_by(names[code], lang), code)))


def _sorted_by(name: str, lang: str) -> str:
    if lang == "zh":
        return " ".join(map(anyascii, name)).casefold()
    if lang == "ko":
        return name
    return "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char)).casefold()
