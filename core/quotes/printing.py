"""Quotes with which print templates can be looked at."""

from uuid import UUID

from sqlalchemy import func

from core.base.context import Context
from core.base.policy import has, require, visible
from core.documents.paper import Paper
from core.documents.samples import RECORDS, Records
from core.quotes import queries
from core.quotes.models import Quote
from core.quotes.paper import paper_of

OFFERED = 20


def offered(ctx: Context) -> list[tuple[UUID, str]]:
    """The quotes that were changed last, of those that the actor sees."""
    if not has(ctx, "quotes.read"):
        return []
    query = visible(ctx, Quote).where(Quote.deleted_at.is_(None)).with_only_columns(Quote.id, func.concat_ws(" ", Quote.number, Quote.name))
    return [(key, text) for key, text in ctx.session.execute(query.order_by(Quote.updated_at.desc(), Quote.id.desc()).limit(OFFERED))]


def paper(ctx: Context, quote_id: UUID) -> Paper:
    """The newest version of one of them."""
    require(ctx, "quotes.read")
    return paper_of(ctx, queries.newest(ctx, queries.one_quote(ctx, quote_id)))


RECORDS["quote"] = Records(offered, paper)
