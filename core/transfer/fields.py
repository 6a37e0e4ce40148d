"""What a column may become: the fields of each kind of records, each with the reader of its cells.

A reader turns what this file writes (its decimal mark, its order of day and month, "sí") into what a form would
have sent; then the room's own cleaner decides (core.parties.rules), so that both doors have the same rules.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from babel import Locale

from core.base.context import Context
from core.base.facts import plain
from core.base.field_rights import protected
from core.base.importing import Target
from core.base.text import fold
from core.base.words import N_
from core.identity.rules import plain_mail
from core.parties import rules
from core.parties.origins import ORIGINS
from core.parties.pool import protects
from core.parties.words import CHANNEL_LABELS, LABELS, RELIEF_LABELS
from core.transfer import cells, consents, further, kinds, own, texts
from core.transfer.cells import Reading

Reader = Callable[[str, Reading], Any]
NO_NUMBER = "?"
TO_NOTES = "to_notes"  # a column that is written behind the notes, under its name


@dataclass(frozen=True, slots=True)
class Field:
    """label: message id. read: cell -> JSON value. column: of the record's table; False where the import resolves it.
    of_company: a field of the company that a contact's row names. scaled: an amount that a file may write in thousands."""

    label: str
    read: Reader
    column: bool = True
    of_company: bool = False
    scaled: bool = False


# Days of a contact, the same whoever writes them.
DAYS_OF_CONTACTS = ("birthday", *(origin.noted_on for origin in ORIGINS.values()))


def by_rule(rule: Callable[[Any, str], Any], name: str, before: Reader | None = None, column: bool = True) -> Field:
    """A field that the room's cleaner reads, after `before` has made plain what the file means."""
    label = LABELS[{"account": "account_id", "parent": "parent_id"}.get(name, name)]
    if name == "mail":
        return Field(label, lambda cell, reading: plain_mail(cell) or rule(cell, name), column)
    return Field(label, lambda cell, reading: plain(rule(before(cell, reading) if before else cell, name)), column, scaled=name == "annual_revenue")


def by_target(name: str, target: Target) -> Field:
    """A field that a room declares."""
    before = SHAPED.get(target.shape) or (lambda cell, reading: word_of(cell, target.words))
    return Field(target.label, lambda cell, reading: plain(target.clean(before(cell, reading), name)), target.column, scaled=target.scaled)


def word_of(cell: str, words: Mapping[str, str]) -> str:
    """A word of a list, as our own files write it or as a page shows it, in any of the languages; another goes on as what no cleaner takes."""
    return texts.word_in(cell, words) or cells.plain_spaces(cell)


def whole(cell: str, reading: Reading) -> Any:
    """12, "1.200" of a German file, "12.0"; anything else goes on as what no cleaner takes."""
    found = cells.read_number(cell, reading.decimal_mark)
    return NO_NUMBER if found is None or found != found.to_integral_value() else int(found)


def percent(cell: str, reading: Reading) -> Any:
    """The same of a share in hundredths."""
    return whole(cells.read_percent(cell, reading), reading)


def read_channel(cell: str, reading: Reading) -> Any:
    """A way to reach somebody, as our own files write it or as a form shows it, in any of the languages."""
    return texts.word_in(cell, CHANNEL_LABELS) or fold(cells.plain_spaces(cell))


def read_relief(cell: str, reading: Reading) -> str:
    """Why no tax is due, in the same way; where it is due there is nothing to say."""
    found = texts.word_in(cell, RELIEF_LABELS)
    return cells.plain_spaces(cell).upper() if found is None else found


def read_kind(cell: str, reading: Reading) -> str:
    """company or person; or whether it is a company, as other programs say it."""
    typed = cells.plain_spaces(cell).casefold()
    return "company" if typed in cells.YES else "person" if typed in cells.NO else typed


def fields_from(cleaners: dict[str, Callable[[Any, str], Any]]) -> dict[str, Field]:
    """The fields that the room's cleaners read, without those that name another record."""
    before: dict[str, Reader] = {
        "employees": whole, "founded_year": cells.read_year, "annual_revenue": cells.read_amount, **dict.fromkeys(DAYS_OF_CONTACTS, cells.read_day),
        "is_customer": cells.read_yes, "is_supplier": cells.read_yes, "tags": cells.read_tags, "currency": lambda cell, reading: cells.plain_spaces(cell),
        "kind": read_kind, "preferred_channel": read_channel, "tax_relief": read_relief,
    }
    resolved = ("owner_id", "parent_id", "account_id", "referred_by_id")
    return {name: by_rule(rule, name, before.get(name)) for name, rule in cleaners.items() if name not in resolved}


# What a contact's row may say of his company: target -> field of the account.
COMPANY = {
    f"account_{name}": name
    for name in ("website", "phone", "mail", "industry", "employees", "annual_revenue", "currency", "vat_id", "tax_relief", "street", "postcode", "city", "region", "country")
}


def company_fields() -> dict[str, Field]:
    """The same readers as for accounts."""
    known = fields_from(rules.ACCOUNT_FIELDS)
    return {target: replace(known[name], column=False, of_company=True) for target, name in COMPANY.items()}


