"""Words, numbers, money and days of a document in its own language, whoever prints it."""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel.numbers import format_currency, format_decimal, get_currency_precision

from infra import dates, i18n

MOST_DECIMALS = 6


class Say:
    """One document's language and currency."""

    def __init__(self, language: str, currency: str):
        self.language, self.currency = i18n.language(language), currency
        self.locale = i18n.babel_locale(self.language)
        self.places = get_currency_precision(currency)

    def __call__(self, message: str, **params: Any) -> str:
        return i18n.gettext(self.language, message, **params)

    def day(self, day: date | None) -> str:
        return dates.say_day(day, "long", self.language) if day else ""

    def money(self, amount: Decimal) -> str:
        """With its currency, as the totals stand."""
        return format_currency(amount, self.currency, locale=self.locale)

    def amount(self, amount: Decimal | None) -> str:
        """Of the document's currency, which stands over the column."""
        return "" if amount is None else format_decimal(amount, self._pattern(self.places), locale=self.locale)

    def price(self, amount: Decimal | None) -> str:
        """A price of one may be finer than the smallest coin."""
        return "" if amount is None else format_decimal(amount, self._pattern(max(self.places, min(decimals(amount), MOST_DECIMALS))), locale=self.locale)

    def number(self, number: Decimal | None) -> str:
        return "" if number is None else format_decimal(number, f"#,##0.{'#' * MOST_DECIMALS}", locale=self.locale)

    def rounded(self, amount: Decimal) -> Decimal:
        """To the smallest coin."""
        return amount.quantize(Decimal(1).scaleb(-self.places), ROUND_HALF_UP)

    def listed(self, parts: Sequence[str]) -> str:
        return ", ".join(part for part in parts if part)

    @staticmethod
    def _pattern(places: int) -> str:
        return f"#,##0.{'0' * places}" if places else "#,##0"


def decimals(number: Decimal) -> int:
    """How many a number has, zeros at its end aside."""
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
