"""Calendar files (RFC 5545) as other programs write them, broken ones too: their events and tasks as rows, and how much of what they hold.

An event that repeats becomes one row for each time that it comes within the next quarter, a bounded number of them: a file can say more
times in a line than a calendar has room for. What can't be taken keeps its row, with the reason.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import icalendar
from dateutil.rrule import rrulestr

from infra.readers.rows import MAX_CELL, Row, Unreadable, write_table

MOST_EVENTS, MOST_TIMES, MOST_STEPS, MOST_MAILS = 1_000, 20, 20_000, 50
AHEAD = timedelta(days=92)
EARLIEST, LATEST = 1900, 2200
COUNTED = {"events": "VEVENT", "todos": "VTODO", "alarms": "VALARM", "timezones": "VTIMEZONE"}
TOO_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")
COLUMNS = ("uid", "what", "summary", "on", "at", "minutes", "mails", "place", "problem")


@dataclass(frozen=True)
class Problem(Exception):
    """Why an event is not taken."""

    code: str


def write_events(path: Path, out: Path, since: datetime) -> dict[str, Any]:
    """The rows (COLUMNS), and what the file holds: {"rows", "counts"}. Refuses what is no calendar."""
    try:
        components = [one for calendar in icalendar.Calendar.from_ical(path.read_bytes(), multiple=True) for one in calendar.walk()]
    except ValueError:
        raise Unreadable("damaged") from None
    with out.open("w", encoding="utf-8") as file:
        rows = write_table(_bounded(_rows(components, since), since), file)
    return {"rows": rows, "counts": counts_of(components)}


def counts_of(components: list[Any]) -> dict[str, Any]:
    """How many of each kind, how many properties that can't be read, and how the first event that is called something is called."""
    found: dict[str, Any] = {what: sum(one.name == name for one in components) for what, name in COUNTED.items()}
    found["property_errors"] = sum(len(one.errors) for one in components)
    found["first_summary"] = next((str(one["SUMMARY"]) for one in components if one.name == "VEVENT" and "SUMMARY" in one), "")
    return found


def _bounded(rows: Iterator[list[str]], since: datetime) -> Iterator[Row]:
    """A bounded number of rows. A calendar is kept for years: what is over counts by itself, and beyond that number goes without a row."""
    coming = over = 0
    for cells in rows:
        is_over = _is_over(cells, since)
        coming, over = coming + (not is_over), over + is_over
        if coming > MOST_EVENTS:
            raise Unreadable("too_many_rows", max=MOST_EVENTS)
        if not is_over or over <= MOST_EVENTS:
            yield Row(coming + min(over, MOST_EVENTS), cells)


def _is_over(cells: list[str], since: datetime) -> bool:
    _, _, _, on, at, *_, problem = [*cells, "", ""][: len(COLUMNS)]
    if problem or not (on or at):
        return problem == "event_over"
    return _moment(datetime.fromisoformat(at) if at else date.fromisoformat(on)) < since - timedelta(days=1)


def _rows(components: list[Any], since: datetime) -> Iterator[list[str]]:
    moved = {(_text(one, "UID"), _key(at)) for one in components if one.name == "VEVENT" and (at := _said(one, "RECURRENCE-ID")) is not None}
    for one in components:
        if one.name in ("VEVENT", "VTODO"):
            uid, what = _text(one, "UID")[:300] or _made_uid(one), "task" if one.name == "VTODO" else "event"
            try:
                yield from ([*cells, _mails(one), _text(one, "LOCATION")] for cells in _times(one, uid, what, moved, since))
            except Problem as problem:
                yield [uid, what, _text(one, "SUMMARY"), "", "", "", "", "", problem.code]


def _made_uid(one: Any) -> str:
    """The same for the same event, where the file gives none."""
    return hashlib.blake2b(f"{_text(one, 'SUMMARY')} {_said(one, 'DTSTART')}".encode(), digest_size=12).hexdigest()


def _times(one: Any, uid: str, what: str, moved: set[tuple[str, str]], since: datetime) -> Iterator[list[str]]:
    """A row for each time at which it is."""
    if _text(one, "STATUS").upper() in ("CANCELLED", "COMPLETED"):
        raise Problem("event_cancelled" if _text(one, "STATUS").upper() == "CANCELLED" else "event_done")
    start = _start(one)
    again = _said(one, "RECURRENCE-ID")
    repeats = again is None and ("RRULE" in one or "RDATE" in one)
    for at in _repeated(one, start, uid, moved, since) if repeats else [start]:
        key = f"{uid}/{_key(at if again is None else again)}" if repeats or again is not None else uid
        yield [key, what, _text(one, "SUMMARY"), *_day_and_moment(at), _minutes(one, start)]


def _start(one: Any) -> date | datetime:
    for name in ("DTSTART", "DUE"):
        found = _said(one, name)
        if found is not None:
            return found
    raise Problem("event_without_start")


