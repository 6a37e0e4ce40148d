"""What this customer was ever quoted for a product: by whom, when, at which price, and what came of it.

Also by colleagues whose quotes the actor does not see: of these the price and who answers for it are told, and nothing else. A price
that differs from a colleague's quote which still holds is a conflict: two of us would say two things to one customer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from sqlalchemy import and_, func, literal, select
from sqlalchemy.orm import aliased

from core.base.context import Context
from core.base.policy import sees
from core.identity.models import User
from core.quotes.models import Quote, QuoteLine, QuoteVersion
from core.quotes.rules import coin, net_each

SHOWN = 20  # of each product, the newest


@dataclass(frozen=True)
class Offer:
    """One price of the past. each: of one piece, net, after its discount. quote_id, number: only of a quote that the actor sees. holds:
    the customer may still accept it."""

    product_id: UUID
    each: Decimal
    currency: str
    quantity: Decimal
    owner_id: UUID | None
    who: str | None
    at: datetime
    state: str
    holds: bool
    quote_id: UUID | None
    number: str | None
    until: date | None = None


def offers(ctx: Context, quote: Quote, product_ids: Iterable[UUID | None], *, valid: bool = False) -> dict[UUID, list[Offer]]:
    """valid: only what the customer may still accept. Product -> what the quote's customer was quoted for it in other quotes, the newest first; one statement for all of them."""
    wanted = sorted({key for key in product_ids if key})
    if not wanted or quote.account_id is None:
        return {}
    mine, still = aliased(Quote), (QuoteVersion.state == "sent", QuoteVersion.valid_until >= ctx.tenant_today) if valid else ()
    place = func.row_number().over(partition_by=QuoteLine.product_id, order_by=(QuoteVersion.sent_at.desc(), QuoteLine.id)).label("place")
    columns = (
        QuoteLine.product_id, QuoteLine.unit_price, QuoteLine.discount, QuoteLine.tax_percent, QuoteLine.tax_name, QuoteLine.quantity, QuoteVersion.gross, QuoteVersion.currency, QuoteVersion.sent_at,
        QuoteVersion.state, QuoteVersion.valid_until, Quote.owner_id, Quote.number, Quote.id.label("quote_id"),
    )
    found = select(*columns, place).join(QuoteVersion, QuoteVersion.id == QuoteLine.version_id).join(Quote, Quote.id == QuoteVersion.quote_id)
    found = found.where(Quote.account_id == quote.account_id, Quote.id != quote.id, QuoteVersion.state != "draft", QuoteLine.product_id.in_(wanted), QuoteLine.kind == "item", QuoteLine.choice != "alternative", *still).subquery("found")
    seen = select(literal(True)).select_from(mine).where(and_(mine.id == found.c.quote_id, sees(ctx, mine))).correlate(found).scalar_subquery()
    query = select(*found.c, User.name.label("who"), seen.label("seen")).join(User, User.id == found.c.owner_id, isouter=True).where(found.c.place <= SHOWN)
    rows = ctx.session.execute(query.order_by(found.c.sent_at.desc(), found.c.quote_id))
    answer: dict[UUID, list[Offer]] = {}
    for row in rows:
        over = row.state == "sent" and row.valid_until < ctx.tenant_today
        each = net_each(row, row.gross).quantize(coin(row.currency), ROUND_HALF_UP)
        answer.setdefault(row.product_id, []).append(Offer(
            row.product_id, each, row.currency, row.quantity, row.owner_id, row.who, row.sent_at, "expired" if over else row.state, row.state == "sent" and not over,
            row.quote_id if row.seen else None, row.number if row.seen else None, row.valid_until,
        ))
    return answer


def conflicts(quote: Quote, line: QuoteLine, gross: bool, currency: str, found: Sequence[Offer]) -> list[Offer]:
    """Of these the quotes of colleagues that still hold and say another price for one piece. Another currency can't be compared to the
    coin: it is a conflict too."""
    each = net_each(line, gross).quantize(coin(currency), ROUND_HALF_UP)
    return [one for one in found if one.holds and one.owner_id != quote.owner_id and (one.currency, one.each) != (currency, each)]
