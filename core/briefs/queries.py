"""The brief of an account or of a person: one read of what all rooms know, as far as the actor may know it, and what follows from it.

Every statement starts from what he sees; fields that are hidden from him are not read. How many statements it takes is counted by a test.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.orm import aliased

from core.activities.models import Activity
from core.base.context import Context
from core.base.errors import NotFound
from core.base.field_rights import shown
from core.base.policy import has, require, sees, visible
from core.base.records import kind_of
from core.briefs import rules
from core.briefs.found import Brief, Dated, Kept, Person, Stands
from core.briefs.log import log_of
from core.briefs.selling import deals_of, quotes_of
from core.credit import beside as credit_beside
from core.credit import queries as credit
from core.date_reminders.queries import date_fields
from core.files import queries as files
from core.files.models import Attachment
from core.identity import queries as people
from core.identity.models import User
from core.loyalty import beside as loyalty_beside
from core.parties import reach_queries as reach
from core.parties.birthdays import coming
from core.parties.models import Account, Contact
from core.terms import queries as terms

PEOPLE, FILES, TAGS = 12, 6, 4
AHEAD = timedelta(days=14)
ABOVE = aliased(Account)


def of_account(ctx: Context, account_id: UUID) -> Brief:
    """Of an account that the actor sees; NotFound otherwise."""
    require(ctx, "accounts.read")
    row = account_row(ctx, account_id)
    account, ways = row.Account, reach.ways(ctx, row.Account)
    staff = _people(ctx, account, ways)
    dates = [*_own_dates(ctx, account), *_birthdays(ctx, staff or ())]
    place = ", ".join(part for part in (account.city, account.country) if part)
    return _whole(
        ctx, account, ways, dates, kind="account", owner=row.owner, above=row.above, place=place, stage=account.stage, stands=stands_of(ctx, row),
        people=staff, title=account.industry, terms=tuple(terms.in_force(ctx, account.id)),
    )


def of_contact(ctx: Context, contact_id: UUID) -> Brief:
    """Of a person that the actor sees; NotFound otherwise."""
    require(ctx, "contacts.read")
    seen = and_(Account.id == Contact.account_id, Account.deleted_at.is_(None), sees(ctx, Account), has(ctx, "accounts.read"))
    query = visible(ctx, Contact).add_columns(Account.name.label("above"), User.name.label("owner")).join(Account, seen, isouter=True).join(User, User.id == Contact.owner_id, isouter=True)
    row = ctx.session.execute(query.where(Contact.id == contact_id, Contact.deleted_at.is_(None))).one_or_none()
    if row is None:
        raise NotFound()
    contact = row.Contact
    dates = [*_own_dates(ctx, contact), *_birthdays(ctx, [_person(contact)])]
    return _whole(ctx, contact, reach.ways(ctx, contact), dates, kind="contact", owner=row.owner, above=row.above, title=contact.job_title, restricted=contact.restricted_at is not None)


def _whole(ctx: Context, record: Account | Contact, ways: reach.Ways, dates: Iterable[Dated], *, owner: str | None, **told: Any) -> Brief:
    """With what all rooms say of the record, and with what follows."""
    open_, lost, won = deals_of(ctx, record)
    offered = quotes_of(ctx, record)
    keys = [record.id, *(one.id for one in open_ or ()), *(one.id for one in offered or ())]
    brief = Brief(
        id=record.id, name=record.name, at=ctx.now, owner=_known(ctx, record.owner_id, owner), tags=tuple(record.tags[:TAGS]),
        ways=tuple((way.kind, way.shown) for way in ways.ways if not way.invalid and not way.no_calls), log=log_of(ctx, record), deals=open_, lost=lost, won=won, quotes=offered,
        files=_files(ctx, record, keys), dates=tuple(sorted(dates, key=lambda one: one.on)), **told,
    )
    return rules.with_words(brief, today=ctx.today, now=ctx.now)


def _known(ctx: Context, owner_id: UUID | None, name: str | None) -> str | None:
    """The owner's name, for whoever may know that person."""
    if name is None or owner_id == ctx.actor.id or ctx.actor.visibility != "named":
        return name
    return people.user_names(ctx).get(owner_id)


