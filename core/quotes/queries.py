"""Reads about quotes. Lists give rows ready to show, `one_quote` the record itself."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, literal, select

from core.base import beside
from core.base.context import Context
from core.base.errors import Refused, present
from core.base.finding import LONGEST, MOST_LOOKED_AT, folded
from core.base.hiding import unhidden
from core.base.policy import has, sees, visible
from core.deals.models import Deal
from core.identity.models import User
from core.parties.models import Account, Contact
from core.quotes.columns import found_by, quotes_where
from core.quotes.models import Quote, QuoteLine, QuoteVersion
from core.views import pages
from core.views.filtering import Filters
from core.views.grouping import needs_of
from core.views.paging import PAGE_SIZE, Page

LAST_LETTER = "\U0010ffff"
ORDERS = pages.orders_of(Quote)


def quotes(
    ctx: Context, filters: Filters = Filters(), *, sort: str = "name", cursor: str | None = None, limit: int = PAGE_SIZE, chosen: Sequence[str] | None = None, group: str | None = None
) -> Page:
    """A page of the quotes that the actor sees, each with its account's name where he sees that too. Refuses an unknown order,
    column, filter value or cursor."""
    columns = pages.columns(ctx, Quote, chosen, (Quote.owner_id, Quote.account_id, Quote.state, *needs_of(ctx, "quotes", group)))

    def named(few: Any) -> tuple[list[Any], Any]:
        """Only an account that the actor reads and sees is named."""
        seen = and_(Account.id == few.c.account_id, Account.deleted_at.is_(None), sees(ctx, Account), literal(has(ctx, "accounts.read")))
        shown = [User.name.label("owner_name"), Account.name.label("account_name")]
        return shown, lambda query: query.join(User, User.id == few.c.owner_id, isouter=True).join(Account, seen, isouter=True)

    ordering = pages.ordered(ctx, ORDERS, "quotes", sort, group)
    return pages.page_of(ctx, Quote, columns, quotes_where(ctx, filters), ordering, cursor, limit, named, sought=bool(filters.search))


def one_quote(ctx: Context, quote_id: UUID, *, deleted: bool = False) -> Quote:
    """A quote that the actor sees; NotFound otherwise. deleted: look in the recycle bin instead."""
    bin_side = Quote.deleted_at.is_not(None) if deleted else Quote.deleted_at.is_(None)
    return present(ctx.session.execute(visible(ctx, Quote).where(Quote.id == quote_id, bin_side)).scalar_one_or_none())


def quote_page(ctx: Context, quote_id: UUID) -> Row:
    """(Quote, account_name, contact_name, deal_name) in one statement, with what rooms above say beside it; names only where they are seen."""
    query = visible(ctx, Quote).add_columns(Account.name.label("account_name"), Contact.name.label("contact_name"), Deal.name.label("deal_name"), *beside.columns(ctx, Quote))
    for model, key in ((Account, Quote.account_id), (Contact, Quote.contact_id), (Deal, Quote.deal_id)):
        query = query.join(model, and_(model.id == key, model.deleted_at.is_(None), sees(ctx, model), literal(has(ctx, f"{model.ROOM}.read"))), isouter=True)
    return present(ctx.session.execute(query.where(Quote.id == quote_id, Quote.deleted_at.is_(None))).one_or_none())


def quote_name(ctx: Context, quote_id: UUID | None) -> str | None:
    """The name of a quote that the actor sees."""
    query = select(Quote.name).where(Quote.id == quote_id, Quote.deleted_at.is_(None), sees(ctx, Quote))
    return ctx.session.execute(query).scalar_one_or_none() if quote_id else None


def versions(ctx: Context, quote: Quote) -> list[QuoteVersion]:
    """All versions of a quote that the actor sees, the newest first."""
    return list(ctx.session.execute(select(QuoteVersion).where(QuoteVersion.quote_id == quote.id).order_by(QuoteVersion.number.desc())).scalars())


def newest(ctx: Context, quote: Quote) -> QuoteVersion:
    """The last version: the draft, where there is one."""
    return ctx.session.execute(select(QuoteVersion).where(QuoteVersion.quote_id == quote.id).order_by(QuoteVersion.number.desc()).limit(1)).scalar_one()


def draft_of(ctx: Context, quote: Quote) -> QuoteVersion:
    """The version that is being written; refuses where there is none (`quote_not_draft`)."""
    found = ctx.session.execute(select(QuoteVersion).where(QuoteVersion.quote_id == quote.id, QuoteVersion.state == "draft")).scalar_one_or_none()
    if found is None:
        raise Refused("quote_not_draft")
    return found


def version_numbered(ctx: Context, quote: Quote, number: int) -> QuoteVersion:
    """One version of a quote that the actor sees."""
    return present(ctx.session.execute(select(QuoteVersion).where(QuoteVersion.quote_id == quote.id, QuoteVersion.number == number)).scalar_one_or_none())


def lines_of(ctx: Context, version: QuoteVersion) -> list[QuoteLine]:
    """Its lines in their order."""
    return list(ctx.session.execute(select(QuoteLine).where(QuoteLine.version_id == version.id).order_by(QuoteLine.position, QuoteLine.id)).scalars())


def lines_of_all(ctx: Context, found: Sequence[QuoteVersion]) -> dict[UUID, list[QuoteLine]]:
    """Version -> its lines in their order; one statement for all of them."""
    answer: dict[UUID, list[QuoteLine]] = {one.id: [] for one in found}
    query = select(QuoteLine).where(QuoteLine.version_id.in_(answer)).order_by(QuoteLine.position, QuoteLine.id)
    for line in ctx.session.execute(query).scalars() if answer else ():
        answer[line.version_id].append(line)
    return answer


def costs_of(ctx: Context, version: QuoteVersion) -> dict[UUID, Any]:
    """Line -> what one piece costs, whoever asks: for rules, never for a page."""
    with unhidden(ctx.session):
        return dict(ctx.session.execute(select(QuoteLine.id, QuoteLine.cost).where(QuoteLine.version_id == version.id)).all())


def quick(ctx: Context, search: str, *, limit: int = 8) -> list[Select]:
    """(kind, id, name, note, name_fold, rank) of quotes, as parts of a search over everything: numbers and names that begin with what
    was typed first."""
    found = found_by(ctx, search) if has(ctx, "quotes.read") else None
    if found is None:
        return []
    columns = (literal("quote").label("kind"), Quote.id, Quote.name, Quote.number.label("note"), Quote.name_fold)
    alive, start = (Quote.deleted_at.is_(None), sees(ctx, Quote)), folded(" ".join(search[:LONGEST].split()))
    begins = [
        select(*columns, literal(0).label("rank")).where(*alive, column >= start, column < start.concat(LAST_LETTER)).order_by(column, Quote.id).limit(limit)
        for column in (Quote.number_fold, Quote.name_fold)
    ]
    hits = select(*columns, literal(1).label("rank")).where(*alive, found).limit(MOST_LOOKED_AT).subquery()
    return [*begins, select(*hits.c).order_by(hits.c.name_fold, hits.c.id).limit(limit)]
