"""Reads about accounts and contacts. Lists give rows ready to show, `one_*` the record itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Text, and_, func, literal, null, or_, select, tuple_
from sqlalchemy.orm import aliased

from core.base import beside
from core.base.context import Context
from core.base.errors import NotFound
from core.base.facts import Fact, FactSubject
from core.base.field_rights import hidden, shown
from core.base.policy import has, sees, visible
from core.identity.models import User
from core.parties.duplicates import Match, likely_duplicates
from core.parties.filtering import Filters, accounts_where, contacts_where, where_of
from core.parties.finding import sought_in
from core.parties.models import Account, Contact
from core.parties.nearby import really_near
from core.parties.offering import quick, quick_accounts, quick_contacts, slips
from core.tagging.queries import colours_beside
from core.views import pages
from core.views.grouping import needs_of
from core.views.lists import LISTS
from core.views.paging import PAGE_SIZE, Order, Page

__all__ = ["Filters", "Match", "accounts", "accounts_where", "contacts", "contacts_where", "likely_duplicates", "one_account", "one_contact", "quick", "quick_accounts", "quick_contacts", "really_near", "slips", "sought_in", "where_of"]

ORDERS = {model: pages.orders_of(model) for model in (Account, Contact)}
PARENT, REFERRER = aliased(Account), aliased(Contact)  # made once: making an alias costs more than the query


def accounts(
    ctx: Context, filters: Filters = Filters(), *, sort: str = "name", cursor: str | None = None, limit: int = PAGE_SIZE, chosen: Sequence[str] | None = None, group: str | None = None
) -> Page:
    """A page of the accounts that the actor sees, with the chosen columns (None: the usual ones). group: a column by which
    they stand together, its key in the row's group_key. Refuses an unknown order, column, filter value or cursor."""
    always = (Account.kind, Account.is_customer, Account.is_supplier, *needs_of(ctx, "accounts", group))
    return _page(ctx, Account, always, accounts_where(ctx, filters), filters, ordered(ctx, Account, sort, group), cursor, limit, chosen)


def contacts(
    ctx: Context, filters: Filters = Filters(), *, sort: str = "name", cursor: str | None = None, limit: int = PAGE_SIZE, chosen: Sequence[str] | None = None, group: str | None = None
) -> Page:
    """A page of the contacts that the actor sees, each with its account's name where he sees that too. Refuses what
    `accounts` refuses, and the filters that only accounts have."""
    always = (Contact.account_id, *needs_of(ctx, "contacts", group))
    return _page(ctx, Contact, always, contacts_where(ctx, filters), filters, ordered(ctx, Contact, sort, group), cursor, limit, chosen)


def _page(ctx: Context, model: Any, always: tuple, narrowed: list, filters: Filters, ordering: tuple[str, Order], cursor: str | None, limit: int, chosen: Sequence[str] | None) -> Page:
    """The rows with the owner's name; a contact's account too."""

    def beside(few: Any) -> tuple[Sequence[Any], Any]:
        further = [User.name.label("owner_name")]
        if model is Account:
            return further, lambda query: query.join(User, User.id == few.c.owner_id, isouter=True)
        further += [Account.name.label("account_name"), (null() if "country" in hidden(ctx, "accounts") else Account.country).label("account_country")]
        seen = and_(Account.id == few.c.account_id, Account.deleted_at.is_(None), sees(ctx, Account))
        return further, lambda query: query.join(User, User.id == few.c.owner_id, isouter=True).join(Account, seen, isouter=True)

    columns = pages.columns(ctx, model, chosen, (model.owner_id, *always))
    return pages.page_of(ctx, model, columns, narrowed, ordering, cursor, limit, beside, sought=bool(filters.search or filters.tag))


def ordered(ctx: Context, model: Any, sort: str, group: str | None) -> tuple[str, Order]:
    """(what its cursors are called, the order) of a list."""
    return pages.ordered(ctx, ORDERS[model], model.ROOM, sort, group)


def one_account(ctx: Context, account_id: UUID, *, deleted: bool = False) -> Account:
    """An account that the actor sees; NotFound otherwise. deleted: look in the recycle bin instead."""
    return _one(ctx, Account, account_id, deleted)


def one_contact(ctx: Context, contact_id: UUID, *, deleted: bool = False) -> Contact:
    """A contact that the actor sees; NotFound otherwise. deleted: look in the recycle bin instead."""
    return _one(ctx, Contact, contact_id, deleted)


