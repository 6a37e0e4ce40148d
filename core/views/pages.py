"""A page of a list in one statement: the rows in their order, what stands beside them, and on the first page how many there are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all

from core.base.context import Context
from core.base.field_rights import shown
from core.base.finding import plan_afresh
from core.views import paging
from core.views.grouping import group_of
from core.views.lists import chosen_columns, columns_of, order_of
from core.views.paging import MOST_COUNTED, Order, Page

# (the page's rows as a subquery) -> (what stands beside them, the query joined to it)
Beside = Callable[[Any], tuple[Sequence[Any], Callable[[Select], Select]]]


def orders_of(model: Any) -> Mapping[str, Order]:
    """The orders that every list has: by name either way, by last change."""
    return {"name": Order("name_fold", model.name_fold), "-name": Order("name_fold", model.name_fold, down=True), "changed": Order("updated_at", model.updated_at, down=True)}


def columns(ctx: Context, model: Any, chosen: Sequence[str] | None, always: tuple[Any, ...]) -> tuple[Any, ...]:
    """What the rows are made of: what every row needs, and what its cells take."""
    listed = columns_of(ctx, model.ROOM)
    needed = [*always, *(column for name in chosen_columns(ctx, model.ROOM, chosen) for column in listed[name].needs)]
    return shown(ctx, model.ROOM, dict.fromkeys((model.id, model.name, model.name_fold, model.version, model.updated_at, *needed)))


def ordered(ctx: Context, orders: Mapping[str, Order], room: str, sort: str, group: str | None) -> tuple[str, Order]:
    """(what its cursors are called, the order) of a list."""
    order, found = orders.get(sort) or order_of(ctx, room, sort), group_of(ctx, room, group)
    return (sort, order) if found is None else (f"{sort}/{found.name}", replace(order, lead=found.order))


def page_of(ctx: Context, model: Any, columns: tuple, narrowed: list, ordering: tuple[str, Order], cursor: str | None, limit: int, beside: Beside, *, sought: bool = False) -> Page:
    """One page. sought: its rows are found by a search, which has its own way through the table."""
    (sort, order), limit = ordering, paging.checked_limit(limit)
    if order.key == "sort_key":
        columns = (*columns, order.column.label("sort_key"))
    if order.lead is not None:
        columns = (*columns, order.lead.column.label(order.lead.key))
    place = paging.read_cursor(cursor, sort, order)
    if sought:
        plan_afresh(ctx.session)
    few, hits = (_sought if sought else _walked)(model, columns, narrowed, order, place, limit)
    further, joined = beside(few)
    told = [*few.c, *further]
    if place is None:
        counted = hits if hits is not None else select(literal(1)).select_from(model).where(*narrowed).limit(MOST_COUNTED + 1).subquery("counted")
        told.append(select(func.count()).select_from(counted).scalar_subquery().label("counted_rows"))
    query = joined(select(*told).select_from(few))
    query = query.order_by(*paging.ends(order, place, few.c[order.key], few.c.id, order.lead and few.c[order.lead.key]))
    return paging.cut_page(list(ctx.session.execute(query)), sort, order, place, limit)


def _walked(model: Any, columns: tuple, narrowed: list, order: Order, place: Any, limit: int) -> tuple[Any, Any]:
    """The rows in the order of the list's own index."""
    return paging.in_order(select(*columns).where(*narrowed), order, model, place, limit).subquery("few"), None


def _sought(model: Any, columns: tuple, narrowed: list, order: Order, place: Any, limit: int) -> tuple[Any, Any]:
    """The rows of a search. Left to itself PostgreSQL walks the list's index and tests every row, which is slow where
    the matches stand far down ("Karin"): so up to 10,000 matches are gathered by the search index and sorted; only
    where there are more is the list walked, for then the next match is never far."""
    lead = () if order.lead is None else (order.lead.column.label("lead"),)
    hits = paging.after(select(model.id, order.column.label("key"), *lead).where(*narrowed), order, model, place).limit(MOST_COUNTED + 1).cte("hits")
    many = select(func.count()).select_from(hits).scalar_subquery()
    best = select(hits.c.id).order_by(*paging.ends(order, place, hits.c.key, hits.c.id, hits.c.get("lead"))).limit(limit + 1).subquery("best")
    sparse = select(*columns).join(best, best.c.id == model.id).where(many <= MOST_COUNTED)
    dense = paging.in_order(select(*columns).where(*narrowed, many > MOST_COUNTED), order, model, place, limit).subquery("dense")
    return union_all(sparse, select(*dense.c)).subquery("few"), hits
