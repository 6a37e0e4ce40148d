"""What stands beside an amount in a file: a currency by its code, in whatever case, or by its sign. What could be several, or is none, is
refused: no amount becomes one of the workspace's currency because nobody could read what it is in."""

from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.core import get_global
from babel.numbers import list_currencies

from core.base.importing import Incoming
from infra import i18n

# Signs and words that say less abroad than at home; what each may mean.
SIGNS = {
    "$": "USD AUD BBD BMD BND BSD BZD CAD CLP COP FJD GYD HKD JMD KYD LRD MXN NAD NZD SBD SGD SRD TTD TWD UYU XCD ARS", "£": "GBP EGP FKP GIP SHP SSP SYP LBP", "¥": "CNY JPY",
    "元": "CNY TWD HKD", "人民币": "CNY", "円": "JPY", "원": "KRW KPW", "₩": "KRW KPW", "kr": "SEK NOK DKK ISK", "fr": "CHF", "sfr": "CHF", "euro": "EUR", "euros": "EUR", "евро": "EUR", "유로": "EUR", "欧元": "EUR",
    "us$": "USD", "au$": "AUD", "a$": "AUD", "c$": "CAD", "s$": "SGD", "₽": "RUB", "руб": "RUB", "р": "RUB", "₺": "TRY", "₴": "UAH", "zł": "PLN", "kč": "CZK", "ft": "HUF", "₦": "NGN", "₱": "PHP", "฿": "THB", "₹": "INR",
}
AROUND = ".,:;-=~'\"*"


@lru_cache
def _said() -> dict[str, frozenset[str]]:
    """What is written, folded -> the currencies that it may mean; a sign means none that nobody pays in any more."""
    found: dict[str, set[str]] = {code.casefold(): {code} for code in list_currencies()}
    paid_in = {code for some in get_global("territory_currencies").values() for code, _, until, _ in some if until is None}
    for language in i18n.LANGUAGES:
        for code, sign in ((code, sign) for code, sign in Locale.parse(language).currency_symbols.items() if code in paid_in):
            found.setdefault(_plain(sign), set()).add(code)
    for sign, codes in SIGNS.items():
        found.setdefault(sign, set()).update(codes.split())
    return {sign: frozenset(codes) for sign, codes in found.items()}


def _plain(text: str) -> str:
    return text.casefold().strip(AROUND)


def meant(beside: str, typed: str | None, known: Collection[str]) -> str | None:
    """The one currency that this means; of several that which the row's own column says, else the only one in which the workspace deals."""
    words = [word for word in map(_plain, beside.split()) if word]
    codes = frozenset.intersection(*(_said().get(word, frozenset()) for word in words))
    if typed in codes:
        return typed
    some = codes if len(codes) == 1 else codes.intersection(known)
    return next(iter(some)) if len(some) == 1 else None


def is_currency(beside: str) -> bool:
    """Is this the code or the sign of a currency, or of several?"""
    return _plain(beside) in _said()


def priced(clean: Callable[[Any, str], Decimal | None]) -> Callable[[Any, str], str | None]:
    """A cleaner of an amount as a file's reader gives it: "12.50", or with what stands beside it "12.50 USD"."""

    def read(value: Any, field: str) -> str | None:
        amount, _, beside = str(value or "").partition(" ")
        found = clean(Decimal(amount) if amount else None, field)
        return None if found is None else f"{found:f} {beside}".strip()

    return read


def take_currency(row: Incoming, names: Iterable[str], known: Collection[str]) -> str:
    """Amounts and what stands beside them come apart. Returns the column that says the row's currency."""
    place = "currency"
    for name in names:
        amount, _, beside = str(row.values.get(name, "")).partition(" ")
        if not beside:
            continue
        row.values[name] = amount
        if not beside.strip(AROUND + " "):
            continue
        found, typed = meant(beside, row.values.get("currency"), known), row.values.get("currency")
        if found is None:
            row.refuse(name, "amount_beside_unread", value=beside, cell=f"{amount} {beside}")
        elif typed not in (None, found):
            row.refuse(name, "price_currency_other", value=found)
        elif typed is None:
            row.values["currency"], place = found, name
    return place
