"""What stands on days for people: next contacts, next steps of deals, whatever else rooms plan. Calendars and feeds read it.

A room's agenda.py declares AGENDA = (make, …): make(ctx, first, after, people) gives the entries of the days first <= day < after whose
owner is among people (None: of everybody), as far as the actor sees them.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from core.base.context import Context
from core.base.registry import modules


@dataclass(frozen=True)
class Entry:
    """One thing on a day. kind: a word of its room; noun: what it is a record of. at: the moment, only where a time was agreed; minutes: how long, where
    that was said. about: with whom, in words that the actor may read. moves: may he put it on another day? path: where it is opened."""

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


Maker = Callable[[Context, date, date, Collection[UUID] | None], Iterable[Entry]]


@lru_cache
def collect_agenda() -> tuple[Maker, ...]:
    """What all rooms put on days."""
    return tuple(make for module in modules("agenda") for make in module.AGENDA)


def entries(ctx: Context, first: date, after: date, people: Collection[UUID] | None) -> list[Entry]:
    """Everything on these days, by day; those with a time in their order, before what only has a day."""
    found = [entry for make in collect_agenda() for entry in make(ctx, first, after, people)]
    return sorted(found, key=lambda entry: (entry.on, entry.at is None, entry.at or ctx.now, entry.title, entry.id))
