"""The records behind a figure, the newest first: page by page, or all of them as they come from the database."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby, islice
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, cast, func, literal, null, or_, select, tuple_

from core.activities.models import Activity
from core.base.context import Context
from core.base.errors import Refused
from core.base.places import Place, write_place
from core.deals.credit import worth_to
from core.deals.knowing import knows
from core.deals.models import Deal, DealStay
from core.deals.periods import Period
from core.parties.models import Contact
from core.parties.restricting import free
from core.performance.measures import MEASURES, SOURCES, measures, where
from core.quotes import rules as quotes
from core.quotes.models import Quote, QuoteLine, QuoteVersion

MOST, CHUNK = 2_000, 1_000


@dataclass(frozen=True)
class Earned:
    """An accepted quote with what it earns; the names are those of other records behind a figure."""

    id: UUID
    at: Any
    whose: UUID | None
    name: str
    state: str
    amount: Decimal | None
    currency: str
    seconds: None = None
    theirs: None = None


def records(ctx: Context, name: str, period: Period, people: frozenset[UUID] | None, *, limit: int | None = None, after: Place | None = None, free_only: bool = False) -> Iterator[Any]:
    """The records that a figure counts, the newest first: (id, name, at, whose, state, amount, currency, seconds, theirs), as they come.
    theirs: of a deal, what of its amount these people have. after: those behind this place. free_only: without entries about people who are restricted, as whatever is taken out goes without them."""
    if name not in measures(ctx):
        raise Refused("unknown_value", field="measure")
    if name == "margin":
        rows = (Earned(quote.id, quote.closed_at, quote.owner_id, quote.name, quote.state, amount, version.currency) for quote, version, amount in earnings(ctx, period, people, after=after))
        return islice(rows, limit)
    source, more = MEASURES[name]
    one, key = SOURCES[source], SOURCES[source].model.id
    query = select(key, one.at.label("at"), one.whose.label("whose"), *_shown(ctx, source, people)).where(*where(ctx, source, period, people), *more, *_behind(one.at, key, after))
    if free_only and source == "log":
        query = query.where(or_(Activity.contact_id.is_(None), select(Contact.id).where(Contact.id == Activity.contact_id, free()).correlate(Activity).exists()))
    return iter(ctx.session.execute(query.order_by(one.at.desc(), key.desc()).limit(limit).execution_options(yield_per=CHUNK)))


def page(ctx: Context, name: str, period: Period, people: frozenset[UUID] | None, *, limit: int = MOST, after: Place | None = None) -> tuple[list[Any], str | None]:
    """(so many of them, the place behind which the next ones come; None at the end)."""
    rows = list(records(ctx, name, period, people, limit=limit + 1, after=after))
    return rows[:limit], write_place(rows[limit - 1].at, rows[limit - 1].id) if len(rows) > limit else None


def earnings(ctx: Context, period: Period, people: frozenset[UUID] | None, *, after: Place | None = None) -> Iterator[tuple[Quote, QuoteVersion, Decimal | None]]:
    """(quote, accepted version, what it earns by the costs on its lines; None where one is not known), by one statement."""
    query = select(Quote, QuoteVersion, QuoteLine).join(QuoteVersion, (QuoteVersion.quote_id == Quote.id) & (QuoteVersion.state == "accepted")).join(QuoteLine, QuoteLine.version_id == QuoteVersion.id)
    query = query.where(*where(ctx, "accepted", period, people), *_behind(Quote.closed_at, Quote.id, after)).order_by(Quote.closed_at.desc(), Quote.id.desc(), QuoteLine.position, QuoteLine.id)
    for _, found in groupby(ctx.session.execute(query.execution_options(yield_per=CHUNK)), key=lambda row: row.Quote.id):
        rows = list(found)
        yield rows[0].Quote, rows[0].QuoteVersion, _earned(rows[0].QuoteVersion, [row.QuoteLine for row in rows])


def seconds_to_end() -> Any:
    """From the deal's first stage to its end."""
    began = select(func.min(DealStay.entered_at)).where(DealStay.deal_id == Deal.id).correlate(Deal).scalar_subquery()
    return func.extract("epoch", Deal.closed_at - began)


def _shown(ctx: Context, source: str, people: frozenset[UUID] | None) -> tuple[Any, ...]:
    nothing = {name: cast(null(), column.type).label(name) for name, column in (("amount", Deal.amount), ("currency", Deal.currency), ("seconds", Deal.amount), ("theirs", Deal.amount))}
    if source == "log":
        return func.left(Activity.body, 120).label("name"), Activity.kind.label("state"), *nothing.values()
    if source == "closed" and not knows(ctx, "amount"):
        return Deal.name, Deal.state, nothing["amount"], Deal.currency, seconds_to_end().label("seconds"), nothing["theirs"]
    if source == "closed":
        return Deal.name, Deal.state, Deal.amount, Deal.currency, seconds_to_end().label("seconds"), worth_to(people).label("theirs")
    return Quote.name, Quote.state, Quote.net.label("amount"), Quote.currency, nothing["seconds"], nothing["theirs"]


def _behind(at: Any, key: Any, after: Place | None) -> list[ColumnElement[bool]]:
    return [] if after is None else [tuple_(at, key) < tuple_(*(literal(value) for value in after))]


def _earned(version: QuoteVersion, lines: list[QuoteLine]) -> Decimal | None:
    """To the coin, so that the figure is the sum of what its list shows."""
    nets = {place: quotes.net_each(lines[place], version.gross) * lines[place].quantity for place in quotes.counted(lines, version.chosen)}
    found = quotes.margin(lines, nets)
    return found.amount.quantize(quotes.coin(version.currency), ROUND_HALF_UP) if found else None
