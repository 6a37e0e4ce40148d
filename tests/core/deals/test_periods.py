"""Months, quarters and years: what they hold, how they follow one another, and in which of them a deal is counted wherever the workspace is."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.base.errors import Refused
from core.deals import actions, pipelines
from core.deals.forecast import lane_of, within
from core.deals.models import Deal
from core.deals.outlook import day_of
from core.deals.periods import MONTHS, Period, period_of, read_period
from tests.support.zones import YEAR, moments_there, zones

pure = settings(deadline=None, derandomize=True, database=None)
days = st.dates(date(1970, 1, 1), date(2199, 12, 31))
kinds = st.sampled_from(list(MONTHS))
ONE = timedelta(days=1)


@pure
@given(days, kinds)
def test_a_day_lies_in_one_period_of_each_kind(day, kind):
    period = period_of(day, kind)
    assert period.holds(day) and period.first <= day <= period.last and period.after == period.last + ONE
    assert [one.holds(day) for one in (period.next(-1), period.next())] == [False, False]
    assert [period_of(one, kind) for one in (period.first, period.last, period.after, period.first - ONE)] == [period, period, period.next(), period.next(-1)]
    assert period.first.day == 1 and (period.first.month - 1) % MONTHS[kind] == 0


@pure
@given(days, kinds, st.integers(-400, 400), st.integers(-400, 400))
def test_so_many_later_and_so_many_earlier_is_where_it_began(day, kind, one, other):
    begin = period_of(day.replace(year=2050), kind)
    there = begin.next(one)
    assert there.next(-one) == begin and there.next(other) == begin.next(one + other) == begin.next(other).next(one)
    assert (there > begin) == (one > 0) and (there < begin) == (one < 0)


@pure
@given(days, kinds)
def test_the_parts_of_a_period_leave_no_day_out_and_have_none_twice(day, kind):
    period = period_of(day, kind)
    parts = period.parts() or [period]
    assert parts[0].first == period.first and parts[-1].after == period.after
    assert all(earlier.after == later.first for earlier, later in zip(parts, parts[1:], strict=False)) and sum(one.holds(day) for one in parts) == 1
    assert sorted(sum((one.holds(day) for one in period.nested() if one.kind == kind_), 0) for kind_ in MONTHS if MONTHS[kind_] <= MONTHS[kind]) == [1] * sum(MONTHS[kind_] <= MONTHS[kind] for kind_ in MONTHS)


@pure
@given(days, kinds)
def test_what_is_written_is_read(day, kind):
    period = period_of(day, kind)
    assert read_period(period.key) == period


@pure
@given(st.one_of(st.text(max_size=10), st.from_regex(r"[0-9]{4}(-Q?[0-9]{1,2})?", fullmatch=True)))
def test_what_is_read_was_written_so_and_all_else_is_refused(text):
    try:
        period = read_period(text)
    except Refused as refused:
        assert refused.code == "period_unknown"
    else:
        assert period.key == text and 1970 <= period.first.year <= 2199


@pytest.fixture
def stage(ctx):
    (way,) = pipelines.ways(ctx)
    return {one.code: one for one in way.stages}


@settings(deadline=None, derandomize=True, database=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), zones, kinds, st.integers(-2, 2))
def test_a_deal_is_won_in_the_period_of_the_workspaces_own_day(ctx, stage, data, name, kind, hours):
    """At the turn of a month, by the hour: the sums of a period, the lane of the board and the day in its lines say the same."""
    zone = ZoneInfo(name)
    first = data.draw(st.sampled_from([date(YEAR, month, 1) for month in range(1, 13)]))
    turn = datetime.combine(first, time(), zone) + timedelta(minutes=1)
    moment = data.draw(st.one_of(moments_there(name), st.just(turn + timedelta(hours=hours))))
    there = replace(ctx, tenant=replace(ctx.tenant, timezone=name), timezone="UTC")
    deal = actions.create_deal(there, name="Turn", stage_id=stage["won"].id, amount="1", began_at=moment - timedelta(days=400), closed_at=moment)
    ctx.session.flush()
    today = moment.astimezone(zone).date()
    period = period_of(today, kind)
    told = ctx.session.execute(select(day_of(there), lane_of(there, Period(date(2000, 1, 1), kind)), *(within(there, one) for one in (period.next(-1), period, period.next()))).where(Deal.id == deal.id)).one()
    assert (told[0], *told[2:]) == (today, False, True, False)
    assert kind == "year" or told[1] == period.key
