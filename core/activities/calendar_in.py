"""Events of a calendar file as next contacts: looked at first, each with whom it is or why it stays out; brought in by choice, taken back together."""

import json
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.activities import actions as log
from core.activities.due import whom
from core.activities.lines import MOST_MINUTES
from core.activities.models import Activity
from core.base.context import Context
from core.base.editing import hold_place, take_place
from core.base.errors import Refused, TooMany
from core.base.field_rights import hidden
from core.base.policy import has, require, sees
from core.base.text import CONTROL
from core.parties import queries as parties
from core.parties.models import Contact
from core.parties.restricting import free
from infra.readers.calendars import COLUMNS, EARLIEST, LATEST
from infra.readers.converting import convert
from infra.readers.rows import Unreadable, read_table

MOST_BYTES, MOST_AT_ONCE, LONGEST_NOTE, LONGEST_PLACE = 2 * 1024 * 1024, 200, 500, 200
KINDS = {"event": "meeting", "task": "task"}
# A file may keep its reader busy: one is looked at at a time in a workspace, in so many seconds.
LONGEST_LOOK, LOOK = 10, "calendar.look"
SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Event:
    """What one is to become. about: (kind, key, name) of whom it is with; problem: why it stays out."""

    uid: str
    kind: str
    title: str
    on: date | None = None
    at: datetime | None = None
    minutes: int | None = None
    about: tuple[str, UUID, str] | None = None
    place: str = ""
    problem: str = ""

    @property
    def chosen(self) -> str:
        """What the page sends back of it."""
        kind, key, _ = self.about
        return json.dumps({"uid": self.uid, "kind": self.kind, "title": self.title, "on": str(self.on), "at": self.at and self.at.isoformat(), "minutes": self.minutes, "place": self.place, kind: str(key)}, ensure_ascii=False)


@dataclass(frozen=True)
class Looked:
    """counts: how much of what the file holds (infra.readers.calendars)."""

    events: list[Event]
    counts: Mapping[str, Any]


def look(ctx: Context, data: bytes, who: str = "") -> Looked:
    """What would come of the file. who: with whom an event is that names nobody who is known here. Refuses what is no calendar, and a
    name that nobody, or more than one, has."""
    require(ctx, "activities.log")
    if len(data) > MOST_BYTES:
        raise Refused("too_long", field="file", max=MOST_BYTES)
    if not take_place(ctx, LOOK):
        raise TooMany("calendar_busy", retry_after=LONGEST_LOOK, field="file")
    rows, counts = _read(ctx, data)
    else_with = _one(ctx, who) if who.strip() else None
    known = _people(ctx, {mail for row in rows for mail in row["mails"].split()})
    found = [_event(ctx, row, known, else_with) for row in rows]
    there = _there(ctx, [one.uid for one in found])
    return Looked([_without(one, "event_known") if one.uid in there else one for one in found], counts)


def bring_in(ctx: Context, chosen: Sequence[str]) -> tuple[int, int]:
    """(how many are next contacts now, how many were left out): of what `look` showed, that which was chosen. What is there already, over
    by now, or with somebody whom the actor does not see, is left out."""
    require(ctx, "activities.log")
    if not 0 < len(chosen) <= MOST_AT_ONCE:
        raise Refused("events_chosen", field="take", max=MOST_AT_ONCE)
    hold_place(ctx, f"calendar:{ctx.actor.owner_id}")  # the same file twice at once: the second finds what the first brought
    events = {one.uid: one for one in map(read_chosen, chosen)}
    there = _there(ctx, events)
    made = sum(_bring(ctx, one) for uid, one in events.items() if uid not in there)
    return made, len(chosen) - made


def take_back(ctx: Context, at: datetime) -> int:
    """Those that the actor brought in at that moment and that nobody has made since go out of the log again; how many."""
    mine = select(Activity).where(Activity.calendar_uid.is_not(None), Activity.created_by == ctx.actor.id, Activity.created_at == at, Activity.deleted_at.is_(None), Activity.done_at.is_(None))
    found = list(ctx.session.execute(mine).scalars())
    for one in found:
        log.delete_activity(ctx, one)
    return len(found)


