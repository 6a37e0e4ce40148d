"""Pure rules of when somebody may be written to: quiet hours and the morning, where he is."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

MORNING = 8


@dataclass(frozen=True)
class Quiet:
    """Hours without mail: from the beginning of one hour to the beginning of another, over midnight too."""

    since: int
    until: int

    def holds(self, hour: int) -> bool:
        """Is that hour of the day quiet?"""
        if self.since < self.until:
            return self.since <= hour < self.until
        return hour >= self.since or hour < self.until


def quiet_ends(now: datetime, zone: ZoneInfo, quiet: Quiet | None) -> datetime | None:
    """When the quiet hours that hold now end; None where none hold."""
    here = now.astimezone(zone)
    if quiet is None or not quiet.holds(here.hour):
        return None
    day = here.date() if here.hour < quiet.until else here.date() + timedelta(days=1)
    return datetime.combine(day, time(quiet.until), zone).astimezone(UTC)


def last_morning(now: datetime, zone: ZoneInfo, quiet: Quiet | None, at: int = MORNING) -> datetime:
    """The last moment, now included, at which the morning's letter was due: eight (or the hour `at`) where the reader is, or the end of
    quiet hours that hold then."""
    hour = quiet.until if quiet is not None and quiet.holds(at) else at
    here = now.astimezone(zone)
    due = (datetime.combine(here.date() - timedelta(days=back), time(hour), zone).astimezone(UTC) for back in range(3))
    return next(moment for moment in due if moment <= now)  # a day that a place skipped has its morning on the next one, perhaps later than now
