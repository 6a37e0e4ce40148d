"""Who is found by a further mail address, phone number or messenger, or by a number typed as a whole."""

import re
from typing import Any

from sqlalchemy import ColumnElement, Select, any_, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import array

from core.base.context import Context
from core.base.finding import LONGEST, MOST_LOOKED_AT
from core.base.text import CONTROL
from core.parties.models import Account, Contact
from core.parties.reach_access import knows_all, parent_of
from core.parties.reach_models import ContactPoint

NUMBER = re.compile(r"[+0-9][0-9 ()./\u00a0-]*")
LEAST, LEAST_DIGITS = 3, 4


def also_found(ctx: Context, model: Any, typed: str | None) -> ColumnElement[bool] | None:
    """Records with a further value that holds what was typed; of numbers the last nine digits are looked for, among the
    records' own numbers only as a whole. None where nothing of that kind was typed, or a field of that kind is hidden."""
    line = " ".join((typed or "")[:LONGEST].split()).casefold()
    if len(line) < LEAST or CONTROL.search(line) or not knows_all(ctx):
        return None
    digits = re.sub("[^0-9]", "", line) if NUMBER.fullmatch(line) else ""
    if not digits and (" " in line or not re.search("[a-z0-9@]", line)):
        return None  # names of several words, or in other scripts, are names
    sought = digits[-9:] if len(digits) >= LEAST_DIGITS else line
    key = parent_of(ContactPoint, model.ROOM)
    further = select(key.label("id")).where(key.is_not(None), ContactPoint.deleted_at.is_(None), ContactPoint.key.contains(sought, autoescape=True)).limit(MOST_LOOKED_AT)
    parts = [select(further.subquery().c.id)]
    if len(digits) >= 6:
        parts += [select(model.id).where(own == digits[-9:]) for own in _numbers(model)]
    keys = union_all(*parts).subquery("reached")
    # As an array made beforehand, so that the keys are looked up by the index instead of being compared with every row.
    return model.id == any_(func.coalesce(select(func.array_agg(keys.c.id)).scalar_subquery(), array([], type_=model.id.type)))


def further_of(model: Any, kind: str, same: ColumnElement[bool]) -> Select:
    """(record's key, key of the value) of further mails or phones that are `same`, a condition on ContactPoint.key. Nobody asks
    it for whom a field of that kind is hidden (`knows_all`)."""
    column = parent_of(ContactPoint, model.ROOM)
    return select(column, ContactPoint.key).where(column.is_not(None), ContactPoint.kind == literal(kind), ContactPoint.deleted_at.is_(None), same)


def _numbers(model: Any) -> list[Any]:
    return [Contact.phone_key, Contact.mobile_key] if model is Contact else [Account.phone_key]
