"""The day or the week of a report, and until when it is to be handed in, as pure values."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.base.errors import Refused
from core.base.working_time import WorkingTime

DAY, WEEK, THURSDAY = "day", "week", 4
_WEEK = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
EARLIEST, LATEST = 1970, 2199


@dataclass(frozen=True, order=True)
class Span:
    """A day, or a week from Monday to Sunday, the same for everybody, so that reports of a team can be laid beside each other."""

    first: date
    kind: str = DAY

    @property
    def last(self) -> date:
        return self.first + timedelta(days=6 if self.kind == WEEK else 0)

    @property
    def key(self) -> str:
        """As addresses and programs write it: 2026-11-30, 2026-W49."""
        if self.kind == DAY:
            return self.first.isoformat()
        year, week, _ = self.first.isocalendar()
        return f"{year}-W{week:02}"

    def next(self, by: int = 1) -> "Span":
        """So many days or weeks later, or earlier."""
        return Span(self.first + timedelta(days=by * (7 if self.kind == WEEK else 1)), self.kind)


def span_of(day: date, kind: str) -> Span:
    """The one in which a day lies."""
    return Span(day - timedelta(days=day.weekday()) if kind == WEEK else day, kind)


def read_span(text: str | None, field: str = "period") -> Span:
    """What `Span.key` wrote; anything else is refused, and so is a year outside of those that a calendar of ours holds."""
    said = text or ""
    try:
        if found := _WEEK.fullmatch(said):
            read = Span(date.fromisocalendar(int(found[1]), int(found[2]), 1), WEEK)
        elif _DAY.fullmatch(said):
            read = Span(date.fromisoformat(said))
        else:
            raise ValueError
        if not EARLIEST <= read.first.year <= LATEST:
            raise ValueError
        return read
    except ValueError:
        raise Refused("report_period", field=field) from None


@dataclass(frozen=True)
class Asked:
    """days: on which days of the week (1 is Monday) a report of the day is asked for, until day_hour; week_day, week_hour: until when one of the week;
    None: not at all. since: nothing that was due before is."""

    days: Collection[int] = ()
    day_hour: int = 18
    week_day: int | None = None
    week_hour: int = 16
    since: datetime | None = None

    def kinds(self) -> list[str]:
        """Of what reports are asked for."""
        return [kind for kind, wanted in ((DAY, self.days), (WEEK, self.week_day)) if wanted]

    def wants(self, span: Span) -> bool:
        """Is that one asked for?"""
        return self.week_day is not None if span.kind == WEEK else span.first.isoweekday() in self.days

    def due(self, span: Span, zone: ZoneInfo) -> datetime:
        """Until when it is to be handed in, where its author is. From Thursday on the day belongs to the week itself, before it to the week after."""
        if span.kind == DAY:
            return datetime.combine(span.first, time(self.day_hour), zone).astimezone(UTC)
        day = span.first + timedelta(days=(self.week_day or 7) - 1 + (0 if (self.week_day or 7) >= THURSDAY else 7))
        return datetime.combine(day, time(self.week_hour), zone).astimezone(UTC)


@dataclass(frozen=True)
class Duty:
    """What is asked for, where people work as `work` says: the one answer to who owes which report until when."""

    asked: Asked
    work: WorkingTime

    def days(self, span: Span) -> list[date]:
        """The days of it on which people work: of a week those of it, none that is a holiday. One day for which a report is asked is one, unless it is
        a holiday."""
        days = [span.first + timedelta(days=number) for number in range((span.last - span.first).days + 1)]
        return [day for day in days if (day not in self.work.holidays if span.kind == DAY else self.work.works(day))]

    def asks(self, span: Span, zone: ZoneInfo) -> bool:
        """Is it asked for, whoever is here?"""
        return self.due(span, zone, datetime.min.replace(tzinfo=UTC)) is not None

    def due(self, span: Span, zone: ZoneInfo, here_since: datetime) -> datetime | None:
        """Until when somebody there who is here since then is to hand it in; None: he is not, for it is not asked for, nobody worked, or it was due before
        that or before anything was asked for."""
        if not self.asked.wants(span) or not self.days(span):
            return None
        due = self.asked.due(span, zone)
        return due if due >= max(here_since, self.asked.since or here_since) else None


def last_due(asked: Asked, kind: str, now: datetime, zone: ZoneInfo) -> tuple[Span, datetime] | None:
    """The newest report of that kind whose time is up where its author is, and since when; None where none is asked for."""
    span = span_of(now.astimezone(zone).date(), kind)
    for back in range(9):
        one = span.next(-back)
        if asked.wants(one) and (due := asked.due(one, zone)) <= now:
            return one, due
    return None
