"""A quote begins with what its deal would sell."""

from typing import Any

from core.base.context import Context
from core.base.policy import may
from core.deals.knowing import knows
from core.deals.lines import lines_of, products_of
from core.deals.models import DealLine
from core.deals.part_models import RECURS
from core.deals.queries import one_deal
from core.deals.words import RECUR_LABELS
from core.products.models import Product
from core.quotes import drafting, queries
from core.quotes.lining import save_lines
from core.quotes.models import Quote
from infra import i18n

# As long as the description of a line may be.
LONGEST = 20_000


def begin_quote(ctx: Context, **given: Any) -> Quote:
    """As `drafting.create_quote`; of a deal with products in the same currency the draft has them as its lines, at the deal's prices (they are
    without tax; the draft's are as its catalogue has them), unless they are hidden from whoever begins it. What is paid again and again counts as often as it does in the deal, and says so."""
    quote = drafting.create_quote(ctx, **given)
    if quote.deal_id is None or not may(ctx, "quotes.edit", quote):
        return quote
    deal, draft = one_deal(ctx, quote.deal_id), queries.draft_of(ctx, quote)
    kept = lines_of(ctx, deal) if deal.currency == draft.currency and knows(ctx, "amount") else []
    if kept:
        there = products_of(ctx, {one.product_id for one in kept if one.product_id})
        save_lines(ctx, quote, [_row(one, draft.language, there.get(one.product_id)) for one in kept], net=True)
    return quote


def _row(line: DealLine, language: str, product: Product | None) -> dict[str, Any]:
    """A product that is gone meanwhile, or only sold as one of its variants, stands in words; what is paid again and again says so, above what the catalogue tells."""
    found = {"product_id": product.id if product else None, "name": line.name, "quantity": line.quantity * line.times, "unit_price": line.unit_price, "discount": line.discount}
    if line.recurs != RECURS[0]:
        often = i18n.gettext(language, RECUR_LABELS[line.recurs])
        said = f"{often}: {line.quantity.normalize():f} × {line.times}" if line.times > 1 else often
        found["description"] = "\n".join(one for one in (said, product.description if product else None) if one)[:LONGEST]
    return found
