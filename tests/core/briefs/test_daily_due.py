"""When the list of the day is due: once for each of somebody's days, at his hour, wherever he is and whatever his clock does."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.briefs import daily
from core.notifications.models import NotificationSetting

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
# From -11 to +14, with halves and quarters of an hour; the weeks in which their clocks change, and one in which none does.
PLACES = {
    "Pacific/Pago_Pago": datetime(2026, 5, 4, tzinfo=UTC), "Pacific/Kiritimati": datetime(2026, 5, 4, tzinfo=UTC), "Asia/Kathmandu": datetime(2026, 5, 4, tzinfo=UTC), "Pacific/Chatham": datetime(2026, 4, 1, tzinfo=UTC),
    "Europe/Berlin": datetime(2026, 3, 26, tzinfo=UTC), "Europe/Lisbon": datetime(2026, 10, 22, tzinfo=UTC), "America/New_York": datetime(2026, 3, 5, tzinfo=UTC), "America/St_Johns": datetime(2026, 10, 29, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2026, 10, 1, tzinfo=UTC), "America/Santiago": datetime(2026, 9, 3, tzinfo=UTC), "Africa/Cairo": datetime(2026, 4, 21, tzinfo=UTC), "America/Havana": datetime(2026, 10, 30, tzinfo=UTC),
    "Asia/Seoul": datetime(2026, 5, 4, tzinfo=UTC), "Pacific/Apia": datetime(2011, 12, 27, tzinfo=UTC),
}


def setting(hour=8, since=LONG_AGO, **values):
    return NotificationSetting(daily_hour=hour, daily_since=since, daily_days="every", **values)


def letters(place, since, hours, *, every=timedelta(minutes=15), **values):
    """[(day, local time)] of what a clock that ticks all the time has written."""
    zone, one, told, found = ZoneInfo(place), setting(**values), None, []
    now, until = since, since + timedelta(hours=hours)
    while now < until:
        day = daily.day_due(one, place, now)
        if day is not None and (told is None or told < day):
            told = day
            found.append((day, now.astimezone(zone)))
        now += every
    return found


@pytest.mark.parametrize("hour", [0, 1, 2, 3, 8, 23])
@pytest.mark.parametrize("place", PLACES)
def test_each_day_has_one_letter_at_its_hour(place, hour):
    found = letters(place, PLACES[place], 24 * 9, hour=hour)[1:]  # the first is of what was due before
    days = [day for day, _ in found]
    assert len(days) >= 7 and len(set(days)) == len(days) and days == sorted(days)
    steps = {(later - earlier).days for earlier, later in zip(days, days[1:], strict=False)}
    assert steps == {1} or (place == "Pacific/Apia" and steps == {1, 2}), "Samoa had no 30th of December 2011"
    for day, at in found:
        exact = datetime.combine(day, time(hour), ZoneInfo(place)).astimezone(UTC)
        assert timedelta(0) <= at.astimezone(UTC) - exact < timedelta(minutes=15) and at.date() == day


def test_without_the_mark_of_the_day_there_would_be_many():
    """Negative control of the simulation itself."""
    one, now = setting(), datetime(2026, 5, 4, tzinfo=UTC)
    due = [daily.day_due(one, "Europe/Berlin", now + timedelta(minutes=15 * step)) for step in range(96)]
    assert len([day for day in due if day == datetime(2026, 5, 4, tzinfo=UTC).date()]) > 60


def test_whoever_asks_for_it_gets_the_next_one_and_none_of_before():
    noon = datetime(2026, 5, 4, 12, tzinfo=UTC)
    one = setting(since=noon)
    assert daily.day_due(one, "UTC", noon) is None and daily.day_due(one, "UTC", noon + timedelta(hours=19, minutes=59)) is None
    assert str(daily.day_due(one, "UTC", noon + timedelta(hours=20))) == "2026-05-05"
    assert daily.day_due(None, "UTC", noon) is None and daily.day_due(NotificationSetting(), "UTC", noon) is None


def test_what_nobody_could_write_at_its_hour_is_written_later():
    """The workers stood still from seven to five in the afternoon, and over a night."""
    assert str(daily.day_due(setting(), "UTC", datetime(2026, 5, 4, 17, tzinfo=UTC))) == "2026-05-04"
    assert str(daily.day_due(setting(hour=22), "UTC", datetime(2026, 5, 5, 0, 30, tzinfo=UTC))) == "2026-05-04"


@pytest.mark.parametrize(("hour", "quiet", "comes"), [(8, (20, 7), 8), (6, (20, 7), 7), (8, (7, 10), 10), (23, (22, 6), 6)])
def test_quiet_hours_put_it_off(hour, quiet, comes):
    found = letters("Europe/Berlin", datetime(2026, 5, 4, tzinfo=UTC), 96, hour=hour, quiet_from=quiet[0], quiet_until=quiet[1])
    assert len(found) >= 4 and {at.hour for _, at in found[1:]} == {comes}


def test_a_journey_around_the_world_brings_no_day_twice():
    """Whoever moves keeps the mark of his days: west the same day comes again and brings no second letter."""
    told, one, now, found = None, setting(), datetime(2026, 5, 4, tzinfo=UTC), []
    for step in range(10 * 96):
        place = ("Pacific/Kiritimati", "Europe/Berlin", "Pacific/Pago_Pago", "Asia/Seoul")[step // 130 % 4]
        day = daily.day_due(one, place, now + timedelta(minutes=15 * step))
        if day is not None and (told is None or told < day):
            told = day
            found.append(day)
    assert len(found) == len(set(found)) and len(found) >= 8
