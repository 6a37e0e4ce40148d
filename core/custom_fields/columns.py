"""Own fields as columns of lists: filtered, sorted and shown like any other, from one key of `custom`.

Values are clean by the rules; a cast looks first all the same, so that no row can break a list. Equality goes by
containment, which the index on `custom` serves; an order is computed for the rows at hand.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Numeric,
    Text,
    Uuid,
    and_,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
)
from sqlalchemy.dialects.postgresql import JSONB, array

from core.base.columns import ORDERED, Column
from core.base.context import Context
from core.base.errors import Refused
from core.base.finding import FOLDED
from core.base.hiding import part, searched
from core.custom_fields.fields import LINKS, TEXTS, Own, fields_of

LAST_TEXT, LAST_NUMBER = "\U0010ffff", 2**31 - 1
# Kind -> (type of the database, its name for the look before the cast).
TYPES: dict[str, tuple[Any, str]] = {
    "whole": (Integer(), "integer"), "decimal": (Numeric(18, 4), "numeric(18,4)"), "amount": (Numeric(18, 2), "numeric(18,2)"), "date": (Date(), "date"),
    "moment": (DateTime(timezone=True), "timestamptz"), "yes_no": (Boolean(), "boolean"), "user": (Uuid(), "uuid"), "account": (Uuid(), "uuid"), "contact": (Uuid(), "uuid"),
}
OPS: dict[str, tuple[str, ...]] = {
    "yes_no": ("eq",), "choice": ("eq", "ne", "in", "null"), "user": ("eq", "ne", "in", "null"), "account": ("eq", "in", "null"), "contact": ("eq", "in", "null"),
    "choices": ("has", "lacks", "null"), "whole": ORDERED, "decimal": ORDERED, "amount": tuple(op for op in ORDERED if op != "in"),
}


@dataclass(frozen=True)
class OwnColumn:
    """own: the definition. column: what it is filtered by. json: the value for a row, under its name. order: (down) -> what it is sorted by,
    never NULL; None where it has no order."""

    own: Own
    column: Column
    json: ColumnElement
    order: Callable[[bool], ColumnElement] | None


class PartColumn(Column):
    """A column over one key of `custom`."""

    def __init__(self, own: Own, model: Any):
        self.own, self.whole = own, part(model, own.key)
        ops = OPS.get(own.kind)
        choices = tuple(one.key for one in own.options) if own.kind in ("choice", "choices") else ()
        super().__init__(expression_of(own, model), ops=ops, choices=choices)
        if own.kind == "choices":
            self.kind = list
        order = order_of(own, self.expression)
        self.sort = order(False) if order else False

    def where(self, ctx: Context, op: str, raw: str, field: str) -> ColumnElement[bool]:
        """As any column's; equality by containment, where a value has one way to be written."""
        if op not in self.ops:
            raise Refused("unknown_operator", field=field, name=field)
        if self.own.kind == "choices":
            return self._chosen(op, raw, field)
        if op == "null":
            there = self.whole.has_key(self.own.key)
            return not_(there) if self._empty_asked(raw, field) else there
        if op == "eq" and self.own.kind not in ("date", "moment", "amount", "yes_no"):
            return self._holds(self.read(raw, field))
        if op == "in" and self.own.kind not in ("date", "moment"):
            parts = raw.split(",")
            if len(parts) > 100:
                raise Refused("too_many_items", field=field, max=100)
            return or_(*(self._holds(self.read(one, field)) for one in parts))
        return super().where(ctx, op, raw, field)

    def _holds(self, value: Any) -> ColumnElement[bool]:
        from core.custom_fields.rules import canonical

        if isinstance(value, Decimal):  # a whole number that the field held before it became wider stands as one
            whole = [int(value)] if value == value.to_integral_value() else []
            return or_(*(self._is(one) for one in (canonical(value), *whole)))
        return self._is(str(value) if isinstance(value, UUID) else value)

    def _is(self, said: Any) -> ColumnElement[bool]:
        return self.whole.contains(literal({self.own.key: said}, JSONB))

    def _chosen(self, op: str, raw: str, field: str) -> ColumnElement[bool]:
        if op == "null":
            there = self.whole.has_key(self.own.key)
            return not_(there) if self._empty_asked(raw, field) else there
        if raw not in self.choices:
            raise Refused("unknown_value", field=field)
        held = or_(self._is([raw]), self._is(raw))  # one that was chosen before several could be
        return held if op == "has" else not_(held)

    def _empty_asked(self, raw: str, field: str) -> bool:
        if raw not in ("true", "false"):
            raise Refused("not_true_or_false", field=field)
        return raw == "true"


