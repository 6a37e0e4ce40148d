"""What a piece costs a customer, and why: pure arithmetic over plain values, no session.

The order in which a price comes about, each step told:

1. Of the lines of price lists that fit (product, quantity, day, unit, whom the list is for, currency) the closest one wins:
   a list for this customer before one for a group before one for everybody; a line for the variant before one for the product before one for
   the category; what stands in the list itself before what it takes from a list below; the greater quantity it begins with; the greater priority of its list; the later start; then the lower price.
   Where none fits, the product's own price holds.
2. A line says a price, or what comes off or onto the product's own price, or a margin on its cost. A list that stands on another takes that one's
   lines, so many percent less or more.
3. An amount in another currency is converted at the stored rate of the day.
4. The list rounds, to a step and an ending ("to 5.00 less 0.01").
5. The customer's standing discount comes off, unless the list is net.
6. The result is rounded half up to the smallest coin of the currency, as many further places as the list asks for.

A bundle that has no price of its own is the sum of its parts, each priced so for as many as the bundles hold.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from babel.numbers import get_currency_precision

from core.base.errors import Refused
from core.base.money import Money

HUNDRED, ONE, PLACES = Decimal(100), Decimal(1), Decimal("0.0001")
WAYS = ("price", "discount", "markup", "margin")
# How close a list is to a customer, how close a line is to a product: the greater wins.
EVERYBODY, GROUP, CUSTOMER = range(3)
ALL, CATEGORY, PRODUCT, VARIANT = range(4)


@dataclass(frozen=True)
class Rounding:
    """To a multiple of `step`, then `less`: step 5.00 less 0.01 makes 23.10 to 24.99. No step, no rounding."""

    step: Decimal | None = None
    less: Decimal = Decimal(0)


@dataclass(frozen=True)
class PriceList:
    """id, name; whom it is for (EVERYBODY, GROUP, CUSTOMER); net: no standing discount comes off it."""

    id: UUID
    name: str
    currency: str
    whom: int = EVERYBODY
    priority: int = 0
    net: bool = False
    rounding: Rounding = Rounding()
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True)
class Formula:
    """How a list stands on another: so many percent less (discount) or more (markup) than what that one says."""

    list: str
    way: str
    percent: Decimal


@dataclass(frozen=True)
class PriceLine:
    """One line of a list. of: what the product is called whose line holds for a variant that has none of its own. formulas: where it stands in a list below (named taken_from), what each list on the way up makes of it. what: ALL, CATEGORY, PRODUCT or VARIANT; way: price (value is an amount of the list's currency), discount or
    markup (value is percent of the product's own price), margin (percent of the price that is earned over cost)."""

    list: PriceList
    way: str
    value: Decimal
    what: int = PRODUCT
    from_quantity: Decimal = Decimal(0)
    starts_on: date | None = None
    ends_on: date | None = None
    formulas: tuple[Formula, ...] = ()
    taken_from: str = ""
    of: str = ""

    @property
    def called(self) -> str:
        """The list in which it is written."""
        return self.taken_from or self.list.name


@dataclass(frozen=True)
class Discount:
    """A standing discount and what it is for: "tier gold", 4 percent. code: the reason that tells it, by "name" or by that word."""

    name: str
    percent: Decimal
    code: str = "standing_discount"
    said_by: str = "name"


@dataclass(frozen=True)
class Reason:
    """One step to a price. code: of core.products.words; params: what it says, as plain values."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Price:
    """For one piece, and how it came about. list_id: of the list that it comes from."""

    each: Money
    reasons: tuple[Reason, ...]
    list_id: UUID | None = None


@dataclass(frozen=True)
class Rates:
    """Rates of one day: how many units of each currency one unit of `base` is worth. since: of which day each of them is, where that is
    an earlier one (a Sunday goes by Friday's)."""

    base: str
    day: date
    per_base: Mapping[str, Decimal]
    since: Mapping[str, date] = field(default_factory=dict)

    def of(self, currency: str) -> Decimal:
        """Refuses a currency that has no rate that day (`no_rate`)."""
        if currency == self.base:
            return ONE
        if (rate := self.per_base.get(currency)) is None:
            raise Refused("no_rate", currency=currency, day=self.day)
        return rate

    def day_of(self, *currencies: str) -> date:
        """Of which day the rates between these are: the oldest of them."""
        return min((self.since[one] for one in currencies if one in self.since), default=self.day)

    def convert(self, money: Money, currency: str) -> Money:
        """Exact, unrounded: amount / rate of its currency * rate of the other."""
        if money.currency == currency:
            return money
        return Money(money.amount / self.of(money.currency) * self.of(currency), currency)


@dataclass(frozen=True)
class Asked:
    """What is to be priced: own is the product's own price, cost what it costs (None where unknown or hidden). said_by: why the own price
    is what it is; without reasons it is the product's."""

    own: Money
    quantity: Decimal
    on: date
    currency: str
    cost: Money | None = None
    places: int = 0  # beyond those of the currency
    said_by: tuple[Reason, ...] = ()


def price(asked: Asked, lines: Iterable[PriceLine], *, rates: Rates, discounts: Iterable[Discount] = ()) -> Price:
    """The price of one piece in the currency asked for, with its reasons. lines: those that name this product and this customer.
    Refuses a quantity that is not positive, a currency without a rate, a margin on a cost that is not known."""
    if asked.quantity <= 0:
        raise Refused("quantity_positive", field="quantity")
    line = closest(lines, asked)
    found, reasons = (asked.own, list(asked.said_by) or [Reason("own_price", {"amount": asked.own})]) if line is None else _of_line(line, asked, rates)
    if found.currency != asked.currency:
        before, found = found.currency, rates.convert(found, asked.currency)
        reasons.append(Reason("converted", {"rate": rates.of(asked.currency) / rates.of(before), "day": rates.day_of(asked.currency, before)}))
    if line is not None and line.list.rounding.step:
        found = Money(to_step(found.amount, line.list.rounding), found.currency)
        reasons.append(Reason("list_rounded", {"step": line.list.rounding.step}))
    if line is None or not line.list.net:
        found, told = _discounted(found, discounts)
        reasons += told
    return Price(rounded(found, asked.places), tuple(reasons), line.list.id if line else None)


@dataclass(frozen=True)
class PricedPart:
    """So many of a product in one bundle, at that price each."""

    name: str
    quantity: Decimal
    each: Money


def summed(parts: Sequence[PricedPart], currency: str, places: int = 0) -> Price:
    """The price of one bundle: the sum of its parts, each told."""
    total = sum((part.each.amount * part.quantity for part in parts), Decimal(0))
    told = (Reason("bundle_part", {"quantity": part.quantity, "name": part.name, "amount": part.each}) for part in parts)
    return Price(rounded(Money(total, currency), places), (Reason("bundle_sum", {"count": len(parts)}), *told))


def closest(lines: Iterable[PriceLine], asked: Asked) -> PriceLine | None:
    """The line that wins; None where none fits."""
    fitting = [line for line in lines if _fits(line, asked)]
    return max(fitting, key=_rank, default=None)


def rounded(money: Money, places: int = 0) -> Money:
    """Half up to the currency's smallest coin, `places` further."""
    smallest = ONE.scaleb(-get_currency_precision(money.currency) - places)
    return Money(money.amount.quantize(smallest, ROUND_HALF_UP), money.currency)


def net_of(price: Decimal, held: Decimal) -> Decimal:
    """A price without the tax of so many percent that it holds, to four places, half up; without one the price itself."""
    return (price * HUNDRED / (HUNDRED + held)).quantize(PLACES, ROUND_HALF_UP) if held else price


def gross_of(price: Decimal, percent: Decimal) -> Decimal:
    """A price with so many percent of tax, to four places, half up; without a tax the price itself."""
    return (price * (HUNDRED + percent) / HUNDRED).quantize(PLACES, ROUND_HALF_UP) if percent else price


def _fits(line: PriceLine, asked: Asked) -> bool:
    return line.from_quantity <= asked.quantity and all(_runs(one.starts_on, one.ends_on, asked.on) for one in (line, line.list))


def _runs(starts: date | None, ends: date | None, on: date) -> bool:
    return (starts is None or starts <= on) and (ends is None or on <= ends)


def _rank(line: PriceLine) -> tuple:
    """Greater wins. Of what is alike in all the lower value of a price and the greater discount, then the key: never by chance."""
    cheap = line.value if line.way == "discount" else -line.value
    start = line.starts_on or line.list.starts_on or date.min
    return (line.list.whom, line.what, -len(line.formulas), line.from_quantity, line.list.priority, start, cheap, line.list.id)


def _of_line(line: PriceLine, asked: Asked, rates: Rates) -> tuple[Money, list[Reason]]:
    """(what the line says, unrounded; its reasons, the first with the amount that it stands on)."""
    from_ = [*([Reason("line_of_template", {"name": line.of})] if line.of else []), *([Reason("from_quantity", {"quantity": line.from_quantity})] if line.from_quantity > 0 else [])]
    if line.way == "price":
        said = Money(line.value, line.list.currency)
        reasons = [Reason("list_price", {"list": line.called, "amount": said}), *from_]
    else:
        stands_on = asked.cost if line.way == "margin" else asked.own
        if stands_on is None:
            raise Refused("cost_unknown", list=line.called)
        said = stands_on * factor(line.way, line.value)
        reasons = [Reason(f"list_{line.way}", {"list": line.called, "amount": stands_on, "percent": line.value}), *from_]
    for one in line.formulas:
        said = said * factor(one.way, one.percent)
        reasons.append(Reason(f"formula_{one.way}", {"list": one.list, "percent": one.percent}))
    return said, reasons


def factor(way: str, percent: Decimal) -> Decimal:
    """What the own price, or the cost, is multiplied with. A margin of all of the price is refused: no cost has it."""
    if way == "margin":
        if percent >= HUNDRED:
            raise Refused("margin_too_high", field="value")
        return HUNDRED / (HUNDRED - percent)
    return ONE + (percent if way == "markup" else -percent) / HUNDRED


def to_step(amount: Decimal, to: Rounding) -> Decimal:
    """The nearest multiple of the step, halves up, less what comes off; never below what the step alone would leave of a price."""
    step = to.step or ONE
    found = (amount / step).quantize(ONE, ROUND_HALF_UP) * step - to.less
    return found if found > 0 else amount


def _discounted(money: Money, discounts: Iterable[Discount]) -> tuple[Money, list[Reason]]:
    """Each comes off what the one before left."""
    reasons = []
    for one in discounts:
        if one.percent:
            money = money * (ONE - one.percent / HUNDRED)
            reasons.append(Reason(one.code, {one.said_by: one.name, "percent": one.percent}))
    return money, reasons
