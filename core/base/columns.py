"""Columns of lists: what they may be filtered and sorted by, the same for pages, saved views and programs.

Field and operator come from the declaration, never from the request's text; values are bound parameters of the
column's type (RELIABILITY X8).
"""

import operator
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, TypeAdapter
from sqlalchemy import ARRAY, ColumnElement, Text, and_, cast, func, literal, not_, or_

from core.base.context import Context
from core.base.errors import Refused

VALUES_IN_LIST = 100
ORDERED = ("eq", "ne", "lt", "lte", "gt", "gte", "in", "null")
# Days counted from the actor's own: within the last so many, longer ago, within the next so many.
DAYS = ("past", "older", "next")
# Of a list of words: several of them, with commas between.
SEVERAL = ("any", "all", "none")
OPERATORS = {
    str: ("eq", "ne", "in", "contains", "starts", "null"), UUID: ("eq", "ne", "in", "null"), bool: ("eq", "null"),
    int: ORDERED, Decimal: ORDERED, date: (*ORDERED, *DAYS), datetime: (*ORDERED, *DAYS), list: ("has", "lacks", *SEVERAL, "null"),
}


MOST_DAYS = 36_500

# Escaped, so that a typed % is a sign and not a wildcard.
COMPARE = {
    "eq": operator.eq, "lt": operator.lt, "lte": operator.le, "gt": operator.gt, "gte": operator.ge,
    "ne": lambda column, value: column.is_distinct_from(value),
    "contains": lambda column, value: column.icontains(value, autoescape=True),
    "starts": lambda column, value: column.istartswith(value, autoescape=True),
}


def _aware(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)


# Bounded to what PostgreSQL's types hold: a bigger number would be an error of the statement.
READERS = {
    str: TypeAdapter(Annotated[str, Field(max_length=200)]), UUID: TypeAdapter(UUID), bool: TypeAdapter(bool),
    int: TypeAdapter(Annotated[int, Field(ge=-(2**31), lt=2**31)]), date: TypeAdapter(date),
    Decimal: TypeAdapter(Annotated[Decimal, Field(max_digits=30, decimal_places=10, allow_inf_nan=False)]),
    datetime: TypeAdapter(Annotated[datetime, AfterValidator(_aware)]),
}
# pydantic also takes seconds since 1970 for a time, "yes" for true: one way to write a thing is enough.
FORMS = {
    kind: re.compile(form) for kind, form in (
        (bool, "true|false"), (int, "-?[0-9]{1,10}"), (Decimal, r"-?[0-9]{1,18}(\.[0-9]{1,10})?"), (date, "[0-9]{4}-[0-9]{2}-[0-9]{2}"),
        (datetime, r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}.{0,30}"), (UUID, "[0-9a-fA-F-]{32,36}"), (str, "(?s:.*)"),
    )
}
REFUSALS = {UUID: "not_an_id", bool: "not_true_or_false", int: "not_a_number", Decimal: "not_a_number", date: "not_a_date", datetime: "not_a_time", str: "too_long"}


class Column:
    """One field of a list. expression: a mapped column or SQL expression. sort: it may be sorted by, as it is or by
    another expression; what is sorted by is never null. words: of a list of words, which of them are meant by what is typed."""

    def __init__(
        self, expression: Any, *, sort: Any = False, ops: tuple[str, ...] | None = None, choices: tuple[str, ...] = (), words: Callable[[Context, str], ColumnElement] | None = None,
    ):
        self.expression, self.choices, self.words = expression, choices, words
        self.sort = expression if sort is True else sort
        self.kind = list if isinstance(expression.type, ARRAY) else expression.type.python_type
        self.ops = OPERATORS[self.kind] if ops is None else ops

    def read(self, raw: str, field: str) -> Any:
        """The value that the text says, of this column's type (for a list of words, of one of them)."""
        if "\x00" in raw:
            raise Refused("control_character", field=field)
        try:
            if not FORMS[self.kind].fullmatch(raw):
                raise ValueError
            value = READERS[self.kind].validate_python(raw)
        except ValueError:
            raise Refused(REFUSALS[self.kind], field=field, max=200) from None
        if self.choices and value not in self.choices:
            raise Refused("unknown_value", field=field)
        return value

    def where(self, ctx: Context, op: str, raw: str, field: str) -> ColumnElement[bool]:
        """The condition for one filter. Refuses an operator that the column has not, and a value that is none of its."""
        if op not in self.ops:
            raise Refused("unknown_operator", field=field, name=field)
        column = self.expression
        if op == "null":
            return self._empty(raw, field)
        if op in ("has", "lacks"):
            held = self._holds(ctx, self._text(raw, field))
            return held if op == "has" else not_(held)
        if op in SEVERAL:
            return self._several(ctx, op, raw, field)
        if op in DAYS:
            return self._days(ctx, op, raw, field)
        if op == "in":
            parts = raw.split(",")
            if len(parts) > VALUES_IN_LIST:
                raise Refused("too_many_items", field=field, max=VALUES_IN_LIST)
            return column.in_([self.read(part, field) for part in parts])
        value = self.read(raw, field)
        return COMPARE[op](self.expression, value)

    def _holds(self, ctx: Context, word: str) -> ColumnElement[bool]:
        if self.words is not None:
            return self.expression.overlap(self.words(ctx, word))
        return self.expression.contains(cast(literal([word], ARRAY(Text)), ARRAY(Text)))

    def _several(self, ctx: Context, op: str, raw: str, field: str) -> ColumnElement[bool]:
        words = list(dict.fromkeys(word for one in raw.split(",") if (word := one.strip())))
        if len(words) > VALUES_IN_LIST:
            raise Refused("too_many_items", field=field, max=VALUES_IN_LIST)
        if not words:
            raise Refused("unknown_value", field=field)
        held = [self._holds(ctx, self._text(word, field)) for word in words]
        return and_(*held) if op == "all" else or_(*held) if op == "any" else not_(or_(*held))

    def _empty(self, raw: str, field: str) -> ColumnElement[bool]:
        if raw not in ("true", "false"):
            raise Refused("not_true_or_false", field=field)
        if self.kind is list:
            return func.cardinality(self.expression) == 0 if raw == "true" else func.cardinality(self.expression) > 0
        return self.expression.is_(None) if raw == "true" else self.expression.is_not(None)

    def _text(self, raw: str, field: str) -> str:
        if "\x00" in raw or not 0 < len(raw) <= 200:
            raise Refused("unknown_value", field=field)
        return raw

    def _days(self, ctx: Context, op: str, raw: str, field: str) -> ColumnElement[bool]:
        """Days begin at the actor's midnight (FEATURES 2.10)."""
        if not re.fullmatch("[0-9]{1,5}", raw) or int(raw) > MOST_DAYS:
            raise Refused("not_a_number", field=field)
        days, column = timedelta(days=int(raw)), self.expression
        begin = lambda day: datetime.combine(day, time(), ctx.zone) if self.kind is datetime else day  # noqa: E731
        if op == "older":
            return column < begin(ctx.today - days)
        if op == "next":
            return and_(column >= begin(ctx.today), column < begin(ctx.today + days + timedelta(days=1)))
        return and_(column >= begin(ctx.today - days), column < begin(ctx.today + timedelta(days=1)))
