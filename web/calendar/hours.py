"""The hours of a day as the clock there shows them: 23 of them, 24 or 25, one of them short where clocks change by half of one; and what begins in them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from core.base.days import span
from core.base.planned import Entry

QUARTER, MORNING = timedelta(minutes=15), 8


@dataclass(frozen=True)
class Slot:
    """An hour: its first moment and the first one after it, both as the clock there shows them. entries: what begins in it, in order."""

    begin: datetime
    after: datetime
    entries: list[Entry] = field(default_factory=list)

    @property
    def stage(self) -> str:
        """How it is called in addresses and on the page: its first moment in UTC."""
        return said(self.begin)

    @property
    def minutes(self) -> int:
        return round((self.after.astimezone(UTC) - self.begin.astimezone(UTC)).total_seconds()) // 60


@dataclass(frozen=True)
class Day:
    """whole: what has no time. slots: its hours. changed: the clock is changed on it, so that its hours are not those of the days beside it."""

    on: date
    whole: list[Entry]
    slots: list[Slot]
    changed: bool

    def first(self, now: datetime) -> Slot | None:
        """The hour that something without a time gets first: the first of the morning that is not over."""
        return next((slot for slot in self.slots if slot.begin.hour >= MORNING and slot.after > now), None)


def said(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def days_with_hours(days: Iterable[date], entries: Iterable[Entry], zone: ZoneInfo) -> list[Day]:
    """What has a time stands where the clock of this zone shows it, whatever day that is for whoever is to do it; all else on its day."""
    made = {day: _day(day, zone) for day in days}
    for entry in entries:
        at = entry.at.astimezone(zone) if entry.at else None
        day = made.get(at.date() if at else entry.on)
        if day is not None:
            (_slot_of(day, at).entries if at else day.whole).append(entry)
    return list(made.values())


def _day(day: date, zone: ZoneInfo) -> Day:
    begins, (first, after) = [], span(day, zone)
    at = first
    while at < after:
        here = at.astimezone(zone)
        if not begins or (here.hour, here.utcoffset()) != (begins[-1].hour, begins[-1].utcoffset()):
            begins.append(here)
        at += QUARTER
    slots = [Slot(begin, until) for begin, until in pairwise([*begins, after.astimezone(zone)])]
    return Day(day, [], slots, after - first != timedelta(days=1))


def _slot_of(day: Day, at: datetime) -> Slot:
    """The last hour that has begun by then."""
    return next(slot for slot in reversed(day.slots) if slot.begin.astimezone(UTC) <= at.astimezone(UTC))
