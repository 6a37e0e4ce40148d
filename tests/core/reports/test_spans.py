"""The days and weeks of reports, and until when they are to be handed in: pure."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from core.base.errors import Refused
from core.base.working_time import WorkingTime
from core.reports.rules import Asked, Duty, Span, last_due, read_span, span_of

BERLIN = ZoneInfo("Europe/Berlin")
WORKING = Asked(days=(1, 2, 3, 4, 5), day_hour=18, week_day=5, week_hour=16)


@pytest.mark.parametrize("key", ["2026-11-30", "2026-W49", "2027-W53", "1970-01-01"])
def test_a_span_is_read_as_it_was_written(key):
    if key == "2027-W53":
        with pytest.raises(Refused):
            read_span(key)
    else:
        assert read_span(key).key == key


@pytest.mark.parametrize("text", [None, "", "x", "2026-13-01", "2026-W00", "2026-W54", "0001-01-01", "9999-12-31", "2026-W49 ", "２０２６-W49", "2026-1-1"])
def test_anything_else_is_refused(text):
    with pytest.raises(Refused):
        read_span(text)


def test_a_week_goes_from_monday_to_sunday():
    week = span_of(date(2026, 12, 3), "week")
    assert (week.first, week.last, week.key) == (date(2026, 11, 30), date(2026, 12, 6), "2026-W49") and week.next(-1).key == "2026-W48"
    assert span_of(date(2027, 1, 2), "week").key == "2026-W53"


def test_it_is_asked_for_though_nobody_who_is_here_owes_it():
    duty = Duty(Asked(days=(1, 2, 3), since=datetime(2026, 11, 25, tzinfo=UTC)), WorkingTime(BERLIN, frozenset(range(7)), 540, 1020))
    monday, late = Span(date(2026, 11, 30), "day"), datetime(2026, 12, 24, tzinfo=UTC)
    assert duty.asks(monday, BERLIN) and duty.due(monday, BERLIN, late) is None
    assert not any(duty.asks(one, BERLIN) for one in (Span(date(2026, 12, 4), "day"), Span(date(2026, 11, 24), "day"), Span(date(2026, 11, 30), "week")))


@pytest.mark.parametrize(("day", "due"), [(5, date(2026, 12, 4)), (7, date(2026, 12, 6)), (4, date(2026, 12, 3)), (1, date(2026, 12, 7)), (3, date(2026, 12, 9))])
def test_from_thursday_on_the_day_belongs_to_the_week_itself(day, due):
    found = Asked(week_day=day, week_hour=9).due(Span(date(2026, 11, 30), "week"), BERLIN)
    assert found == datetime(due.year, due.month, due.day, 8, tzinfo=UTC)


def test_the_newest_whose_time_is_up():
    friday = datetime(2026, 12, 4, 15, 0, tzinfo=UTC)  # 16:00 in Berlin
    assert last_due(WORKING, "week", friday, BERLIN)[0].key == "2026-W49" and last_due(WORKING, "day", friday, BERLIN)[0].key == "2026-12-03"
    assert last_due(WORKING, "week", datetime(2026, 12, 4, 14, 59, tzinfo=UTC), BERLIN)[0].key == "2026-W48"
    assert last_due(WORKING, "day", datetime(2026, 12, 6, 12, tzinfo=UTC), BERLIN)[0].key == "2026-12-04", "nothing is asked for on Saturday and Sunday"
    assert last_due(Asked(), "day", friday, BERLIN) is None and last_due(Asked(), "week", friday, BERLIN) is None
