"""A day is what lies between two local midnights: 23 hours long in spring, 25 in autumn, none at all where one was skipped."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def begins(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day there, in UTC. A midnight that the clock skips is the moment of the skip; of two, the first."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def span(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """(first moment, first moment after), in UTC: a moment lies in the day where first <= it < after."""
    return begins(day, zone), begins(day + timedelta(days=1), zone)


def week_of(day: date, first: int) -> date:
    """The day on which that day's week began; first: as weekday() counts."""
    return day - timedelta(days=(day.weekday() - first) % 7)
