"""Days and times as people write them, read without a clock of its own: "tomorrow 10:00", "fri", "+3d", "26/11".

Words of the five languages (day_words.py), and ISO dates. A day comes before its month ("3/4" is the third of April),
but for those whose language writes the month first.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.activities.day_words import DAYS, MONTHS, NEAR, NEXT, UNITS, plain_clock
from core.base.errors import Refused

REMINDER_HOUR = 8
LONGEST = 60
# Languages that write 11/26; English stays with the day first, as its pages say.
MONTH_FIRST = ("zh", "ko")

ISO = re.compile(r"(\d{4})(?:-|[./年년]) ?(\d{1,2})(?:-|[./月월]) ?(\d{1,2})[日号일]?")
NUMBERS = re.compile(r"(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}|\d{2})?)?")
SIGNED = re.compile(r"(\d{1,2})[月월] ?(\d{1,2})[日号일]?")
NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)? (?:de )?([^\W\d_]{3,10})\.?(?: (?:de )?(\d{4}))?|([^\W\d_]{3,10})\.? (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?")
STEP = re.compile(r"(?:in |en |dentro de |через |\+) ?(\d{1,3}) ?([^\W\d_]+)|(\d{1,3}) ?([^\W\d_ ]+?) ?(?:후|뒤|后|之后|以后)")
WEEKDAY = re.compile(r"(?:(?:on|next|this|el|este|в|во) )?([^\W\d_]{1,11})")
NEXT_WEEKS = re.compile(r"(?:下周|下星期|下个星期|다음 ?주 ?)([一二三四五六日天]|[월화수목금토일](?:요일)?)")
CLOCK = re.compile(r"(?:^|[ t])(?:(?:at|a las?|в) )?([01]?\d|2[0-3])(?:[:.h]([0-5]\d))(?::[0-5]\d)? ?(am|pm)?$|(?:^| )(?:at )?(1[0-2]|0?[1-9]) ?(am|pm)$|(?:^| )(?:at|a las?|в) ([01]?\d|2[0-3])$")


@dataclass(frozen=True)
class When:
    """A day, and a time where one was said; both where the reader is."""

    day: date
    clock: time | None = None

    def moment(self, zone: ZoneInfo, default: time = time(REMINDER_HOUR)) -> datetime:
        """The moment in UTC. A time that the clock skips in spring is moved forward by the gap, as RFC 5545 does."""
        return datetime.combine(self.day, self.clock or default, zone).astimezone(UTC)


def parse_when(text: str, today: date, *, field: str | None = None, past: bool = False, locale: str = "en") -> When:
    """What was written, as a day and perhaps a time. past: "26/11" without a year and weekdays look back, not ahead.
    locale decides only whether "3/4" is in March. Refuses what it cannot read as `not_a_moment`."""
    typed = re.sub(r"\s+", " ", text.strip().lower()).strip(" .,")
    if not typed or len(typed) > LONGEST:
        raise Refused("not_a_moment", field=field)
    rest, clock = _split_clock(plain_clock(typed))
    try:
        day = today if not rest else _day(rest, today, past, locale in MONTH_FIRST)
    except (ValueError, OverflowError):
        day = None
    if day is None or not 1900 <= day.year <= 2200:
        raise Refused("not_a_moment", field=field)
    return When(day, clock)


def is_clock_alone(text: str) -> bool:
    """Is it a time that no day was said with?"""
    rest, clock = _split_clock(plain_clock(text.strip().lower()))
    return clock is not None and not rest


def _split_clock(typed: str) -> tuple[str, time | None]:
    """("tomorrow", 10:00) of "tomorrow at 10:00". A dotted date such as 26.11 is no time."""
    found = CLOCK.search(typed)
    if not found or (NUMBERS.fullmatch(typed) and "." in typed):
        return typed, None
    hour, minute = int(found[1] or found[4] or found[6]), int(found[2] or 0)
    half = found[3] or found[5]
    if half:
        if hour > 12 or hour == 0:
            return typed, None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return typed[: found.start()].strip(" ,"), time(hour, minute)


def _day(text: str, today: date, past: bool, month_first: bool) -> date | None:
    if text in NEAR:
        return today + timedelta(days=NEAR[text])
    if text in NEXT:
        return _ahead(today, 1, NEXT[text])
    numbers = _month_and_day if month_first else _numbers
    for pattern, read in ((ISO, _iso), (NUMBERS, numbers), (SIGNED, _month_and_day), (STEP, _step), (NAMED, _named), (NEXT_WEEKS, _next_weeks), (WEEKDAY, _weekday)):
        found = pattern.fullmatch(text)
        day = read(found, today, past) if found else None
        if day is not None:
            return day
    return None


def _iso(found: re.Match, today: date, past: bool) -> date:
    return date(int(found[1]), int(found[2]), int(found[3]))


def _numbers(found: re.Match, today: date, past: bool) -> date:
    year = int(found[3]) + (2000 if len(found[3]) == 2 else 0) if found[3] else None
    return _in_year(int(found[1]), int(found[2]), year, today, past)


def _month_and_day(found: re.Match, today: date, past: bool) -> date:
    if found.re is NUMBERS and found[3]:  # "26/11/27": with its year behind it the day came first
        return _numbers(found, today, past)
    return _in_year(int(found[2]), int(found[1]), None, today, past)


def _named(found: re.Match, today: date, past: bool) -> date | None:
    number, name, year = (found[1], found[2], found[3]) if found[1] else (found[5], found[4], found[6])
    if name not in MONTHS:
        return None
    return _in_year(int(number), MONTHS[name], int(year) if year else None, today, past)


def _in_year(day: int, month: int, year: int | None, today: date, past: bool) -> date:
    """The next such day where no year was said; the last one for what is over."""
    if year is not None:
        return date(year, month, day)
    for candidate in range(today.year - 1, today.year + 9) if not past else range(today.year, today.year - 9, -1):
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue
        if found <= today if past else found >= today:
            return found
    raise ValueError


def _step(found: re.Match, today: date, past: bool) -> date | None:
    unit = UNITS.get(found[2] or found[4])
    return _ahead(today, int(found[1] or found[3]), unit) if unit else None


def _ahead(today: date, count: int, unit: str) -> date:
    return add_months(today, count) if unit == "months" else today + timedelta(**{unit: count})


def _next_weeks(found: re.Match, today: date, past: bool) -> date:
    """That day of the week after this one, as Chinese and Korean mean it."""
    name = found[1] if found[1] in DAYS and found.string[0] == "다" else f"周{found[1]}"
    return today + timedelta(days=7 - today.weekday() + DAYS[name])


def _weekday(found: re.Match, today: date, past: bool) -> date | None:
    """The coming one, never today: on a Friday "fri" is in a week."""
    if found[1] not in DAYS:
        return None
    ahead = (DAYS[found[1]] - today.weekday()) % 7
    return today + timedelta(days=(ahead or 7) if not past else (ahead - 7 if ahead else -7))


def suggestions(planned: date | None, today: date) -> list[tuple[str, date]]:
    """Days for the next step, soonest first: tomorrow ("day"), in a week ("week"), and the first day further on that is of the same
    weekday as the last plan ("weekday")."""
    found = [("day", today + timedelta(days=1)), ("week", today + timedelta(days=7))]
    if planned is not None:
        same = today + timedelta(days=(planned.weekday() - today.weekday()) % 7 or 7)
        while same in [day for _, day in found]:
            same += timedelta(days=7)
        found.append(("weekday", same))
    return sorted(found, key=lambda one: one[1])


def add_months(day: date, months: int) -> date:
    """The same day some months later; the last one where that month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