SHAPED: dict[str, Reader] = {"text": lambda cell, reading: cell, "amount": cells.read_amount, "price": cells.read_price, "whole": whole, "percent": percent, "day": cells.read_near_day, "moment": cells.read_moment, "tags": cells.read_tags}
FIELDS: dict[str, dict[str, Field]] = {
    "accounts": {
        **fields_from(rules.ACCOUNT_FIELDS),
        "parent": by_rule(rules.line, "parent", column=False),
        "owner_id": by_rule(rules.line, "owner_id", column=False),
    },
    "contacts": {
        **fields_from(rules.CONTACT_FIELDS),
        "first_name": Field(N_("First name"), lambda cell, reading: rules.line(cell, "name"), column=False),
        "last_name": Field(N_("Last name"), lambda cell, reading: rules.line(cell, "name"), column=False),
        "account": by_rule(rules.line, "account", column=False),
        **company_fields(),
        "owner_id": by_rule(rules.line, "owner_id", column=False),
        "referred_by_id": by_rule(rules.line, "referred_by_id"),
    },
}
for _kind, _fields in FIELDS.items():
    _fields |= {target: Field(label, further.reader(target), column=False) for target, label in further.labels(_kind).items()}
FIELDS |= {kind: {name: by_target(name, target) for name, target in room.targets.items()} for kind, room in kinds.IMPORTS.items() if room.targets}
MODELS = {kind: room.model for kind, room in kinds.IMPORTS.items()}
# What an existing record can be found by, the surest first.
KEYS = {kind: tuple(room.keys) for kind, room in kinds.IMPORTS.items()}


def _shaped(*shapes: str) -> set[str]:
    return {name for room in kinds.IMPORTS.values() for name, target in room.targets.items() if target.shape in shapes}


def takes_extra(run: Any) -> bool:
    """Have such records room for values beside their fields?"""
    return "custom" in MODELS[run.kind].__table__.c


AMOUNTS = frozenset({"annual_revenue", "employees", "account_annual_revenue", "account_employees", *_shaped("amount", "price", "whole", "percent")})
DAYS = frozenset({*DAYS_OF_CONTACTS, "founded_year", *_shaped("day", "moment")})


def fields_of(ctx: Context, kind: str) -> dict[str, Field]:
    """What a column may become: what all tenants have, this one's own fields, and consents to its purposes."""
    return FIELDS[kind] | own_fields(ctx, kind) | {target: Field(label, consents.reader(target), column=False) for target, label in consents.offered(ctx, kind).items()}


def own_fields(ctx: Context, kind: str) -> dict[str, Field]:
    """The tenant's own fields that the actor may write, by name ("custom.size")."""
    return {name: Field(one.called(ctx.locale), own.reader(ctx, one), column=False) for name, one in own.importable(ctx, kind).items()}


def tells(kind: str, target: str) -> tuple[str, tuple[str, ...]]:
    """(room, fields of its records) with which what a column becomes is hidden and protected."""
    if target in COMPANY:
        return "accounts", (COMPANY[target],)
    if target in further.labels(kind):
        return further.tells(kind, target)
    declared = kinds.of(kind).targets.get(target)
    if declared is not None and declared.of:
        return kind, declared.of
    return kind, ({"account": "account_id", "parent": "parent_id", TO_NOTES: "notes"}.get(target, target),)


def writable(ctx: Context, kind: str) -> dict[str, Field]:
    """Those of them that the actor may write; no owners where others' accounts are protected from him."""
    beyond = protected(ctx, kind) | ({"owner_id"} if kind == "accounts" and protects(ctx) else set())
    if kind == "contacts":
        away = protected(ctx, "accounts")
        beyond = {*beyond, *(target for target, name in COMPANY.items() if name in away)}
    beside = further.labels(kind).keys()
    beyond = {*(beyond - beside), *(beside - further.offered(ctx, kind))}
    return {name: field for name, field in fields_of(ctx, kind).items() if beyond.isdisjoint(_stands_in(kind, name))}


def _stands_in(kind: str, target: str) -> tuple[str, ...]:
    """The record's own fields that a column of the file writes."""
    declared = kinds.of(kind).targets.get(target)
    return declared.of if declared is not None and declared.of else ({"account": "account_id", "parent": "parent_id"}.get(target, target),)


# ---- words that look like a slip of the pen ----

INDUSTRIES = (
    "agriculture|apparel|automotive|aerospace|banking|biotechnology|chemicals|communications|construction|consulting|education|electronics|"
    "employment|energy|engineering|entertainment|environmental|finance|food & beverage|fiber optics|government|healthcare|heavy industry|hospitality|"
    "insurance|legal|logistics|machinery|manufacturing|marketing|media|medical|mining|not for profit|optics|pharmaceuticals|real estate|recreation|retail|"
    "services|shipping|software|technology|telecommunications|textiles|tourism|transportation|utilities|wholesale"
)
KNOWN_WORDS = frozenset({"industry", "country"})


@cache
def known_words(field: str) -> dict[str, str]:
    """Folded word -> the word as it is written. Made on first use: five languages' names of countries are 8 MB that only
    an import needs."""
    if field == "industry":
        return {name: name for name in INDUSTRIES.split("|")}
    return {fold(name): name for code in ("en", "es", "zh", "ko", "ru") for key, name in Locale(code).territories.items() if len(key) == 2}
