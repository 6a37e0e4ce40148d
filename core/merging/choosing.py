"""Which value the survivor keeps of each field: chosen one by one, else its own, else the first that another record has."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import plain
from core.base.field_rights import protected
from core.base.hiding import GUARDED, OWN, unhidden
from core.custom_fields.fields import is_own
from core.parties.models import Account, Contact
from core.parties.origins import OF, ORIGINS
from core.parties.rules import ACCOUNT_FIELDS, CONTACT_FIELDS, with_mail_norm
from core.tagging.rules import together

MODELS: dict[str, Any] = {"account": Account, "contact": Contact}
# Where a value is known from goes with it.
FIELDS = {"account": ACCOUNT_FIELDS, "contact": {name: cleaner for name, cleaner in CONTACT_FIELDS.items() if name not in OF}}
# What several records have is put together, where nobody chooses.
TOGETHER, LONGEST_NOTES = ("tags", "notes"), 20_000
LINKS = frozenset({"referred_by_id"})
ALL = "all"
FROM_JSON: dict[type, Any] = {UUID: UUID, Decimal: Decimal, date: date.fromisoformat}


def room_of(kind: str) -> str:
    """accounts, contacts."""
    return f"{kind}s"


def fields(ctx: Context, kind: str) -> list[str]:
    """The fields that the actor may choose: those that he may write. In the others the survivor's value stays."""
    beyond = protected(ctx, room_of(kind))
    return [name for name in FIELDS[kind] if name not in beyond]


def checked(ctx: Context, kind: str, keys: Sequence[UUID], choices: Mapping[str, str]) -> dict[str, str]:
    """Choices that name a field of these records and one of them (or "all"); refuses others."""
    known, found = {str(key) for key in keys}, {}
    for name, choice in choices.items():
        if name not in fields(ctx, kind) and not is_own(name):
            raise Refused("unknown_field", field=name[:60], name=name[:60])
        if str(choice) not in known and not (choice == ALL and name in TOGETHER):
            raise Refused("unknown_value", field=name[:60])
        found[name] = str(choice)
    return found


def chosen(ctx: Context, kind: str, records: Sequence[Any], choices: Mapping[str, str]) -> dict[str, Any]:
    """Field -> value that the survivor (the first of the records) shall have, of those alone that change."""
    by_key = {str(record.id): record for record in records}
    survivor, found = records[0], {}
    for name in fields(ctx, kind):
        choice = choices.get(name, ALL if name in TOGETHER else "")
        value = _together(name, records) if choice == ALL else _one(name, records, by_key.get(choice))
        if value != getattr(survivor, name):
            found[name] = value
    keys = {record.id for record in records}
    for name in LINKS & found.keys():
        if found[name] in keys:
            found[name] = None  # nobody is brought by himself
    own, beyond = _custom(records, by_key, choices), protected(ctx, room_of(kind))
    for key in sorted({*own, *(survivor.custom or {})}):
        if OWN + key not in beyond and own.get(key) != (survivor.custom or {}).get(key):
            found[OWN + key] = own.get(key)
    return with_mail_norm(found)


def _one(name: str, records: Sequence[Any], picked: Any) -> Any:
    if picked is not None:
        return getattr(picked, name)
    own = getattr(records[0], name)
    # Yes and no, and whose it is, are never missing: a record of everyone's stays so.
    if own not in (None, "", []) or name in ("owner_id", "is_customer", "is_supplier", "kind"):
        return own
    return next((value for record in records[1:] if (value := getattr(record, name)) not in (None, "", [])), own)


def _together(name: str, records: Sequence[Any]) -> Any:
    if name == "tags":
        return together(*(record.tags for record in records))
    texts = list(dict.fromkeys(text for record in records if (text := getattr(record, name))))
    whole = "\n\n".join(texts)
    return (whole if len(whole) <= LONGEST_NOTES else texts[0]) if texts else None


def _custom(records: Sequence[Any], by_key: Mapping[str, Any], choices: Mapping[str, str]) -> dict[str, Any]:
    """Key by key: chosen, else the first that is there."""
    found: dict[str, Any] = {}
    for record in reversed(records):
        found |= record.custom or {}
    for name, choice in choices.items():
        if is_own(name) and choice in by_key:
            key, values = name.removeprefix(OWN), by_key[choice].custom or {}
            found.pop(key, None)
            found |= {key: values[key]} if key in values else {}
    return found


def journal(record: Any, changes: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Field -> [what stands there, what is to stand there], as JSON."""
    return {name: [plain(value_of(record, name)), plain(value)] for name, value in changes.items()}


def known_from(ctx: Context, kind: str, records: Sequence[Any], choices: Mapping[str, str], changes: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The same of where the values that come to the survivor are known from, whoever may read it: they bring it along."""
    mine = ORIGINS.keys() & changes.keys() if kind == "contact" else set()
    if not mine:
        return {}
    table, found = Contact.__table__, {}
    with unhidden(ctx.session):
        rows = {row["id"]: row for row in ctx.session.execute(select(table.c.id, *(table.c[name] for name in OF)).where(table.c.id == any_(literal([one.id for one in records], ARRAY(Uuid))))).mappings()}
    for name in mine:
        giver = next((one for one in records if changes[name] is not None and choices.get(name, str(one.id)) == str(one.id) and getattr(one, name) == changes[name]), None)
        for column in ORIGINS[name]:
            before, after = rows[records[0].id][column], rows[giver.id][column] if giver else None
            found |= {column: [plain(before), plain(after)]} if before != after else {}
    return found


def value_of(record: Any, name: str) -> Any:
    """What stands in a field, own ones ("custom.size") too."""
    return (record.custom or {}).get(name.removeprefix(OWN)) if is_own(name) else getattr(record, name)


def read_back(kind: str, name: str, value: Any) -> Any:
    """A value of the journal as the column has it, letter by letter: an import may have left what no form would take."""
    if is_own(name) or value is None:
        return value
    return FROM_JSON.get(MODELS[kind].__table__.c[name].type.python_type, lambda same: same)(value)


def hides_any(ctx: Context, kind: str) -> bool:
    """Are there fields of such records that the actor does not know?"""
    return bool(protected(ctx, room_of(kind)) & set(GUARDED[room_of(kind)].fields))
