"""Places for tests of days: every whole hour from -11 to +14, clocks that change by an hour, by half of one or at midnight itself,
and clocks that stand between hours; and moments drawn around the changes rather than evenly."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

FIXED = [f"Etc/GMT{-hours:+d}" if hours else "UTC" for hours in range(-11, 15)]
CHANGING = [
    "America/Los_Angeles", "America/New_York", "America/St_Johns", "America/Santiago", "Atlantic/Azores", "Europe/Berlin", "Africa/Cairo", "Asia/Beirut", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham",
]
BETWEEN = ["Asia/Kolkata", "Asia/Kathmandu"]
YEAR = 2027
NOON = time(12)


@cache
def changes(zone: str) -> tuple[date, ...]:
    """The days of the year on which the clock changes there."""
    here = ZoneInfo(zone)
    at = [datetime.combine(date(YEAR, 1, 1), NOON, here) + timedelta(days=n) for n in range(-1, 365)]
    return tuple(now.date() for before, now in zip(at, at[1:], strict=False) if before.utcoffset() != now.utcoffset())


@cache
def changed_at(zone: str, day: date) -> int | None:
    """On that day: how many minutes after midnight the clock is changed, by what it shows then; None where it is not."""
    here, begin = ZoneInfo(zone), datetime.combine(day, NOON, UTC) - timedelta(hours=26)
    at = [(begin + timedelta(minutes=15 * n)).astimezone(here) for n in range(52 * 4)]
    found = next((before + timedelta(minutes=15) for before, now in zip(at, at[1:], strict=False) if before.utcoffset() != now.utcoffset()), None)
    return int((found.replace(tzinfo=None) - datetime.combine(day, time())).total_seconds()) // 60 if found else None


zones = st.one_of(st.sampled_from(CHANGING), st.sampled_from([*FIXED, *BETWEEN]))


@st.composite
def days_there(draw: st.DrawFn, zone: str) -> date:
    """A day of the year; where clocks change, mostly of a week in which they do."""
    if changes(zone) and draw(st.integers(0, 3)):
        return draw(st.sampled_from(changes(zone))) + timedelta(days=draw(st.sampled_from((0, 0, 0, -1, 1, -3, 3))))
    return date(YEAR, 1, 1) + timedelta(days=draw(st.integers(0, 364)))


@st.composite
def moments_there(draw: st.DrawFn, zone: str) -> datetime:
    """A moment in UTC, of such a day there; often one around its midnight."""
    midnight = datetime.combine(draw(days_there(zone)), time(), ZoneInfo(zone)).astimezone(UTC)
    return midnight + timedelta(minutes=draw(st.one_of(st.integers(-90, 90), st.integers(0, 24 * 60))))
