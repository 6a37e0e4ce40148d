"""Rooms that a workspace can switch off. An off room leaves no trace and keeps its data; switched on it is as it was.

A room that may be off says so in its policy.py by one declaration, `ROOM_SWITCH = RoomSwitch("mailings", …)`. From then on,
where it is off: its permissions do not exist (so no menu, command, button, use case), its routes are not found, its
operations are not in the API's description, its orders wait, its facts, audit entries and notifications are not shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from core.base.context import Context


@dataclass(frozen=True)
class RoomSwitch:
    """text, icon, about: how the settings name it. permissions: what stands before the dot of its permissions. owed: those
    that hold all the same, because others have a right to it. jobs, facts: what stands before the dot of its orders and
    facts. told: its kinds of notifications. tables: its tables as the audit names them."""

    name: str
    text: str
    icon: str
    about: str
    permissions: tuple[str, ...]
    owed: frozenset[str] = frozenset()
    jobs: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()

    def has_permission(self, permission: str) -> bool:
        """Is it one of the room's, which goes with it?"""
        return permission.partition(".")[0] in self.permissions and permission not in self.owed


def switches() -> dict[str, RoomSwitch]:
    """Every room that may be off, by name."""
    from core.base.registry import collect_room_switches

    return collect_room_switches()


def is_off(ctx: Context, name: str) -> bool:
    """Is this room switched off here?"""
    return name in ctx.tenant.rooms_off


def _off(away: Iterable[str]) -> list[RoomSwitch]:
    known = switches()
    return [known[name] for name in sorted(away) if name in known]


@lru_cache(maxsize=256)
def permissions_off(away: frozenset[str]) -> frozenset[str]:
    """The permissions that do not exist while these rooms are off; it says nothing of a tenant."""
    from core.base.registry import collect_permissions

    return frozenset(name for name in collect_permissions() for one in _off(away) if one.has_permission(name))


def job_waits(away: frozenset[str], job: str) -> bool:
    """Does an order of this name belong to a room that is off?"""
    return any(job.partition(".")[0] in one.jobs for one in _off(away))


def facts_off(ctx: Context) -> tuple[str, ...]:
    """Beginnings ("mailing.") of the facts that are not shown here now."""
    return tuple(f"{prefix}." for one in _off(ctx.tenant.rooms_off) for prefix in one.facts)


def told_off(ctx: Context) -> frozenset[str]:
    """Kinds of notifications that are not offered or shown here now."""
    return frozenset(kind for one in _off(ctx.tenant.rooms_off) for kind in one.told)


def tables_off(ctx: Context) -> frozenset[str]:
    """Tables that the audit does not show here now."""
    return frozenset(table for one in _off(ctx.tenant.rooms_off) for table in one.tables)
