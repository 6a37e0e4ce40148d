"""What limits measure is the furthest that the customer may choose: against trying all combinations, for small quotes."""

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import combinations
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.quotes import measuring
from core.quotes.rules import counted, groups, sums

HUNDRED = Decimal(100)


@dataclass
class Line:
    """A line as the arithmetic sees it."""

    kind: str = "item"
    choice: str = ""
    quantity: Decimal = Decimal(1)
    unit_price: Decimal = Decimal(100)
    list_price: Decimal | None = Decimal(100)
    discount: Decimal = Decimal(0)
    cost: Decimal | None = None
    tax_name: str | None = None
    tax_percent: Decimal = Decimal(0)
    tax_category: str | None = "S"
    id: UUID = field(default_factory=uuid4)

    @property
    def amount(self):
        return (self.quantity * self.unit_price * (HUNDRED - self.discount) / HUNDRED).quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass
class Version:
    gross: bool = False
    relief: str | None = None
    currency: str = "EUR"


def line(choice="", **given):
    return Line(choice=choice, **{name: value if value is None else Decimal(value) for name, value in given.items()})


def ticked(lines, chosen):
    """The places that count, line by line as somebody reads them: what the groups say, said once more without them."""
    found, leader = set(), None
    for place, one in enumerate(lines):
        if one.kind != "item":
            leader = None if one.kind == "section" else leader
        elif not one.choice:
            leader = place
            found.add(place)
        elif one.id in chosen:
            if one.choice == "alternative" and leader is not None:
                found.discard(leader)
                leader = place
            found.add(place)
    return found


def ticks(lines):
    """Each set of choices that a customer can tick."""
    offered = [one.id for one in lines if one.kind == "item" and one.choice]
    return [some for size in range(len(offered) + 1) for some in combinations(offered, size)]


def everything(lines):
    """The places that count, for each of them."""
    return {frozenset(ticked(lines, some)): some for some in ticks(lines)}


def percent(part, whole):
    ratio = Fraction(part) / Fraction(whole) * 100
    return (Decimal(ratio.numerator) / Decimal(ratio.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def discount_of(lines, places):
    listed = sum((Fraction(lines[at].quantity) * Fraction(lines[at].list_price or lines[at].unit_price) for at in places), Fraction(0))
    return percent(listed - sum(Fraction(lines[at].amount) for at in places), listed) if listed else Decimal(0)


def net_of(one, gross):
    return Fraction(one.amount) * 100 / (100 + Fraction(one.tax_percent)) if gross and one.tax_name else Fraction(one.amount)


def margin_of(lines, places, gross):
    known = [lines[at] for at in places if lines[at].cost is not None]
    if not known:
        return None
    cost, net = (sum(found, Fraction(0)) for found in ([Fraction(one.cost) * Fraction(one.quantity) for one in known], [net_of(one, gross) for one in known]))
    return percent(net - cost, net) if net else Decimal(-100) if cost else Decimal(0)


money = st.integers(0, 40).map(lambda n: Decimal(n) * 5 / 2)
lines_of = st.lists(
    st.builds(
        Line, kind=st.sampled_from(["item"] * 6 + ["section", "text"]), choice=st.sampled_from(["", "optional", "alternative", "alternative"]), quantity=st.sampled_from([Decimal(1), Decimal(3), Decimal("0.5")]), unit_price=money,
        list_price=st.none() | money, discount=st.sampled_from([Decimal(0), Decimal(10), Decimal(55), Decimal(100)]), cost=st.none() | money, tax_name=st.sampled_from([None, "VAT"]), tax_percent=st.sampled_from([Decimal(7), Decimal(19)]),
    ),
    max_size=7,
)


@settings(max_examples=600, deadline=None)
@given(lines_of, st.booleans())
def test_no_combination_goes_further_than_what_is_measured_and_one_goes_as_far(lines, gross):
    tried = everything(lines)
    assert measuring.whole_discount(lines) == max(discount_of(lines, places) for places in tried)
    margins = [one for places in tried if (one := margin_of(lines, places, gross)) is not None]
    assert measuring.least_margin(lines, gross=gross) == min(margins, default=None)
    nets = [sums(lines, "EUR", gross=gross, relief=None, chosen=chosen).net for chosen in tried.values()]
    found = measuring.largest_net(lines, Version(gross))
    assert found in nets and max(nets) - found <= (Decimal("0.02") if gross else 0)  # the paper rounds once for each of two taxes


@settings(max_examples=300, deadline=None)
@given(lines_of)
def test_the_groups_are_what_counts(lines):
    """Every combination of one of each group is one that counts, and the other way round."""
    found = {frozenset()}
    for group in groups(lines):
        found = {some | ({at} if at is not None else set()) for some in found for at in group}
    assert found == set(everything(lines))
    assert all(counted(lines, some) == ticked(lines, some) for some in ticks(lines))


@pytest.mark.parametrize("lines, discount, margin, net", [
    # As it stands and with the dearest choices it looks harmless; with the cheap alternative alone it does not.
    ([line(unit_price="100", cost="50"), line("alternative", unit_price="50", cost="49"), line("alternative", unit_price="150", list_price="150", cost="50")], "50", "2", "150"),
    # An option that loses, beside one that earns much.
    ([line(unit_price="100", cost="50"), line("optional", unit_price="10", cost="90"), line("optional", unit_price="900", list_price="900", cost="1")], "45", "-27.27", "1010"),
    # The worst by itself is not the worst of the whole: ten percent of much is more than twenty of little.
    ([line(), line(list_price="1", unit_price="0.8"), line("alternative", list_price="1000", unit_price="900")], "9.09", None, "1000"),
    ([line(unit_price="50"), line(list_price="1", unit_price="0.8"), line("alternative", list_price="1000", unit_price="900")], "49.70", None, "950"),
    # What is given away, with and without an option that is nearly so.
    ([line(unit_price="0", cost="10")], "100", "-100", "0"),
    ([line(unit_price="0", cost="10"), line("optional", unit_price="1", list_price="1", cost="100")], "100", "-10900", "1"),
    ([line("optional", unit_price="120")], "0", None, "120"),
    ([line("optional", unit_price="0", list_price=None, cost="0")], "0", "0", "0"),
])
def test_what_is_measured(lines, discount, margin, net):
    assert (measuring.whole_discount(lines), measuring.least_margin(lines, gross=False), measuring.largest_net(lines, Version())) == (Decimal(discount), margin and Decimal(margin), Decimal(net))
