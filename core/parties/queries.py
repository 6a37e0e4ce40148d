"""Reads about accounts and contacts. Lists give rows ready to show, `one_*` the record itself."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Text, and_, func, literal, null, or_, select, tuple_, union_all
from sqlalchemy.orm import aliased

from core.base.context import Context
from core.base.errors import NotFound
from core.base.facts import Fact, FactSubject
from core.base.field_rights import hidden, shown
from core.base.finding import plan_afresh
from core.base.policy import has, sees, visible
from core.identity.models import User
from core.parties import paging
from core.parties.columns import chosen_columns, columns_of, order_of
from core.parties.duplicates import Match, likely_duplicates
from core.parties.filtering import Filters, accounts_where, contacts_where, where_of
from core.parties.finding import sought_in
from core.parties.grouping import group_of, needs_of
from core.parties.models import Account, Contact
from core.parties.nearby import really_near
from core.parties.offering import quick, quick_accounts, quick_contacts, recent, slips
from core.parties.paging import MOST_COUNTED, PAGE_SIZE, Order, Page
from core.parties.tagging import colours_beside

__all__ = ["Filters", "Match", "accounts", "accounts_where", "contacts", "contacts_where", "likely_duplicates", "one_account", "one_contact", "quick", "quick_accounts", "quick_contacts", "really_near", "recent", "slips", "sought_in", "where_of"]

ORDERS = {
    model: {
        "name": Order("name_fold", model.name_fold), "-name": Order("name_fold", model.name_fold, down=True), "changed": Order("updated_at", model.updated_at, down=True),
    } for model in (Account, Contact)
}
PARENT, REFERRER = aliased(Account), aliased(Contact)  # made once: making an alias costs more than the query


def accounts(
    ctx: Context, filters: Filters = Filters(), *, sort: str = "name", cursor: str | None = None, limit: int = PAGE_SIZE, chosen: Sequence[str] | None = None, group: str | None = None
) -> Page:
    """A page of the accounts that the actor sees, with the chosen columns (None: the usual ones). group: a column by which
    they stand together, its key in the row's group_key. Refuses an unknown order, column, filter value or cursor."""
    columns = _columns(ctx, Account, chosen, (Account.kind, Account.is_customer, Account.is_supplier, *needs_of(ctx, "accounts", group)))
    return _page(ctx, Account, columns, accounts_where(ctx, filters), filters, ordered(ctx, Account, sort, group), cursor, limit)


def contacts(
    ctx: Context, filters: Filters = Filters(), *, sort: str = "name", cursor: str | None = None, limit: int = PAGE_SIZE, chosen: Sequence[str] | None = None, group: str | None = None
) -> Page:
    """A page of the contacts that the actor sees, each with its account's name where he sees that too. Refuses what
    `accounts` refuses, and the filters that only accounts have."""
    columns = _columns(ctx, Contact, chosen, (Contact.account_id, *needs_of(ctx, "contacts", group)))
    return _page(ctx, Contact, columns, contacts_where(ctx, filters), filters, ordered(ctx, Contact, sort, group), cursor, limit)


def _columns(ctx: Context, model: Any, chosen: Sequence[str] | None, always: tuple[Any, ...]) -> tuple[Any, ...]:
    """What the rows are made of: what every row needs, and what its cells take."""
    listed = columns_of(ctx, model.ROOM)
    needed = [*always, *(column for name in chosen_columns(ctx, model.ROOM, chosen) for column in listed[name].needs)]
    return shown(ctx, model.ROOM, dict.fromkeys((model.id, model.name, model.name_fold, model.owner_id, model.version, model.updated_at, *needed)))


def ordered(ctx: Context, model: Any, sort: str, group: str | None) -> tuple[str, Order]:
    """(what its cursors are called, the order) of a list."""
    order, found = ORDERS[model].get(sort) or order_of(ctx, model.ROOM, sort), group_of(ctx, model.ROOM, group)
    return (sort, order) if found is None else (f"{sort}/{found.name}", replace(order, lead=found.order))


