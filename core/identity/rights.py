"""What several roles of one person add up to: pure, and the only place that says so.

Everything is asked of the roles that matter for it: a role that reads no accounts neither widens nor narrows what
another lets its holder see of accounts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.base.policy import WIDTHS

ALL = "*"


@dataclass(frozen=True, slots=True)
class RoleRights:
    """A role as far as rights go. scopes: room -> (sees, changes) where they differ from visibility and changing."""

    permissions: frozenset[str]
    visibility: str = "own"
    changing: str = "all"
    scopes: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, role: Any) -> "RoleRights":
        """From a Role row, or from its columns as JSON."""
        given = role if isinstance(role, Mapping) else {name: getattr(role, name) for name in ("permissions", "visibility", "changing", "scopes")}
        visibility, changing = given["visibility"], given["changing"] or "all"
        scopes = {room: (sees or visibility, changes or changing) for room, (sees, changes) in (given["scopes"] or {}).items()}
        return cls(frozenset(given["permissions"]), visibility, changing, scopes)

    def reach(self, room: str) -> tuple[str, str]:
        return self.scopes.get(room, (self.visibility, self.changing))


def add_up(roles: Iterable[RoleRights]) -> RoleRights:
    """One set of rights out of those of several roles (one at least): every permission, in each room the widest reach
    of the roles that read there."""
    found = list(roles)
    permissions = frozenset().union(*(one.permissions for one in found))
    if len(found) == 1:
        return found[0]
    visibility, changing = _widest([(one.visibility, one.changing) for one in found])
    rooms = {name.partition(".")[0] for name in permissions if name.endswith(".read")} | {room for one in found for room in one.scopes}
    scopes = {}
    for room in rooms:
        reading = [one.reach(room) for one in found if ALL in one.permissions or f"{room}.read" in one.permissions]
        if reading:
            scopes[room] = _widest(reading)
    return RoleRights(permissions, visibility, changing, scopes)


def _widest(reaches: list[tuple[str, str]]) -> tuple[str, str]:
    """The widest sight, and the widest change that each role's own sight allows."""
    return max((sees for sees, _ in reaches), key=WIDTHS.index), max((min(reach, key=WIDTHS.index) for reach in reaches), key=WIDTHS.index)
