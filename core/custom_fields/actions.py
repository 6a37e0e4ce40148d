"""Use cases about definitions in the order of their life: create, edit, arrange, archive, bring back, erase."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from core.base import editing
from core.base.context import Context
from core.base.editing import cleaned, cleaned_as_was
from core.base.errors import Refused
from core.base.facts import record
from core.base.outbox import defer
from core.base.policy import require
from core.base.text import fold
from core.custom_fields import unique
from core.custom_fields.counting import has_loose_values
from core.custom_fields.definition import FIELDS, WIDER, a_key, fitting, free_key, options_of
from core.custom_fields.fields import ROOMS, Own, alive, defined, forget, own_of
from core.custom_fields.models import KINDS, CustomField

MOST = 200


def create_field(ctx: Context, *, room: str, kind: str, key: str | None = None, **given: Any) -> CustomField:
    """A new field of a room's records, the last in its order; `label` is needed. It is there for everybody at once."""
    require(ctx, "fields.configure")
    if room not in ROOMS or kind not in KINDS:
        raise Refused("unknown_value", field="kind" if room in ROOMS else "room")
    _hold(ctx)
    most = ctx.entitlements.limit("custom_fields") or MOST
    if len(alive(ctx, room)) >= most:
        raise Refused("custom_too_many", field="label", max=most)
    values = cleaned(FIELDS, {"label": None} | given)
    own = Own(id=uuid4(), room=room, key=_new_key(ctx, room, kind, key, values["label"]), kind=kind, label=values["label"])
    own = fitting(ctx, _with(own, values))
    position = max((one.position for one in defined(ctx, room)), default=-1) + 1
    row = CustomField(room=room, kind=kind, key=own.key, position=position, **_columns(own))
    ctx.session.add(row)
    record(ctx, "custom_field.created", row, name=row.label)
    forget(ctx)
    return row


def edit_field(ctx: Context, row: CustomField, *, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any) -> CustomField:
    """Change a definition; two people at once are merged field by field. Refuses to take an option away, and uniqueness
    where values stand twice."""
    require(ctx, "fields.configure", row)
    _hold(ctx)
    mine = cleaned(FIELDS, given)
    editing.hold(ctx, row)
    if row.archived_at is not None:
        raise Refused("custom_archived")
    before = own_of(row)
    theirs = {name: _value(before, name) for name in mine}
    changes = editing.settle(mine, theirs, stands=row.version, version=version, original=cleaned_as_was(FIELDS, original))
    if not changes:
        return row
    own = fitting(ctx, _with(before, changes))
    if {one.key for one in before.options} - {one.key for one in own.options}:
        raise Refused("custom_options_kept", field="options")
    _settle_unique(ctx, before, own)
    for name, value in _columns(own).items():
        if getattr(row, name) != value:
            setattr(row, name, value)
    record(ctx, "custom_field.edited", row, name=row.label)
    ctx.session.flush()
    forget(ctx)
    return row


def widen_field(ctx: Context, row: CustomField, kind: str) -> CustomField:
    """Another kind that takes every value of this one as it stands; any other is refused."""
    require(ctx, "fields.configure", row)
    editing.hold(ctx, row)
    if WIDER.get(row.kind) != kind or row.archived_at is not None:
        raise Refused("custom_kind_kept", field="kind")
    if row.kind == "choice" and row.preset:
        row.preset = {"value": [row.preset["value"]]}
    row.kind = kind
    if kind == "long_text" and row.is_unique:
        row.is_unique = False
        unique.release(ctx, row.id)
    record(ctx, "custom_field.edited", row, name=row.label)
    ctx.session.flush()
    forget(ctx)
    return row


def arrange(ctx: Context, room: str, keys: Sequence[UUID]) -> None:
    """The fields of a room in this order; those that are not named follow in theirs."""
    require(ctx, "fields.configure")
    _hold(ctx)
    rows = {row.id: row for row in ctx.session.execute(select(CustomField).where(CustomField.room == room)).scalars()}
    named = [key for key in dict.fromkeys(keys) if key in rows]
    rest = sorted((key for key in rows if key not in named), key=lambda key: (rows[key].position, str(key)))
    for position, key in enumerate([*named, *rest]):
        if rows[key].position != position:
            rows[key].position = position
    ctx.session.flush()
    forget(ctx)


