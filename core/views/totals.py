"""What the number columns of a list add up to: of everything in the filter that the actor sees, in one statement.

Money adds up by currency and is never mixed. Years and numbers that name something add up to nothing.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import CTE, Integer, Numeric, Select, Text, cast, func, literal, null, select, union_all

from core.base.context import Context
from core.base.field_rights import hidden
from core.base.finding import plan_afresh
from core.base.hiding import part
from core.views.filtering import Filters, where_of
from core.views.grouping import Group
from core.views.lists import LISTS, ListColumn, columns_of

OWN = frozenset({"whole", "decimal", "amount"})
ROWS = -1  # in place of a column: how many rows a group has


@dataclass(frozen=True)
class Total:
    """What a column adds up to. currency: of money; None of plain numbers. number: of the rows that have a value."""

    currency: str | None
    sum: Decimal
    average: Decimal
    number: int


@dataclass
class Totals:
    """By column, of everything in the filter; and of each group by its key: how many rows, and by column."""

    whole: dict[str, list[Total]] = field(default_factory=lambda: defaultdict(list))
    rows: dict[str, int] = field(default_factory=dict)
    groups: dict[str, dict[str, list[Total]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))


def adds_up(ctx: Context, room: str, listed: ListColumn) -> bool:
    """Is it a number whose sum says something to the actor? Money without its currency says nothing."""
    if listed.own is not None:
        return listed.own.kind in OWN
    return listed.shown == "number" or (listed.currency is not None and "currency" not in hidden(ctx, room))


def totals(ctx: Context, room: str, filters: Filters, chosen: Sequence[str], *, whole: bool = True, group: Group | None = None, keys: Sequence[Any] = ()) -> Totals:
    """The sums of the chosen columns; whole: of everything. keys: of which groups too, with their numbers of rows. The columns are
    those that are shown: a statement that names a hidden one is refused."""
    known = columns_of(ctx, room)
    names = [name for name in chosen if adds_up(ctx, room, known[name])]
    found = Totals()
    if not (names and whole) and group is None:
        return found
    if filters.search or filters.tag:
        plan_afresh(ctx.session)
    rows = _rows(ctx, room, filters, [known[name] for name in names], group)
    parts = [_sums(rows, place, None) for place in range(len(names)) if whole]
    if group is not None:
        some = rows.c.key.in_([str(key) for key in keys])
        parts += [select(rows.c.key, literal(ROWS, Integer), null().label("currency"), null().label("sum"), null().label("average"), func.count()).where(some).group_by(rows.c.key)]
        parts += [_sums(rows, place, some) for place in range(len(names))]
    for key, place, currency, total, average, number in ctx.session.execute(union_all(*parts)):
        _put(found, key, None if place == ROWS else names[place], Total(currency, total, average, number) if place != ROWS else number)
    return found


def _put(found: Totals, key: str | None, name: str | None, one: Any) -> None:
    if name is None:
        found.rows[str(key)] = one
    elif key is None:
        found.whole[name].append(one)
    else:
        found.groups[key][name].append(one)


def _rows(ctx: Context, room: str, filters: Filters, listed: Sequence[ListColumn], group: Group | None) -> CTE:
    """The rows of the filter: their group, and each number with its currency. Read once, however many columns add up."""
    model, columns = LISTS[room].model, []
    for place, one in enumerate(listed):
        columns += [cast(one.column.expression, Numeric).label(f"n{place}"), _currency(one, model).label(f"c{place}")]
    key = cast(group.order.column, Text) if group is not None else null()
    return select(key.label("key"), *columns).where(*where_of(ctx, room, filters)).cte("rows")


def _currency(listed: ListColumn, model: Any) -> Any:
    if listed.own is not None and listed.own.kind == "amount":
        return func.coalesce(func.jsonb_extract_path_text(part(model, listed.own.key), listed.own.key, "currency"), "", type_=Text())
    return func.coalesce(listed.currency, "", type_=Text()) if listed.currency is not None else cast(null(), Text)


def _sums(rows: CTE, place: int, some: Any) -> Select:
    """A column's sums by currency; some: by group too, of these."""
    number, currency = rows.c[f"n{place}"], rows.c[f"c{place}"]
    key = rows.c.key if some is not None else cast(null(), Text)
    query = select(key.label("key"), literal(place, Integer).label("place"), currency, func.sum(number), func.avg(number), func.count(number)).where(number.is_not(None))
    return query.where(some).group_by(rows.c.key, currency) if some is not None else query.group_by(currency)


def in_order(found: Mapping[str, list[Total]]) -> dict[str, list[Total]]:
    """Currencies as one reads them: the one of most rows first."""
    return {name: sorted(some, key=lambda one: (-one.number, one.currency or "")) for name, some in found.items()}
