"""Lists of records: which columns each has, what it is filtered, sorted and grouped by. The same for pages, saved views and programs.

A room declares its list by `declare(Listed(…))` where its columns stand; who asks knows it by the room's name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import String, func, literal

from core.base.columns import Column
from core.base.context import Context
from core.base.errors import Refused
from core.custom_fields.columns import own_columns
from core.custom_fields.fields import Own
from core.views.above import MadeColumn, made_columns
from core.views.paging import LAST_TEXT, Order

LAST_NUMBER = 2**31 - 1  # sorts behind every number: stands for an empty value
MOST_SHOWN = 12


@dataclass(frozen=True)
class ListColumn:
    """label: message id. column: what it is filtered by. shown: how its cells are written (text, number, amount, price, date,
    moment, pills, tags, country, language, owner, account, named, choice, …). needs: columns of the record that its cell takes. words: of a
    choice that a room above makes, value -> message id; grouped: how such a column groups the list (month, value). currency: of an amount, the column
    that says in which. options: what a condition's value is chosen from, where the workspace says that: (key, text)."""

    label: str
    column: Column
    shown: str = "text"
    needs: tuple[Any, ...] = ()
    own: Own | None = None
    order: Callable[[bool], Any] | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    grouped: str = ""
    currency: Any = None
    options: Callable[[Context], list[tuple[str, str]]] | None = None


@dataclass(frozen=True)
class Listed:
    """A room's list. usual: what it shows until somebody chooses otherwise. where: (ctx, filters) -> the conditions of the rows that the actor
    sees under them. choices: column -> value -> label, where its values are words of a list."""

    room: str
    model: Any
    columns: Mapping[str, ListColumn]
    usual: tuple[str, ...]
    where: Callable[[Context, Any], list]
    unsorted: frozenset[str] = frozenset()
    grouped: tuple[str, ...] = ()
    choices: Mapping[str, Mapping[str, str]] | None = None


LISTS: dict[str, Listed] = {}


def declare(listed: Listed) -> None:
    """Let a room have a list."""
    LISTS[listed.room] = listed


def columns_of(ctx: Context, room: str) -> Mapping[str, ListColumn]:
    """Every column of that list: those that all tenants have, those that rooms above make, and this tenant's own."""
    owns = own_columns(ctx, LISTS[room].model)
    made = {name: _made(one, named) for name, (one, named) in made_columns(ctx, room).items()}
    return LISTS[room].columns | made | {name: ListColumn(one.own.called(ctx.locale), one.column, "own", (one.json,), one.own, one.order) for name, one in owns.items()}


def _made(one: MadeColumn, named: Any) -> ListColumn:
    needs = (named,) if one.currency is None else (named, one.currency)
    return ListColumn(one.label, one.column(named.element), one.shown, needs, words=one.words, grouped=one.grouped, currency=one.currency)


def choices_of(room: str, name: str, listed: ListColumn | None = None) -> Mapping[str, str]:
    """Value -> label of a column whose values are words of a list; nothing for any other. listed: the column, where a room above may have made it."""
    return (listed.words if listed is not None else None) or (LISTS[room].choices or {}).get(name, {})


def usual(ctx: Context, room: str) -> tuple[str, ...]:
    """What the list shows until somebody chooses otherwise."""
    own = [name for name, one in own_columns(ctx, LISTS[room].model).items() if one.own.in_list]
    return (*LISTS[room].usual, *own)[:MOST_SHOWN]


def chosen_columns(ctx: Context, room: str, names: Any) -> tuple[str, ...]:
    """The columns by name, each once, in the order given; refuses unknown ones and more than twelve. None: the usual."""
    if names is None:
        return usual(ctx, room)
    found, known = tuple(dict.fromkeys(names)), columns_of(ctx, room)
    if len(found) > MOST_SHOWN or any(name not in known for name in found):
        raise Refused("unknown_value", field="columns")
    return found


def order_of(ctx: Context, room: str, sort: str) -> Order:
    """The order by a column: "city", or "-city" the other way round; empty values come last both ways. Accents and case
    of texts don't count. Refuses what is no column, and columns that have no order."""
    name, down = sort.removeprefix("-"), sort.startswith("-")
    listed = columns_of(ctx, room).get(name)
    if listed is None or not sortable(room, name, listed):
        raise Refused("unknown_value", field="sort")
    return Order("sort_key", listed.order(down) if listed.order else sortable_by(listed.column, down), down)


def sortable(room: str, name: str, listed: ListColumn) -> bool:
    """Has the column an order?"""
    return listed.order is not None if listed.own else name not in LISTS[room].unsorted


def sortable_by(column: Column, down: bool) -> Any:
    """An expression that is never NULL."""
    expression = column.expression
    if column.sort is not False:
        return column.sort
    if column.kind is str:
        return func.coalesce(func.nullif(func.lower(func.ext.immutable_unaccent(expression)), ""), "" if down else LAST_TEXT, type_=String)
    if column.kind is date:
        return func.coalesce(func.to_char(expression, "YYYY-MM-DD"), "" if down else LAST_TEXT, type_=String)
    last = LAST_NUMBER if column.kind is int else Decimal(LAST_NUMBER) * 10**6
    return func.coalesce(expression, literal(-last if down else last, expression.type), type_=expression.type)
