"""The hours at which somebody likes to be reached, as a pure rule: days and one span, "Mon-Fri 09:00-12:00".

Kept as that text, by the person's own clock. People type it as they would write it, days in any of the languages.
"""

import re
from datetime import datetime
from functools import cache
from typing import Any

from babel import Locale

from core.base.errors import Refused
from core.base.text import clean, fold
from infra import i18n

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
UNTIL = re.compile(r"\s*(?:[-–~～]|至|到|\b(?:to|until|a|hasta|до|по)\b)\s*")
CLOCK = r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?"
SPAN = re.compile(rf"(?<!\d){CLOCK}-{CLOCK}(?!\d)")
KEPT = re.compile(r"(?:([A-Za-z,-]+) ?)?(?:(\d\d:\d\d)-(\d\d:\d\d))?")


def hours(value: Any, field: str) -> str | None:
    """As it is kept: "Mon-Fri 09:00-12:00", either part alone too. Refuses what is neither (`not_hours`)."""
    typed = clean(None if value is None else str(value), field=field)
    if not typed:
        return None
    plain = UNTIL.sub("-", fold(typed))
    found = SPAN.search(plain)
    days = _days((plain[: found.start()] + " " + plain[found.end() :]) if found else plain)
    span = _span(found) if found else ""
    if days is None or span is None or not (days or span):
        raise Refused("not_hours", field=field)
    return " ".join(part for part in (_said(days), span) if part)


def parts(kept: str) -> tuple[list[int], str, str]:
    """(weekdays from Monday as 0, from, to) of a kept text; no days is every day, no span the whole day."""
    found = KEPT.fullmatch(kept)
    days = _days(fold(found[1])) if found and found[1] else []
    return days or list(range(7)), (found[2] if found else None) or "", (found[3] if found else None) or ""


def is_open(kept: str, moment: datetime) -> bool:
    """Does a moment, by the person's own clock, lie in the kept hours?"""
    days, begin, end = parts(kept)
    clock = moment.strftime("%H:%M")
    return moment.weekday() in days and (not begin or begin <= clock < end)


def runs(days: list[int]) -> list[tuple[int, int]]:
    """Days in a row as (first, last): [0, 1, 2, 4] is [(0, 2), (4, 4)]."""
    found: list[tuple[int, int]] = []
    for day in sorted(days):
        found = [*found[:-1], (found[-1][0], day)] if found and found[-1][1] == day - 1 else [*found, (day, day)]
    return found


def _said(days: list[int]) -> str:
    return ",".join(DAYS[first] if first == last else f"{DAYS[first]}{'-' if last > first + 1 else ','}{DAYS[last]}" for first, last in runs(days))


def _span(found: re.Match) -> str | None:
    """09:00-12:00; None for no clock of a day, or an end that is not after the beginning. "9-5" ends in the afternoon."""
    begin, end = _minutes(*found.groups()[:3]), _minutes(*found.groups()[3:])
    if begin is not None and end is not None and end <= begin and not found[6] and end + 720 > begin and end < 720:
        end += 720
    if begin is None or end is None or end <= begin:
        return None
    return f"{begin // 60:02}:{begin % 60:02}-{end // 60:02}:{end % 60:02}"


def _minutes(hour: str, minute: str | None, half: str | None) -> int | None:
    clock = int(hour) if half is None else int(hour) % 12 + (12 if half == "pm" else 0)
    found = clock * 60 + int(minute or 0)
    return found if found <= 24 * 60 and int(minute or 0) < 60 and (half is None or 1 <= int(hour) <= 12) else None


def _days(text: str) -> list[int] | None:
    """The weekdays of "mon-wed, fri"; none for nothing, None where a word is no day."""
    found: set[int] = set()
    for part in re.split(r"[,;、/&\s]+|\b(?:and|y|и)\b", re.sub(r"\.(?=\W|$)", "", text).replace(":", "")):
        ends = [_names().get(word) for word in part.split("-")] if part else []
        if None in ends or len(ends) > 2:
            return None
        if ends:
            first, last = ends[0], ends[-1]
            found |= {day % 7 for day in range(first, last + 1 + (7 if last < first else 0))}
    return sorted(found)


@cache
def _names() -> dict[str, int]:
    """Folded name of a weekday in every language -> its number from Monday."""
    found: dict[str, int] = {}
    for code in i18n.LANGUAGES:
        for width in ("abbreviated", "wide"):
            found |= {fold(name).rstrip("."): day for day, name in Locale(code).days["format"][width].items()}
    return found | {fold(name): day for day, name in enumerate(DAYS)}
