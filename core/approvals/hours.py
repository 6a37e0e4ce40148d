"""Working hours: when so many of them are over. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS_LOOKED_AT = 400


@dataclass(frozen=True)
class Clock:
    """hours: after how many others are asked too. opens, closes: of a working day; weekdays: 1 is Monday."""

    hours: int = 8
    opens: int = 9
    closes: int = 17
    weekdays: Collection[int] = (1, 2, 3, 4, 5)


USUAL = Clock()


def over(begun: datetime, clock: Clock, zone: ZoneInfo) -> datetime:
    """The moment at which so many working hours have passed since. Hours that a change of the clock leaves out do not count."""
    left, day = timedelta(hours=clock.hours), begun.astimezone(zone).date()
    for _ in range(DAYS_LOOKED_AT):
        if day.isoweekday() in clock.weekdays:
            opens, closes = (_moment(day, hour, zone) for hour in (clock.opens, clock.closes))
            start = max(begun, opens)
            if start < closes:
                if start + left <= closes:
                    return start + left
                left -= closes - start
        day += timedelta(days=1)
    raise ValueError("no working day")


def _moment(day, hour: int, zone: ZoneInfo) -> datetime:
    """An hour of a day as a moment (in UTC, so that differences are of real time); 24 is the next midnight."""
    then = datetime.combine(day + timedelta(days=hour // 24), time(hour % 24), zone)
    return then.astimezone(ZoneInfo("UTC"))
