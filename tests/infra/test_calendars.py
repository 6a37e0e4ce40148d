"""Calendars that we write, read again by who reads calendars: events of real programs (icalendar's own samples) come out as many and as called as they went in."""

import csv
from datetime import UTC, date, datetime, time, timedelta

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra import calendars

CHANGED = datetime(2026, 11, 30, 8, tzinfo=UTC)
KINDS = {"events": "VEVENT", "todos": "VTODO", "alarms": "VALARM", "timezones": "VTIMEZONE"}


@pytest.fixture(scope="module")
def samples(data):
    """(what the file is expected to hold, the calendar or event as the library reads it; None where it must refuse it)."""
    folder = data / "icalendar"
    with open(folder / "expected_components.csv", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["file"].endswith(".ics")]
    return [(row, _read(folder / row["file"])) for row in rows]


def _read(path):
    try:
        return icalendar.Calendar.from_ical(path.read_bytes(), multiple=True)
    except ValueError:
        return None


def found(components, name):
    return [one for component in components for one in component.walk(name)]


def test_the_samples_hold_what_is_published_of_them(samples):
    """What the checks below stand on: the reader finds in each file as many components as its list says, and refuses what that refuses."""
    assert len(samples) > 80 and [row["file"] for row, read in samples if (read is None) != (row["parse"] == "refused")] == []
    for row, read in samples:
        if read is not None:
            assert {what: len(found(read, name)) for what, name in KINDS.items()} == {what: int(row[what]) for what in KINDS}, row["file"]


def ours(event, number):
    """The same event as a plain value of ours: on its first day, at its moment where it has one."""
    start = event.get("dtstart").dt
    at = start if isinstance(start, datetime) else None
    at = at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
    return calendars.Event(f"event-{number}@acme", str(event.get("summary", "")), at.astimezone(UTC).date() if at else start, CHANGED, at, description=str(event.get("description", "")), url="https://acme.example/x")


def usable(read):
    """Events with one first day, as all of ours have."""
    return [one for one in found(read, "VEVENT") if isinstance(one.get("dtstart"), icalendar.vDDDTypes)]


def test_real_events_come_out_as_many_and_as_called_as_they_went_in(samples):
    whole = 0
    for row, read in samples:
        events = [ours(event, number) for number, event in enumerate(usable(read))] if read is not None else []
        whole += row["parse"] == "ok" and len(events) == int(row["events"]) > 0
        again = icalendar.Calendar.from_ical(calendars.written("Nordlicht", events))
        back = again.walk("VEVENT")
        assert len(back) == len(events) and not any(one.errors for one in again.walk()), row["file"]
        if len(events) == int(row["events"] or 0) > 0:
            assert str(back[0]["summary"]) == row["first_summary_or_error"], row["file"]
        for event, came in zip(events, back, strict=True):
            assert (str(came["summary"]), str(came.get("description", "")), came["dtstart"].dt) == (event.summary, event.description, event.at.astimezone(UTC) if event.at else event.on)
    assert whole > 40, "most of the samples are whole events"


texts = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n,;:\\\"'^"), max_size=120)


@settings(deadline=None, derandomize=True, database=None, max_examples=50)
@given(texts, texts, st.dates(date(1990, 1, 1), date(2199, 12, 30)), st.none() | st.tuples(st.integers(0, 1439), st.integers(-11, 14)), st.none() | st.integers(1, 1440))
def test_any_words_and_moments_are_read_as_they_were_written_and_no_line_is_too_long(summary, about, day, clock, minutes):
    at = datetime.combine(day, time(), UTC) + timedelta(minutes=clock[0] - 60 * clock[1]) if clock else None
    file = calendars.written("Nordlicht", [calendars.Event("one@acme", summary, day, CHANGED, at, minutes, about)])
    (event,) = icalendar.Calendar.from_ical(file).walk("VEVENT")
    assert (str(event["summary"]), str(event.get("description", ""))) == (summary, about)
    length = timedelta(days=1) if at is None else timedelta(minutes=minutes or calendars.MINUTES)
    assert event["dtstart"].dt == (at or day) and event["dtend"].dt - event["dtstart"].dt == length
    assert file.endswith(b"\r\n") and all(len(line) <= 75 for line in file.split(b"\r\n")) and file.count(b"BEGIN:VEVENT\r\n") == 1
