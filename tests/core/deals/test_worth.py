"""What deals in several currencies come to together."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.deals import actions, board, pipelines
from core.deals.queries import Sum
from core.deals.worth import whole
from core.products import rating
from core.products.rules import Rates
from tests.support.statements import counted

DAY = date(2026, 11, 2)
amounts = st.decimals(0, 10**9, places=2)


@given(st.lists(st.tuples(st.sampled_from(("EUR", "USD", "JPY")), amounts, st.integers(0, 100)), max_size=12), st.decimals("0.01", 500, places=4), st.decimals("0.01", 500, places=4))
def test_the_whole_is_what_each_deal_is_worth_added_up(deals, dollar, yen):
    rates = Rates("EUR", DAY, {"USD": dollar, "JPY": yen})
    groups = [[deal for deal in deals if deal[0] == code] for code in ("EUR", "USD", "JPY")]
    sums = [Sum(group[0][0], sum(one[1] for one in group), sum(one[1] * one[2] / 100 for one in group), len(group)) for group in groups if group]
    found = whole(sums, rates)
    per = {"EUR": Decimal(1), "USD": dollar, "JPY": yen}
    assert found.unrated == () and found.sum.currency == "EUR" and found.sum.number == len(deals)
    assert abs(found.sum.amount - sum((one[1] / per[one[0]] for one in deals), Decimal(0))) < Decimal("0.0001")
    assert abs(found.sum.weighted - sum((one[1] * one[2] / 100 / per[one[0]] for one in deals), Decimal(0))) < Decimal("0.0001")


def test_money_without_a_rate_is_left_out_of_no_total_in_silence():
    found = whole([Sum("EUR", Decimal(10), Decimal(5), 1), Sum("CHF", Decimal(7), Decimal(7), 1)], Rates("EUR", DAY, {"USD": Decimal(2)}))
    assert found.sum is None and found.unrated == ("CHF",)


def test_a_lane_has_its_sum_in_the_workspaces_own_currency(ctx):
    (way,) = pipelines.ways(ctx)
    actions.create_deal(ctx, name="At home", amount=100)
    board.lanes(ctx, way)
    with counted() as sent:
        board.lanes(ctx, way)
    few = len(sent)
    actions.create_deal(ctx, name="Over there", amount=50, currency="USD")
    first = board.lanes(ctx, way)[0]
    assert first.whole.sum is None and first.whole.unrated == ("USD",) and len(first.sums) == 2
    rating.add_currency(ctx, "USD")
    rating.store_rate(ctx, currency="USD", rate="1.25")
    with counted() as sent:
        first = board.lanes(ctx, way)[0]
    assert (first.whole.sum.amount, first.whole.sum.weighted, first.whole.sum.number, first.whole.on) == (140, 14, 2, ctx.today)
    assert len(sent) == few + 1
