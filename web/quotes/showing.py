"""How pages say what a quote is: its state as a pill, its document with totals, why a line costs what it costs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from flask import g
from markupsafe import Markup

from core.base.context import Context
from core.base.field_rights import hidden
from core.base.money import Money
from core.products.bundle_queries import in_line
from core.products.rules import Reason
from core.products.taxing import TAXED, ZERO, with_rate
from core.products.variant_queries import templates_of
from core.products.words import TAX_LABELS
from core.quotes import offered, queries
from core.quotes.models import ITEM, Quote, QuoteLine, QuoteVersion
from core.quotes.rules import Margin, coin, counted, margin, net_each, net_list, off_list, sums
from core.quotes.words import LABELS, VERSION_STATE_LABELS
from core.terms import queries as terms
from core.terms.rules import Agreed, covering
from infra import i18n
from web.filters import amount, number
from web.parties.cells import MAKERS, WORD_HUES
from web.parties.record import PARTY, PROPS
from web.products.prices import sentence
from web.terms.saying import by, said

HUES = {"draft": "grey", "sent": "blue", "accepted": "green", "declined": "red", "expired": "amber", "withdrawn": "grey", "superseded": "grey"}
MAKERS |= {"quote_total": lambda ctx, name: lambda row: amount(row.total, row.currency), "quote_net": lambda ctx, name: lambda row: amount(row.net, row.currency)}
WORD_HUES["quotes", "state"] = HUES
PROPS["quotes"] = changed(PARTY, labels=LABELS, fields={"owner_id": "select", "notes": "textarea"})


@dataclass(frozen=True)
class Row:
    """A line as a page shows it. reasons: sentences; off: percent from the list's price; offers: what the customer was quoted before;
    conflicts: of these the colleagues' that still hold and differ; agreed: who agreed to so low a price."""

    line: QuoteLine
    counted: bool
    reasons: tuple[str, ...] = ()
    off: Decimal | None = None
    margin: Margin | None = None
    offers: Sequence[offered.Offer] = ()
    conflicts: Sequence[offered.Offer] = ()
    agreed: str = ""

    @property
    def parts(self) -> list[dict[str, Any]]:
        """Of a bundle what all of the line consists of."""
        return in_line(self.line.parts, self.line.quantity) if self.line.quantity is not None else []


@dataclass(frozen=True)
class Document:
    """A version with what it comes to. knows_cost: the margins are the actor's to know. agreed: the terms that hold for the customer (held, when it was sent)."""

    version: QuoteVersion
    rows: list[Row]
    totals: Any
    margin: Margin | None = None
    knows_cost: bool = False
    agreed: Sequence[str] = ()


def pill(state: str) -> Markup:
    """A state as a pill in its hue."""
    return Markup('<span class="pill h-{}">{}</span>').format(HUES[state], i18n.gettext(g.get("lang", "en"), VERSION_STATE_LABELS[state]))


def document(ctx: Context, quote: Quote, version: QuoteVersion, *, inside: bool = True, chosen: Collection[str] | None = None) -> Document:
    """The version with its lines. inside: with what only we know of them (reasons, margins, what was quoted before)."""
    lines, chosen = queries.lines_of(ctx, version), version.chosen if chosen is None else chosen
    found, places = sums(lines, version.currency, gross=version.gross, relief=version.relief, chosen=chosen), sorted(counted(lines, chosen))
    if not inside:
        return Document(version, [Row(line, place in places) for place, line in enumerate(lines)], found)
    nets = dict(zip(places, found.lines, strict=True))
    before, agreed = offered.offers(ctx, quote, [line.product_id for line in lines]), terms.in_force(ctx, quote.account_id, at=version.sent_at)
    knows = "cost" not in hidden(ctx, "products")
    rows = [_row(ctx, quote, version, line, place, lines, nets, before) for place, line in enumerate(lines)]
    above = templates_of(ctx, {line.product_id for line in lines if line.product_id}) if any(one.price is not None for one in agreed) else {}
    rows = [changed(row, agreed=_within(ctx, row.line, version, agreed, above)) for row in rows]
    return Document(version, rows, found, margin(lines, nets) if knows else None, knows, [f"{said(ctx, one)}: {by(ctx, one)}" for one in agreed])


def _within(ctx: Context, line: QuoteLine, version: QuoteVersion, agreed: Sequence[Agreed], above: Mapping[UUID, UUID]) -> str:
    """Who agreed to the price of a line that is below the catalogue's; nothing where nobody did, or it needs nobody."""
    if line.kind != ITEM or not agreed or line.list_price is None:
        return ""
    each, listed = (net.quantize(coin(version.currency), ROUND_HALF_UP) for net in (net_each(line, version.gross), net_list(line, version.gross)))
    found = covering(agreed, product_id=line.product_id, template_id=above.get(line.product_id), each=each, list_price=listed, currency=version.currency) if each < listed else None
    return by(ctx, found) if found else ""


def _row(ctx: Context, quote: Quote, version: QuoteVersion, line: QuoteLine, place: int, lines: Sequence[QuoteLine], nets: dict[int, Decimal], before: dict) -> Row:
    if line.kind != ITEM:
        return Row(line, False)
    offers = before.get(line.product_id, [])
    against = offered.conflicts(quote, line, version.gross, version.currency, offers) if version.state == "draft" else []
    reasons = tuple(sentence(ctx, _reason(one)) for one in line.reasons)
    return Row(line, place in nets, reasons, off_list(line.unit_price, line.list_price), margin(lines, {place: nets[place]}) if place in nets else None, offers, against)


def _reason(kept: dict[str, Any]) -> Reason:
    """A reason as the price function gave it."""
    reads = {"amount": lambda value: Money(Decimal(value["amount"]), value["currency"]), "day": date.fromisoformat} | dict.fromkeys(("percent", "quantity", "step", "rate"), Decimal)
    return Reason(kept["code"], {name: reads[name](value) if name in reads else value for name, value in kept["params"].items()})


def tax_said(ctx: Context, one: Any) -> str:
    """A tax of the totals: its name with its rate, or why none is due."""
    return with_rate(one.code, one.percent, number(one.percent)) if one.category in (TAXED, ZERO) else f"{one.code}: {i18n.gettext(ctx.locale, TAX_LABELS[one.category])}"
