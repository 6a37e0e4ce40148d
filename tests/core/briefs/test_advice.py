"""Should one quote him, and at which price: each answer of the rule's table, with its reasons."""

from dataclasses import replace
from decimal import Decimal as D

import pytest

from core.briefs.advice import Asked, Case, Past, advise, proposed

CASES = [
    (Case(), "yes", ["nothing_against"]),
    (Case(grade="big_good"), "yes", ["pays_well"]),
    (Case(grade="big_good", bought=4, accepted=3, came_to_nothing=1, value="1,000 EUR"), "yes", ["bought", "said_yes", "pays_well"]),
    (Case(grade="small_bad", prepaid=True, needs_release=True), "no", ["release_never_bought"]),
    (Case(came_to_nothing=5), "no", ["came_to_nothing"]),
    (Case(came_to_nothing=5, ever=True), "yes_with", ["seldom_yes"]),
    (Case(grade="small_bad", prepaid=True, needs_release=True, ever=True), "ask", ["asks_release"]),
    (Case(came_to_nothing=4), "yes_with", ["seldom_yes"]),
    (Case(came_to_nothing=2), "yes", ["nothing_against"]),
    (Case(grade="small_bad", prepaid=True, needs_release=True, bought=2), "ask", ["asks_release", "bought"]),
    (Case(grade="small_bad", prepaid=True, needs_release=True, bought=2, agreed_by="Olga"), "yes_with", ["pays_first", "within_agreed", "bought"]),
    (Case(grade="small_bad", prepaid=True, needs_release=True, agreed_by="Olga"), "yes_with", ["pays_first", "within_agreed"]),
    (Case(grade="big_good", limit=D(100), total=D("100.01")), "ask", ["above_limit", "pays_well"]),
    (Case(grade="big_good", limit=D(100), total=D(100)), "yes", ["pays_well"]),
    (Case(grade="big_good", limit=D(100), total=D(200), agreed_by="Olga"), "yes_with", ["within_agreed", "pays_well"]),
    (Case(grade="big_bad", prepaid=True, bought=1), "yes_with", ["pays_first", "bought"]),
    (Case(open=2), "yes_with", ["still_open"]),
    (Case(broken=1, bought=1), "yes_with", ["settle_promise", "bought"]),
    (Case(accepted=1, came_to_nothing=2, bought=1), "yes", ["bought", "said_yes"]),
    (Case(accepted=1, came_to_nothing=3, bought=1), "yes_with", ["seldom_yes", "bought", "said_yes"]),
]


@pytest.mark.parametrize(("case", "code", "because"), CASES)
def test_one_line_of_advice(case, code, because):
    found = advise(case)
    assert (found.code, [one.code for one in found.because]) == (code, because)


LISTED = Asked(D(100))
PRICES = [
    (Asked(None), None),
    (LISTED, ("100", "100", ["list_says"])),
    (replace(LISTED, past=[Past(D(93), "sent", holds=True), Past(D(90), "accepted")]), ("93", "93", ["still_holds"])),
    (replace(LISTED, past=[Past(D(90), "accepted"), Past(D(80), "accepted")]), ("90", "100", ["list_says", "accepted_at"])),
    (replace(LISTED, past=[Past(D(95), "declined"), Past(D(90), "accepted")]), ("90", "94.99", ["declined_at", "accepted_at"])),
    (replace(LISTED, past=[Past(D(85), "declined"), Past(D(90), "accepted")]), ("84.99", "84.99", ["declined_at", "accepted_at"])),
    (replace(LISTED, past=[Past(D(97), "expired")]), ("100", "100", ["list_says"])),
    (replace(LISTED, others=[D(2), D(8), D(20)]), ("92.00", "100", ["list_says", "others_accept"])),
    (replace(LISTED, others=[D(2), D(8)]), ("100", "100", ["list_says"])),
    (replace(LISTED, others=[D(-2), D(0), D(0)]), ("100", "100", ["list_says"])),
    (replace(LISTED, agreed=D(88), others=[D(2), D(8), D(20)]), ("88", "100", ["list_says", "agreed_at"])),
    (replace(LISTED, agreed=D(50), cost=D(72)), ("80.00", "100", ["list_says", "agreed_at", "floor"])),
    (replace(LISTED, cost=D(95)), ("105.56", "105.56", ["list_says", "floor"])),
    (replace(LISTED, cost=D(50)), ("100", "100", ["list_says"])),
    (Asked(None, past=[Past(D(90), "accepted")]), ("90", "90", ["accepted_at"])),
]


@pytest.mark.parametrize(("asked", "wanted"), PRICES)
def test_a_range_of_prices_with_its_reasons(asked, wanted):
    found = proposed(asked)
    assert (found and (str(found.low), str(found.high), [one.code for one in found.because])) == wanted


@pytest.mark.parametrize(("asked", "wanted"), PRICES)
def test_a_range_never_stands_on_its_head_nor_below_the_floor(asked, wanted):
    for cost in (None, D(1), D(60), D(300)):
        found = proposed(replace(asked, cost=cost))
        if found is not None and not any(one.holds for one in asked.past):
            assert found.low <= found.high and (cost is None or found.low >= cost)


def test_a_price_agreed_for_a_product_counts_for_its_variants():
    from types import SimpleNamespace
    from uuid import uuid4

    from core.briefs.advising import _agreed
    from core.terms.rules import Agreed

    whole, variant = uuid4(), uuid4()
    terms = [Agreed(uuid4(), "Olga", None, None, product_id=whole, price=D(80), currency="EUR")]
    assert _agreed(terms, SimpleNamespace(id=variant, template_id=whole), None, "EUR") == D(80)
    assert _agreed(terms, SimpleNamespace(id=whole, template_id=None), None, "EUR") == D(80)
    assert _agreed(terms, SimpleNamespace(id=variant, template_id=None), None, "EUR") is None
