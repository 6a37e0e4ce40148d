"""What stands on days for people: next contacts, next steps of deals, whatever else rooms plan. Calendars and feeds read it.

A room's agenda.py declares AGENDA = (make, …): make(ctx, asked) gives the entries that were asked for, the earliest first, as far as the
actor sees them; one more than MOST where there are more.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from core.base.context import Context
from core.base.registry import modules

# Of one room, so that a page stays one that a browser can show.
MOST = 2_000


@dataclass(frozen=True)
class Asked:
    """What of the plans is meant: the days first <= day < after, that are of these people: theirs, or with them (None: of everybody). open_only: nothing that
    is done. only: of this record alone. birthdays: those of people too."""

    first: date
    after: date
    people: Collection[UUID] | None = None
    open_only: bool = False
    only: UUID | None = None
    birthdays: bool = False


@dataclass(frozen=True)
class Entry:
    """One thing on a day. kind: a word of its room; noun: what it is a record of. at: the moment, only where a time was agreed; minutes: how long, where
    that was said. about: with whom, in words that the actor may read. moves: may he put it on another day? path: where it is opened. place: where it is to be.
    others: who takes part beside its owner and whom it is with, by names that the actor may know. answers: (word, how many) of those who were asked to come;
    behind: they were told otherwise than it stands now."""

    noun: str
    id: UUID
    kind: str
    title: str
    about: str
    on: date
    path: str
    owner_id: UUID | None
    version: int
    at: datetime | None = None
    minutes: int | None = None
    done: bool = False
    moves: bool = False
    place: str = ""
    others: tuple[str, ...] = ()
    answers: tuple[tuple[str, int], ...] = ()
    behind: bool = False


@dataclass(frozen=True)
class Plan:
    """Everything, by day; those with a time in their order, before what only has a day. cut: there is more than is shown."""

    entries: list[Entry]
    cut: bool = False


Maker = Callable[[Context, Asked], Iterable[Entry]]


@lru_cache
def collect_agenda() -> tuple[Maker, ...]:
    """What all rooms put on days."""
    return tuple(make for module in modules("agenda") for make in module.AGENDA)


def plan(ctx: Context, asked: Asked) -> Plan:
    """What stands on these days."""
    made = [list(make(ctx, asked)) for make in collect_agenda()]
    found = [entry for some in made for entry in some[:MOST]]
    return Plan(sorted(found, key=lambda entry: (entry.on, entry.at is None, entry.at or ctx.now, entry.title, entry.id)), any(len(some) > MOST for some in made))


def entries(ctx: Context, first: date, after: date, people: Collection[UUID] | None) -> list[Entry]:
    """The same, done or not, as a list."""
    return plan(ctx, Asked(first, after, people)).entries
