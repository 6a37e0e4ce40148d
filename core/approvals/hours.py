"""Working hours of those who decide: when so many of them are over. Pure; the arithmetic is core.base.working_time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.base.working_time import WorkingTime, after


@dataclass(frozen=True)
class Clock:
    """hours: after how many others are asked too. opens, closes: of a working day; weekdays: 1 is Monday."""

    hours: int = 8
    opens: int = 9
    closes: int = 17
    weekdays: Collection[int] = (1, 2, 3, 4, 5)


USUAL = Clock()


def over(begun: datetime, clock: Clock, zone: ZoneInfo) -> datetime:
    """The moment at which so many working hours have passed since."""
    found = after(WorkingTime(zone, frozenset(day - 1 for day in clock.weekdays), clock.opens * 60, clock.closes * 60), begun, timedelta(hours=clock.hours))
    if found is None:
        raise ValueError("no working day")
    return found
