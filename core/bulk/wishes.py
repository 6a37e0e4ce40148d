"""What is to be done to the chosen records: cleaned by the room's own cleaners, asked of the room's own permissions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.base.batches import Batched, Reckoning, batches
from core.base.cleaning import key
from core.base.context import Context
from core.base.editing import cleaned
from core.base.errors import Refused
from core.base.facts import plain
from core.base.field_rights import check_writes, protected
from core.base.policy import has, require
from core.base.text import fold
from core.bulk.models import KINDS, OPERATIONS, BulkEdit
from core.custom_fields.fields import alive, fields_of, is_own
from core.custom_fields.values import cleaners, needs_then
from core.tagging.queries import spelled
from core.tagging.rules import tags

VERBS = {"change": "edit", "owner": "edit", "tags": "edit", "price": "edit", "delete": "delete"}


@dataclass(frozen=True)
class Wish:
    """values: column -> value (change, owner). add, remove: tags. asked: of an operation that works a field out (reckoning)."""

    kind: str
    operation: str
    values: dict[str, Any] = field(default_factory=dict)
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    asked: dict[str, Any] = field(default_factory=dict)

    @property
    def room(self) -> Batched:
        return batches()[self.kind]

    @property
    def model(self) -> Any:
        return self.room.model

    @property
    def reckoning(self) -> Reckoning | None:
        """How the operation works a field out; None where it says what is to stand there."""
        return _reckonings(self.kind).get(self.operation)

    @property
    def columns(self) -> list[str]:
        """What is written, and kept in the journal."""
        if self.reckoning is not None:
            return [self.reckoning.column]
        return ["tags"] if self.operation == "tags" else [*self.values, *(column for name in self.values for column in self.room.beside(name))]

    @property
    def chains(self) -> list[str]:
        """The fields among them that must not lead back to a record's own."""
        return [name for name in self.room.chains if name in self.values]

    @property
    def fields(self) -> list[str]:
        """What was asked for, without the columns that follow from it."""
        if self.reckoning is not None:
            return [self.reckoning.column]
        return ["tags"] if self.operation == "tags" else [name for name in self.values if name in self.room.fields or is_own(name)]

    def tags_of(self, old: list[str]) -> list[str]:
        """The tags of a record afterwards; refuses more than a record may have."""
        gone = {fold(tag) for tag in self.remove}
        kept = [tag for tag in old if fold(tag) not in gone]
        missing = {fold(tag) for tag in self.add} - {fold(tag) for tag in kept}
        return tags([*kept, *self.add], "tags") if missing else kept

    def plain(self) -> dict[str, Any]:
        """As JSON, for the run."""
        if self.operation == "tags":
            return {"add": list(self.add), "remove": list(self.remove)}
        if self.reckoning is not None:
            return dict(self.asked)
        return {name: plain(self.values[name]) for name in self.fields}


def changeable(ctx: Context, kind: str) -> list[str]:
    """The fields that the actor may change for many records at once."""
    own = [one.name for one in fields_of(ctx, kind) if not one.is_unique]
    return [name for name in (*batches()[kind].fields, *own) if name not in batches()[kind].apart | protected(ctx, kind)]


def offered(ctx: Context, kind: str) -> list[str]:
    """The operations that the actor may ask for."""
    beyond = {"owner": "owner_id", "tags": "tags"} | {name: one.column for name, one in _reckonings(kind).items()}
    return [name for name in _operations(kind) if has(ctx, f"{kind}.{VERBS[name]}") and beyond.get(name) not in protected(ctx, kind)]


