"""Before and after: the first records that an import would change, field by field, before it runs. Hidden fields are in none of it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.base.context import Context
from core.base.facts import plain
from core.base.field_rights import hidden
from core.base.hiding import OWN
from core.base.policy import require, visible
from core.base.text import fold
from core.custom_fields.fields import one_of
from core.parties import reach_many, reach_rules
from core.parties.models import Account
from core.parties.reach_models import ADDRESS_FIELDS
from core.transfer import consents, further, kinds, texts
from core.transfer.fields import MODELS
from core.transfer.models import ImportRow, ImportRun
from core.transfer.writing import written_columns

SHOWN, LOOKED_AT, MOST = 5, 100, 1000
# Staged as a name, kept as a key.
NAMED = {"account": "account_id", "parent": "parent_id"}


@dataclass(frozen=True, slots=True)
class Change:
    """One record that would change. lines: (field, what stands there, what will), as JSON values."""

    line: int
    id: UUID
    name: str
    lines: list[tuple[str, Any, Any]]


def changes(ctx: Context, run: ImportRun, *, limit: int = SHOWN) -> list[Change]:
    """The first records that a checked import would change; of many rows that say nothing new no more than a thousand are looked at."""
    if run.state != "checked" or not run.counts.get("update"):
        return []
    require(ctx, kinds.of(run).needs("read"))
    found: list[Change] = []
    for rows in _rows(ctx, run):
        found += _changes(ctx, run, rows)
        if len(found) >= limit:
            break
    return found[:limit]


def _rows(ctx: Context, run: ImportRun) -> Iterator[list[Any]]:
    after = 0
    for _ in range(MOST // LOOKED_AT):
        query = select(ImportRow.line, ImportRow.record_id, ImportRow.values).where(ImportRow.run_id == run.id, ImportRow.plan == "update", ImportRow.line > after)
        rows = list(ctx.session.execute(query.order_by(ImportRow.line).limit(LOOKED_AT)))
        if not rows:
            return
        yield rows
        after = rows[-1].line


def _changes(ctx: Context, run: ImportRun, rows: list[Any]) -> list[Change]:
    model = MODELS[run.kind]
    known = {one.id: one for one in ctx.session.execute(visible(ctx, model).where(model.id.in_([row.record_id for row in rows]), ~kinds.of(run).in_bin())).scalars()}
    keys, called = list(known), _called(ctx, run, known)
    points = reach_many.further_of(ctx, run.kind, keys) if set(run.mapping) & further.FURTHER.keys() else {}
    places = reach_many.first_addresses(ctx, keys) if run.kind == "contacts" and set(run.mapping) & set(ADDRESS_FIELDS) else {}
    named, hanging = _names(ctx, run, known.values()), _hanging(ctx, run, rows, known)
    away, found = hidden(ctx, run.kind), []
    for row in rows:
        record = known.get(row.record_id)
        if record is not None:
            lines = [*_own(ctx, run, record, row.values), *_named(run, record, row.values, named), *_beside(ctx, run, row.values, points.get(record.id, []), places.get(record.id, {}), record), *hanging.get(row.line, [])]
            lines = [line for line in lines if line[0] not in away and NAMED.get(line[0]) not in away]
            found += [Change(row.line, record.id, called[record.id], lines)] if lines else []
    return found


def _own(ctx: Context, run: ImportRun, record: Any, values: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """The record's own columns; an empty cell changes nothing."""
    names = [name for name in written_columns(run, mapped=True) if name not in ("custom", "mail_norm", *(set(kinds.of(run).also) - set(run.mapping) - _filled(run)))]
    found = [(name, plain(getattr(record, name)), values[name]) for name in names if values.get(name) is not None and not _is_same(getattr(record, name), values[name])]
    custom = values.get("custom") or {}
    found += [(OWN + key, record.custom.get(key), value) for key, value in custom.items() if OWN + key not in hidden(ctx, run.kind) and _is_shown(ctx, run, key)]
    return [(name, before, after) for name, before, after in found if before != after]


def _filled(run: ImportRun) -> set[str]:
    """What other columns of the file fill and is shown all the same: a name, and words of a list."""
    return {"name"} | {name for name, target in kinds.of(run).targets.items() if target.words and target.column}