def account_row(ctx: Context, account_id: UUID) -> Row:
    """(Account, owner, above, credit, loyalty) in one statement."""
    seen = and_(ABOVE.id == Account.parent_id, ABOVE.deleted_at.is_(None), sees(ctx, ABOVE))
    made = (("credit", credit_beside.grade(ctx, Account)), ("loyalty", loyalty_beside.tier(ctx, Account)))
    query = visible(ctx, Account).add_columns(ABOVE.name.label("above"), User.name.label("owner"), *(column.label(name) for name, column in made if column is not None))
    query = query.join(ABOVE, seen, isouter=True).join(User, User.id == Account.owner_id, isouter=True)
    row = ctx.session.execute(query.where(Account.id == account_id, Account.deleted_at.is_(None))).one_or_none()
    if row is None:
        raise NotFound()
    return row


def stands_of(ctx: Context, row: Row) -> Stands | None:
    """Grade, what follows from it, tier; None where neither is known."""
    grade, tier = row._mapping.get("credit"), row._mapping.get("loyalty")
    if not grade and not tier:
        return None
    name = tier["tier"] if tier else None
    if not grade:
        return Stands(tier=name)
    terms = credit.terms(ctx)[grade["grade"]]
    until = date.fromisoformat(grade["until_on"]) if grade["until_on"] else None
    return Stands(terms.grade, terms.prepaid, terms.needs_release, terms.payment_days, terms.discount, until, tier=name)


def _people(ctx: Context, account: Account, ways: reach.Ways) -> tuple[Person, ...] | None:
    """Who is there, with whom one spoke last first; then those who are there too. None for whoever reads no people."""
    if not has(ctx, "contacts.read"):
        return None
    last = select(func.max(Activity.contacted_at)).where(Activity.contact_id == Contact.id, Activity.deleted_at.is_(None)).correlate(Contact).scalar_subquery()
    told = (Contact.job_title, Contact.phone, Contact.mobile, Contact.mail, Contact.preferred_channel, Contact.birthday)
    query = select(Contact.id, Contact.name, Contact.restricted_at, *shown(ctx, "contacts", told)).where(Contact.account_id == account.id, Contact.deleted_at.is_(None), Contact.erased_at.is_(None), sees(ctx, Contact))
    order = (last.desc().nulls_last(), Contact.name_fold) if has(ctx, "activities.read") else (Contact.name_fold,)
    found = [_person(row) for row in ctx.session.execute(query.order_by(*order, Contact.id).limit(PEOPLE))]
    known = {one.id for one in found}
    beside = [Person(UUID(role.party_id), role.name, role.title) for role in ways.roles if not role.former and UUID(role.party_id) not in known]
    return tuple(found + beside)[:PEOPLE]


def _person(row: Any) -> Person:
    return Person(row.id, row.name, row.job_title, row.mail, row.mobile or row.phone, row.preferred_channel, row.birthday, row.restricted_at is not None)


def _birthdays(ctx: Context, staff: Iterable[Person]) -> list[Dated]:
    """Of those who may be worked with and whose birthday the actor may know."""
    found = [(one, coming(one.born, ctx.today)) for one in staff if one.born and not one.restricted]
    return [Dated(soon.on, one.name, birthday=True, age=soon.age) for one, soon in found if soon.on <= ctx.today + AHEAD]


def _own_dates(ctx: Context, record: Account | Contact) -> list[Dated]:
    """Dates in the workspace's own fields that come within two weeks."""
    if isinstance(record, Contact) and record.restricted_at is not None:
        return []
    found = []
    for name, label in date_fields(ctx, record.ROOM).items():
        value = _day(getattr(record, name, None)) if name.startswith("custom.") else None
        if value is not None and ctx.today <= value <= ctx.today + AHEAD:
            found.append(Dated(value, record.name, label))
    return found


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _files(ctx: Context, record: Account | Contact, keys: list[UUID]) -> tuple[Kept, ...]:
    """The newest on the record, its open deals and its quotes."""
    kinds = (kind_of(record), "deal", "quote")
    query = files.files(ctx).with_only_columns(Attachment.id, Attachment.name, Attachment.created_at, User.name.label("by")).join(User, User.id == Attachment.uploaded_by, isouter=True)
    query = query.where(Attachment.record_id.in_(keys), or_(*(Attachment.record_kind == one for one in kinds)))
    rows = ctx.session.execute(query.order_by(Attachment.created_at.desc(), Attachment.id.desc()).limit(FILES))
    return tuple(Kept(row.id, row.name, row.created_at, row.by) for row in rows)
