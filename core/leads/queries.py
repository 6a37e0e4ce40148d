"""Reads about leads. Lists give rows ready to show, `one_lead` the record itself."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, func, literal, select

from core.base import beside
from core.base.context import Context
from core.base.errors import NotFound
from core.base.field_rights import hidden, shown
from core.base.finding import LONGEST, MOST_LOOKED_AT, folded
from core.base.policy import has, sees, visible
from core.deals.models import Deal
from core.identity.models import User
from core.leads import columns as listed
from core.leads.models import Lead
from core.leads.searching import found_by
from core.parties.models import Account, Contact
from core.tagging.queries import colours_beside
from core.views import pages
from core.views.filtering import Filters
from core.views.grouping import needs_of
from core.views.paging import PAGE_SIZE, Page

LAST_LETTER = "\U0010ffff"
ORDERS = pages.orders_of(Lead)
BECAME = ((Account, Lead.account_id), (Contact, Lead.contact_id), (Deal, Lead.deal_id))


def leads(
    ctx: Context, filters: Filters = Filters(), *, sort: str = "name", cursor: str | None = None, limit: int = PAGE_SIZE, chosen: Sequence[str] | None = None, group: str | None = None
) -> Page:
    """A page of the leads that the actor sees. Refuses an unknown order, column, filter value or cursor."""
    columns = pages.columns(ctx, Lead, chosen, (Lead.owner_id, Lead.state, *needs_of(ctx, "leads", group)))

    def named(few: Any) -> tuple[list[Any], Any]:
        return [User.name.label("owner_name")], lambda query: query.join(User, User.id == few.c.owner_id, isouter=True)

    ordering = pages.ordered(ctx, ORDERS, "leads", sort, group)
    return pages.page_of(ctx, Lead, columns, listed.leads_where(ctx, filters), ordering, cursor, limit, named, sought=bool(filters.search or filters.tag))


def one_lead(ctx: Context, lead_id: UUID, *, deleted: bool = False) -> Lead:
    """A lead that the actor sees; NotFound otherwise. deleted: look in the recycle bin instead."""
    bin_side = Lead.deleted_at.is_not(None) if deleted else Lead.deleted_at.is_(None)
    found = ctx.session.execute(visible(ctx, Lead).where(Lead.id == lead_id, bin_side)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def lead_page(ctx: Context, lead_id: UUID) -> Row:
    """(Lead, account_name, contact_name, deal_name, tag_colours) in one statement, with what rooms above say beside it; names only of what is there and seen."""
    query = visible(ctx, Lead).add_columns(*(model.name.label(f"{model.__tablename__}_name") for model, _ in BECAME), colours_beside(ctx, Lead), *beside.columns(ctx, Lead))
    for model, key in BECAME:
        query = query.join(model, and_(model.id == key, model.deleted_at.is_(None), sees(ctx, model), literal(has(ctx, f"{model.ROOM}.read"))), isouter=True)
    found = ctx.session.execute(query.where(Lead.id == lead_id, Lead.deleted_at.is_(None))).one_or_none()
    if found is None:
        raise NotFound()
    return found


def lead_name(ctx: Context, lead_id: UUID | None) -> str | None:
    """The name of a lead that the actor sees."""
    query = select(Lead.name).where(Lead.id == lead_id, Lead.deleted_at.is_(None), sees(ctx, Lead))
    return ctx.session.execute(query).scalar_one_or_none() if lead_id else None


def by_source(ctx: Context) -> list[Row]:
    """(source, campaign, came, accepted, returned, converted, met, missed) of the leads that the actor sees, the most first: what marketing asks. Neither
    of the first two is told to whom it is hidden, and nobody is counted by it then."""
    count = lambda *states: func.count().filter(Lead.state.in_(states))  # noqa: E731
    known = [column for column in (Lead.source, Lead.campaign) if column.key not in hidden(ctx, "leads")]
    query = select(*shown(ctx, "leads", (Lead.source, Lead.campaign)), func.count().label("came"), count("accepted", "converted").label("accepted"), count("returned", "disqualified").label("returned"), count("converted").label("converted"), *_answered())
    query = query.where(Lead.deleted_at.is_(None), sees(ctx, Lead)).group_by(*known)
    return list(ctx.session.execute(query.order_by(func.count().desc(), *(column.nulls_last() for column in known)).limit(200)))


def by_owner(ctx: Context) -> list[Row]:
    """(owner's name, met, missed, running) of the leads that the actor sees and whose clock ran, by name; nobody's last."""
    waiting = func.count().filter(Lead.answer == "running").label("running")
    query = select(User.name.label("owner"), *_answered(), waiting).select_from(Lead).join(User, User.id == Lead.owner_id, isouter=True)
    query = query.where(Lead.deleted_at.is_(None), Lead.answer.is_not(None), sees(ctx, Lead)).group_by(User.id, User.name)
    return list(ctx.session.execute(query.order_by(func.lower(User.name).nulls_last(), User.id).limit(200)))


def _answered() -> list[Any]:
    return [func.count().filter(Lead.answer == word).label(word) for word in ("met", "missed")]


def quick(ctx: Context, search: str, *, limit: int = 8) -> list[Select]:
    """(kind, id, name, note, name_fold, rank) of leads, as parts of a search over everything: names that begin with what was typed
    first. None for nothing typed."""
    found = found_by(ctx, search)
    if found is None or not has(ctx, "leads.read"):
        return []
    columns = (literal("lead").label("kind"), Lead.id, Lead.name, Lead.company.label("note"), Lead.name_fold)
    alive, start = (Lead.deleted_at.is_(None), sees(ctx, Lead)), folded(" ".join(search[:LONGEST].split()))
    begins = select(*columns, literal(0).label("rank")).where(*alive, Lead.name_fold >= start, Lead.name_fold < start.concat(LAST_LETTER))
    hits = select(*columns, literal(1).label("rank")).where(*alive, found).limit(MOST_LOOKED_AT).subquery()
    return [begins.order_by(Lead.name_fold, Lead.id).limit(limit), select(*hits.c).order_by(hits.c.name_fold, hits.c.id).limit(limit)]
