"""What several roles of one person add up to: pure, and the only place that says so.

Everything is asked of the roles that matter for it: a role that reads no accounts neither widens nor narrows what
another lets its holder see of accounts.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.base.hiding import closed
from core.base.policy import WIDTHS

ALL = "*"
COLUMNS = ("permissions", "visibility", "changing", "scopes", "hidden", "protected")


@dataclass(frozen=True, slots=True)
class RoleRights:
    """A role as far as rights go. scopes: room -> (sees, changes) where they differ from visibility and changing. What is
    hidden is protected too."""

    permissions: frozenset[str]
    visibility: str = "own"
    changing: str = "all"
    scopes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    protected: frozenset[str] = frozenset()

    @classmethod
    def of(cls, role: Any) -> "RoleRights":
        """From a Role row, or from its columns as JSON."""
        given = role if isinstance(role, Mapping) else {name: getattr(role, name) for name in COLUMNS}
        visibility, changing = given["visibility"], given["changing"] or "all"
        scopes = {room: (sees or visibility, changes or changing) for room, (sees, changes) in (given["scopes"] or {}).items()}
        hidden = closed(frozenset(given["hidden"] or ()))
        return cls(frozenset(given["permissions"]), visibility, changing, scopes, hidden, hidden | frozenset(given["protected"] or ()))

    @property
    def names_alone(self) -> bool:
        """Does it reach, in every room, what names its holder and nothing else? A partner's (core.identity.queries.names_alone)."""
        return {self.visibility, *(sees for sees, _ in self.scopes.values())} == {"named"}

    def reads(self, room: str) -> bool:
        return ALL in self.permissions or f"{room}.read" in self.permissions

    def writes(self, room: str) -> bool:
        return ALL in self.permissions or not self.permissions.isdisjoint((f"{room}.edit", f"{room}.create"))

    def reach(self, room: str) -> tuple[str, str]:
        return self.scopes.get(room, (self.visibility, self.changing))


def add_up(roles: Iterable[RoleRights]) -> RoleRights:
    """One set of rights out of those of several roles (one at least): every permission, in each room the widest reach
    of the roles that read there, and nothing withheld that one of them gives."""
    found = list(roles)
    permissions = frozenset().union(*(one.permissions for one in found))
    if len(found) == 1:
        return found[0]
    visibility, changing = _widest([(one.visibility, one.changing) for one in found])
    rooms = {name.partition(".")[0] for name in permissions if name.endswith(".read")} | {room for one in found for room in one.scopes}
    scopes = {}
    for room in rooms:
        reading = [one.reach(room) for one in found if one.reads(room)]
        if reading:
            scopes[room] = _widest(reading)
    hidden = _withheld(found, RoleRights.reads, "hidden")
    return RoleRights(permissions, visibility, changing, scopes, hidden, hidden | _withheld(found, RoleRights.writes, "protected"))


def meet(one: RoleRights, other: RoleRights) -> RoleRights:
    """What both allow, as of a person and the role that his token is bound to: in each room the narrower reach, and withheld
    whatever one of them withholds."""
    permissions = other.permissions if ALL in one.permissions else one.permissions if ALL in other.permissions else one.permissions & other.permissions
    visibility, changing = _narrower((one.visibility, one.changing), (other.visibility, other.changing))
    scopes = {room: _narrower(one.reach(room), other.reach(room)) for room in {*one.scopes, *other.scopes}}
    return RoleRights(permissions, visibility, changing, scopes, one.hidden | other.hidden, one.protected | other.protected)


def _narrower(one: tuple[str, str], other: tuple[str, str]) -> tuple[str, str]:
    return min(one[0], other[0], key=WIDTHS.index), min(one[1], other[1], key=WIDTHS.index)


def _withheld(roles: list[RoleRights], matters: Callable[[RoleRights, str], bool], what: str) -> frozenset[str]:
    """The fields that every role withholds which matters in their room."""
    names = frozenset().union(*(getattr(one, what) for one in roles))
    return frozenset(name for name in names if all(name in getattr(one, what) for one in roles if matters(one, name.partition(".")[0])))


def _widest(reaches: list[tuple[str, str]]) -> tuple[str, str]:
    """The widest sight, and the widest change that each role's own sight allows."""
    return max((sees for sees, _ in reaches), key=WIDTHS.index), max((min(reach, key=WIDTHS.index) for reach in reaches), key=WIDTHS.index)
