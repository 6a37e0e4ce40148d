"""What an API token leaves of its user's rights: these permissions alone, some rooms, reading only."""

from collections.abc import Iterable
from dataclasses import replace

from core.base.errors import Refused
from core.base.policy import READ, permissions
from core.identity.rights import ALL, RoleRights

# A program may always ask whose token it has.
ALWAYS = frozenset({"profile.edit"})


def narrowed(rights: RoleRights, *, permissions: Iterable[str] | None = None, rooms: Iterable[str] | None = None, reading: bool = False) -> RoleRights:
    """The same rights with fewer permissions; nothing is added that was not there."""
    held = rights.permissions
    if permissions is not None:
        held = frozenset(permissions) if ALL in held else held & frozenset(permissions)
    if rooms is not None or reading:
        held = frozenset(name for name in _spelled_out(held) if name in ALWAYS or (_is_in(name, rooms) and (not reading or _only_reads(name))))
    return rights if held == rights.permissions else replace(rights, permissions=held)


def rooms_of(names: Iterable[str]) -> list[str]:
    """Rooms by name, sorted; refuses one that there is none of."""
    found, known = sorted({str(name) for name in names}), {name.partition(".")[0] for name in permissions()}
    if not found or not set(found) <= known:
        raise Refused("unknown_value", field="rooms")
    return found


def _spelled_out(held: frozenset[str]) -> frozenset[str]:
    return frozenset(permissions()) if ALL in held else held


def _is_in(name: str, rooms: Iterable[str] | None) -> bool:
    return rooms is None or name.partition(".")[0] in rooms


def _only_reads(name: str) -> bool:
    rule = permissions().get(name)
    return rule is not None and rule.effect == READ