def _page(ctx: Context, model: Any, columns: tuple, narrowed: list, filters: Filters, ordering: tuple[str, Order], cursor: str | None, limit: int) -> Page:
    """One statement: the rows with the owner's name (a contact's account too), on the first page also the count."""
    (sort, order), limit = ordering, paging.checked_limit(limit)
    if order.key == "sort_key":
        columns = (*columns, order.column.label("sort_key"))
    if order.lead is not None:
        columns = (*columns, order.lead.column.label(order.lead.key))
    place = paging.read_cursor(cursor, sort, order)
    sought = bool(filters.search or filters.tag)
    if sought:
        plan_afresh(ctx.session)
    few, hits = (_sought if sought else _walked)(model, columns, narrowed, order, place, limit)
    shown = [*few.c, User.name.label("owner_name")]
    if model is Contact:
        shown += [Account.name.label("account_name"), (null() if "country" in hidden(ctx, "accounts") else Account.country).label("account_country")]
    if place is None:
        counted = hits if hits is not None else select(literal(1)).select_from(model).where(*narrowed).limit(MOST_COUNTED + 1).subquery("counted")
        shown.append(select(func.count()).select_from(counted).scalar_subquery().label("total"))
    query = select(*shown).select_from(few).join(User, User.id == few.c.owner_id, isouter=True)
    if model is Contact:
        query = query.join(Account, and_(Account.id == few.c.account_id, Account.deleted_at.is_(None), sees(ctx, Account)), isouter=True)
    query = query.order_by(*paging.ends(order, place, few.c[order.key], few.c.id, order.lead and few.c[order.lead.key]))
    return paging.cut_page(list(ctx.session.execute(query)), sort, order, place, limit)


def _walked(model: Any, columns: tuple, narrowed: list, order: Order, place: Any, limit: int) -> tuple[Any, Any]:
    """The rows in the order of the list's own index."""
    return paging.in_order(select(*columns).where(*narrowed), order, model, place, limit).subquery("few"), None


def _sought(model: Any, columns: tuple, narrowed: list, order: Order, place: Any, limit: int) -> tuple[Any, Any]:
    """The rows of a search. Left to itself PostgreSQL walks the list's index and tests every row, which is slow where
    the matches stand far down ("Karin"): so up to 10,000 matches are gathered by the search index and sorted; only
    where there are more is the list walked, for then the next match is never far."""
    lead = () if order.lead is None else (order.lead.column.label("lead"),)
    hits = paging.after(select(model.id, order.column.label("key"), *lead).where(*narrowed), order, model, place).limit(MOST_COUNTED + 1).cte("hits")
    many = select(func.count()).select_from(hits).scalar_subquery()
    best = select(hits.c.id).order_by(*paging.ends(order, place, hits.c.key, hits.c.id, hits.c.get("lead"))).limit(limit + 1).subquery("best")
    sparse = select(*columns).join(best, best.c.id == model.id).where(many <= MOST_COUNTED)
    dense = paging.in_order(select(*columns).where(*narrowed, many > MOST_COUNTED), order, model, place, limit).subquery("dense")
    return union_all(sparse, select(*dense.c)).subquery("few"), hits


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
    """(id, name, owner_id, deleted_at, deleted_by) of what lies in the recycle bin and the actor sees, the newest first.
    before: (deleted_at, id) of the last one shown."""
    model = Account if room == "accounts" else Contact
    told = select(Fact.actor_id).join(FactSubject, FactSubject.fact_id == Fact.id).where(FactSubject.subject_id == model.id, Fact.kind == f"{model.__tablename__}.deleted")
    by = told.order_by(FactSubject.at.desc()).limit(1)
    query = select(model.id, model.name, model.owner_id, model.deleted_at, by.scalar_subquery().label("deleted_by")).where(model.deleted_at.is_not(None), model.merged_into.is_(None), sees(ctx, model))
    if before:
        query = query.where(tuple_(model.deleted_at, model.id) < tuple_(literal(before[0]), literal(before[1])))
    return list(ctx.session.execute(query.order_by(model.deleted_at.desc(), model.id.desc()).limit(limit)))


def account_page(ctx: Context, account_id: UUID) -> Row:
    """(Account, parent_name, tag_colours) in one statement; parent_name only where the parent is seen."""
    seen = and_(PARENT.id == Account.parent_id, PARENT.deleted_at.is_(None), sees(ctx, PARENT))
    return _shown(ctx, visible(ctx, Account).add_columns(PARENT.name.label("parent_name"), colours_beside(ctx, Account)).join(PARENT, seen, isouter=True), Account, account_id)


def contact_page(ctx: Context, contact_id: UUID) -> Row:
    """(Contact, account_name, referrer_name, tag_colours) in one statement; names only where they are seen."""
    seen = and_(Account.id == Contact.account_id, Account.deleted_at.is_(None), sees(ctx, Account))
    by = literal(False) if "referred_by_id" in hidden(ctx, "contacts") else and_(REFERRER.id == Contact.referred_by_id, REFERRER.deleted_at.is_(None), sees(ctx, REFERRER))
    query = visible(ctx, Contact).add_columns(Account.name.label("account_name"), REFERRER.name.label("referrer_name"), colours_beside(ctx, Contact))
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
