"""Whose turn it is: of each tenant only so many orders stand before the workers of a queue, one of each tenant in turn.

The rest waits in PostgreSQL and follows as room becomes free, so that the hundreds of one delay nobody else by more than that.
Redis is asked each time what stands there: it may be emptied at any time.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from infra import queue
from workers.job import load_jobs
from workers.queues import AHEAD, DEFAULT, QUEUES, share


@dataclass(slots=True)
class Handed:
    """put: (place, order's key) of what stands before the workers now. left: places of which more is due than may stand there."""

    put: list[tuple[str, Any]] = field(default_factory=list)
    left: set[str] = field(default_factory=set)


def hand_over(found: Mapping[str, Sequence]) -> Handed:
    """Put due orders into their queues. found: place -> rows of core.base.outbox.due_orders; what stands in a queue already is left out."""
    handed, by_queue = Handed(), defaultdict(list)
    for place, rows in found.items():
        for row in _in_turn(_grouped(rows, lambda row: row.name).values()):
            by_queue[_queue_of(row)].append((place, row.id))
    # Those that go ahead first: they count as their tenant's share, and are not held back by it.
    for name in sorted(by_queue, key=lambda name: name not in AHEAD):
        _put(name, by_queue[name], handed)
    return handed


def _put(name: str, orders: list[tuple[str, Any]], handed: Handed) -> None:
    into, ahead = AHEAD.get(name, name), name in AHEAD
    standing = queue.waiting(into) or set()
    taken, chosen, over = Counter(queue.place_of(one) for one in standing), defaultdict(list), set()
    room = share(into) * (2 if ahead else 1)
    for place, key in orders:
        if queue.job_id(key, place) in standing:
            continue
        if taken[place] >= room:
            over.add(place)
            continue
        taken[place] += 1
        chosen[place].append((key, place))
    turn = list(_in_turn(chosen.values()))
    if turn and not queue.put_many(turn, into, timeout=QUEUES[into], ahead=ahead):
        return  # Redis is away: the sweep finds them
    handed.put += [(place, key) for key, place in turn]
    handed.left |= over


def _queue_of(row: Any) -> str:
    """The web door does not know the declarations of jobs: an order left there says "default"."""
    known = load_jobs().get(row.name)
    name = known.queue if known and row.queue == DEFAULT else row.queue
    return name if name in QUEUES or name in AHEAD else DEFAULT


def _grouped(rows: Iterable, key: Any) -> dict[Any, list]:
    found: dict[Any, list] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def _in_turn(lines: Iterable[Sequence]) -> Iterable:
    """The first of each line, then the second of each."""
    nothing = object()
    return (one for turn in zip_longest(*lines, fillvalue=nothing) for one in turn if one is not nothing)
