"""The forecast of one period as a table: by person, team, branch or pipeline, beside targets and what managers say."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.base.context import Context
from core.deals.forecast import Figures, Portion, Scope, portions, scoped, together, within
from core.deals.models import Deal
from core.deals.periods import Period
from core.deals.pipelines import called, ways
from core.deals.targets import Aim, adjustments, targets
from core.deals.whose import Staff, Unit, Whose, staff

WAYS = ("owner_id", "team", "branch", "pipeline")
OTHERS = "others"


@dataclass(frozen=True)
class Line:
    """whose: whose line it is, None for a pipeline and for what belongs to everyone. people: whose deals that are (None: everybody's). others:
    what those have of it of whom the actor is told no figures."""

    name: str
    figures: Figures
    whose: Whose | None = None
    key: UUID | None = None
    people: frozenset[UUID] | None = None
    depth: int = 0
    target: Aim | None = None
    adjustment: Decimal = Decimal(0)
    others: bool = False

    @property
    def expected(self) -> Decimal | None:
        """What is won and promised, and what the manager adds."""
        found = self.figures.expected
        return None if found is None else found + self.adjustment

    @property
    def attained(self) -> Decimal | None:
        """How much of the target is won, in percent."""
        won = self.figures.amount("won")
        return won * 100 / self.target.amount if self.target and won is not None else None

    @property
    def gap(self) -> Decimal | None:
        """What is missing to the target beyond what is expected; below zero where it is more than enough."""
        return self.target.amount - self.expected if self.target and self.expected is not None else None


@dataclass(frozen=True)
class Table:
    """lines: in their order; whole: all deals of the scope, each once, whatever lines it stands in."""

    lines: list[Line]
    whole: Line
    staff: Staff


def table(ctx: Context, scope: Scope, period: Period, by: str) -> Table:
    """What each is expected to bring in a period; one line of the scope altogether. A deal of somebody in two teams stands in both
    lines, and once in the whole; one of several stands with each by his part, and with a team once."""
    known, people = staff(ctx), scope.people
    found = portions(ctx, [*scoped(ctx, scope), within(ctx, period)], Deal.pipeline_id if by == "pipeline" else None)
    whole_people = all(name != "pipeline" for name, *_ in scope.filters.where)  # both are said of all that somebody sells
    aims, words = (targets(ctx, known, period), adjustments(ctx, known, period)) if whole_people else ({}, {})

    def line(name: str, some: Figures, whose: Whose | None = None, **rest: Any) -> Line:
        return Line(name, some, whose, target=aims.get(whose), adjustment=words.get(whose, Decimal(0)), **rest)

    units = [one for one in known.units if (by == "team" or one.is_branch) and known.covers(Whose(team_id=one.id)) and _meant(scope, one)] if by in ("team", "branch") else []
    apart = _apart(ctx, found, scope, by, known)
    *parts, whole = together(ctx, [*((some, people if by == "pipeline" else frozenset(one.person for one in some)) for some in apart.values()), *((found, unit.people) for unit in units), (found, people)])
    if by == "pipeline":
        lines = _by_pipeline(ctx, dict(zip(apart, parts, strict=True)))
    elif by == "owner_id":
        lines = _by_person(known, scope, dict(zip(apart, parts, strict=True)), {*aims, *words}, line)
    else:
        lines = [line(unit.name, some, Whose(team_id=unit.id), people=unit.people, depth=unit.depth if by == "team" else 0) for unit, some in zip(units, parts, strict=True)]
    everybody = Whose() if people is None and known.covers(Whose()) else None
    return Table(lines, line("", whole, everybody, people=people), known)


def _apart(ctx: Context, found: list[Portion], scope: Scope, by: str, known: Staff) -> dict[Any, list[Portion]]:
    """Person, or pipeline, -> what stands in its line; nothing for teams, which share people. Whoever's deals the actor does not all see has no
    line of his own, which would be a part of his figures: those are OTHERS together."""
    named = lambda key: key is None or key == ctx.actor.id or known.covers(Whose(user_id=key))  # noqa: E731
    made: dict[Any, list[Portion]] = defaultdict(list)
    for one in found if by in ("owner_id", "pipeline") else ():
        if scope.people is None or one.person in scope.people:
            made[one.key if by == "pipeline" else one.person if named(one.person) else OTHERS].append(one)
    return made


def _meant(scope: Scope, unit: Unit) -> bool:
    return scope.people is None or unit.people <= scope.people


def _by_person(known: Staff, scope: Scope, found: dict, said: set[Whose], line: Callable[..., Line]) -> list[Line]:
    """Everybody who has deals in it, or of whom something is said (a target, an adjustment), by name; then the others, and what belongs to everyone last."""
    keys = {key for key in found if key not in (None, OTHERS)} | {one.user_id for one in said if one.user_id and (scope.people is None or one.user_id in scope.people)}
    made = [line(known.names.get(key, ""), found.get(key) or Figures(), Whose(user_id=key), key=key, people=frozenset((key,))) for key in keys]
    made.sort(key=lambda one: (not one.name, one.name.lower(), str(one.key)))
    return [*made, *(Line("", found[key], others=key == OTHERS) for key in (OTHERS, None) if key in found)]


def _by_pipeline(ctx: Context, found: dict) -> list[Line]:
    names = {way.id: called(way.row, ctx.locale) for way in ways(ctx)}
    return [Line(names.get(key, ""), found[key], key=key) for key in sorted(found, key=lambda key: (list(names).index(key) if key in names else len(names), str(key)))]
