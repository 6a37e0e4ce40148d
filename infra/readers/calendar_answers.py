"""What a calendar program answers to an invitation (RFC 5546, METHOD:REPLY), as other programs write it; None for whatever is no plain answer of one person to one event."""

from datetime import UTC, datetime
from typing import Any

import icalendar

from infra.incoming import CalendarAnswer

WORDS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}
LONGEST, MOST_SEQUENCE = 300, 2**31 - 1
EARLIEST, LATEST = 1990, 2200


def answer_of(data: bytes) -> CalendarAnswer | None:
    """The answer that these bytes hold. One to a single time of a series, or for several people, is none."""
    try:
        return _read(icalendar.Calendar.from_ical(data))
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, OverflowError, RecursionError):
        return None


def _read(calendar: Any) -> CalendarAnswer | None:
    events = calendar.walk("VEVENT")
    if _text(calendar, "METHOD").upper() != "REPLY" or len(events) != 1 or "RECURRENCE-ID" in events[0]:
        return None
    event = events[0]
    uid, person, sequence = _text(event, "UID"), event.get("ATTENDEE"), event.get("SEQUENCE", 0)
    if not uid or len(uid) > LONGEST or person is None or isinstance(person, list) or not isinstance(sequence, int) or not 0 <= sequence <= MOST_SEQUENCE:
        return None
    mail, word = str(person).strip(), WORDS.get(str(person.params.get("PARTSTAT", "")).upper())
    if word is None or not mail.lower().startswith("mailto:") or len(mail) > LONGEST:
        return None
    return CalendarAnswer(uid, int(sequence), mail[7:].strip().casefold(), word, _moment(event))


def _moment(event: Any) -> datetime | None:
    found = getattr(event.get("DTSTAMP"), "dt", None)
    if not isinstance(found, datetime) or not EARLIEST <= found.year <= LATEST:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _text(one: Any, name: str) -> str:
    given = one.get(name)
    return "" if given is None or isinstance(given, list) else " ".join(str(given).replace("\0", "").split())
