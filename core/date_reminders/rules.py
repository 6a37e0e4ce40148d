"""When a date is to be reminded of, as pure rules."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from core.base.errors import Refused
from core.date_reminders.models import MOST_DAYS, MOST_TIMES
from core.parties.birthdays import in_year


def days_before(value: Any, field: str) -> list[int]:
    """Numbers of days, each once, the longest time first; typed with commas, or a list."""
    parts = re.split(r"[,;、\s]+", value.strip()) if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    found = {int(one) for one in parts if re.fullmatch(r"[0-9]{1,3}", str(one)) and int(one) <= MOST_DAYS}
    if not parts or len(found) != len({str(one) for one in parts}) or len(found) > MOST_TIMES:
        raise Refused("date_reminder_days", field=field, most=MOST_TIMES, days=MOST_DAYS)
    return sorted(found, reverse=True)


def month_days(day: date) -> list[int]:
    """Which dates of any year are kept on that day, the 31st of May as 531: on the 28th of February of other years the 29th too."""
    leap = day.month == 2 and day.day == 28 and (day + timedelta(days=1)).day == 1
    return [day.month * 100 + day.day, *([229] if leap else [])]


def falls_on(stands: date, near: date, *, yearly: bool) -> date:
    """The day on which a date is kept in the year of `near`; one that is kept once has its own."""
    return in_year(stands, near.year) if yearly else stands


def days_due(last: date | None, today: date, most: int) -> Iterable[date]:
    """The days that were not dealt with: today, and those missed since the last one, not further back than `most`."""
    first = today if last is None else max(last + timedelta(days=1), today - timedelta(days=most))
    return [first + timedelta(days=number) for number in range((today - first).days + 1)]
