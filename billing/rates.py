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


def quote(items: list[tuple[Money, int]], seller_vat_id: str, country: str, vat_id: str | None) -> Quote:
    """The invoice that this choice would lead to. items: (what one costs, how many), such as seats and partners' seats."""
    kind, rate = vat.treatment(seller_vat_id, country, vat_id)
    nets = [each.minor * number for each, number in items]
    net, tax = sum(nets), sum(vat.tax_of([(net, rate) for net in nets]))
    return Quote(*(Money.of_minor(amount, items[0][0].currency) for amount in (net, tax, net + tax)), rate, kind)
