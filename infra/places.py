"""What a time zone tells of where somebody is: the money that is paid with there (Unicode CLDR)."""

from babel.core import get_global
from babel.numbers import get_territory_currencies, list_currencies

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
