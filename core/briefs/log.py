"""What a brief says of the contact log: the last contacts, what was promised and planned, and who of us knows the customer."""

from datetime import timedelta

from sqlalchemy import Row, and_, case, false, func, literal, or_, select

from core.activities.models import PROMISE, Activity
from core.activities.sight import person_seen
from core.base.context import Context
from core.base.policy import has, sees
from core.briefs.found import Knows, Log, Plan, Talk
from core.identity.models import User
from core.parties.models import Account, Contact

LAST, PLANS, KNOWING = 6, 20, 8
SEASON, YEAR, KNOWN_FOR, BROKEN_FOR = (timedelta(days=count) for count in (90, 365, 730, 180))


def log_of(ctx: Context, party: Account | Contact) -> Log | None:
    """Three statements. What is about a person whom the actor does not see stays out, unless it is his own; None for whoever reads no contact log."""
    if not has(ctx, "activities.read"):
        return None
    talks = _talks(ctx, party)
    a_year, a_season = (talks[0].a_year, talks[0].a_season) if talks else (0, 0)
    told = tuple(Talk(row.id, row.kind, row.at, row.who, row.whom, row.body) for row in talks)
    return Log(told, a_year, a_season, tuple(_plans(ctx, party)), tuple(_knows(ctx, party)))


def _about(ctx: Context, party: Account | Contact):
    """Of an account also what is about its people from when they had no account yet."""
    if isinstance(party, Contact):
        mine = Activity.contact_id == party.id
    else:
        people = select(Contact.id).where(Contact.account_id == party.id, Contact.deleted_at.is_(None))
        mine = or_(Activity.account_id == party.id, and_(Activity.account_id.is_(None), Activity.contact_id.in_(people)))
    there = or_(Activity.contact_id.is_(None), Contact.deleted_at.is_(None), Activity.owner_id == ctx.actor.id)
    return and_(mine, Activity.deleted_at.is_(None), there, *person_seen(ctx, person=Contact))


def _named(ctx: Context):
    """The name of the person that an entry is about, for whoever reads people and sees this one."""
    seen = and_(Contact.deleted_at.is_(None), sees(ctx, Contact)) if has(ctx, "contacts.read") else false()
    return case((seen, Contact.name)).label("whom")


def _talks(ctx: Context, party: Account | Contact) -> list[Row]:
    at = Activity.contacted_at
    within = [func.count().filter(at >= ctx.now - span).over().label(name) for span, name in ((YEAR, "a_year"), (SEASON, "a_season"))]
    said = case((Activity.kind == "note", func.coalesce(Activity.next_contact_note, Activity.body)), else_=func.coalesce(func.nullif(Activity.body, ""), Activity.next_contact_note, ""))
    kind = case((Activity.kind == "note", func.coalesce(Activity.next_contact_kind, Activity.kind)), else_=Activity.kind)
    query = select(Activity.id, kind.label("kind"), at.label("at"), User.name.label("who"), _named(ctx), said.label("body"), *within)
    query = query.join(Contact, Contact.id == Activity.contact_id, isouter=True).join(User, User.id == Activity.created_by, isouter=True)
    return list(ctx.session.execute(query.where(_about(ctx, party), at.is_not(None)).order_by(at.desc(), Activity.id).limit(LAST)))


def _plans(ctx: Context, party: Account | Contact) -> list[Plan]:
    """What is still to be done, and promises that were broken within half a year."""
    promised = func.coalesce(Activity.next_contact_kind == PROMISE, literal(False))
    late = or_(Activity.broken_at.is_not(None), and_(Activity.done_at.is_(None), Activity.next_contact_on < ctx.today))
    wanted = or_(Activity.done_at.is_(None), and_(promised, Activity.broken_at >= ctx.now - BROKEN_FOR))
    kind, what = func.coalesce(Activity.next_contact_kind, Activity.kind), func.coalesce(Activity.next_contact_note, Activity.body)
    query = select(Activity.id, kind.label("kind"), Activity.next_contact_on, User.name.label("who"), what.label("what"), promised.label("promised"), late.label("late"), Activity.done_at)
    query = query.join(Contact, Contact.id == Activity.contact_id, isouter=True).join(User, User.id == Activity.owner_id, isouter=True)
    query = query.where(_about(ctx, party), Activity.next_contact_on.is_not(None), wanted).order_by(Activity.next_contact_on, Activity.id).limit(PLANS)
    return [Plan(row.id, row.kind, row.next_contact_on, row.who, row.what, row.promised, row.late, row.done_at is not None) for row in ctx.session.execute(query)]


def _knows(ctx: Context, party: Account | Contact) -> list[Knows]:
    count, last = func.count(), func.max(Activity.contacted_at)
    query = select(User.name, User.state, count.label("count"), last.label("last")).join(User, and_(User.id == Activity.created_by, User.state != "program"))
    query = query.join(Contact, Contact.id == Activity.contact_id, isouter=True).where(_about(ctx, party), Activity.contacted_at >= ctx.now - KNOWN_FOR)
    query = query.group_by(User.id, User.name, User.state).order_by(count.desc(), last.desc()).limit(KNOWING)
    return [Knows(row.name, row[2], row.last, row.state != "active") for row in ctx.session.execute(query)]
