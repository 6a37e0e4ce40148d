"""One function gives every price and says how it came about."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.errors import Refused
from core.base.money import Money
from core.products.rules import (
    CATEGORY,
    CUSTOMER,
    EVERYBODY,
    GROUP,
    PRODUCT,
    VARIANT,
    Asked,
    Discount,
    PriceLine,
    PriceList,
    Rates,
    Rounding,
    closest,
    price,
)

DAY = date(2026, 11, 29)
RATES = Rates("EUR", DAY, {"USD": D("1.10"), "JPY": D("171.5"), "GBP": D("0.86")})
ASKED = Asked(own=Money(D("100"), "EUR"), quantity=D(1), on=DAY, currency="EUR", cost=Money(D("60"), "EUR"))


def key(number):
    return UUID(int=number)


def listed(number=1, **more):
    return PriceList(key(number), f"List {number}", more.pop("currency", "EUR"), **more)


def line(value, way="price", *, what=PRODUCT, from_quantity=0, starts_on=None, ends_on=None, **more):
    return PriceLine(listed(**more), way, D(value), what, D(from_quantity), starts_on, ends_on)


def each(*lines, asked=ASKED, discounts=()):
    return price(asked, lines, rates=RATES, discounts=discounts)


def codes(found):
    return [reason.code for reason in found.reasons]


def test_without_a_list_the_products_own_price_holds():
    found = each()
    assert (found.each, codes(found), found.list_id) == (Money(D("100.00"), "EUR"), ["own_price"], None)


def test_a_price_says_how_it_came_about():
    found = each(line("90", from_quantity=10, number=7), asked=replace(ASKED, quantity=D(12)), discounts=[Discount("tier gold", D(4))])
    assert found.each == Money(D("86.40"), "EUR") and found.list_id == key(7)
    assert [(one.code, dict(one.params)) for one in found.reasons] == [
        ("list_price", {"list": "List 7", "amount": Money(D("90"), "EUR")}), ("from_quantity", {"quantity": D(10)}),
        ("standing_discount", {"name": "tier gold", "percent": D(4)}),
    ]


# Each beats the one after it: whom, what, quantity, priority, start, the lower price, the key.
BEATS = [
    line("1", whom=CUSTOMER, what=CATEGORY, number=1), line("2", whom=GROUP, what=VARIANT, number=2), line("3", whom=GROUP, what=PRODUCT, number=3),
    line("4", what=VARIANT, number=4), line("5", from_quantity=5, number=5), line("6", from_quantity=2, priority=3, number=6), line("7", from_quantity=2, number=7, starts_on=DAY),
    line("8", from_quantity=2, number=9), line("9", from_quantity=2, number=8), line("9", from_quantity=2, number=7), line("10", what=CATEGORY, number=10),
]


@pytest.mark.parametrize("at", range(len(BEATS)))
def test_the_closest_line_wins_whatever_the_order(at):
    few = BEATS[at : at + 4]
    assert {closest(order, replace(ASKED, quantity=D(5))) for order in permutations(few)} == {few[0]}


@pytest.mark.parametrize(("one", "fits"), [
    (line("1", from_quantity=2), False), (line("1", starts_on=DAY + timedelta(1)), False), (line("1", ends_on=DAY - timedelta(1)), False), (line("1", starts_on=DAY, ends_on=DAY), True),
    (PriceLine(listed(starts_on=DAY + timedelta(1)), "price", D(1)), False), (PriceLine(listed(ends_on=DAY), "price", D(1)), True), (line("1", from_quantity=1), True),
])
def test_what_does_not_fit_is_not_looked_at(one, fits):
    assert (closest([one], ASKED) is not None) is fits


@pytest.mark.parametrize(("way", "value", "expected"), [("discount", "10", "90.00"), ("markup", "12.5", "112.50"), ("margin", "40", "100.00"), ("margin", "33", "89.55"), ("price", "0", "0.00")])
def test_what_a_line_may_say(way, value, expected):
    assert each(line(value, way)).each.amount == D(expected)


@pytest.mark.parametrize(("step", "less", "price_", "expected"), [
    ("5", "0.01", "23.10", "24.99"), ("5", "0.01", "22.40", "19.99"), ("0.05", "0", "1.024", "1.00"), ("0.05", "0", "1.025", "1.05"), ("10", "0.10", "3", "3.00"), ("1", "0", "2.5", "3.00"),
])
def test_a_list_rounds_to_a_step_and_an_ending_and_never_to_nothing(step, less, price_, expected):
    assert each(line(price_, rounding=Rounding(D(step), D(less)))).each.amount == D(expected)


def test_another_currency_comes_by_the_rate_of_the_day_which_is_told():
    found = each(asked=replace(ASKED, currency="JPY"))
    assert found.each == Money(D("17150"), "JPY") and dict(found.reasons[1].params) == {"rate": D("171.5"), "day": DAY}
    crossed = each(line("86", currency="GBP"), asked=replace(ASKED, currency="USD"))
    assert crossed.each == Money(D("110.00"), "USD")


def test_a_net_list_takes_no_standing_discount():
    assert each(line("90", net=True), discounts=[Discount("gold", D(4))]).each.amount == D("90.00")


def test_discounts_come_off_what_the_one_before_left():
    assert each(discounts=[Discount("gold", D(10)), Discount("fair", D(10)), Discount("none", D(0))]).each.amount == D("81.00")


@pytest.mark.parametrize(("asked", "lines", "code"), [
    (replace(ASKED, quantity=D(0)), (), "quantity_positive"), (replace(ASKED, quantity=D(-1)), (), "quantity_positive"), (replace(ASKED, currency="CHF"), (), "no_rate"),
    (replace(ASKED, cost=None), (line("40", "margin"),), "cost_unknown"), (ASKED, (line("100", "margin"),), "margin_too_high"),
])
def test_what_has_no_price_is_refused(asked, lines, code):
    with pytest.raises(Refused) as refused:
        each(*lines, asked=asked)
    assert refused.value.code == code


amounts = st.decimals("0.01", "99999.99", places=2)
percents = st.decimals("0", "99", places=2)
whom, what = st.sampled_from([EVERYBODY, GROUP, CUSTOMER]), st.sampled_from([CATEGORY, PRODUCT, VARIANT])
lines_ = st.builds(
    lambda value, whom, what, quantity, priority, number, currency: line(value, whom=whom, what=what, from_quantity=quantity, priority=priority, number=number, currency=currency),
    amounts, whom, what, st.integers(0, 20), st.integers(0, 2), st.integers(1, 9), st.sampled_from(["EUR", "USD", "JPY"]),
)


@settings(deadline=None, derandomize=True, database=None)
@given(st.lists(lines_, max_size=6), st.integers(1, 30), st.sampled_from(["EUR", "USD", "JPY", "GBP"]), st.randoms())
def test_the_order_in_which_lists_are_read_changes_no_price(lines, quantity, currency, chance):
    asked = replace(ASKED, quantity=D(quantity), currency=currency)
    found = each(*lines, asked=asked)
    chance.shuffle(lines)
    assert each(*lines, asked=asked) == found
    assert found.each.currency == currency and found.each == found.each.rounded()


@settings(deadline=None, derandomize=True, database=None)
@given(amounts, st.lists(percents, max_size=3))
def test_a_discount_never_makes_a_price_dearer_nor_less_than_nothing(amount, off):
    asked = replace(ASKED, own=Money(amount, "EUR"))
    assert D(0) <= each(asked=asked, discounts=[Discount("x", one) for one in off]).each.amount <= amount


@settings(deadline=None, derandomize=True, database=None)
@given(amounts, st.sampled_from(["USD", "JPY", "GBP"]))
def test_there_and_back_is_the_same_amount(amount, currency):
    there = RATES.convert(Money(amount, "EUR"), currency)
    assert RATES.convert(there, "EUR").rounded() == Money(amount, "EUR")
