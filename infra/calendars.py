"""Calendars as files (RFC 5545): entries as plain values in, iCalendar out. Texts are data: the library escapes and folds them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import icalendar

PROGRAM = "-//Tendero//Calendar//EN"
MINUTES = 30  # how long something with a time takes where nobody said


@dataclass(frozen=True)
class Event:
    """uid: the same for the same thing, always. on: its day; at: its moment (aware), where it has one. changed: when it was written last. url: where it is opened."""

    uid: str
    summary: str
    on: date
    changed: datetime
    at: datetime | None = None
    minutes: int | None = None
    description: str = ""
    url: str = ""
    sequence: int = 0
    cancelled: bool = False
    location: str = ""


@dataclass(frozen=True)
class Person:
    """Who asks, or is asked; what he answered so far."""

    name: str
    mail: str
    answer: str = "NEEDS-ACTION"


def invitation(event: Event, organizer: Person, asked: Iterable[Person]) -> bytes:
    """A file that asks people to an event, for their programs to take and answer. The same event with a higher sequence takes the place of
    the one that they have; a cancelled one is taken away there."""
    made = icalendar.Calendar()
    made.add("prodid", PROGRAM)
    made.add("version", "2.0")
    made.add("method", "CANCEL" if event.cancelled else "REQUEST")
    component = _event(event)
    component.add("organizer", _address(organizer))
    for person in asked:
        component.add("attendee", _address(person, ROLE="REQ-PARTICIPANT", **({} if event.cancelled else {"PARTSTAT": person.answer, "RSVP": "TRUE"})))
    made.add_component(component)
    return made.to_ical()


def _address(person: Person, **params: str) -> icalendar.vCalAddress:
    found = icalendar.vCalAddress(f"mailto:{person.mail}")
    found.params.update({"CN": " ".join(person.name.replace('"', "'").split()), **params})
    return found


def written(name: str, events: Iterable[Event], *, every: timedelta = timedelta(minutes=30)) -> bytes:
    """A calendar with a name, to be looked at again after `every`. Whole days are free time, what has a time is busy."""
    made = icalendar.Calendar()
    made.add("prodid", PROGRAM)
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    made.add("refresh-interval", every, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", every)
    for event in events:
        made.add_component(_event(event))
    return made.to_ical()


def _event(event: Event) -> icalendar.Event:
    made = icalendar.Event()
    made.add("uid", event.uid)
    made.add("summary", event.summary)
    made.add("dtstamp", event.changed.astimezone(UTC))
    made.add("sequence", event.sequence)
    if event.at is None:
        made.add("dtstart", event.on)
        made.add("dtend", event.on + timedelta(days=1))
    else:
        made.add("dtstart", event.at.astimezone(UTC))
        made.add("dtend", event.at.astimezone(UTC) + timedelta(minutes=event.minutes or MINUTES))
    made.add("transp", "TRANSPARENT" if event.at is None else "OPAQUE")
    made.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    for name in ("description", "location", "url"):
        if value := getattr(event, name):
            made.add(name, value)
    return made
