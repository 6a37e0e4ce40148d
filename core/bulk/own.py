"""Own fields in bulk edits: one key of `custom` is a field like a column is."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Text, case, func, literal, null
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from core.base.hiding import CUSTOM, OWN, written_over
from core.bulk.models import BulkEditRow
from core.custom_fields.fields import is_own
from core.custom_fields.values import patched


def now(table: Any, name: str) -> ColumnElement:
    """What stands in a field."""
    if not is_own(name):
        return table.c[name]
    key = name.removeprefix(OWN)
    return table.c[CUSTOM]._annotate({CUSTOM: (key,)}).op("->", return_type=JSONB())(key)


def then(table: Any, name: str, value: Any) -> ColumnElement:
    """What is to stand in it."""
    if not is_own(name):
        return literal(value, table.c[name].type)
    return literal(value, JSONB) if value is not None else null().cast(JSONB)


def written(table: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Column -> its new value, of all the fields at once."""
    found: dict[str, Any] = {name: literal(value, table.c[name].type) for name, value in values.items() if not is_own(name)}
    mine = {name.removeprefix(OWN): value for name, value in values.items() if is_own(name)}
    return found | ({CUSTOM: patched(written_over(table), mine)} if mine else {})


def put_back(table: Any, names: Iterable[str]) -> dict[str, Any]:
    """Each key again as the journal has it."""
    value: ColumnElement = table.c[CUSTOM]
    mine = [name for name in names if is_own(name)]
    for name in mine:
        key = name.removeprefix(OWN)
        was = BulkEditRow.before[name]
        without = value.op("-", return_type=JSONB())(literal([key], ARRAY(Text)))
        old = case((func.jsonb_typeof(was) == "null", without), else_=value.op("||", return_type=JSONB())(func.jsonb_build_object(key, was)))
        value = case((BulkEditRow.before.has_key(name), old), else_=value)
    return {CUSTOM: value} if mine else {}
