"""Who is found by a further mail address or messenger, by a part of a telephone number, or by a VAT number, however it is written."""

import re
from typing import Any

from sqlalchemy import ColumnElement, Select, any_, func, literal, literal_column, or_, select, union_all
from sqlalchemy.dialects.postgresql import array

from core.base.context import Context
from core.base.field_rights import hidden
from core.base.finding import LONGEST, MOST_LOOKED_AT
from core.base.text import CONTROL
from core.parties.models import Account
from core.parties.reach_access import knows_all, parent_of
from core.parties.reach_models import ContactPoint
from infra import vat_numbers
from infra.phones import without_country

NUMBER = re.compile(r"[+0-9(][0-9 ()./\u00a0\u2010-\u2013-]*")
LEAST, LEAST_DIGITS, LEAST_VAT_DIGITS = 3, 4, 6


def also_found(ctx: Context, model: Any, typed: str | None) -> ColumnElement[bool] | None:
    """Records with a further value that holds what was typed, or with a number that holds its digits (four or more), main or
    further. None where nothing of that kind was typed; a number that is hidden from the actor finds nobody."""
    line = _line(typed)
    if len(line) < LEAST or CONTROL.search(line):
        return None
    parts = [*(_by_number(ctx, model, line) if is_number(line) else _by_value(ctx, model, line)), *_by_vat_number(ctx, model, line)]
    if not parts:
        return None
    keys = union_all(*(part.limit(MOST_LOOKED_AT) for part in parts)).subquery("reached")
    # As an array made beforehand, so that the keys are looked up by the index instead of being compared with every row.
    return model.id == any_(func.coalesce(select(func.array_agg(keys.c.id)).scalar_subquery(), array([], type_=model.id.type)))


def is_number(typed: str) -> bool:
    """Is what was typed a telephone number or a part of one, by its signs?"""
    return bool(NUMBER.fullmatch(_line(typed)))


def _line(typed: str | None) -> str:
    return " ".join((typed or "")[:LONGEST].split()).casefold()


def _by_value(ctx: Context, model: Any, line: str) -> list[Select]:
    """By further mails and messengers. Names of several words, or in other scripts, are names."""
    if " " in line or not re.search("[a-z0-9@]", line) or not knows_all(ctx):
        return []
    return [_further(model).where(ContactPoint.key.contains(line, autoescape=True))]


def _by_vat_number(ctx: Context, model: Any, line: str) -> list[Select]:
    """By the whole of it."""
    found = vat_numbers.read(line) if model is Account and "vat_id" not in hidden(ctx, "accounts") and sum(one.isdigit() for one in line) >= LEAST_VAT_DIGITS else None
    return [select(Account.id.label("id")).where(Account.vat_id == found.written, Account.deleted_at.is_(None))] if found else []


def _by_number(ctx: Context, model: Any, line: str) -> list[Select]:
    """By main and further numbers."""
    sought = _parts_of_numbers(line)
    if not sought:
        return []
    own = [getattr(model, name) for name in ("phone", "mobile") if hasattr(model, name) and name not in hidden(ctx, model.ROOM)]
    parts = [select(model.id.label("id")).where(_holds(column, sought), model.deleted_at.is_(None)) for column in own]
    further = _further(model).where(ContactPoint.kind == literal_column("'phone'"), _holds(func.coalesce(ContactPoint.e164, ContactPoint.value), sought))
    names = _further(model).where(ContactPoint.kind == "messenger", or_(*(ContactPoint.key.contains(one) for one in sought)))
    return [*parts, further, names] if knows_all(ctx) else parts


def _parts_of_numbers(line: str) -> list[str]:
    """The digits to look for: without zeros in front, which stand before a number in its own country or before a country's, and
    without the country, for numbers that are kept as they are called at home."""
    digits = re.sub("[^0-9]", "", line)
    bare = digits.lstrip("0")
    abroad = without_country(bare).lstrip("0") if line.startswith(("+", "00")) else bare
    return [one for one in dict.fromkeys([bare, abroad]) if len(one) >= LEAST_DIGITS] or [digits] * (len(digits) >= LEAST_DIGITS)


def _holds(number: Any, sought: list[str]) -> ColumnElement[bool]:
    """Spelled as the indexes on all digits spell it (core.parties.models.ALL_DIGITS)."""
    digits = func.regexp_replace(number, literal_column("'[^0-9]'"), literal_column("''"), literal_column("'g'"))
    return or_(*(digits.like(literal(f"%{one}%")) for one in sought))


def _further(model: Any) -> Select:
    """The keys of records with further ways to reach them."""
    key = parent_of(ContactPoint, model.ROOM)
    return select(key.label("id")).where(key.is_not(None), ContactPoint.deleted_at.is_(None))


def further_of(model: Any, kind: str, same: ColumnElement[bool]) -> Select:
    """(record's key, key of the value) of further mails or phones that are `same`, a condition on ContactPoint.key. Nobody asks
    it for whom a field of that kind is hidden (`knows_all`)."""
    column = parent_of(ContactPoint, model.ROOM)
    return select(column, ContactPoint.key).where(column.is_not(None), ContactPoint.kind == literal(kind), ContactPoint.deleted_at.is_(None), same)

