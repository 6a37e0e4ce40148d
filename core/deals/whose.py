"""Whose figures are meant: a person's, a team's (with the teams below it; a branch is one), or the whole workspace's."""

from dataclasses import dataclass, field
from uuid import UUID

from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import reach_of
from core.deals.models import Deal
from core.identity import queries as people
from core.identity import teams

WHOLE = "all"


@dataclass(frozen=True)
class Whose:
    """user_id or team_id; neither: the whole workspace."""

    user_id: UUID | None = None
    team_id: UUID | None = None

    @property
    def key(self) -> str:
        """As addresses write it."""
        return f"user-{self.user_id}" if self.user_id else f"team-{self.team_id}" if self.team_id else WHOLE


@dataclass(frozen=True)
class Unit:
    """A team with everybody who belongs to it or to a team below it."""

    id: UUID
    name: str
    depth: int
    is_branch: bool
    people: frozenset[UUID]


@dataclass(frozen=True)
class Staff:
    """Everybody who works here, and the teams, each behind the one it stands under. reach: whose deals the actor sees; None: all."""

    names: dict[UUID, str]
    units: tuple[Unit, ...]
    reach: frozenset[UUID] | None = field(default=None)

    def people(self, whose: Whose) -> frozenset[UUID] | None:
        """Whose deals that means; None is everybody's."""
        if whose.user_id:
            return frozenset((whose.user_id,))
        return next((one.people for one in self.units if one.id == whose.team_id), frozenset()) if whose.team_id else None

    def covers(self, whose: Whose) -> bool:
        """Is it somebody here, all of whose deals the actor sees? What is told of others would tell of deals that he does not."""
        if whose.user_id and whose.user_id not in self.names or whose.team_id and all(one.id != whose.team_id for one in self.units):
            return False
        found = self.people(whose)
        return self.reach is None or (bool(found) and found <= self.reach)

    def called(self, whose: Whose) -> str:
        """The name of a person or team; empty for the workspace."""
        return self.names.get(whose.user_id, "") if whose.user_id else next((one.name for one in self.units if one.id == whose.team_id), "")


def staff(ctx: Context) -> Staff:
    """Who works here, as far as figures go."""
    nodes, units = teams.tree(ctx), []
    for place, node in enumerate(nodes):
        below = [node]
        for other in nodes[place + 1 :]:
            if other.depth <= node.depth:
                break
            below.append(other)
        units.append(Unit(node.team.id, node.team.name, node.depth, node.team.is_branch, frozenset(key for one in below for key, *_ in one.members)))
    return Staff(people.user_names(ctx), tuple(units), reach_of(ctx, Deal))


def read_whose(text: str | None, field: str = "whose") -> Whose:
    """What `Whose.key` wrote; refuses anything else."""
    kind, _, key = (text or WHOLE).partition("-")
    try:
        if kind == WHOLE and not key:
            return Whose()
        return {"user": lambda: Whose(user_id=UUID(key)), "team": lambda: Whose(team_id=UUID(key))}[kind]()
    except (KeyError, ValueError):
        raise Refused("whose_unknown", field=field) from None


def check_covered(found: Staff, whose: Whose, field: str = "whose") -> None:
    """Refuse somebody who is not here, or whose deals the actor does not all see."""
    if not found.covers(whose):
        raise Refused("whose_unknown", field=field)