def read_chosen(text: str) -> Event:
    """An event as `Event.chosen` wrote it; refuses anything else."""
    try:
        said = json.loads(text)
        about = next((kind, UUID(said[kind]), "") for kind in ("contact", "account") if kind in said)
        at, on = datetime.fromisoformat(said["at"]) if said["at"] else None, date.fromisoformat(said["on"])
        words = [said[name] for name in ("uid", "kind", "title", "place")]
        found = Event(*words[:3], on, at, said["minutes"], about, words[3])
    except (ValueError, TypeError, KeyError, AttributeError, StopIteration, RecursionError):
        raise Refused("unknown_value", field="take") from None
    is_whole = isinstance(found.minutes, int | None) and all(isinstance(word, str) and not CONTROL.search(word) and not SURROGATE.search(word) for word in words)
    if not is_whole or found.kind not in KINDS.values() or (at and at.tzinfo is None) or not EARLIEST <= on.year <= LATEST or not (at is None or EARLIEST <= at.year <= LATEST):
        raise Refused("unknown_value", field="take")
    return found


def _bring(ctx: Context, event: Event) -> bool:
    """Is it a next contact now?"""
    kind, key, _ = event.about
    try:
        with ctx.session.begin_nested():
            party = (parties.one_contact if kind == "contact" else parties.one_account)(ctx, key)
            made = log.log_activity(
                ctx, kind="note", next_contact=event.at or event.on, next_contact_note=event.title[:LONGEST_NOTE], next_contact_kind=event.kind, next_contact_minutes=event.minutes, place=event.place, **{kind: party},
            )
            made.calendar_uid = event.uid[:LONGEST_NOTE]
            ctx.session.flush()  # what the database refuses, it refuses within this savepoint
    except Refused:
        return False
    return True


def _read(ctx: Context, data: bytes) -> tuple[list[dict[str, str]], Mapping[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "calendar", Path(folder) / "rows"
        path.write_bytes(data)
        try:
            made = convert("calendar", path, out, sheet=ctx.now.isoformat(), seconds=LONGEST_LOOK)
        except Unreadable as refusal:
            raise Refused("calendar_too_many" if refusal.code == "too_many_rows" else "calendar_unreadable", field="file", **refusal.params) from None
        return [dict.fromkeys(COLUMNS, "") | dict(zip(COLUMNS, row.cells, strict=False)) for row in read_table(out)], made.counts


def _event(ctx: Context, row: Mapping[str, str], known: Mapping[str, tuple[str, UUID, str]], else_with: tuple[str, UUID, str] | None) -> Event:
    title = " ".join(CONTROL.sub("", row["summary"]).split())[:LONGEST_NOTE]
    at = datetime.fromisoformat(row["at"]) if row["at"] else None
    at = at.replace(tzinfo=ctx.zone) if at and at.tzinfo is None else at
    on = at.astimezone(ctx.zone).date() if at else date.fromisoformat(row["on"]) if row["on"] else None
    about = next((known[mail] for mail in row["mails"].split() if mail in known), else_with)
    is_over = on is not None and (at < ctx.now if at else on < ctx.today)
    problem = row["problem"] or ("event_over" if is_over else "" if about else "event_nobody")
    minutes = min(int(row["minutes"]), MOST_MINUTES) if row["minutes"] else None
    return Event(row["uid"][:LONGEST_NOTE], KINDS[row["what"]], title, on, at, minutes, about, " ".join(CONTROL.sub("", row["place"]).split())[:LONGEST_PLACE], problem)


def _without(event: Event, problem: str) -> Event:
    return event if event.problem else replace(event, problem=problem)


def _one(ctx: Context, who: str) -> tuple[str, UUID, str]:
    found = whom(ctx, who)
    if len(found) != 1:
        raise Refused("who_not_one", field="who")
    return found[0].kind, found[0].id, found[0].name


def _people(ctx: Context, mails: set[str]) -> dict[str, tuple[str, UUID, str]]:
    """Whom the actor sees and may work with by these addresses; nobody where several have one, nor where he may not know addresses."""
    if not has(ctx, "contacts.read") or not mails or "mail" in hidden(ctx, "contacts"):
        return {}
    query = select(Contact.mail_norm, Contact.id, Contact.name).where(Contact.mail_norm.in_(mails), Contact.deleted_at.is_(None), sees(ctx, Contact), free())
    found: dict[str, list[tuple[str, UUID, str]]] = {}
    for mail, key, name in ctx.session.execute(query):
        found.setdefault(mail, []).append(("contact", key, name))
    return {mail: some[0] for mail, some in found.items() if len(some) == 1}


def _there(ctx: Context, uids: Iterable[str]) -> set[str]:
    """Which of them the actor has brought in before."""
    query = select(Activity.calendar_uid).where(Activity.owner_id == ctx.actor.owner_id, Activity.calendar_uid.in_(list(uids)), Activity.deleted_at.is_(None))
    return set(ctx.session.execute(query).scalars())
