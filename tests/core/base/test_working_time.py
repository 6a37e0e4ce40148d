"""Working time: hours of working days, over nights, weekends, holidays and days of 23 and 25 hours."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.working_time import WorkingTime, after, is_open
from tests.support.zones import changed_at, days_there, zones

BERLIN, NEW_YORK, APIA = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Pacific/Apia")
WEEK = frozenset(range(5))


def office(zone=BERLIN, days=WEEK, opens=9 * 60, closes=17 * 60, holidays=()):
    return WorkingTime(zone, days, opens, closes, frozenset(holidays))


def at(text, zone=BERLIN):
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(("start", "hours", "due"), [
    ("2026-11-30 10:00", 4, "2026-11-30 14:00"),  # a Monday
    ("2026-11-30 13:00", 4, "2026-11-30 17:00"), ("2026-11-30 15:00", 4, "2026-12-01 11:00"), ("2026-11-30 03:00", 4, "2026-11-30 13:00"), ("2026-11-30 22:00", 4, "2026-12-01 13:00"),
    ("2026-11-27 16:00", 4, "2026-11-30 12:00"), ("2026-11-28 12:00", 4, "2026-11-30 13:00"), ("2026-11-30 10:00", 20, "2026-12-02 14:00"), ("2026-11-30 17:00", 1, "2026-12-01 10:00"), ("2026-11-30 10:00", 0, "2026-11-30 10:00"),
])
def test_hours_count_while_somebody_works(start, hours, due):
    assert after(office(), at(start), timedelta(hours=hours)) == at(due)


def test_holidays_do_not_count():
    work = office(holidays=[date(2026, 12, 24), date(2026, 12, 25)])
    assert after(work, at("2026-12-23 16:00"), timedelta(hours=2)) == at("2026-12-28 10:00")


@pytest.mark.parametrize(("start", "hours", "due"), [
    # The clock is put forward on Sunday, 29 March 2026, at two: the day has 23 hours; and back on 25 October: it has 25.
    ("2026-03-28 20:00", 20, "2026-03-29 17:00"), ("2026-10-24 20:00", 20, "2026-10-25 15:00"),
    ("2026-03-27 16:00", 2, "2026-03-27 18:00"),
])
def test_around_the_clock_an_hour_is_an_hour_whatever_the_clock_shows(start, hours, due):
    assert after(office(days=frozenset(range(7)), opens=0, closes=1440), at(start), timedelta(hours=hours)) == at(due)


def test_an_office_opens_at_its_local_hour_before_and_after_the_clock_changes():
    for day in ("2026-03-27", "2026-03-30", "2026-10-23", "2026-10-26"):
        assert after(office(), at(f"{day} 00:30"), timedelta(hours=1)) == at(f"{day} 10:00")
    assert after(office(NEW_YORK), at("2026-03-06 16:30", NEW_YORK), timedelta(hours=1)) == at("2026-03-09 09:30", NEW_YORK)


def test_an_hour_that_the_clock_skips_is_none_and_one_that_it_repeats_are_two():
    night = office(days=frozenset(range(7)), opens=60, closes=240)  # from one to four
    assert after(night, at("2026-03-29 00:00"), timedelta(hours=2)) == at("2026-03-29 04:00")
    assert after(night, at("2026-10-25 00:00"), timedelta(hours=4)) == at("2026-10-25 04:00")


def test_a_day_that_never_was_is_passed_over():
    work = WorkingTime(APIA, frozenset(range(7)), 540, 1020)  # 30 December 2011 was left out there
    assert after(work, at("2011-12-29 16:00", APIA), timedelta(hours=2)) >= at("2011-12-31 09:00", APIA) - timedelta(days=1)


def test_who_never_works_answers_never():
    assert after(office(days=frozenset()), at("2026-11-30 10:00"), timedelta(hours=1)) is None


@pytest.mark.parametrize(("moment", "open_"), [("2026-11-30 08:59", False), ("2026-11-30 09:00", True), ("2026-11-30 16:59", True), ("2026-11-30 17:00", False), ("2026-11-29 12:00", False)])
def test_open_is_from_the_first_minute_to_before_the_last(moment, open_):
    assert is_open(office(), at(moment)) is open_


@given(st.integers(0, 2 * 365 * 24 * 60), st.integers(0, 200 * 60), st.integers(0, 100 * 60))
def test_time_adds_up(start, first, second):
    work, begin = office(), datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=start)
    once = after(work, begin, timedelta(minutes=first + second))
    twice = after(work, after(work, begin, timedelta(minutes=first)), timedelta(minutes=second))
    assert once == twice and once >= begin


MINUTE = timedelta(minutes=1)


@st.composite
def offices(draw):
    """(an office somewhere, open for any hours; a day about which it is asked), in weeks in which clocks change too."""
    name = draw(zones)
    day = draw(days_there(name))
    change = changed_at(name, day)
    opens = draw(st.integers(0, 1439)) if change is None else max(0, change + 15 * draw(st.integers(-4, 5)))
    closes = draw(st.sampled_from([more for more in (15, 30, 45, 75, 150, 500, 1440 - opens) if opens + more <= 1440])) + opens
    days = draw(st.frozensets(st.integers(0, 6), min_size=3))
    holidays = [day + timedelta(days=n) for n in draw(st.lists(st.integers(-1, 4), max_size=2))]
    return office(ZoneInfo(name), days, opens, closes, holidays), day


def works(work, moment):
    """The rule itself, for one minute: a working day, the clock was at the opening hour before or now, and not yet at the closing one."""
    def came(day, minutes):
        """Has the clock there shown that minute of that day, or a later one?"""
        midnight = datetime.combine(day, datetime.min.time())
        return any((moment - n * MINUTE).astimezone(work.zone).replace(tzinfo=None) >= midnight + minutes * MINUTE for n in range(0, 121))

    day = moment.astimezone(work.zone).date()
    return day.weekday() in work.days and day not in work.holidays and came(day, work.opens) and not came(day, work.closes)


@settings(deadline=None, derandomize=True, database=None)
@given(offices(), st.booleans(), st.integers(-90, 90))
def test_somebody_works_from_when_the_clock_shows_the_hour_to_when_it_shows_the_other(one, closing, minutes):
    work, day = one
    said = datetime.combine(day, datetime.min.time(), work.zone) + (work.closes if closing else work.opens) * MINUTE
    moment = said.astimezone(UTC) + minutes * MINUTE
    assert is_open(work, moment) == works(work, moment)


@settings(deadline=None, derandomize=True, database=None)
@given(offices(), st.integers(0, 26 * 60), st.integers(0, 10), st.integers(0, 59))
def test_the_time_until_then_is_what_was_wanted_minute_by_minute(one, minutes, times, more):
    work, day = one
    begin, wanted = datetime.combine(day, datetime.min.time(), work.zone).astimezone(UTC) + minutes * MINUTE, (times * (work.closes - work.opens) + more) * MINUTE
    end = after(work, begin, wanted)
    assert end is not None and end >= begin
    spans = [span for n in range(-1, (end - begin).days + 3) if (span := work.span(begin.astimezone(work.zone).date() + timedelta(days=n)))]
    assert all(opens <= closes for opens, closes in spans) and all(earlier[1] <= later[0] for earlier, later in zip(spans, spans[1:], strict=False))
    assert sum((max(min(closes, end) - max(opens, begin), timedelta()) for opens, closes in spans), timedelta()) == wanted