def _called(ctx: Context, run: ImportRun, known: Mapping[UUID, Any]) -> dict[UUID, str]:
    """How these records are called."""
    room = kinds.of(run)
    if room.title is None:
        return {key: record.name for key, record in known.items()}
    return {key: name for key, name in ctx.session.execute(select(room.model.id, room.called()).where(room.model.id.in_(known)))}


def _is_same(before: Any, after: Any) -> bool:
    """An amount is the same however many noughts stand behind it."""
    return isinstance(before, Decimal) and before == Decimal(str(after))


def _is_shown(ctx: Context, run: ImportRun, key: str) -> bool:
    """A field of the workspace, or an extra column that is kept."""
    return one_of(ctx, run.kind, OWN + key) is not None or "custom" in run.mapping


def _names(ctx: Context, run: ImportRun, records: Collection[Any]) -> dict[UUID, str]:
    """The names of the accounts or parents that these records have now, as far as the actor sees them, in one statement."""
    name = _link_of(run)
    keys = {key for record in records if name in run.mapping and (key := getattr(record, NAMED[name]))}
    query = visible(ctx, Account).with_only_columns(Account.id, Account.name).where(Account.id.in_(keys), Account.deleted_at.is_(None))
    return {key: text for key, text in ctx.session.execute(query)} if keys else {}


def _link_of(run: ImportRun) -> str:
    return "account" if run.kind == "contacts" else "parent"


def _named(run: ImportRun, record: Any, values: dict[str, Any], names: dict[UUID, str]) -> list[tuple[str, Any, Any]]:
    """The account or parent, by name."""
    name = _link_of(run)
    if not values.get(name) or (name == "account" and values.get("account_id")):
        return []
    before = names.get(getattr(record, NAMED[name]))
    return [] if before is not None and fold(before) == fold(values[name]) else [(name, before, values[name])]


def _beside(ctx: Context, run: ImportRun, values: dict[str, Any], points: list, place: dict[str, Any], record: Any) -> list[tuple[str, Any, Any]]:
    """Further mails and numbers that are new, and what changes in a person's address."""
    there = {(kind, reach_rules.key_of(kind, value)) for kind, _, value in points}
    there |= {(kind, reach_rules.key_of(kind, value)) for kind, field in (("mail", "mail"), ("phone", "phone"), ("phone", "mobile")) if (value := getattr(record, field, None))}
    found = []
    if run.kind == "contacts":
        shown = set(ADDRESS_FIELDS) - hidden(ctx, "accounts")
        found = [(name, place.get(name), values[name]) for name in ADDRESS_FIELDS if name in shown and values.get(name) and values[name] != place.get(name)]
    offered = further.offered(ctx, run.kind)
    new = [(target, None, values[target]) for target, (kind, *_) in further.FURTHER.items() if target in offered and values.get(target) and (kind, reach_rules.key_of(kind, values[target])) not in there]
    return [*found, *new]


def _hanging(ctx: Context, run: ImportRun, rows: list[Any], known: dict[UUID, Any]) -> dict[int, list[tuple[str, Any, Any]]]:
    """line -> messengers, roles and consents that are new; asked only where the file has such columns."""
    rows, found = [row for row in rows if row.record_id in known], {}
    offered = further.offered(ctx, run.kind).intersection(run.mapping)
    chats = reach_many.messengers_of(ctx, run.kind, list(known)) if further.MESSENGERS in offered else {}
    roles = reach_many.roles_of(ctx, list(known)) if further.OTHER_ROLES in offered else {}
    for row in rows:
        held = {reach_rules.key_of("messenger", value, service) for service, _, value in chats.get(row.record_id, ())}
        new = [one for one in row.values.get(further.MESSENGERS) or () if reach_rules.key_of("messenger", one[2], one[0]) not in held]
        at = {fold(one.name) for one in roles.get(row.record_id, ())}
        names = [one["account"] for one in row.values.get(further.OTHER_ROLES) or () if fold(one["account"]) not in at]
        found[row.line] = [(further.MESSENGERS, None, texts.say_messengers(ctx.locale, new))] * bool(new and further.MESSENGERS in offered)
        found[row.line] += [(further.OTHER_ROLES, None, ", ".join(names))] * bool(names and further.OTHER_ROLES in offered)
    for line, lines in consents.coming(ctx, run, rows, known).items():
        found[line] += lines
    return found
