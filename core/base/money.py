"""Money: an exact amount with its currency (ISO 4217)."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_precision

from core.base.errors import Refused

# No exponents: 1e999999 would be a number of a million digits.
DIGITS = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """amount: Decimal in major units. Adding two currencies is refused."""

    amount: Decimal
    currency: str

    def __post_init__(self):
        if isinstance(self.amount, float):
            raise TypeError("money is never a float")
        object.__setattr__(self, "amount", Decimal(self.amount))

    @classmethod
    def of_minor(cls, minor: int, currency: str) -> "Money":
        """From integer minor units (cents; yen where the currency has none)."""
        return cls(Decimal(minor).scaleb(-get_currency_precision(currency)), currency)

    @property
    def minor(self) -> int:
        """Integer minor units, rounded half up."""
        return int(self.amount.scaleb(get_currency_precision(self.currency)).quantize(Decimal(1), ROUND_HALF_UP))

    def rounded(self) -> "Money":
        return Money.of_minor(self.minor, self.currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other).amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other).amount, self.currency)

    def __mul__(self, factor: int | Decimal) -> "Money":
        return Money(self.amount * factor, self.currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def _same(self, other: "Money") -> "Money":
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added")
        return other


def parse_amount(text: str, *, field: str | None = None) -> Decimal:
    """Read "1.234,56", "1,234.56", "1 234,56" or "1234.56"; refuses anything else as `not_an_amount`."""
    raw = text.strip().replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace("'", "")
    comma, dot = raw.rfind(","), raw.rfind(".")
    if comma > dot:
        raw = raw.replace(".", "")
        raw = raw.replace(",", ".") if raw.count(",") == 1 and not (len(raw) - raw.find(",") == 4 and dot >= 0) else raw.replace(",", "")
    else:
        raw = raw.replace(",", "")
        raw = raw.replace(".", "") if raw.count(".") > 1 else raw
    if not DIGITS.fullmatch(raw):
        raise Refused("not_an_amount", field=field, value=text[:40])
    return Decimal(raw)
