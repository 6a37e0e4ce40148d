"""Net, taxes and gross of a document agree to the smallest coin, however it is rounded."""

from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.errors import Refused
from core.products.taxing import EXEMPT, REVERSE, ZERO, Tax, TaxedLine, shared, totals, with_rate

VAT, LOW, FREE = Tax("vat", D(19)), Tax("low", D(7)), Tax("zero", D(0), ZERO)
QST, GST = Tax("qst", D("9.975")), Tax("gst", D(5))


def lines(*amounts, taxes=(VAT,)):
    return [TaxedLine(D(amount), taxes) for amount in amounts]


def told(found):
    return found.net, {one.tax.code: one.amount for one in found.taxes}, found.gross


@pytest.mark.parametrize(("code", "percent", "whole"), [("Standard", "19", "Standard 19\xa0%"), ("VAT 19%", "19.00", "VAT 19%"), ("MwSt. 8,1", "8.1", "MwSt. 8,1"), ("Rate 1", "19", "Rate 1 19\xa0%")])
def test_a_tax_says_its_rate_once(code, percent, whole):
    assert with_rate(code, D(percent), f"{D(percent).normalize():f}") == whole


def test_several_rates_are_taken_each_of_its_own_lines():
    assert told(totals([*lines("100.00", "50.00"), *lines("10.00", taxes=(LOW,)), *lines("5.00", taxes=(FREE,))], "EUR")) == (D("165.00"), {"vat": D("28.50"), "low": D("0.70"), "zero": D("0.00")}, D("194.20"))


def test_two_taxes_of_one_line_are_both_taken_of_the_net():
    assert told(totals(lines("200.00", taxes=(QST, GST)), "CAD")) == (D("200.00"), {"gst": D("10.00"), "qst": D("19.95")}, D("229.95"))


def test_ten_lines_of_three_cents_show_the_difference():
    many = lines(*["0.03"] * 10)
    assert told(totals(many, "EUR"))[1] == {"vat": D("0.06")} and told(totals(many, "EUR", per="line"))[1] == {"vat": D("0.10")}


def test_what_was_agreed_with_its_tax_stays():
    found = totals(lines("119.00", "0.99", "10.01"), "EUR", gross=True)
    assert told(found) == (D("109.24"), {"vat": D("20.76")}, D("130.00")) and sum(found.lines) == found.net


def test_yen_have_no_coins_below_one():
    assert told(totals(lines("333", taxes=(Tax("jct", D(10)),)), "JPY")) == (D("333"), {"jct": D("33")}, D("366"))


@pytest.mark.parametrize("relief", [EXEMPT, REVERSE])
def test_who_pays_no_tax_here_pays_the_net_and_is_told_why(relief):
    found = totals(lines("100.00"), "EUR", relief=relief)
    assert (found.gross, found.taxes[0].tax.category, found.taxes[0].taxable, found.taxes[0].amount) == (D("100.00"), relief, D("100.00"), D(0))
    assert totals(lines("119.00"), "EUR", gross=True, relief=relief).gross == D("100.00")


def test_a_document_without_lines_or_taxes():
    assert told(totals([], "EUR")) == (D(0), {}, D(0)) and told(totals(lines("5.00", taxes=()), "EUR", gross=True)) == (D("5.00"), {}, D("5.00"))


def test_a_way_of_rounding_that_does_not_exist_is_refused():
    with pytest.raises(Refused):
        totals([], "EUR", per="page")


amounts = st.decimals("-9999.99", "99999.99", places=2)
taxes = st.lists(st.sampled_from([VAT, LOW, FREE, QST, GST]), max_size=3).map(tuple)


@settings(deadline=None, derandomize=True, database=None)
@given(st.lists(st.builds(TaxedLine, amounts, taxes), max_size=12), st.booleans(), st.sampled_from(["document", "line"]), st.sampled_from([None, EXEMPT, REVERSE]))
def test_net_and_taxes_are_gross_and_lines_are_net(many, gross, per, relief):
    found = totals(many, "EUR", gross=gross, per=per, relief=relief)
    assert found.net + sum(one.amount for one in found.taxes) == found.gross and sum(found.lines) == found.net
    assert all(one == one.quantize(D("0.01")) for one in (found.net, found.gross, *found.lines))
    if gross and relief is None:
        assert found.gross == sum(line.amount for line in many)
    if not gross:
        assert list(found.lines) == [line.amount for line in many]


@settings(deadline=None, derandomize=True, database=None)
@given(st.lists(st.builds(TaxedLine, amounts, taxes), max_size=8), st.booleans(), st.randoms())
def test_the_order_of_lines_changes_no_sum(many, gross, chance):
    found = told(totals(many, "EUR", gross=gross))
    chance.shuffle(many)
    assert told(totals(many, "EUR", gross=gross)) == found


@settings(deadline=None, derandomize=True, database=None)
@given(st.decimals("-99999.99", "99999.99", places=2), st.lists(st.decimals("0", "999", places=2), min_size=1, max_size=9))
def test_parts_add_up_and_none_is_a_coin_from_its_share(whole, weights):
    parts, total = shared(whole, weights, D("0.01")), sum(weights)
    assert sum(parts) == whole
    assert not total or all(abs(part - whole * weight / total) < D("0.0100000001") for part, weight in zip(parts, weights, strict=True))
