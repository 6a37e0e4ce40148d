"""A quote begins with what its deal would sell."""

from typing import Any

from core.base.context import Context
from core.base.policy import may
from core.deals.lines import lines_of, products_of
from core.deals.models import DealLine
from core.deals.queries import one_deal
from core.deals.words import RECUR_LABELS
from core.quotes import drafting, queries
from core.quotes.lining import save_lines
from core.quotes.models import Quote
from infra import i18n


def begin_quote(ctx: Context, **given: Any) -> Quote:
    """As `drafting.create_quote`; of a deal with products in the same currency the draft has them as its lines, at the deal's prices. What is
    paid again and again counts as often as it does in the deal, and says so."""
    quote = drafting.create_quote(ctx, **given)
    if quote.deal_id is None or not may(ctx, "quotes.edit", quote):
        return quote
    deal, draft = one_deal(ctx, quote.deal_id), queries.draft_of(ctx, quote)
    kept = lines_of(ctx, deal) if deal.currency == draft.currency else []
    if kept:
        there = products_of(ctx, {one.product_id for one in kept if one.product_id})
        save_lines(ctx, quote, [_row(one, draft.language, known=one.product_id in there) for one in kept])
    return quote


def _row(line: DealLine, language: str, *, known: bool) -> dict[str, Any]:
    """A product that is gone meanwhile stands in words."""
    found = {"product_id": line.product_id if known else None, "name": line.name, "quantity": line.quantity * line.times, "unit_price": line.unit_price, "discount": line.discount}
    if line.times > 1:
        found["description"] = f"{i18n.gettext(language, RECUR_LABELS[line.recurs])}: {line.quantity.normalize():f} × {line.times}"
    return found
