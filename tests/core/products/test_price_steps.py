"""A price against the six steps that it says it is made by, each written down here once more and plainly; and splits by the largest remainder."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP
from decimal import Decimal as D
from fractions import Fraction
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.money import Money
from core.products.rules import (
    ALL,
    CATEGORY,
    CUSTOMER,
    EVERYBODY,
    GROUP,
    PRODUCT,
    VARIANT,
    Asked,
    Discount,
    Formula,
    PriceLine,
    PriceList,
    Rates,
    Rounding,
    closest,
    price,
)
from core.products.taxing import shared

DAY = date(2026, 11, 30)
RATES = Rates("EUR", DAY, {"USD": D("1.25"), "JPY": D("160"), "GBP": D("0.8")})
PER = {"EUR": Fraction(1), "USD": Fraction(5, 4), "JPY": Fraction(160), "GBP": Fraction(4, 5)}
COIN = {"EUR": D("0.01"), "USD": D("0.01"), "GBP": D("0.01"), "JPY": D("1")}
pure = settings(deadline=None, derandomize=True, database=None, max_examples=150)
amounts, percents = st.decimals("0.05", "9999.99", places=2), st.decimals("0", "90", places=1)
near = st.none() | st.integers(-2, 2).map(lambda n: DAY + timedelta(days=n))


@st.composite
def lines(draw):
    """A line of some list, which may stand on another, run for a time, round, and be for some quantity."""
    way = draw(st.sampled_from(("price", "price", "discount", "markup", "margin")))
    book = PriceList(
        UUID(int=draw(st.integers(1, 50))), "List", draw(st.sampled_from(list(COIN))), draw(st.sampled_from((EVERYBODY, GROUP, CUSTOMER))), draw(st.integers(0, 2)), draw(st.booleans()),
        draw(st.sampled_from((Rounding(), Rounding(D("5"), D("0.01")), Rounding(D("0.05"))))), draw(near), draw(near),
    )
    formulas = tuple(Formula("Up", draw(st.sampled_from(("discount", "markup"))), draw(percents)) for _ in range(draw(st.integers(0, 2))))
    return PriceLine(book, way, draw(amounts if way == "price" else percents), draw(st.sampled_from((ALL, CATEGORY, PRODUCT, VARIANT))), D(draw(st.integers(0, 12))), draw(near), draw(near), formulas)


def runs(one):
    return (one.starts_on is None or one.starts_on <= DAY) and (one.ends_on is None or DAY <= one.ends_on)


def wins(found, quantity):
    """Step 1, one rule after the other: of what is left the best by each."""
    left = [one for one in found if one.from_quantity <= quantity and runs(one) and runs(one.list)]
    rules = (
        lambda one: one.list.whom, lambda one: one.what, lambda one: -len(one.formulas), lambda one: one.from_quantity, lambda one: one.list.priority,
        lambda one: (one.starts_on or one.list.starts_on or date.min).toordinal(), lambda one: one.value if one.way == "discount" else -one.value, lambda one: one.list.id.int,
    )
    for rule in rules:
        best = max(map(rule, left), default=None)
        left = [one for one in left if rule(one) == best]
    return left


def up(amount, way, percent):
    """So many percent more, less, or of the price earned."""
    part = Fraction(percent) / 100
    return {"discount": amount * (1 - part), "markup": amount * (1 + part), "margin": amount / (1 - part)}[way]


def nearest(amount, step):
    return (D((amount / Fraction(step)).numerator) / D((amount / Fraction(step)).denominator)).quantize(D(1), ROUND_HALF_UP) * step


def plainly(asked, line, off):
    """Steps 2 to 6."""
    own, cost = Fraction(asked.own.amount), Fraction(asked.cost.amount)
    if line is None:
        amount, currency = own, asked.own.currency
    elif line.way == "price":
        amount, currency = Fraction(line.value), line.list.currency
    else:
        amount, currency = up(cost if line.way == "margin" else own, line.way, line.value), asked.own.currency
    for one in line.formulas if line else ():
        amount = up(amount, one.way, one.percent)
    amount = amount / PER[currency] * PER[asked.currency]
    if line is not None and (step := line.list.rounding.step):
        stepped = nearest(amount, step) - line.list.rounding.less
        amount = Fraction(stepped) if stepped > 0 else amount
    for one in off if line is None or not line.list.net else ():
        amount = up(amount, "discount", one)
    return nearest(amount, COIN[asked.currency])


@pure
@given(st.lists(lines(), max_size=5), st.integers(1, 15), st.sampled_from(list(COIN)), amounts, amounts, st.lists(percents, max_size=2))
def test_a_price_is_made_by_its_steps_in_their_order(found, quantity, currency, own, cost, off):
    asked = Asked(Money(own, "EUR"), D(quantity), DAY, currency, cost=Money(cost, "EUR"))
    best = wins(found, quantity)
    told = price(asked, found, rates=RATES, discounts=[Discount("gold", one) for one in off])
    assert told.list_id == (best[0].list.id if best else None)
    assert told.each.currency == currency and told.each.amount in {plainly(asked, one, off) for one in best or [None]}


few = st.builds(
    lambda whom, what, quantity, priority, start, value, number: PriceLine(PriceList(UUID(int=number), "List", "EUR", whom, priority), "price", D(value), what, D(quantity), start),
    st.sampled_from((GROUP, GROUP, CUSTOMER)), st.sampled_from((PRODUCT, PRODUCT, VARIANT)), st.integers(0, 1), st.integers(0, 1), st.sampled_from((None, DAY)), st.integers(1, 2), st.integers(1, 2),
)


@pure
@given(st.lists(few, min_size=2, max_size=4))
def test_of_lines_that_are_nearly_alike_the_first_rule_that_tells_them_apart_decides(found):
    best = wins(found, 1)
    assert closest(found, Asked(Money(D("100"), "EUR"), D(1), DAY, "EUR")) == best[0] and len(set(best)) == 1


@pure
@given(lines(), st.integers(1, 15), st.sampled_from(list(COIN)), amounts, st.lists(percents, max_size=2))
def test_each_step_that_was_taken_is_told_and_no_other(line, quantity, currency, own, off):
    asked = Asked(Money(own, "EUR"), D(quantity), DAY, currency, cost=Money(D("60"), "EUR"))
    told = price(asked, [line], rates=RATES, discounts=[Discount("gold", one) for one in off])
    used = line if wins([line], quantity) else None
    stands = line.list.currency if used and used.way == "price" else "EUR"
    expected = ["own_price"] if used is None else [f"list_{line.way}", *["from_quantity"] * (line.from_quantity > 0), *(f"formula_{one.way}" for one in line.formulas)]
    expected += ["converted"] * (stands != currency) + ["list_rounded"] * bool(used and line.list.rounding.step)
    expected += ["standing_discount"] * (0 if used and line.list.net else sum(one > 0 for one in off))
    assert [one.code for one in told.reasons] == expected
    assert replace(told, reasons=()) == replace(price(asked, [line, line], rates=RATES, discounts=[Discount("gold", one) for one in off]), reasons=())


@pure
@given(st.decimals("0", "99999.99", places=2), st.lists(st.integers(0, 9999), min_size=1, max_size=9), st.sampled_from((D("0.01"), D("0.05"), D("1"))))
def test_what_rounding_leaves_goes_to_those_that_lost_most(whole, weights, coin):
    whole = nearest(Fraction(whole), coin)
    parts, total = shared(whole, [D(one) for one in weights], coin), sum(weights)
    each = [Fraction(whole) * weight / total if total else Fraction(whole) / len(weights) for weight in weights]
    lost = [Fraction(exact) / Fraction(coin) % 1 for exact in each]
    more = [Fraction(part) > exact - lost_ * Fraction(coin) for part, exact, lost_ in zip(parts, each, lost, strict=True)]
    assert sum(parts) == whole and all(part % coin == 0 for part in parts)
    assert all(not (gets and not gives and (lost[one], -one) < (lost[other], -other)) for one, gets in enumerate(more) for other, gives in enumerate(more))
