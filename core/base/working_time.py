"""Time that counts: hours of working days where a workspace is, without its holidays. Pure arithmetic of moments and local days."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.base.days import begins

A_DAY, A_MINUTE = 24 * 60, timedelta(minutes=1)
FARTHEST = 1500  # days (200 hours of one a week); who never works answers never


@dataclass(frozen=True)
class WorkingTime:
    """days: as weekday() counts them. opens, closes: minutes from local midnight, 1440 being the next one."""

    zone: ZoneInfo
    days: frozenset[int]
    opens: int
    closes: int
    holidays: frozenset[date] = frozenset()

    def works(self, day: date) -> bool:
        """Does anybody work on that day?"""
        return day.weekday() in self.days and day not in self.holidays

    def span(self, day: date) -> tuple[datetime, datetime] | None:
        """From when to when somebody works on that day, in UTC; None on a day off. An hour that the clock skips or repeats is as long as it is."""
        if not self.works(day):
            return None
        return _moment(day, self.opens, self.zone), _moment(day, self.closes, self.zone)


def is_open(work: WorkingTime, at: datetime) -> bool:
    """Does somebody work at that moment?"""
    span = work.span(at.astimezone(work.zone).date())
    return span is not None and span[0] <= at < span[1]


def after(work: WorkingTime, start: datetime, wanted: timedelta) -> datetime | None:
    """The moment at which so much working time has gone by since `start`; None where it never does."""
    day, left = start.astimezone(work.zone).date(), wanted
    for ahead in range(FARTHEST):
        span = work.span(day + timedelta(days=ahead))
        if span is None or span[1] <= start:
            continue
        begin = max(start, span[0])
        if left <= span[1] - begin:
            return begin + left
        left -= span[1] - begin
    return None


def _moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The first moment at which the clock there shows that minute of the day, or a later one: of a minute that it skips, the moment of the skip."""
    if minutes >= A_DAY:
        return begins(day + timedelta(days=1), zone)
    said = datetime.combine(day, time(minutes // 60, minutes % 60))
    moment = said.replace(tzinfo=zone).astimezone(UTC)
    while (moment - A_MINUTE).astimezone(zone).replace(tzinfo=None) >= said:
        moment -= A_MINUTE
    return moment
