"""A tenant's own fields as values: read in one statement for a transaction, and what each is called.

A room takes part by `take_part` where its models stand. From then on its records' own values have names as every
field has ("custom.size"), and `getattr(record, "custom.size")` reads one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.base.context import Context
from core.base.field_rights import hidden
from core.base.hiding import OWN
from core.custom_fields.models import CustomField

KEPT = "custom_fields"
TEXTS = frozenset({"text", "long_text", "mail", "phone", "link"})
LINKS = frozenset({"user", "account", "contact"})
CHOOSING = frozenset({"choice", "choices"})
SEARCHED = TEXTS
UNIQUE = frozenset({"text", "whole", "decimal", "mail", "phone", "link"})


@dataclass(frozen=True)
class Taking:
    """A room whose records have own fields. labels: its built-in fields that a condition may ask, with their message
    ids, and cleaners: those that read what is typed for one."""

    room: str
    model: Any
    labels: Callable[[], Mapping[str, str]]
    cleaners: Callable[[], Mapping[str, Callable[[Any, str], Any]]]


ROOMS: dict[str, Taking] = {}


def take_part(taking: Taking) -> None:
    """Let the records of a room have own fields."""
    ROOMS[taking.room] = taking


class Customised:
    """A record with own values: "custom.size" is an attribute to read."""

    custom: Any

    def __getattr__(self, name: str) -> Any:
        if name.startswith(OWN):
            return (self.custom or {}).get(name.removeprefix(OWN))
        raise AttributeError(name)


@dataclass(frozen=True)
class Option:
    """One value of a choice."""

    key: str
    label: str
    colour: str = "grey"
    archived: bool = False


@dataclass(frozen=True)
class Own:
    """A definition as it is read: a plain value."""

    id: UUID
    room: str
    key: str
    kind: str
    label: str
    labels: Mapping[str, str] = field(default_factory=dict)
    help: str | None = None
    options: tuple[Option, ...] = ()
    is_required: bool = False
    is_unique: bool = False
    preset: Any = None
    shown_when: Mapping[str, Any] = field(default_factory=dict)
    section: str | None = None
    position: int = 0
    in_list: bool = False
    is_searched: bool = False
    is_personal: bool = False
    archived: bool = False

    @property
    def name(self) -> str:
        return OWN + self.key

    def called(self, language: str) -> str:
        """The label for a reader of that language."""
        return self.labels.get(language) or self.label

    def option(self, key: Any) -> Option | None:
        return next((one for one in self.options if one.key == key), None)


def own_of(row: CustomField) -> Own:
    """A row as a value."""
    same = ("id", "room", "key", "kind", "label", "help", "is_required", "is_unique", "shown_when", "section", "position", "in_list", "is_searched", "is_personal")
    options = tuple(Option(one["key"], one["label"], one.get("colour") or "grey", bool(one.get("archived"))) for one in row.options or ())
    return Own(**{name: getattr(row, name) for name in same}, labels=row.labels or {}, options=options, preset=(row.preset or {}).get("value"), archived=row.archived_at is not None)


def defined(ctx: Context, room: str) -> tuple[Own, ...]:
    """Every definition of a room in its order, the archived too, whoever may see it."""
    kept = ctx.session.info.get(KEPT)
    if kept is None:
        kept = ctx.session.info[KEPT] = {}
        rows = ctx.session.execute(select(CustomField).order_by(CustomField.room, CustomField.position, CustomField.id)).scalars()
        for one in map(own_of, rows):
            kept.setdefault(one.room, []).append(one)
        kept |= {name: tuple(found) for name, found in kept.items()}
    return kept.get(room, ())


def forget(ctx: Context) -> None:
    """The definitions have changed: the next look reads them anew."""
    for name in [name for name in ctx.session.info if isinstance(name, str) and name.startswith(KEPT)]:
        del ctx.session.info[name]


def alive(ctx: Context, room: str) -> tuple[Own, ...]:
    """The fields in use, the hidden too: what rules hold for."""
    return tuple(one for one in defined(ctx, room) if not one.archived)


def fields_of(ctx: Context, room: str) -> tuple[Own, ...]:
    """The fields that the actor may know of."""
    if room not in ROOMS:
        return ()
    away = hidden(ctx, room)
    return tuple(one for one in alive(ctx, room) if one.name not in away)


def one_of(ctx: Context, room: str, name: str) -> Own | None:
    """The field of that name ("custom.size"), in use and not hidden."""
    return next((one for one in fields_of(ctx, room) if one.name == name), None)


def label_of(ctx: Context, room: str, name: str) -> str:
    """What a field is called, one that is archived too; its key where there is none."""
    found = next((one for one in defined(ctx, room) if one.name == name), None)
    return found.called(ctx.locale) if found else name.removeprefix(OWN).replace("_", " ")


def is_own(name: str) -> bool:
    return name.startswith(OWN)
