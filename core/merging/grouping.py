"""Pairs that hang together are one group: A like B and B like C are three records, to be merged in one go. Two that somebody told apart
never stand in one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from core.base.context import Context
from core.base.sets import among
from core.merging.pairs import pairs
from core.merging.running import MOST
from core.parties.beside_models import DuplicatePair

# Of so many pairs groups are made, so many groups are shown.
LOOKED_AT, SHOWN = 200, 50


@dataclass(eq=False)
class Group:
    """members: key -> name, in the order in which they were found to be alike. pairs: as core.merging.pairs gives them, the surest first."""

    members: dict[UUID, str] = field(default_factory=dict)
    pairs: list[Row] = field(default_factory=list)

    @property
    def reasons(self) -> list[str]:
        return list(dict.fromkeys(reason for pair in self.pairs for reason in pair.reasons))


def groups(ctx: Context, kind: str, *, state: str = "open", limit: int = SHOWN) -> list[Group]:
    """The pairs in that state as groups of at most as many records as one merge takes, the surest first."""
    found = pairs(ctx, kind, state=state, limit=LOOKED_AT)
    return grouped(found, _apart(ctx, found))[:limit]


def grouped(found: Sequence[Row], apart: Collection[frozenset[UUID]]) -> list[Group]:
    """Pairs put together, the surest first. A pair that would bring two together who were told apart, or too many, stands alone."""
    made: list[Group] = []
    of: dict[UUID, Group] = {}
    for pair in found:
        one, other = of.get(pair.a_id), of.get(pair.b_id)
        members = {**(one.members if one else {}), **(other.members if other else {}), pair.a_id: pair.a_name, pair.b_id: pair.b_name}
        if len(members) > MOST or any(two <= members.keys() for two in apart):
            made.append(Group({pair.a_id: pair.a_name, pair.b_id: pair.b_name}, [pair]))
            continue
        group = one or other or Group()
        if group not in made:
            made.append(group)
        if one and other and one is not other:
            made.remove(other)
            group.pairs += other.pairs
        group.members, group.pairs = members, sorted([*group.pairs, pair], key=lambda each: (-each.score, str(each.id)))
        of |= dict.fromkeys(members, group)
    return made


def _apart(ctx: Context, found: Sequence[Any]) -> frozenset[frozenset[UUID]]:
    """The pairs among these records that are not the same in somebody's word."""
    keys = list({key for pair in found for key in (pair.a_id, pair.b_id)})
    said = select(DuplicatePair.a_id, DuplicatePair.b_id).where(among(DuplicatePair.a_id, keys), among(DuplicatePair.b_id, keys), DuplicatePair.state == "not_duplicates")
    return frozenset(frozenset(row) for row in ctx.session.execute(said)) if keys else frozenset()
