"""Taxes of a document: pure arithmetic over plain values, no session.

A line has an amount (net or gross, as the document says) and the taxes that it is under. Per document, tax of a rate is worked out once
on the sum of its lines, as EN 16931 (BR-CO-17: taxable amount times rate, rounded to the currency) wants; per line it is rounded on each
and added up, as some tills do. In a gross document the gross of every line is what was agreed and never moves: tax is what lies in it.
Exempt customers and reverse charge keep the taxable amount and take no tax; which it was is told with each sum (EN 16931, codes of UNTDID 5305:
S standard, Z zero rated, E exempt, AE reverse charge).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_precision

from core.base.errors import Refused

HUNDRED, ONE, NOTHING = Decimal(100), Decimal(1), Decimal(0)
TAXED, ZERO, EXEMPT, REVERSE = "S", "Z", "E", "AE"
PER = ("document", "line")


@dataclass(frozen=True, order=True)
class Tax:
    """code: of the workspace's tax; percent: of the taxable amount; category: as UNTDID 5305 names it."""

    code: str
    percent: Decimal
    category: str = TAXED


def with_rate(code: str, percent: Decimal, said: str) -> str:
    """What a tax is called, with its rate as `said` ("19") where the name does not say it: "Standard 19 %", but "VAT 19%" as it is."""
    named = {Decimal(one.replace(",", ".")) for one in re.findall(r"\d+(?:[.,]\d+)?", code)}
    return code if percent in named else f"{code} {said}\xa0%"


@dataclass(frozen=True)
class TaxedLine:
    """amount: of the whole line after its discounts, net or gross as the document says, rounded to the currency."""

    amount: Decimal
    taxes: tuple[Tax, ...] = ()


@dataclass(frozen=True)
class TaxSum:
    """One tax of a document: what it is taken of, and how much it is."""

    tax: Tax
    taxable: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Totals:
    """net + the taxes = gross, to the smallest coin. lines: net of each line, in order; they add up to net."""

    net: Decimal
    taxes: tuple[TaxSum, ...]
    gross: Decimal
    lines: tuple[Decimal, ...]


def totals(lines: Sequence[TaxedLine], currency: str, *, gross: bool = False, per: str = "document", relief: str | None = None) -> Totals:
    """What a document comes to. gross: its lines hold their taxes; per: where tax is rounded, document or line; relief: EXEMPT or REVERSE for a
    customer who pays no tax here: of a gross document the tax then comes out of the price."""
    if per not in PER:
        raise Refused("unknown_value", field="per")
    coin = ONE.scaleb(-get_currency_precision(currency))
    groups = _by_taxes(lines)
    sums = {taxes: (_of_gross if gross else _of_net)([lines[place].amount for place in places], taxes, coin, per) for taxes, places in groups.items()}
    nets = [NOTHING] * len(lines)
    for taxes, places in groups.items():
        for place, net in zip(places, sums[taxes][0], strict=True):
            nets[place] = net
    found = _added(((tax, sum(sums[taxes][0], NOTHING), amount) for taxes in groups for tax, amount in zip(taxes, sums[taxes][1], strict=True)), relief)
    net = sum(nets, NOTHING)
    return Totals(net, found, net + sum((one.amount for one in found), NOTHING), tuple(nets))


def shared(whole: Decimal, weights: Sequence[Decimal], coin: Decimal) -> list[Decimal]:
    """An amount split as the weights say, each part a multiple of the coin, adding up to the whole: what rounding down leaves goes
    to those that lost most, the first where alike (largest remainder)."""
    total = sum(weights, NOTHING)
    if not weights:
        return []
    if not total:
        weights, total = [ONE] * len(weights), Decimal(len(weights))
    exact = [whole * weight / total for weight in weights]
    parts = [(one / coin).quantize(ONE, ROUND_FLOOR) * coin for one in exact]
    left = int(((whole - sum(parts, NOTHING)) / coin).quantize(ONE, ROUND_HALF_UP))
    for place in sorted(range(len(parts)), key=lambda at: (parts[at] - exact[at], at))[:left]:
        parts[place] += coin
    return parts


def _by_taxes(lines: Sequence[TaxedLine]) -> dict[tuple[Tax, ...], list[int]]:
    groups: dict[tuple[Tax, ...], list[int]] = {}
    for place, line in enumerate(lines):
        groups.setdefault(tuple(sorted(set(line.taxes))), []).append(place)
    return groups


def _of_net(amounts: list[Decimal], taxes: tuple[Tax, ...], coin: Decimal, per: str) -> tuple[list[Decimal], list[Decimal]]:
    """(nets, how much each tax is)."""
    on = amounts if per == "line" else [sum(amounts, NOTHING)]
    return amounts, [sum((_rounded(one * tax.percent / HUNDRED, coin) for one in on), NOTHING) for tax in taxes]


def _of_gross(amounts: list[Decimal], taxes: tuple[Tax, ...], coin: Decimal, per: str) -> tuple[list[Decimal], list[Decimal]]:
    """The same of amounts that hold their taxes: what lies in them is split among the taxes, and the rest among the lines."""
    rates = [tax.percent for tax in taxes]
    share = sum(rates, NOTHING) / (HUNDRED + sum(rates, NOTHING))
    if per == "line":
        held = [_rounded(one * share, coin) for one in amounts]
        return [one - tax for one, tax in zip(amounts, held, strict=True)], shared(sum(held, NOTHING), rates, coin)
    whole = sum(amounts, NOTHING)
    held_in_all = _rounded(whole * share, coin)
    return shared(whole - held_in_all, amounts, coin), shared(held_in_all, rates, coin)


def _added(sums: Iterable[tuple[Tax, Decimal, Decimal]], relief: str | None) -> tuple[TaxSum, ...]:
    """One sum for each tax, by its code; of a customer with relief none is taken."""
    found: dict[Tax, list[Decimal]] = {}
    for tax, taxable, amount in sums:
        freed = relief is not None and tax.category == TAXED
        kept = found.setdefault(Tax(tax.code, NOTHING, relief) if freed and relief else tax, [NOTHING, NOTHING])
        kept[0] += taxable
        kept[1] += NOTHING if freed else amount
    return tuple(TaxSum(tax, *found[tax]) for tax in sorted(found))


def _rounded(amount: Decimal, coin: Decimal) -> Decimal:
    return amount.quantize(coin, ROUND_HALF_UP)