def expression_of(own: Own, model: Any) -> ColumnElement:
    """The value in its own type; NULL where there is none, or none that can be read as such."""
    column = part(model, own.key)
    keys = [own.key, "amount"] if own.kind == "amount" else [own.key]
    value = func.jsonb_extract_path_text(column, *keys, type_=Text())
    if own.kind not in TYPES:
        return value
    made, name = TYPES[own.kind]
    found = case((func.pg_input_is_valid(value, name), cast(value, made)))
    return func.coalesce(found, False, type_=made) if own.kind == "yes_no" else found


def order_of(own: Own, expression: Any) -> Callable[[bool], ColumnElement] | None:
    """What a list is sorted by: empty values come last both ways, accents and case of texts don't count, options by
    their place."""
    if own.kind in LINKS or own.kind in ("choices", "long_text"):
        return None
    if own.kind == "choice":
        places = func.array_position(array([one.key for one in own.options], type_=Text()), expression, type_=Integer())
        return lambda down: func.coalesce(places, -1 if down else LAST_NUMBER, type_=Integer())
    if own.kind in TEXTS:
        return lambda down: func.coalesce(func.nullif(func.lower(func.ext.immutable_unaccent(expression)), ""), "" if down else LAST_TEXT, type_=Text())
    if own.kind in ("date", "moment"):
        form = "YYYY-MM-DD" if own.kind == "date" else "YYYY-MM-DD HH24:MI"
        at = expression if own.kind == "date" else func.timezone("UTC", expression)
        return lambda down: func.coalesce(func.to_char(at, form), "" if down else LAST_TEXT, type_=Text())
    if own.kind == "yes_no":
        return lambda down: cast(expression, Integer)
    last = LAST_NUMBER if own.kind == "whole" else Decimal(10) ** 14 - 1
    return lambda down: func.coalesce(expression, literal(-last if down else last, expression.type), type_=expression.type)


def column_of(own: Own, model: Any) -> OwnColumn:
    json = part(model, own.key).op("->", return_type=JSONB())(own.key).label(own.name)
    column = PartColumn(own, model)
    return OwnColumn(own, column, json, order_of(own, column.expression))


def own_columns(ctx: Context, model: Any) -> dict[str, OwnColumn]:
    """Name -> column, of the fields that the actor may know of; made once a transaction."""
    kept = ctx.session.info.setdefault("custom_fields:columns", {})
    place = (ctx.actor.id, model.__tablename__)
    if place not in kept:
        kept[place] = {one.name: column_of(one, model) for one in fields_of(ctx, model.ROOM)}
    return kept[place]


class Sought:
    """Own texts as one more column that a search looks in (core.base.finding): the index finds the rows, then only what
    the actor may read is compared."""

    def __init__(self, model: Any, owns: list[Own]):
        values = [func.jsonb_extract_path_text(part(model, one.key), one.key, type_=Text()) for one in owns]
        self.index, self.texts = searched(model), [func.lower(func.ext.immutable_unaccent(value)) for value in values]

    def like(self, pattern: Any) -> ColumnElement[bool]:
        return and_(self.index.like(pattern), or_(*(text.like(pattern) for text in self.texts)))


def sought_in(ctx: Context, model: Any) -> tuple[Sought, ...]:
    """What a search looks in beside the record's own columns; nothing where no field is searched."""
    owns = [one for one in fields_of(ctx, model.ROOM) if one.is_searched and one.kind in TEXTS]
    return (Sought(model, owns),) if owns else ()


# What the database keeps of a record's own texts for a search; NULL for none.
FOUND = FOLDED.format(column="jsonb_path_query_array(custom, '$.* ? (@.type() == \"string\")')::text")
FIND = f"nullif({FOUND}, '[]')"
