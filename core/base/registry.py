"""What the rooms declare, collected by convention: models, permissions, words, children, jobs' names.

A room is a package of core/. Nothing is listed by hand, so a new room needs no shared file.
"""

import importlib
import importlib.util
import pkgutil
from dataclasses import dataclass, field
from functools import lru_cache
from types import ModuleType

import core


@dataclass(frozen=True)
class Child:
    """A table that hangs on an account or a contact; merge, handover, erase and recycle bin move it.

    verb: what merge does with the rows (move, keep). personal: columns that hold data of the person. kind: where the
    rows may hang on records of several kinds, the column that says on which. grows: a row of it is somebody's work on the record, which an
    import that is taken back leaves alone. unique: columns of which a record has each value once, so that a merge leaves a row of the other
    where it is, if the survivor has the same.
    """

    table: str
    column: str
    parent: str
    owner: str | None = None
    personal: tuple[str, ...] = ()
    verb: str = "move"
    also: tuple[str, ...] = field(default_factory=tuple)
    kind: str | None = None
    grows: bool = True
    unique: tuple[str, ...] = ()


@lru_cache
def rooms() -> tuple[str, ...]:
    """Names of the rooms of core, base included."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(core.__path__) if m.ispkg))


def modules(name: str) -> list[ModuleType]:
    """The module `name` of every room that has one."""
    found = []
    for room in rooms():
        dotted = f"core.{room}.{name}"
        if importlib.util.find_spec(dotted) is not None:
            found.append(importlib.import_module(dotted))
    return found


def load_models() -> None:
    """Import every room's tables, so that the metadata is whole."""
    for name in ("models", "facts", "outbox", "numbering"):
        modules(name)


@lru_cache
def collect_permissions() -> dict:
    """Permission -> Rule over all rooms; a name declared twice is a mistake."""
    found: dict = {}
    for module in modules("policy"):
        for name, rule in getattr(module, "PERMISSIONS", {}).items():
            if name in found:
                raise RuntimeError(f"permission declared twice: {name}")
            found[name] = rule
    return found


@lru_cache
def collect_room_switches() -> dict:
    """Name -> core.base.rooms.RoomSwitch of every room that may be off."""
    found = {one.name: one for module in modules("policy") if (one := getattr(module, "ROOM_SWITCH", None))}
    return dict(sorted(found.items()))


@lru_cache
def collect_words() -> dict[str, str]:
    """Code of a refusal or kind of a fact -> message id (English)."""
    found: dict[str, str] = {}
    for module in modules("words"):
        found.update(getattr(module, "WORDS", {}))
    return found


@lru_cache
def collect_granting() -> tuple[ModuleType, ...]:
    """What rooms above say before a role is made, changed or given (core.identity.roles)."""
    return tuple(modules("granting"))


@lru_cache
def collect_children() -> tuple[Child, ...]:
    """Every declared child of accounts and contacts."""
    return tuple(child for module in modules("models") for child in getattr(module, "CHILDREN", ()))


@lru_cache
def collect_record_kinds() -> dict:
    """Name -> core.base.records.RecordKind over all rooms; a kind declared twice is a mistake."""
    found: dict = {}
    for module in modules("models"):
        for kind in getattr(module, "RECORD_KINDS", ()):
            if kind.name in found:
                raise RuntimeError(f"kind of record declared twice: {kind.name}")
            found[kind.name] = kind
    return found
