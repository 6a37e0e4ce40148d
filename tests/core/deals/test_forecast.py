"""What is expected in a period, whose it is, and that it is the same sum wherever it is added up."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.base.errors import Conflict, Forbidden, Refused
from core.deals import actions, board, forecast_board, moving, pipelines, queries, snapshots, targets, team
from core.deals.forecast import Scope, figures, scoped, within
from core.deals.forecast_table import table
from core.deals.models import ForecastAdjustment, ForecastLine, SalesTarget
from core.deals.periods import Period
from core.deals.whose import Whose, staff
from core.deals.worth import wholes
from core.products import rating
from core.transfer import wanted
from core.views.filtering import Filters
from core.views.totals import totals

MAY = Period(date(2031, 5, 1))


def deal(ctx, name="Trays", *, stage="negotiation", **given):
    found = next(one for one in pipelines.ways(ctx)[0].stages if one.code == stage)
    rest = {"loss_reason": "Too dear"} if stage == "lost" else {}
    return actions.create_deal(ctx, name=name, stage_id=found.id, **{"closes_on": "2031-05-20", "amount": 100, **rest, **given})


def beside(as_):
    """(manager, salesperson) in one transaction."""
    manager = as_("manager")
    return manager, replace(as_("rep"), session=manager.session)


def of(ctx, period=MAY, scope=Scope()):
    return figures(ctx, [*scoped(ctx, scope), within(ctx, period)]).get(None)


def test_a_deal_is_counted_as_its_stage_says_unless_it_says_otherwise(ctx):
    deal(ctx, stage="new", amount=1), deal(ctx, stage="proposal", amount=10), deal(ctx, amount=100)
    own = deal(ctx, stage="new", amount=1000, forecast="commit")
    deal(ctx, amount=5000, forecast="omitted"), deal(ctx, stage="lost", amount=7)
    found = of(ctx)
    assert {word: found.amount(word) for word in ("pipeline", "best_case", "commit", "omitted")} == {"pipeline": 1, "best_case": 10, "commit": 1100, "omitted": 5000}
    assert found.expected == 1100 and found.numbers["commit"] == 2
    actions.edit_deal(ctx, own, forecast=None)
    assert of(ctx).amount("pipeline") == 1001
    with pytest.raises(Refused):
        actions.edit_deal(ctx, own, forecast="certain")


def test_a_deals_own_probability_counts_while_it_is_open(ctx):
    """Closed, the stage says it: what was won at 40 percent is won whole, what was lost is nothing."""
    ways = {stage.code: stage.id for stage in pipelines.ways(ctx)[0].stages}
    won, lost = deal(ctx, probability=40, source="sure"), deal(ctx, probability=40, source="sure")
    assert of(ctx).weighted == 80 and weighted_everywhere(ctx) == [80, 80]
    moving.move_deal(ctx, lost, ways["lost"], loss_reason="Too dear")
    moving.move_deal(replace(ctx, now=datetime(2031, 5, 3, tzinfo=UTC)), won, ways["won"])
    ctx.session.flush()
    assert of(ctx).weighted == 100 and weighted_everywhere(ctx) == [100, 0]
    snapshots.keep_day(replace(ctx, now=datetime(2031, 5, 4, tzinfo=UTC)))
    assert ctx.session.execute(select(ForecastLine.probability).where(ForecastLine.deal_id == won.id)).scalar_one() == 100
    shown = {row.id: row.probability for row in queries.deals(ctx, Filters(where=(("source", "eq", "sure"),)), chosen=("probability",)).rows}
    assert shown == {won.id: 100, lost.id: 0}


def weighted_everywhere(ctx):
    """As the sums of the list weigh them, and the open lanes of the board."""
    filters = Filters(where=(("source", "eq", "sure"),))
    return [sum(one.weighted for one in queries.sums(ctx, filters)), sum(one.weighted for lane in board.lanes(ctx, pipelines.ways(ctx)[0], filters) for one in lane.sums)]


def test_what_is_won_counts_on_the_workspaces_day(ctx):
    """Won half an hour before midnight in UTC on the last of a month: the workspace lies an hour ahead."""
    there = replace(ctx, now=datetime(2031, 5, 31, 22, 30, tzinfo=UTC), tenant=replace(ctx.tenant, timezone="Europe/Berlin"))
    one = deal(there)
    moving.move_deal(there, one, next(stage for stage in pipelines.ways(ctx)[0].stages if stage.code == "won").id)
    assert of(there) is None and of(there, MAY.next()).amount("won") == 100
    assert of(replace(there, tenant=replace(there.tenant, timezone="UTC"))).amount("won") == 100


def test_a_card_put_into_another_period_closes_on_its_last_day(ctx):
    one = deal(ctx)
    version = one.version
    forecast_board.put_into_period(ctx, one, "2031-06", version=version)
    assert one.closes_on == date(2031, 6, 30)
    with pytest.raises(Conflict):
        forecast_board.put_into_period(ctx, one, "2031-07", version=version)
    forecast_board.put_into_period(ctx, one, "2031-Q2")
    assert one.closes_on == date(2031, 6, 30)
    forecast_board.put_into_period(ctx, one, "none")
    assert one.closes_on is None
    moving.move_deal(ctx, one, next(stage for stage in pipelines.ways(ctx)[0].stages if stage.code == "won").id)
    with pytest.raises(Refused, match="deal_closed"):
        forecast_board.put_into_period(ctx, one, "2031-05")


def test_the_board_has_lanes_for_what_is_late_and_what_has_no_day(ctx):
    late, none, now = deal(ctx, "Late", closes_on="2031-04-30"), deal(ctx, "None", closes_on=None), deal(ctx, "Now")
    found = forecast_board.lanes(ctx, Scope(), MAY, 3)
    assert [lane.key for lane in found] == ["earlier", "2031-05", "2031-06", "2031-07", "none"]
    cards = {lane.key: [card.name for card in lane.cards] for lane in found}
    assert "Late" in cards["earlier"] and cards["2031-05"] == ["Now"] and "None" in cards["none"]
    assert [forecast_board.lane_key(one, MAY) for one in (late, none, now)] == ["earlier", "none", "2031-05"]


def test_a_long_lane_comes_in_parts(ctx):
    for number in range(60):
        deal(ctx, f"Deal {number:02}", closes_on=date(2031, 5, 1 + number % 9))
    lane = next(one for one in forecast_board.lanes(ctx, Scope(), MAY, 1) if one.period)
    names, after = [card.id for card in lane.cards], lane.after
    while after:
        lane = forecast_board.more(ctx, Scope(), MAY, "2031-05", after)
        names, after = names + [card.id for card in lane.cards], lane.after
    assert len(names) == len(set(names)) == 60


def test_figures_tell_of_nobodys_deals_but_those_one_sees(as_):
    manager, rep = beside(as_)
    theirs = deal(manager, "Theirs", amount=7000)
    assert theirs.owner_id == manager.actor.id
    deal(rep, "Mine", amount=30)
    assert of(rep).amount("commit") == 30 and of(manager).amount("commit") == 7030
    assert [line.whose.user_id for line in table(rep, Scope(), MAY, "owner_id").lines if line.whose] == [rep.actor.id]


def test_targets_are_set_by_who_may_and_told_to_whom_they_concern(as_):
    manager, rep = beside(as_)
    mine, all_ = Whose(user_id=rep.actor.id), Whose()
    targets.set_target(manager, mine, MAY, "5000")
    targets.set_target(manager, all_, MAY, "90000")
    targets.set_target(manager, mine, MAY, "6000")
    assert targets.targets(rep, staff(rep), MAY)[mine].amount == 6000 and all_ not in targets.targets(rep, staff(rep), MAY)
    with pytest.raises(Forbidden):
        targets.set_target(rep, mine, MAY, "1")
    with pytest.raises(Refused, match="whose_unknown"):
        targets.said_of(rep, all_, MAY)
    for wrong in ("0", "-5", "much", ""):
        with pytest.raises(Refused):
            targets.set_target(manager, mine, MAY, wrong)


def test_a_quarter_without_a_target_has_that_of_its_months(ctx):
    whose, quarter = Whose(user_id=ctx.actor.id), Period(date(2031, 4, 1), "quarter")
    for place, amount in enumerate((10, 20)):
        targets.set_target(ctx, whose, quarter.parts()[place], amount)
    assert whose not in targets.targets(ctx, staff(ctx), quarter)
    targets.set_target(ctx, whose, quarter.parts()[2], 30)
    assert (targets.targets(ctx, staff(ctx), quarter)[whose].amount, targets.targets(ctx, staff(ctx), quarter)[whose].parts) == (60, 3)
    targets.set_target(ctx, whose, quarter, 100)
    assert targets.targets(ctx, staff(ctx), quarter)[whose].amount == 100


def test_a_managers_word_is_added_and_what_he_said_before_stays(ctx):
    whose = Whose(user_id=ctx.actor.id)
    deal(ctx, amount=1000)
    targets.set_target(ctx, whose, MAY, 2000)
    targets.adjust(ctx, whose, MAY, "-300", "One of them hesitates")
    line = next(one for one in table(ctx, Scope(), MAY, "owner_id").lines if one.whose == whose)
    assert (line.expected, line.gap, line.attained) == (700, 1300, 0)
    targets.adjust(ctx, whose, MAY, 0, "He does not")
    assert next(one for one in table(ctx, Scope(), MAY, "owner_id").lines if one.whose == whose).expected == 1000
    assert [row.reason for row in targets.said_of(ctx, whose, MAY)] == ["He does not", "One of them hesitates"]


def line_of(ctx, whose, period, scope=Scope()):
    return next((one for one in table(ctx, scope, period, "owner_id").lines if one.whose == whose), None)


def test_what_is_said_of_months_counts_for_their_quarter_and_year(ctx):
    """Also of somebody who has neither deals nor a target there; a word on the quarter itself stands above them, until it is taken back."""
    whose, year = Whose(user_id=ctx.actor.id), Period(date(2033, 1, 1), "year")
    april, quarter = Period(date(2033, 4, 1)), Period(date(2033, 4, 1), "quarter")
    targets.adjust(ctx, whose, april, 300, "A tender"), targets.adjust(ctx, whose, april.next(), "-50", "Holidays")
    assert (line_of(ctx, whose, april).expected, line_of(ctx, whose, quarter).adjustment, line_of(ctx, whose, year).expected) == (300, 250, 250)
    targets.adjust(ctx, whose, quarter, 1000, "So I was told")
    assert (line_of(ctx, whose, quarter).adjustment, line_of(ctx, whose, year).adjustment, line_of(ctx, whose, april).adjustment) == (1000, 1000, 300)
    targets.adjust(ctx, whose, quarter, 0, "It was not so")
    assert line_of(ctx, whose, quarter).adjustment == 250
    assert line_of(ctx, whose, year.next()) is None


def test_a_years_target_adds_up_its_months_too(ctx):
    whose, year = Whose(user_id=ctx.actor.id), Period(date(2033, 1, 1), "year")
    for quarter in year.parts()[:3]:
        targets.set_target(ctx, whose, quarter, 100)
    for month in year.parts()[3].parts():
        assert whose not in targets.targets(ctx, staff(ctx), year)
        targets.set_target(ctx, whose, month, 10)
    assert targets.targets(ctx, staff(ctx), year)[whose] == targets.Aim(Decimal(330), 6)


def test_of_one_pipeline_there_is_no_target_and_no_adjustment(ctx):
    """Both are said of all that somebody sells: beside a part of it they would say that he is behind."""
    whose, one = Whose(user_id=ctx.actor.id), deal(ctx)
    targets.set_target(ctx, whose, MAY, 2000)
    targets.adjust(ctx, whose, MAY, 300, "A tender")
    line = line_of(ctx, whose, MAY, Scope(Filters(where=(("pipeline", "eq", str(one.pipeline_id)),))))
    assert (line.expected, line.target, line.adjustment, line.gap) == (100, None, 0, None)
    assert line_of(ctx, whose, MAY).gap == 1600


def test_the_database_refuses_a_period_that_begins_within_one_and_a_target_of_two(ctx):
    for row in (
        SalesTarget(period="quarter", begins_on=date(2031, 5, 1), amount=1, currency="EUR"), SalesTarget(period="week", begins_on=date(2031, 5, 1), amount=1, currency="EUR"),
        ForecastAdjustment(period="month", begins_on=date(2031, 5, 1), amount=1, currency="EUR", reason=""),
    ):
        with pytest.raises(IntegrityError), ctx.session.begin_nested():
            ctx.session.add(row)
            ctx.session.flush()


AMOUNTS = st.decimals(0, 10**7, places=2)
DEALS = st.lists(st.tuples(st.sampled_from(("EUR", "USD", "JPY")), AMOUNTS, st.sampled_from(("new", "qualified", "proposal", "negotiation")), st.none() | st.integers(0, 100), st.sampled_from((None, "commit", "omitted"))), min_size=1, max_size=8)
SHARES = st.lists(st.decimals(0, 50, places=2), max_size=2)
FILTERS = st.sampled_from(((), (("currency", "in", "EUR,USD"),), (("amount", "gte", "5000"),), (("forecast", "eq", "commit"),), (("probability", "lt", "50"),), (("currency", "eq", "JPY"), ("closes_on", "lt", "2031-06-01"))))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DEALS, st.decimals("0.01", 500, places=4), st.decimals("0.01", 500, places=4), FILTERS, st.lists(SHARES, min_size=8, max_size=8))
def test_board_list_forecast_table_and_export_have_one_sum(ctx, shared_house, deals, dollar, yen, where, shares):
    """Whatever the currencies, rates, filters and shares: what is added up in one place is what is added up in another (FEATURES 2.9)."""
    outer = ctx.session.begin_nested()
    try:
        known = set(rating.currencies(ctx))
        for code, rate in (("USD", dollar), ("JPY", yen)):
            if code not in known:
                rating.add_currency(ctx, code)
            rating.store_rate(ctx, currency=code, rate=str(rate))
        for number, (currency, amount, stage, probability, forecast) in enumerate(deals):
            one = deal(ctx, f"Sum {number}", stage=stage, amount=amount, currency=currency, probability=probability, forecast=forecast, external_id=f"sum-{number}")
            for who, credit in zip(("colleague", "manager"), shares[number], strict=False):
                team.add_member(ctx, one, user_id=shared_house.users[who].id, credit=credit)
        ctx.session.flush()
        filters = Filters(search="Sum", where=where)
        (listed,) = wholes(ctx, [queries.sums(ctx, filters)])
        (below,) = wholes(ctx, [[queries.Sum(one.currency, one.sum, None, one.number) for one in totals(ctx, "deals", filters, ["amount"]).whole["amount"]]])
        lanes = [lane.whole.sum for way in pipelines.ways(ctx) for lane in board.lanes(ctx, way, filters) if lane.number]
        periods = forecast_board.lanes(ctx, Scope(filters), MAY, 2)
        counted = [whole.sum for lane in periods for whole in lane.figures.whole.values()]
        line = table(ctx, Scope(filters), MAY, "pipeline").whole
        people = table(ctx, Scope(filters), MAY, "owner_id")
        each = sum((whole.sum.amount for one in people.lines for whole in one.figures.whole.values()), Decimal(0))
        mine = [figures(ctx, [*scoped(ctx, Scope(filters, who)), within(ctx, MAY)], people=who) for who in (frozenset((one.key,)) for one in people.lines)]
        alone = sum((whole.sum.amount for one in mine for found in one.values() for whole in found.whole.values()), Decimal(0))
        told = io.BytesIO()
        wanted.take_out(ctx, wanted.Wanted("deals", filters), told)
        exported = _exported(told.getvalue().decode(), {"EUR": Decimal(1), "USD": dollar, "JPY": yen})
        cent = Decimal("0.0001")
        for amount in (below.sum.amount, sum((one.amount for one in lanes), Decimal(0)), sum((one.amount for one in counted), Decimal(0)), sum((one.sum.amount for one in line.figures.whole.values()), Decimal(0)), each, alone, exported):
            assert abs(amount - listed.sum.amount) < cent
        assert line.figures.number == people.whole.figures.number == sum(lane.figures.number for lane in periods)
        assert abs(sum((one.weighted for one in lanes), Decimal(0)) - listed.sum.weighted) < cent
        assert abs(sum((one.weighted for one in counted), Decimal(0)) - listed.sum.weighted) < cent
    finally:
        outer.rollback()


def _exported(text, per):
    rows = list(csv.DictReader(io.StringIO(text)))
    return sum((Decimal(row["Amount"]) / per[row["Currency"]] for row in rows), Decimal(0))