def make(ctx: Context, kind: str, operation: str, given: Mapping[str, Any]) -> Wish:
    """The wish, clean. given: field -> value (change), owner_id (owner), add and remove (tags), nothing (delete), what a room's reckoning asks.
    Refuses what the use case for one record refuses: an invalid value, a field that is not the actor's to write, a
    permission that he has not."""
    if kind not in KINDS or operation not in _operations(kind):
        raise Refused("unknown_value", field="operation" if kind in KINDS else "kind")
    require(ctx, f"{kind}.{VERBS[operation]}")
    if operation == "delete":
        return Wish(kind, operation)
    if operation == "tags":
        return _tags(ctx, kind, given)
    if (reckoning := _reckonings(kind).get(operation)) is not None:
        check_writes(ctx, kind, (reckoning.column,))
        return Wish(kind, operation, asked=reckoning.clean(ctx, given))
    if operation == "change":
        _check_names(kind, given)
    names = ("owner_id",) if operation == "owner" else tuple(given)
    check_writes(ctx, kind, names)
    room = batches()[kind]
    values = cleaned({**room.fields, **cleaners(ctx, kind)}, {name: given.get(name) for name in names})
    _check_own(ctx, kind, values)
    room.check(ctx, values)
    return Wish(kind, operation, room.settle(ctx, values))


def of_run(ctx: Context, run: BulkEdit) -> Wish:
    """The wish of a run, asked again of the actor's rights."""
    return make(ctx, run.kind, run.operation or "", run.wanted)


def back_of_run(ctx: Context, run: BulkEdit) -> Wish:
    """The wish of a run that is taken back: the actor's rights are asked again, but not whether such values would be taken today.
    The account that all were moved to may be gone, or whoever got them: that is why one goes back."""
    operation = run.operation or ""
    require(ctx, f"{run.kind}.{VERBS[operation]}")
    if operation == "delete":
        return Wish(run.kind, operation)
    if operation == "tags":
        check_writes(ctx, run.kind, ("tags",))
        return Wish(run.kind, operation, add=tuple(run.wanted["add"]), remove=tuple(run.wanted["remove"]))
    if (reckoning := _reckonings(run.kind).get(operation)) is not None:
        check_writes(ctx, run.kind, (reckoning.column,))
        return Wish(run.kind, operation, asked=run.wanted)
    check_writes(ctx, run.kind, run.wanted)
    room = batches()[run.kind]
    fields = {**room.fields, **cleaners(ctx, run.kind)}
    gone = next((name for name in run.wanted if name not in fields), None)
    if gone is not None:
        raise Refused("unknown_field", name=gone)
    return Wish(run.kind, operation, room.settle(ctx, {name: key(value, name) if fields[name] is key else value for name, value in run.wanted.items()}))


def _operations(kind: str) -> list[str]:
    """What can be done to such records at all."""
    room = batches()[kind]
    there = {"change", "delete", *_reckonings(kind), *(["owner"] if room.is_owned else ()), *(["tags"] if room.is_tagged else ())}
    return [name for name in OPERATIONS if name in there]


def _reckonings(kind: str) -> dict[str, Reckoning]:
    return {one.name: one for one in batches()[kind].reckonings}


def _check_names(kind: str, given: Mapping[str, Any]) -> None:
    if not given:
        raise Refused("bulk_no_field", field="field")
    apart = next((name for name in given if name in batches()[kind].apart), None)
    if apart is not None:
        raise Refused("bulk_not_this_field", field=apart)


def _check_own(ctx: Context, kind: str, values: Mapping[str, Any]) -> None:
    """A unique field can't be the same in many records; a required one is not emptied, nor made due elsewhere."""
    for one in alive(ctx, kind):
        if one.name in values and one.is_unique:
            raise Refused("bulk_not_this_field", field=one.name)
        if one.name in values and one.is_required and values[one.name] is None:
            raise Refused("required", field=one.name)
    due = needs_then(ctx, kind, values)
    if due is not None:
        raise Refused("custom_needed_then", field=due.shown_when["field"], needed=due.label)


def _tags(ctx: Context, kind: str, given: Mapping[str, Any]) -> Wish:
    check_writes(ctx, kind, ("tags",))
    add, remove = (tuple(tags(given.get(name), name)) for name in ("add", "remove"))
    if not add and not remove:
        raise Refused("bulk_no_tags", field="add")
    return Wish(kind, "tags", add=tuple(spelled(ctx, list(add))), remove=remove)