def _said(one: Any, name: str) -> date | datetime | None:
    """A day or moment that can be read, of our times."""
    found = _value(one, name)
    return found if _of_our_times(found) else None


def _of_our_times(found: Any) -> bool:
    """Far from the ends of what a date can be, whatever zone it is put in; days beyond are never meant."""
    return isinstance(found, date) and EARLIEST <= found.year <= LATEST


def _value(one: Any, name: str) -> Any:
    """What a property says, where it stands once and is not broken."""
    try:
        return getattr(one.get(name), "dt", None)
    except ValueError:
        return None


def _repeated(one: Any, start: date | datetime, uid: str, moved: set[tuple[str, str]], since: datetime) -> list[date | datetime]:
    """The next times, without those that are left out or were put elsewhere."""
    left = {_key(day) for day in _listed(one, "EXDATE")} | {key for whose, key in moved if whose == uid}
    days = {_key(day): day for day in (*_by_rule(one, start, since), *_listed(one, "RDATE"))}
    coming = [day for key, day in days.items() if key not in left and since - timedelta(days=1) <= _moment(day) <= since + AHEAD]
    if not coming:
        raise Problem("event_over")
    return sorted(coming, key=_moment)[:MOST_TIMES]


def _by_rule(one: Any, start: date | datetime, since: datetime) -> Iterator[date | datetime]:
    """What the rule says, walked by the clock of the event's own zone, a bounded number of steps."""
    rule = one.get("RRULE")
    if rule is None:
        yield start
        return
    try:
        rule = icalendar.vRecur(rule)
        until = next(iter(rule.pop("UNTIL", ())), None)
        if next(iter(rule.get("FREQ", ())), "") in TOO_OFTEN:
            raise Problem("event_too_often")
        plain = start.replace(tzinfo=None) if isinstance(start, datetime) else datetime.combine(start, time())
        steps = iter(rrulestr(rule.to_ical().decode(), dtstart=plain))
        for number, step in enumerate(steps):
            at = step.replace(tzinfo=start.tzinfo) if isinstance(start, datetime) else step.date()
            if number >= MOST_STEPS or _moment(at) > since + AHEAD or (until is not None and _is_behind(until, step, at)):
                return
            yield at
    except (TypeError, ValueError, AttributeError, KeyError, OverflowError):
        raise Problem("event_repeats") from None


def _is_behind(until: date | datetime, step: datetime, at: date | datetime) -> bool:
    """Is a time of the series behind its last one? A day, and a moment of no zone, are meant by the series' own clock, which is the step's."""
    if not isinstance(until, datetime):
        return step.date() > until
    return step > until if until.tzinfo is None else _moment(at) > until


def _listed(one: Any, name: str) -> Iterator[date | datetime]:
    """Days and moments of a property that may stand several times and hold several; of periods their beginning."""
    given = one.get(name)
    for part in given if isinstance(given, list) else [given]:
        for each in part.dts if isinstance(part, icalendar.vDDDLists) else ():
            found = each.dt[0] if isinstance(each.dt, tuple) else each.dt
            if _of_our_times(found):
                yield found


def _moment(day: date | datetime) -> datetime:
    """A moment to compare by; one of no zone, and a day, as if in UTC."""
    if not isinstance(day, datetime):
        return datetime.combine(day, time(), UTC)
    return day.replace(tzinfo=UTC) if day.tzinfo is None else day.astimezone(UTC)


def _key(day: date | datetime) -> str:
    return f"{_moment(day):%Y%m%dT%H%M%SZ}" if isinstance(day, datetime) else f"{day:%Y%m%d}"


def _day_and_moment(at: date | datetime) -> tuple[str, str]:
    """(day, "") or ("", moment): in UTC, or as the clock shows it wherever the reader is."""
    if not isinstance(at, datetime):
        return at.isoformat(), ""
    return "", at.isoformat() if at.tzinfo is None else at.astimezone(UTC).isoformat()


def _minutes(one: Any, start: date | datetime) -> str:
    if not isinstance(start, datetime):
        return ""
    end, length = _said(one, "DTEND"), _value(one, "DURATION")
    if not isinstance(length, timedelta):
        length = _moment(end) - _moment(start) if isinstance(end, datetime) else timedelta()
    minutes = length // timedelta(minutes=1)
    return str(minutes) if minutes > 0 else ""


def _mails(one: Any) -> str:
    """Who takes part, the first of them."""
    found: dict[str, None] = {}
    for name in ("ATTENDEE", "ORGANIZER"):
        given = one.get(name)
        for part in given if isinstance(given, list) else [given]:
            mail = str(part or "").strip()
            if mail.lower().startswith("mailto:") and 3 < len(mail) < 300:
                found.setdefault(mail[7:].strip().lower())
    return " ".join(list(found)[:MOST_MAILS])


def _text(one: Any, name: str) -> str:
    given = one.get(name)
    return " ".join(str(given[0] if isinstance(given, list) else given or "").replace("\0", "").split())[:MAX_CELL]
