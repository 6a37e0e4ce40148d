"""Own fields in the API's bodies, answers, lists and description."""

from collections.abc import Mapping
from typing import Any

from core.base.columns import Column
from core.base.context import Context
from core.custom_fields.columns import own_columns
from core.custom_fields.fields import Own, fields_of

OWN = "The workspace's own fields by their key (see /custom-fields). A key that is not sent stays as it is; null empties."
TEXT = {"type": ["string", "null"]}
SCHEMAS: dict[str, dict[str, Any]] = {
    "whole": {"type": ["integer", "null"]}, "decimal": TEXT | {"pattern": r"^-?[0-9]{1,14}(\.[0-9]{1,4})?$"}, "date": TEXT | {"format": "date"}, "moment": TEXT | {"format": "date-time"}, "yes_no": {"type": ["boolean", "null"]},
    "user": TEXT | {"format": "uuid"}, "account": TEXT | {"format": "uuid"}, "contact": TEXT | {"format": "uuid"}, "mail": TEXT | {"format": "email"}, "long_text": TEXT | {"maxLength": 20_000}, "text": TEXT | {"maxLength": 200},
    "amount": {"type": ["object", "null"], "required": ["amount", "currency"], "properties": {"amount": {"type": "string"}, "currency": {"type": "string", "pattern": "^[A-Z]{3}$"}}},
}


def own_values(ctx: Context, record: Any) -> dict[str, Any]:
    """Every own field that the token's user may know, null where it is empty."""
    return {own.key: as_answered(own, getattr(record, own.name)) for own in fields_of(ctx, record.ROOM)}


def as_answered(own: Own, value: Any) -> Any:
    """A value as its kind is described, also where it was written before the field became wider."""
    if value is None:
        return None
    if own.kind == "choices" and not isinstance(value, list):
        return [value]
    return str(value) if own.kind == "decimal" else value


def own_listed(model: Any, ctx: Context) -> Mapping[str, Column]:
    """What lists may be filtered and sorted by beside the built-in fields."""
    return {name: one.column for name, one in own_columns(ctx, model).items()}


def schema_of(ctx: Context, room: str) -> dict[str, Any]:
    """The member `custom` of that room's records, as the tenant has defined it."""
    found = {own.key: _schema(ctx, own) for own in fields_of(ctx, room)}
    return {"type": "object", "description": OWN, "additionalProperties": False, "properties": found}


def _schema(ctx: Context, own: Own) -> dict[str, Any]:
    said = {"title": own.called(ctx.locale)} | ({"description": own.help} if own.help else {})
    keys = [one.key for one in own.options]
    if own.kind == "choice":
        return said | {"enum": [*keys, None]}
    if own.kind == "choices":
        return said | {"type": ["array", "null"], "items": {"enum": keys}, "uniqueItems": True}
    return said | SCHEMAS.get(own.kind, TEXT)


def parameters_of(columns: Mapping[str, Column], describe: Any) -> list[dict[str, Any]]:
    """The filters of lists by own fields."""
    return [{"name": f"filter[{name}][{op}]", "in": "query", "schema": describe(column, op)} for name, column in columns.items() for op in column.ops]
