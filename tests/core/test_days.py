"""A day begins at local midnight, also where clocks are changed at midnight or a day never was (FEATURES 2.10)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.days import begins, span, week_of
from tests.support.zones import days_there, moments_there, zones

# (zone, day, how long it is, when it begins in UTC)
ODD_DAYS = [
    ("Europe/Berlin", date(2026, 3, 29), 23, datetime(2026, 3, 28, 23, tzinfo=UTC)), ("Europe/Berlin", date(2026, 10, 25), 25, datetime(2026, 10, 24, 22, tzinfo=UTC)),
    ("America/Sao_Paulo", date(2018, 11, 4), 23, datetime(2018, 11, 4, 3, tzinfo=UTC)),  # no midnight: the clock goes from 23:59 to 01:00
    ("America/Sao_Paulo", date(2018, 2, 17), 25, datetime(2018, 2, 17, 2, tzinfo=UTC)),  # its last hour comes twice
    ("Asia/Kolkata", date(2026, 3, 29), 24, datetime(2026, 3, 28, 18, 30, tzinfo=UTC)), ("Asia/Kolkata", date(2026, 10, 25), 24, datetime(2026, 10, 24, 18, 30, tzinfo=UTC)),
    ("Pacific/Apia", date(2011, 12, 29), 24, datetime(2011, 12, 29, 10, tzinfo=UTC)), ("Pacific/Apia", date(2011, 12, 30), 0, datetime(2011, 12, 30, 10, tzinfo=UTC)),  # this day never was
    ("Pacific/Apia", date(2011, 12, 31), 24, datetime(2011, 12, 30, 10, tzinfo=UTC)),
]


@pytest.mark.parametrize(("zone", "day", "hours", "first"), ODD_DAYS, ids=lambda value: str(value))
def test_a_day_is_as_long_as_it_was_there(zone, day, hours, first):
    start, end = span(day, ZoneInfo(zone))
    assert start == first and end - start == timedelta(hours=hours)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Apia"])
@pytest.mark.parametrize("year", [2011, 2018, 2026])
def test_every_moment_lies_in_the_day_that_the_clock_shows(zone, year):
    """Every half hour of a year: the day whose span holds it is the day on the wall."""
    here, moment = ZoneInfo(zone), datetime(year, 1, 1, tzinfo=UTC)
    spans = {day: span(day, here) for day in (date(year, 1, 1) + timedelta(days=n) for n in range(-2, 369))}
    while moment.year == year:
        start, end = spans[moment.astimezone(here).date()]
        assert start <= moment < end, moment
        moment += timedelta(minutes=30)


def test_days_leave_no_gap_anywhere_on_earth():
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        for day in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 12, 31)):
            assert span(day, zone)[1] == begins(day + timedelta(days=1), zone), name


@pytest.mark.parametrize(("first", "began"), [(0, date(2026, 11, 23)), (6, date(2026, 11, 22)), (5, date(2026, 11, 21))])
def test_a_week_begins_where_the_reader_counts_from(first, began):
    assert week_of(date(2026, 11, 24), first) == began and week_of(began, first) == began


@settings(deadline=None, derandomize=True, database=None)
@given(st.data(), zones)
def test_a_day_begins_at_the_first_moment_that_its_clock_shows(data, name):
    """Wherever, in weeks in which clocks change too: not a minute earlier, and the day before ends there."""
    zone, day = ZoneInfo(name), data.draw(days_there(name))
    start, end = span(day, zone)
    shown = lambda moment: moment.astimezone(zone).date()  # noqa: E731
    assert shown(start) == day and shown(start - timedelta(minutes=1)) == day - timedelta(days=1)
    assert shown(end - timedelta(minutes=1)) == day and shown(end) == day + timedelta(days=1) and timedelta(hours=23) <= end - start <= timedelta(hours=25)


@settings(deadline=None, derandomize=True, database=None)
@given(st.data(), zones, st.sampled_from((0, 5, 6)))
def test_a_moment_lies_in_one_day_and_in_one_week(data, name, first):
    zone = ZoneInfo(name)
    moment = data.draw(moments_there(name))
    today = moment.astimezone(zone).date()
    holding = [day for day in (today + timedelta(days=n) for n in range(-2, 3)) if span(day, zone)[0] <= moment < span(day, zone)[1]]
    began = week_of(today, first)
    assert holding == [today] and began.weekday() == first and began <= today < began + timedelta(days=7)
    assert begins(began, zone) <= moment < begins(began + timedelta(days=7), zone)
