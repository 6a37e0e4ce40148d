"""The columns of the list of quotes: what can be shown, filtered, sorted and grouped by. Its machinery is that of accounts."""

from typing import Any

from core.base.columns import Column
from core.base.context import Context
from core.base.finding import characters_of, holds
from core.base.policy import sees
from core.custom_fields.columns import sought_in
from core.parties.family import below
from core.quotes.models import STATES, Quote
from core.quotes.words import LABELS, STATE_LABELS
from core.views.filtering import Filters, by_columns, key_of, owned, without
from core.views.lists import ListColumn, Listed, declare

CHOSEN = ("eq", "ne", "in")


def _plain(name: str, shown: str = "text", **rest: Any) -> ListColumn:
    return ListColumn(LABELS[name], Column(getattr(Quote, name), **rest), shown, (getattr(Quote, name),))


COLUMNS: dict[str, ListColumn] = {
    "number": _plain("number"), "state": ListColumn(LABELS["state"], Column(Quote.state, ops=CHOSEN, choices=STATES), "word", (Quote.state,)),
    "account": ListColumn(LABELS["account"], Column(Quote.account_id, ops=("eq", "null")), "account"),
    "total": ListColumn(LABELS["total"], Column(Quote.total), "quote_total", (Quote.total, Quote.currency), currency=Quote.currency),
    "net": ListColumn(LABELS["net"], Column(Quote.net), "quote_net", (Quote.net, Quote.currency), currency=Quote.currency),
    "currency": _plain("currency"), "valid_until": _plain("valid_until", "date"), "owner_id": ListColumn(LABELS["owner_id"], Column(Quote.owner_id), "owner"),
    "sent_at": _plain("sent_at", "moment"), "closed_at": _plain("closed_at", "moment"), "created_at": _plain("created_at", "moment", sort=True), "updated_at": _plain("updated_at", "moment", sort=True),
}
USUAL = ("number", "state", "account", "total", "valid_until", "owner_id")


def found_by(ctx: Context, search: str | None) -> Any:
    """The quotes whose name or number holds what was typed; None for nothing typed."""
    return holds(search, (Quote.name_fold, Quote.number_fold, *sought_in(ctx, Quote)), characters_of(Quote.__table__.c.name_fold))


def quotes_where(ctx: Context, filters: Filters) -> list:
    """The conditions of the quotes that the actor sees under these filters; refuses the filters that quotes have not."""
    without(filters, "kind", "role", "brought", "tag")
    found = [Quote.deleted_at.is_(None), sees(ctx, Quote), *by_columns(ctx, "quotes", filters)]
    search = found_by(ctx, filters.search)
    if search is not None:
        found.append(search)
    if filters.owner:
        found.append(owned(ctx, Quote, filters.owner))
    return [*found, Quote.account_id.in_(below(ctx, key_of(filters.under, "under")))] if filters.under else found


UNSORTED = frozenset({"account", "owner_id", "state", "sent_at", "closed_at"})
declare(Listed("quotes", Quote, COLUMNS, USUAL, quotes_where, UNSORTED, ("owner_id", "state", "created_at", "updated_at"), {"state": STATE_LABELS}))