def move(ctx: Context, row: CustomField, step: int) -> None:
    """One place up (-1) or down among the fields in use."""
    require(ctx, "fields.configure", row)
    order = [one.id for one in alive(ctx, row.room)]
    at = order.index(row.id) if row.id in order else None
    if at is not None and 0 <= at + step < len(order):
        order[at], order[at + step] = order[at + step], order[at]
        arrange(ctx, row.room, order)


def archive_field(ctx: Context, row: CustomField) -> None:
    """Out of forms, lists and answers; what stands in records stays. Fields that are shown by it are shown always then."""
    require(ctx, "fields.configure", row)
    _hold(ctx)
    editing.hold(ctx, row)
    if row.archived_at is None:
        row.archived_at = ctx.now
        waiting = [one.id for one in alive(ctx, row.room) if one.shown_when.get("field") == f"custom.{row.key}"]
        for other in ctx.session.execute(select(CustomField).where(CustomField.id.in_(waiting))).scalars() if waiting else ():
            other.shown_when = {}
        record(ctx, "custom_field.archived", row, name=row.label)
        forget(ctx)


def restore_field(ctx: Context, row: CustomField) -> None:
    """Bring it back with its values; refused where another has its name by now, and once the values are erased."""
    require(ctx, "fields.configure", row)
    _hold(ctx)
    editing.hold(ctx, row)
    if row.erased_at is not None:
        raise Refused("custom_erased")
    if row.archived_at is None:
        return
    if any(fold(one.label) == fold(row.label) for one in alive(ctx, row.room)):
        raise Refused("custom_label_taken", field="label")
    row.archived_at = None
    record(ctx, "custom_field.restored", row, name=row.label)
    ctx.session.flush()
    forget(ctx)


def erase_values(ctx: Context, row: CustomField, *, typed: str) -> None:
    """Take the values of an archived field out of every record for good, in the background. typed: the field's label."""
    require(ctx, "fields.configure", row)
    editing.hold(ctx, row)
    if row.archived_at is None:
        raise Refused("custom_not_archived")
    if fold(typed) != fold(row.label):
        raise Refused("typed_otherwise", field="typed", expected=row.label)
    if row.erased_at is None:
        row.erased_at = ctx.now
        unique.release(ctx, row.id)
        record(ctx, "custom_field.erased", row, name=row.label)
        defer(ctx, "custom_fields.erase", dedupe=f"custom:{row.id}", field_id=row.id)
        forget(ctx)


def _hold(ctx: Context) -> None:
    """One at a time: two who define the same key or order meet here."""
    editing.hold_place(ctx, "custom_field")
    forget(ctx)


def _new_key(ctx: Context, room: str, kind: str, key: str | None, label: str) -> str:
    held = {one.key for one in defined(ctx, room)}
    if key is None:
        made = free_key(label, held)
        return free_key(label, held | {made}) if kind not in ("text", "long_text") and has_loose_values(ctx, room, made) else made
    if a_key(key, "key") in held or (kind not in ("text", "long_text") and has_loose_values(ctx, room, key)):
        raise Refused("custom_key_taken", field="key")
    return key


def _with(own: Own, values: Mapping[str, Any]) -> Own:
    options = {"options": options_of(values["options"])} if "options" in values else {}
    return replace(own, **{name: value for name, value in values.items() if name != "options"}, **options)


def _value(own: Own, name: str) -> Any:
    """A field of the definition as it is given and compared."""
    if name == "options":
        return [asdict(one) for one in own.options]
    value = getattr(own, name)
    return dict(value) if isinstance(value, Mapping) else value


def _columns(own: Own) -> dict[str, Any]:
    """The row's columns that can be changed."""
    found = {name: _value(own, name) for name in FIELDS}
    return found | {"preset": {} if own.preset is None else {"value": own.preset}}


def _settle_unique(ctx: Context, before: Own, own: Own) -> None:
    if own.is_unique and not before.is_unique:
        count = unique.twins(ctx, own)
        if count:
            raise Refused("custom_values_twice", field="is_unique", count=count)
        unique.fill(ctx, own)
    elif before.is_unique and not own.is_unique:
        unique.release(ctx, own.id)
