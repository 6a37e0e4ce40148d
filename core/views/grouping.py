"""Lists in groups: by which columns, and what a group is. A column of few values, or the month of a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from core.base.context import Context
from core.base.errors import Refused
from core.identity.models import User
from core.views.lists import LAST_NUMBER, LISTS, ListColumn, columns_of, sortable_by
from core.views.paging import LAST_TEXT, Order
from infra.places import countries_in_order

OWN = frozenset({"choice", "yes_no"})
BETWEEN = ", "
MONTHS = frozenset({"created_at", "updated_at"})


@dataclass(frozen=True)
class Group:
    """What a list is grouped by. order: the groups' order; its column is a group's key and never NULL."""

    name: str
    listed: ListColumn
    order: Order


def groupable(ctx: Context, room: str) -> Mapping[str, ListColumn]:
    """The columns that the list may be grouped by."""
    return {name: one for name, one in columns_of(ctx, room).items() if name in LISTS[room].grouped or one.grouped or (one.own is not None and one.own.kind in OWN)}


def group_of(ctx: Context, room: str, name: str | None) -> Group | None:
    """None without a name; refuses what the list is not grouped by."""
    if not name:
        return None
    listed = groupable(ctx, room).get(name)
    if listed is None:
        raise Refused("unknown_value", field="group")
    return Group(name, listed, Order("group_key", _key(ctx, room, name, listed), down=by_month(name, listed)))


def by_month(name: str, listed: ListColumn) -> bool:
    """Are the days of a month one group?"""
    return name in MONTHS or listed.grouped == "month"


def _key(ctx: Context, room: str, name: str, listed: ListColumn) -> Any:
    if listed.order is not None:
        return listed.order(False)
    if name == "owner_id":  # by their names, whoever they are: a place in the row of all
        people = select(func.array_agg(aggregate_order_by(User.id, func.lower(User.name), User.id))).scalar_subquery()
        return func.coalesce(func.array_position(people, LISTS[room].model.owner_id), LAST_NUMBER, type_=Integer())
    if name in MONTHS:  # of the reader's own clock
        return func.to_char(func.timezone(literal(str(ctx.zone)), listed.column.expression), "YYYY-MM", type_=Text())
    if listed.grouped == "month":
        return func.coalesce(func.to_char(listed.column.expression, "YYYY-MM"), "", type_=Text())
    if listed.column.kind is list:  # who has the same words, in whatever order, stands together; who has none comes last
        word = func.unnest(listed.column.expression).column_valued("word")
        words = select(func.string_agg(word, aggregate_order_by(literal(BETWEEN, Text), func.lower(word), word))).correlate(LISTS[room].model).scalar_subquery()
        return func.coalesce(func.lower(words), LAST_TEXT, type_=Text())
    if listed.column.kind is bool:
        return cast(listed.column.expression, Integer)
    if listed.shown == "country":
        return _by_name(ctx, listed)
    return listed.column.expression if name in ("kind", "state") else sortable_by(listed.column, False)


def _by_name(ctx: Context, listed: ListColumn) -> Any:
    """Countries as the reader reads them: their place in the row of all names; what is no country comes behind, none last."""
    place = func.array_position(literal(list(countries_in_order(ctx.locale)), ARRAY(Text)), listed.column.expression)
    return func.coalesce(func.to_char(place, "FM0000"), sortable_by(listed.column, False), type_=Text())


def needs_of(ctx: Context, room: str, name: str | None) -> tuple[Any, ...]:
    """The columns of a record that say what its group is called."""
    group = group_of(ctx, room, name)
    return () if group is None else group.listed.needs