def _one(ctx: Context, model: Any, key: UUID, deleted: bool) -> Any:
    bin_side = model.deleted_at.is_not(None) if deleted else model.deleted_at.is_(None)
    found = ctx.session.execute(visible(ctx, model).where(model.id == key, bin_side)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def deleted(ctx: Context, room: str, *, before: tuple[datetime, UUID] | None = None, limit: int = PAGE_SIZE) -> list[Row]:
    """(id, name, owner_id, deleted_at, deleted_by) of what lies in the recycle bin of a room whose records have owners and the actor
    sees, the newest first. before: (deleted_at, id) of the last one shown."""
    model = LISTS[room].model
    told = select(Fact.actor_id).join(FactSubject, FactSubject.fact_id == Fact.id).where(FactSubject.subject_id == model.id, Fact.kind == f"{model.__tablename__}.deleted")
    by = told.order_by(FactSubject.at.desc()).limit(1)
    query = select(model.id, model.name, model.owner_id, model.deleted_at, by.scalar_subquery().label("deleted_by")).where(model.deleted_at.is_not(None), sees(ctx, model))
    if hasattr(model, "merged_into"):
        query = query.where(model.merged_into.is_(None))
    if before:
        query = query.where(tuple_(model.deleted_at, model.id) < tuple_(literal(before[0]), literal(before[1])))
    return list(ctx.session.execute(query.order_by(model.deleted_at.desc(), model.id.desc()).limit(limit)))


def account_page(ctx: Context, account_id: UUID) -> Row:
    """(Account, parent_name, tag_colours, and what rooms above say: core.base.beside) in one statement; parent_name only where
    the parent is seen."""
    seen = and_(PARENT.id == Account.parent_id, PARENT.deleted_at.is_(None), sees(ctx, PARENT))
    return _shown(ctx, visible(ctx, Account).add_columns(PARENT.name.label("parent_name"), colours_beside(ctx, Account), *beside.columns(ctx, Account)).join(PARENT, seen, isouter=True), Account, account_id)


def contact_page(ctx: Context, contact_id: UUID) -> Row:
    """(Contact, account_name, referrer_name, tag_colours, and what rooms above say) in one statement; names only where they are seen."""
    seen = and_(Account.id == Contact.account_id, Account.deleted_at.is_(None), sees(ctx, Account))
    by = literal(False) if "referred_by_id" in hidden(ctx, "contacts") else and_(REFERRER.id == Contact.referred_by_id, REFERRER.deleted_at.is_(None), sees(ctx, REFERRER))
    query = visible(ctx, Contact).add_columns(Account.name.label("account_name"), REFERRER.name.label("referrer_name"), colours_beside(ctx, Contact), *beside.columns(ctx, Contact))
    return _shown(ctx, query.join(Account, seen, isouter=True).join(REFERRER, by, isouter=True), Contact, contact_id)


def _shown(ctx: Context, query: Select, model: Any, key: UUID) -> Row:
    found = ctx.session.execute(query.where(model.id == key, model.deleted_at.is_(None))).one_or_none()
    if found is None:
        raise NotFound()
    return found


def contacts_of(ctx: Context, account_id: UUID, *, limit: int = 50) -> list[Row]:
    """The people at an account that the actor sees, by name."""
    if not has(ctx, "contacts.read"):
        return []
    query = select(Contact.id, Contact.name, Contact.erased_at, *shown(ctx, "contacts", (Contact.job_title, Contact.phone, Contact.mobile, Contact.mail))).where(
        Contact.account_id == account_id, Contact.deleted_at.is_(None), sees(ctx, Contact),
    )
    return list(ctx.session.execute(query.order_by(Contact.name_fold, Contact.id).limit(limit)))


def is_empty(ctx: Context) -> bool:
    """Has the workspace no account and no contact at all yet?"""
    some = or_(select(Account.id).exists(), select(Contact.id).exists())
    return not ctx.session.execute(select(some)).scalar_one()


def account_name(ctx: Context, account_id: UUID | None) -> str | None:
    """The name of an account that the actor sees."""
    query = select(Account.name).where(Account.id == account_id, Account.deleted_at.is_(None), sees(ctx, Account))
    return ctx.session.execute(query).scalar_one_or_none() if account_id else None


def contact_name(ctx: Context, contact_id: UUID | None) -> str | None:
    """The name of a person that the actor sees."""
    query = select(Contact.name).where(Contact.id == contact_id, Contact.deleted_at.is_(None), sees(ctx, Contact))
    return ctx.session.execute(query).scalar_one_or_none() if contact_id else None


def accounts_named(ctx: Context, name: str) -> list[UUID]:
    """Keys of the accounts of exactly this name, accents and case aside; two at most."""
    return _named(ctx, Account, name)


def contacts_named(ctx: Context, name: str) -> list[UUID]:
    """The same of contacts."""
    return _named(ctx, Contact, name)


def _named(ctx: Context, model: Any, name: str) -> list[UUID]:
    same = model.name_fold == func.lower(func.ext.immutable_unaccent(literal(name[:200], Text)))
    query = select(model.id).where(same, model.deleted_at.is_(None), sees(ctx, model))
    return list(ctx.session.execute(query.limit(2)).scalars()) if name.isprintable() else []


def sees_contact(ctx: Context, contact_id: UUID) -> bool:
    """Is it there, and does the actor see it?"""
    query = select(literal(1)).select_from(Contact).where(Contact.id == contact_id, Contact.deleted_at.is_(None), sees(ctx, Contact))
    return ctx.session.execute(query).first() is not None
