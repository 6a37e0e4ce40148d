"""Reads about deals. Lists give rows ready to show, `one_deal` the record itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, literal, select
from sqlalchemy.orm import aliased

from core.base import beside
from core.base.context import Context
from core.base.errors import NotFound
from core.base.finding import LONGEST, MOST_LOOKED_AT, characters_of, folded, holds
from core.base.policy import has, sees, visible
from core.custom_fields.columns import sought_in
from core.deals import columns as listed
from core.deals import parts
from core.deals.idle import idle_since, last_contact
from core.deals.knowing import check_known, known_sums
from core.deals.models import Deal, DealStay
from core.identity.models import User
from core.parties.models import Account, Contact
from core.tagging.queries import colours_beside
from core.views import pages
from core.views.filtering import Filters
from core.views.grouping import needs_of
from core.views.paging import PAGE_SIZE, Page

LAST_LETTER = "\U0010ffff"
WHO = aliased(User)
ORDERS = pages.orders_of(Deal)


@dataclass(frozen=True)
class Sum:
    """What deals come to in one currency. amount: together; weighted: by how likely each is won, None for whoever does not know that; number: of
    those that have an amount."""

    currency: str
    amount: Decimal
    weighted: Decimal | None
    number: int


def deals(
    ctx: Context, filters: Filters = Filters(), *, sort: str = "name", cursor: str | None = None, limit: int = PAGE_SIZE, chosen: Sequence[str] | None = None, group: str | None = None
) -> Page:
    """A page of the deals that the actor sees, each with its account's name where he sees that too. Refuses an unknown order,
    column, filter value or cursor."""
    columns = pages.columns(ctx, Deal, chosen, (Deal.owner_id, Deal.account_id, Deal.state, *needs_of(ctx, "deals", group)))

    def named(few: Any) -> tuple[list[Any], Any]:
        """Only an account that the actor reads and sees is named."""
        seen = and_(Account.id == few.c.account_id, Account.deleted_at.is_(None), sees(ctx, Account), literal(has(ctx, "accounts.read")))
        shown = [User.name.label("owner_name"), Account.name.label("account_name")]
        return shown, lambda query: query.join(User, User.id == few.c.owner_id, isouter=True).join(Account, seen, isouter=True)

    ordering = pages.ordered(ctx, ORDERS, "deals", sort, group)
    return pages.page_of(ctx, Deal, columns, listed.deals_where(ctx, filters), ordering, cursor, limit, named, sought=bool(filters.search or filters.tag))


def sums(ctx: Context, filters: Filters = Filters()) -> list[Sum]:
    """What the deals of a list come to, by currency, the one of most deals first. Money of two currencies is never added."""
    check_known(ctx, "amount")
    query = select(Deal.currency, *known_sums(ctx)).where(*listed.deals_where(ctx, filters), Deal.amount.is_not(None)).group_by(Deal.currency)
    return sorted((Sum(*row) for row in ctx.session.execute(query)), key=lambda one: (-one.number, one.currency))


def one_deal(ctx: Context, deal_id: UUID, *, deleted: bool = False) -> Deal:
    """A deal that the actor sees; NotFound otherwise. deleted: look in the recycle bin instead."""
    bin_side = Deal.deleted_at.is_not(None) if deleted else Deal.deleted_at.is_(None)
    found = ctx.session.execute(visible(ctx, Deal).where(Deal.id == deal_id, bin_side)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def deal_page(ctx: Context, deal_id: UUID) -> Row:
    """(Deal, account_name, contact_name, tag_colours, idle_since, last_contact where that is read) in one statement, with what rooms above say beside it; names only where they are seen."""
    query = visible(ctx, Deal).add_columns(Account.name.label("account_name"), Contact.name.label("contact_name"), colours_beside(ctx, Deal), idle_since(ctx), *beside.columns(ctx, Deal), *parts.columns(ctx))
    contact = last_contact(ctx)
    query = query if contact is None else query.add_columns(contact)
    for model, key in ((Account, Deal.account_id), (Contact, Deal.contact_id)):
        query = query.join(model, and_(model.id == key, model.deleted_at.is_(None), sees(ctx, model), literal(has(ctx, f"{model.ROOM}.read"))), isouter=True)
    found = ctx.session.execute(query.where(Deal.id == deal_id, Deal.deleted_at.is_(None))).one_or_none()
    if found is None:
        raise NotFound()
    return found


def stays(ctx: Context, deal: Deal, *, limit: int = 50) -> list[Row]:
    """(stage_id, entered_at, left_at, who) of a deal that the actor sees, the newest first."""
    query = select(DealStay.stage_id, DealStay.entered_at, DealStay.left_at, WHO.name.label("who")).join(WHO, WHO.id == DealStay.entered_by, isouter=True)
    return list(ctx.session.execute(query.where(DealStay.deal_id == deal.id).order_by(DealStay.left_at.desc().nulls_first(), DealStay.id.desc()).limit(limit)))


def deal_name(ctx: Context, deal_id: UUID | None) -> str | None:
    """The name of a deal that the actor sees."""
    query = select(Deal.name).where(Deal.id == deal_id, Deal.deleted_at.is_(None), sees(ctx, Deal))
    return ctx.session.execute(query).scalar_one_or_none() if deal_id else None


def member_name(ctx: Context, user_id: UUID) -> str:
    """What somebody of a team is called."""
    return ctx.session.execute(select(User.name).where(User.id == user_id)).scalar_one()


def quick(ctx: Context, search: str, *, limit: int = 8) -> list[Select]:
    """(kind, id, name, note, name_fold, rank) of deals, as parts of a search over everything: names that begin with what was typed
    first. None for nothing typed."""
    found = holds(search, (Deal.name_fold, *sought_in(ctx, Deal)), characters_of(Deal.__table__.c.name_fold))
    if found is None or not has(ctx, "deals.read"):
        return []
    columns = (literal("deal").label("kind"), Deal.id, Deal.name, Deal.next_step.label("note"), Deal.name_fold)
    alive, start = (Deal.deleted_at.is_(None), sees(ctx, Deal)), folded(" ".join(search[:LONGEST].split()))
    begins = select(*columns, literal(0).label("rank")).where(*alive, Deal.name_fold >= start, Deal.name_fold < start.concat(LAST_LETTER))
    hits = select(*columns, literal(1).label("rank")).where(*alive, found).limit(MOST_LOOKED_AT).subquery()
    return [begins.order_by(Deal.name_fold, Deal.id).limit(limit), select(*hits.c).order_by(hits.c.name_fold, hits.c.id).limit(limit)]
