"""A list's sums, and the headings of its groups, as cells."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import g, request
from markupsafe import Markup

from core.base.context import Context
from core.base.words import N_
from core.deals.queries import Sum
from core.deals.worth import Whole, needs_rates, wholes
from core.views.grouping import Group, by_month, group_of
from core.views.lists import ListColumn, choices_of, columns_of
from core.views.paging import Page
from core.views.totals import Total, in_order, totals
from infra import i18n
from web.custom_fields.saying import cell as own_cell
from web.filters import day, money_of, month, number, price
from web.parties.cells import BY_NAME, FREE, SAYS, class_of, word_of
from web.parties.chips import chips


def sums(ctx: Context, state: Any, page: Page, columns: Sequence[str], names: dict[UUID, str]) -> tuple[list[Any], dict[UUID, Any]]:
    """([(what, cells)] below the list, on its first page; key of a group's first row -> (name, number, cells)). One
    statement, and none where no column adds up and nothing is grouped."""
    group, first = group_of(ctx, state.room, state.group), page.total is not None
    firsts = _firsts(page, whole=not request.args.get("rows")) if group is not None else {}
    found = totals(ctx, state.room, state.filters, columns, whole=first, group=group, keys=list(firsts)) if page.rows else None
    if found is None:
        return [], {}
    below = in_order(found.whole)
    heads = {
        row.id: (_called(ctx, state.room, group, row, names), number(found.rows.get(key, 0)), _cells(ctx, state.room, columns, in_order(found.groups[key]), _sum))
        for key, row in firsts.items()
    } if group is not None else {}
    said = [(_(text), _cells(ctx, state.room, columns, below, say)) for text, say in ((N_("Sum"), _sum), (N_("Average"), _average))]
    return [*said, *_together(ctx, state.room, columns, below)] if below else [], heads


def _together(ctx: Context, room: str, columns: Sequence[str], below: dict[str, list[Total]]) -> list[tuple[str, Markup]]:
    """One line more where money is in other currencies than the workspace's own: all of it in that, at the rates of the day, as boards and forecasts add it up."""
    money = {name: [Sum(one.currency, one.sum, None, one.number) for one in some] for name, some in below.items() if some and some[0].currency is not None}
    if not needs_rates(ctx, list(money.values())):
        return []
    found = dict(zip(money, wholes(ctx, list(money.values())), strict=True))
    days = [one.on for one in found.values() if one.on is not None]
    text = _(N_("Together, at the rates of %(day)s"), day=day(min(days))) if days else _(N_("Together"))
    return [(text, _cells(ctx, room, columns, {name: [one] for name, one in found.items()}, _whole))]


def _whole(one: Whole) -> str:
    return money_of(round(one.sum.amount, 2), one.sum.currency) if one.sum is not None else _(N_("Not added up: there is no rate for %(currencies)s."), currencies=", ".join(one.unrated))


def _firsts(page: Page, *, whole: bool) -> dict[str, Any]:
    """Key of each group -> its first row on the page. Rows that are added to a list go on in the group in which it ended."""
    before, found = None if whole else page.lead, {}
    for row in page.rows:
        if row.group_key != before:
            found[str(row.group_key)] = row
        before = row.group_key
    return found


def _cells(ctx: Context, room: str, columns: Sequence[str], found: Mapping[str, Sequence[Any]], say: Any) -> Markup:
    """One cell for each column; of money a line for each currency."""
    known = columns_of(ctx, room)
    said = [(class_of(known[name], place), Markup("<br>").join(say(one) for one in found.get(name, ()))) for place, name in enumerate(columns)]
    return Markup("").join(Markup('<td class="{}">{}</td>').format(cls, text) for cls, text in said)


def _sum(one: Total) -> str:
    return number(one.sum.normalize()) if one.currency is None else _money(one.sum, one.currency)


def _average(one: Total) -> str:
    return number(round(one.average, 1)) if one.currency is None else _money(round(one.average, 2), one.currency)


def _money(value: Decimal, currency: str) -> str:
    """As cells say money; prices of less than a cent keep their digits."""
    return money_of(value, currency) if value == round(value, 2) else price(value, currency)


def _called(ctx: Context, room: str, group: Group, row: Any, names: dict[UUID, str]) -> Markup | str:
    """What a group is called: the value that its rows have in common."""
    name, listed = group.name, group.listed
    if listed.own is not None:
        value = getattr(row, name)
        said: Any = own_cell(ctx, listed.own, value, names) if listed.own.kind != "yes_no" or value is not None else _(N_("No"))
        label = listed.label
    else:
        said, label = _value(room, name, listed, row, names), _(listed.label)
    if said and listed.column.kind is not bool:
        return said
    return Markup("{}: {}").format(label, said or _(N_("empty")))


def _value(room: str, name: str, listed: ListColumn, row: Any, names: dict[UUID, str]) -> Any:
    if name == "owner_id":
        return names.get(row.owner_id) or _(FREE)
    if by_month(name, listed):
        return month(getattr(row, name)) if getattr(row, name) else ""
    if listed.words:
        return word_of(listed, getattr(row, name))
    if listed.shown == "yes":
        return _(N_("Yes")) if getattr(row, name) else _(N_("No"))
    if listed.shown == "tags":
        return chips(g.ctx, sorted(row.tags, key=str.lower)) if row.tags else ""
    if listed.shown in BY_NAME:
        return SAYS[listed.shown](name, row)
    if listed.shown == "named":
        return names.get(getattr(row, name), "")
    if listed.shown == "word":
        return _(choices_of(room, name).get(getattr(row, name), ""))
    return getattr(row, name) or ""


def _(text: str, **params: Any) -> str:
    return i18n.gettext(g.get("lang", "en"), text, **params)
