"""Which days a calendar shows: whole weeks of its reader, all of the month, and the next one on the next page; wherever he is."""

from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.base.formats import DAYS, Formats
from tests.support.zones import moments_there, zones
from web.calendar import views

firsts = st.sampled_from(["", *DAYS])
shown_days = st.dates(date(1901, 1, 31), date(2199, 11, 30))
inside = settings(deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def reader(ctx):
    return lambda first="", **rest: replace(ctx, formats=Formats(first_day=first), **rest)


def span(ctx, view, day):
    first, number = views._span(ctx, views.Asked(view, day, "me"))
    return [first + timedelta(days=n) for n in range(number)]


@inside
@given(shown_days, firsts)
def test_a_week_is_seven_days_from_the_readers_first_and_follows_the_one_before(reader, day, first):
    ctx = reader(first)
    week = span(ctx, "week", day)
    assert day in week and len(week) == 7 and week[0].weekday() == DAYS.get(first, 0)
    assert all(span(ctx, "week", one) == week for one in week) and span(ctx, "week", week[-1] + timedelta(days=1))[0] == week[-1] + timedelta(days=1)


@inside
@given(shown_days, firsts)
def test_a_month_shows_all_its_days_in_whole_weeks(reader, day, first):
    days = span(reader(first), "month", day)
    month = {day.replace(day=1) + timedelta(days=n) for n in range(31) if (day.replace(day=1) + timedelta(days=n)).month == day.month}
    assert month <= set(days) and len(days) == 42 and days[0].weekday() == DAYS.get(first, 0) and days.index(day.replace(day=1)) < 7


@inside
@given(shown_days)
def test_every_month_is_one_step_from_the_next_and_none_is_passed_over(app, shared_house, day):
    months = lambda one: one.year * 12 + one.month  # noqa: E731
    with app.test_request_context(base_url=f"http://{shared_house.host}"):
        for by in (-1, 1):
            to = date.fromisoformat(parse_qs(urlsplit(views._step(views.Asked("month", day, "me"), by)).query)["day"][0])
            assert months(to) == months(day) + by
            to = date.fromisoformat(parse_qs(urlsplit(views._step(views.Asked("week", day, "me"), by)).query)["day"][0])
            assert to == day + by * timedelta(days=7)


@inside
@given(st.data(), zones, firsts)
def test_this_week_is_the_one_in_which_the_readers_own_day_lies(reader, data, name, first):
    now = data.draw(moments_there(name))
    ctx = reader(first, now=now, timezone=name)
    today = now.astimezone(ZoneInfo(name)).date()
    assert ctx.today == today and span(ctx, "week", ctx.today)[0] == ctx.week_began <= today < ctx.week_began + timedelta(days=7)
