"""Own values of a record in a use case: cleaned with its other fields, checked, written key by key.

`custom` is never written whole: what is hidden from the actor, and what somebody else changed meanwhile, stays.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from core.base.context import Context
from core.base.errors import Gathered, Refused
from core.base.field_rights import hidden, protected
from core.base.hiding import OWN
from core.base.policy import has, visible
from core.custom_fields import unique
from core.custom_fields.fields import ROOMS, Own, alive, fields_of, is_own
from core.custom_fields.rules import applies, cleaner, due
from core.identity.models import User

Cleaner = Callable[[Any, str], Any]


def cleaners(ctx: Context, room: str) -> dict[str, Cleaner]:
    """Name ("custom.size") -> cleaner, of the fields that the actor may know of."""
    return {one.name: cleaner(one, zone=ctx.zone, currency=ctx.tenant.currency) for one in fields_of(ctx, room)}


def begin(ctx: Context, model: Any, values: dict[str, Any], wrong: Gathered | None = None) -> None:
    """The own values of a new record: presets where nothing was given, checked, and moved into values["custom"]. wrong: what was
    found wrong before; all of it is refused here."""
    wrong = Gathered() if wrong is None else wrong
    owns = alive(ctx, model.ROOM)
    found = {name.removeprefix(OWN): values.pop(name) for name in [name for name in values if is_own(name)]}
    value_of = lambda name: found.get(name.removeprefix(OWN)) if is_own(name) else _or_default(model, name, values)  # noqa: E731
    _check(ctx, model.ROOM, {OWN + key: value for key, value in found.items()}, value_of, _clear(owns, wrong), wrong)
    for one in owns:
        if one.preset is not None and one.key not in found and applies(one, value_of):
            found[one.key] = one.preset
    _require(ctx, model.ROOM, _clear(owns, wrong), value_of, wrong)
    wrong.settle()
    kept = {key: value for key, value in found.items() if value is not None}
    if kept or found:
        values["custom"] = kept


def check(ctx: Context, record: Any, changes: Mapping[str, Any], wrong: Gathered | None = None) -> None:
    """Refuse changes (own fields and others) that leave out what must be filled in, or fill in what does not apply. wrong: what
    was found wrong before; all of it is refused here."""
    wrong = Gathered() if wrong is None else wrong
    owns = alive(ctx, record.ROOM)
    value_of = lambda name: changes[name] if name in changes else getattr(record, name, None)  # noqa: E731
    _check(ctx, record.ROOM, {name: value for name, value in changes.items() if is_own(name)}, value_of, _clear(owns, wrong), wrong)
    asked = tuple(one for one in owns if one.name in changes or one.shown_when.get("field") in changes)
    _require(ctx, record.ROOM, _clear(asked, wrong), value_of, wrong)
    wrong.settle()


def write(record: Any, changes: dict[str, Any]) -> dict[str, Any]:
    """Put the own values among `changes` into the record; gives those that are not."""
    mine = {name.removeprefix(OWN): value for name, value in changes.items() if is_own(name)}
    if mine:
        record.custom = patched(type(record).__table__.c.custom, mine)
    return {name: value for name, value in changes.items() if not is_own(name)}


def patched(column: Any, patch: Mapping[str, Any]) -> ColumnElement:
    """The column with these keys set, or taken away (None)."""
    gone = [key for key, value in patch.items() if value is None]
    kept = {key: value for key, value in patch.items() if value is not None}
    now: ColumnElement = column
    if gone:
        now = now.op("-", return_type=JSONB())(literal(gone, ARRAY(Text)))
    return now.op("||", return_type=JSONB())(literal(kept, JSONB)) if kept else now


def reserve(ctx: Context, record: Any, changes: dict[str, Any]) -> None:
    """See core.custom_fields.unique; the record is flushed where a unique field is among the changes."""
    if any(one.is_unique and one.name in changes for one in alive(ctx, record.ROOM)):
        ctx.session.flush()
        unique.reserve(ctx, record, changes)


def needs_then(ctx: Context, room: str, wanted: Mapping[str, Any]) -> Own | None:
    """A field that these values, written to many records, would make due without filling it in."""
    for one in alive(ctx, room):
        asked = one.shown_when.get("field")
        if one.is_required and asked in wanted and one.name not in wanted and applies(one, wanted.get):
            return one
    return None


def check_links(ctx: Context, room: str, values: Mapping[str, Any]) -> None:
    """Refuse a person who does not work here, and a record that the actor does not see."""
    wrong = Gathered()
    for one in alive(ctx, room):
        value = values.get(one.name)
        if value is None or one.kind not in ("user", "account", "contact"):
            continue
        if one.kind == "user":
            found = ctx.session.execute(select(User.id).where(User.id == UUID(value), User.state == "active")).first()
        else:
            found = linked(ctx, one.kind, [UUID(value)])
        if not found:
            wrong.add(Refused("unknown_value", field=one.name))
    wrong.settle()


def linked(ctx: Context, kind: str, keys: list[UUID]) -> dict[UUID, str]:
    """Names of those accounts or contacts that the actor sees."""
    taking = ROOMS.get(f"{kind}s")
    if taking is None or not keys or not has(ctx, f"{kind}s.read"):
        return {}
    query = visible(ctx, taking.model).with_only_columns(taking.model.id, taking.model.name).where(taking.model.id.in_(keys), taking.model.deleted_at.is_(None))
    return {key: name for key, name in ctx.session.execute(query)}


def _clear(owns: tuple[Own, ...], wrong: Gathered) -> tuple[Own, ...]:
    """Those of which can be said whether they apply: what hangs on a wrong value waits for the right one."""
    return tuple(one for one in owns if one.shown_when.get("field") not in wrong.fields) if wrong else owns


def _check(ctx: Context, room: str, given: Mapping[str, Any], value_of: Callable[[str], Any], owns: tuple[Own, ...], wrong: Gathered) -> None:
    for one in owns:
        if given.get(one.name) not in (None, [], False) and not applies(one, value_of) and one.shown_when["field"] not in hidden(ctx, room):
            wrong.add(Refused("custom_not_now", field=one.name))
    with wrong.taking():
        check_links(ctx, room, given)


def _require(ctx: Context, room: str, owns: tuple[Own, ...], value_of: Callable[[str], Any], wrong: Gathered) -> None:
    """What the actor must not write can't be asked of him, nor what hangs on a field that he does not know."""
    beyond, away = protected(ctx, room), hidden(ctx, room)
    for one in due(owns, value_of):
        if one.name not in beyond and one.shown_when.get("field") not in away:
            wrong.add(Refused("required", field=one.name))


def _or_default(model: Any, name: str, values: Mapping[str, Any]) -> Any:
    column = model.__table__.c.get(name)
    default = getattr(getattr(column, "default", None), "arg", None)
    return values[name] if name in values else None if callable(default) else default
