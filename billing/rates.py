"""What a choice would cost, before anything is ordered: pure arithmetic for the page that asks."""

from typing import NamedTuple

from core.base import vat
from core.base.money import Money


class Quote(NamedTuple):
    """treatment: a kind of core.base.vat; rate in hundredths of a percent."""

    net: Money
    tax: Money
    gross: Money
    rate: int
    treatment: str


def quote(per_seat: Money, seats: int, seller_vat_id: str, country: str, vat_id: str | None) -> Quote:
    """The invoice that this choice would lead to."""
    kind, rate = vat.treatment(seller_vat_id, country, vat_id)
    net = per_seat.minor * seats
    (tax,) = vat.tax_of([(net, rate)])
    return Quote(*(Money.of_minor(amount, per_seat.currency) for amount in (net, tax, net + tax)), rate, kind)
