"""Reads of the contact log: one entry, a record's timeline, what is due, what a reminder needs."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Row,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    text,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from core.activities.models import KINDS, Activity
from core.activities.sight import about_seen, person_seen
from core.activities.together import NAMES, guests_said, other_names, taken_part_in
from core.base.context import Context
from core.base.days import begins, span
from core.base.errors import NotFound, Refused
from core.base.facts import Fact, FactSubject, params_shown, shown_here
from core.base.finding import characters_of, holds
from core.base.places import read_place, write_place
from core.base.policy import has, sees, visible
from core.base.records import facts_above
from core.identity.models import User
from core.parties.models import Account, Contact

LENGTH, MOST_PLANNED = 30, 10
MOST_TAKEN, MOST_WALKED = 200, 500
CHANGES = "changes"
OWN_SUBJECT = aliased(FactSubject)
LAST_KEY = UUID(int=2**128 - 1)
# What an entry of the log has between its actor and the names of who takes part, and a fact has not. Made once: a timeline has up to eight parts.
SAID = (
    Activity.body, null().cast(JSONB).label("params"), Activity.contact_id, Contact.name.label("contact_name"), Activity.direction, Activity.outcome, Activity.next_contact_on,
    Activity.next_contact_at, Activity.next_contact_note, Activity.next_contact_kind, Activity.next_contact_minutes, Activity.place, Activity.broken_at, Activity.done_at, Activity.owner_id,
)
NOT_SAID = (*(null().cast(column.type).label(column.key) for column in SAID[2:]), *(null().cast(NAMES).label(name) for name in ("others", "guests")))


@dataclass(frozen=True)
class Narrow:
    """What narrows a timeline: entries about one person, by one colleague, with these words in them (facts have none)."""

    contact_id: UUID | None = None
    user_id: UUID | None = None
    search: str | None = None

    def __bool__(self) -> bool:
        return any((self.contact_id, self.user_id, self.search and self.search.strip()))


NOTHING = Narrow()


@dataclass(frozen=True)
class Timeline:
    """planned: next contacts still open, soonest first. entries: what happened, newest first. before: where the next
    page begins, None at the end. soonest, latest: the next contact and the last one, whatever the timeline is narrowed to."""

    planned: list[Row]
    entries: list[Row]
    before: str | None
    soonest: Row | None = None
    latest: Row | None = None


def timeline(
    ctx: Context, record: Account | Contact, *, before: str | None = None, at: str | None = None, show: str | None = None, limit: int = LENGTH,
    narrow: Narrow = NOTHING, glance: bool = True,
) -> Timeline:
    """What happened with an account or contact: contacts that were logged and facts, in one statement.

    show: one kind of contact, or "changes" for facts alone; narrow: see there. at: the place of an entry ("moment~key") that is to stand on
    this page: where the newest do not reach back to it, the page begins with it. glance: with soonest and latest. The caller has checked that the actor sees the record;
    what is about a person he does not see stays out. Refuses an unknown `show` and a place that is not ours.
    """
    found, wanted = _page_of_timeline(ctx, record, read_place(before, "before"), show, limit, narrow, glance), read_place(at, "at")
    if wanted is None or found.before is None or (found.entries[-1].at, found.entries[-1].id) <= wanted:
        return found
    return _page_of_timeline(ctx, record, (wanted[0], LAST_KEY), show, limit, narrow, glance)


def _page_of_timeline(ctx: Context, record: Account | Contact, place: tuple | None, show: str | None, limit: int, narrow: Narrow, glance: bool) -> Timeline:
    if show is not None and show not in (*KINDS, CHANGES):
        raise Refused("unknown_value", field="show")
    whole = place is None and show is None and not narrow
    parts = _talks(ctx, record, place, show, limit, narrow, whole=whole, glance=glance) if has(ctx, "activities.read") else []
    if show in (None, CHANGES) and holds(narrow.search, (Activity.said_fold,)) is None:
        may = [or_(Fact.subject_type != "contact", sees(ctx, Contact)), *facts_above(ctx, Fact.subject_type, Fact.subject_id), *shown_here(ctx)]
        parts += [_facts(ctx, record, may, place, limit, narrow), _facts(ctx, record, may, place, limit, narrow, merged=True)]
    rows = list(ctx.session.execute(union_all(*parts))) if parts else []
    past = sorted((row for row in rows if row.part in ("activity", "fact")), key=lambda row: (row.at, row.id), reverse=True)
    planned = sorted((row for row in rows if row.part == "planned"), key=lambda row: row.at)
    joined = sorted((row for row in rows if row.part == "joined"), key=lambda row: row.at)
    talks = [row for row in rows if row.part == "latest"]
    before = write_place(past[limit - 1].at, past[limit - 1].id) if len(past) > limit else None
    return Timeline(sorted([*planned, *joined], key=lambda row: row.at) if whole else [], past[:limit], before, next(iter(planned), None), max(talks, key=lambda row: (row.at, row.id), default=None))


def _talks(ctx: Context, record: Account | Contact, place: tuple | None, show: str | None, limit: int, narrow: Narrow, *, whole: bool, glance: bool) -> list[Select]:
    """What was logged, what is planned, and the last contact: a note is none, a planned one that was made is one."""
    sides, names = (False, True) if isinstance(record, Account) else (False,), _names(ctx)
    parts = [_logged(ctx, record, names, place, show, limit, narrow, alone) for alone in sides if show != CHANGES]
    parts += [_planned(ctx, record, names, alone) for alone in sides if whole or glance]
    if isinstance(record, Contact):  # with others, in which this person takes part too
        parts += [_logged(ctx, record, names, place, show, limit, narrow, joined=True)] if show != CHANGES else []
        parts += [_planned(ctx, record, names, joined=True)] if whole else []
    return parts + [_latest(ctx, record, names, alone) for alone in sides if glance]


def _names(ctx: Context) -> tuple[Any, Any]:
    """Who else takes part in an entry, and what guests said: the same in all parts of a statement, and made once for all."""
    return other_names(ctx).label("others"), guests_said(ctx).label("guests")


def _about(record: Account | Contact, alone: bool = False) -> Any:
    """Entries of a record; alone: of an account those about its people from when they had no account yet."""
    if alone:
        return and_(Activity.account_id.is_(None), Contact.account_id == record.id, Contact.deleted_at.is_(None))
    return Activity.account_id == record.id if isinstance(record, Account) else Activity.contact_id == record.id


def _joined(ctx: Context, record: Contact) -> list[Any]:
    """Entries in which a person takes part, as far as the actor may be told whom they are with."""
    return [Activity.id.in_(taken_part_in(contact_id=record.id)), Activity.contact_id.is_distinct_from(record.id), *about_seen(ctx)]


def _logged(ctx: Context, record: Account | Contact, names: tuple[Any, Any], place: tuple | None, show: str | None, limit: int, narrow: Narrow, alone: bool = False, *, joined: bool = False) -> Select:
    """joined: those in which the person takes part; a plan is none yet."""
    of = [*_joined(ctx, record), or_(Activity.next_contact_on.is_(None), Activity.done_at.is_not(None))] if joined else [_about(record, alone), *person_seen(ctx, person=Contact)]
    query = _entries(names, "activity", Activity.happened_at, User.name).join(Contact, Contact.id == Activity.contact_id, isouter=True)
    query = query.join(User, User.id == Activity.created_by, isouter=True).where(*of, Activity.deleted_at.is_(None))
    if show is not None:
        query = query.where(Activity.kind == show)
    if narrow.contact_id is not None:
        query = query.where(Activity.contact_id == narrow.contact_id)
    if narrow.user_id is not None:
        query = query.where(Activity.created_by == narrow.user_id)
    words = holds(narrow.search, (Activity.said_fold,))
    if words is not None:
        query = query.where(words)
    if place is not None:
        query = query.where(tuple_(Activity.happened_at, Activity.id) < tuple_(*(literal(value) for value in place)))
    return query.order_by(Activity.happened_at.desc(), Activity.id.desc()).limit(limit + 1)


def _latest(ctx: Context, record: Account | Contact, names: tuple[Any, Any], alone: bool) -> Select:
    query = _entries(names, "latest", Activity.contacted_at, User.name).join(Contact, Contact.id == Activity.contact_id, isouter=True)
    query = query.join(User, User.id == Activity.created_by, isouter=True)
    query = query.where(_about(record, alone), Activity.deleted_at.is_(None), Activity.contacted_at.is_not(None), *person_seen(ctx, person=Contact))
    return query.order_by(Activity.contacted_at.desc()).limit(1)


def _planned(ctx: Context, record: Account | Contact, names: tuple[Any, Any], alone: bool = False, *, joined: bool = False) -> Select:
    of = _joined(ctx, record) if joined else [_about(record, alone), *person_seen(ctx, person=Contact)]
    at = func.coalesce(Activity.next_contact_at, func.timezone(ctx.timezone, cast(Activity.next_contact_on, DateTime) + timedelta(hours=23)))
    query = _entries(names, "joined" if joined else "planned", at, User.name).join(Contact, Contact.id == Activity.contact_id, isouter=True)
    query = query.join(User, User.id == Activity.owner_id, isouter=True)
    query = query.where(*of, Activity.deleted_at.is_(None), Activity.next_contact_on.is_not(None), Activity.done_at.is_(None))
    return query.order_by(Activity.next_contact_on, Activity.id).limit(MOST_PLANNED)


def _entries(names: tuple[Any, Any], part: str, at: Any, who: Any) -> Select:
    return select(literal(part).label("part"), Activity.id, at.label("at"), Activity.kind, who.label("actor_name"), *SAID, *names)


def _facts(ctx: Context, record: Account | Contact, may: list[Any], place: tuple | None, limit: int, narrow: Narrow, *, merged: bool = False) -> Select:
    """may: of which the actor may be told. merged: those of the records that were merged into this one, as far as they don't stand on its own timeline."""
    query = select(
        literal("fact").label("part"), Fact.id, Fact.at, Fact.kind, Fact.actor_name, null().cast(Text).label("body"), params_shown(ctx), *NOT_SAID,
    ).join(FactSubject, FactSubject.fact_id == Fact.id)
    # A fact about a person stands on his account's timeline too, for those who see the person.
    query = query.join(Contact, and_(Fact.subject_type == "contact", Contact.id == Fact.subject_id), isouter=True)
    on = FactSubject.subject_id == record.id
    if merged:
        losers = select(type(record).id).where(type(record).merged_into == record.id)
        on = and_(FactSubject.subject_id.in_(losers), ~select(literal(1)).where(OWN_SUBJECT.fact_id == Fact.id, OWN_SUBJECT.subject_id == record.id).exists())
    query = query.where(on, *may)
    if narrow.contact_id is not None:
        query = query.where(Fact.subject_id == narrow.contact_id)
    if narrow.user_id is not None:
        query = query.where(Fact.actor_id == narrow.user_id)
    if place is not None:
        query = query.where(tuple_(FactSubject.at, FactSubject.fact_id) < tuple_(*(literal(value) for value in place)))
    return query.order_by(FactSubject.at.desc(), FactSubject.fact_id.desc()).limit(limit + 1)


def one_activity(ctx: Context, activity_id: UUID, *, deleted: bool = False) -> Activity:
    """An entry that the actor sees; NotFound otherwise."""
    bin_side = Activity.deleted_at.is_not(None) if deleted else Activity.deleted_at.is_(None)
    found = ctx.session.execute(visible(ctx, Activity).where(Activity.id == activity_id, bin_side)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def quick(ctx: Context, search: str, *, limit: int = 8) -> list[Select]:
    """(kind, id, name, note, name_fold, rank, at, about, about_id) of entries that hold every word, newest first, as
    parts of a search over everything. Found is what stands on a timeline that the actor may open: about, about_id say whose.

    The search index gives matches in no order. So some of them are taken, and where there are more than that, matches
    among the newest entries too: then the next one is never far. To test every match would cost a second where a
    common word meets somebody who sees little."""
    found = holds(search, (Activity.said_fold,), characters_of(Activity.__table__.c.said_fold))
    if found is None or not has(ctx, "activities.read"):
        return []
    alive = Activity.deleted_at.is_(None)
    some = select(Activity.id).where(alive, found).limit(MOST_TAKEN + 1).cte("some_entries")
    many = select(func.count()).select_from(some).scalar_subquery() > MOST_TAKEN
    newest = select(Activity.id, Activity.said_fold).where(alive, many).order_by(Activity.happened_at.desc(), Activity.id.desc()).limit(MOST_WALKED).subquery("newest")
    among = select(newest.c.id).where(holds(search, (newest.c.said_fold,)))
    best = [_shown_to(ctx).where(Activity.id.in_(select(keys.c.id))).order_by(text("rank"), Activity.id.desc()).limit(limit) for keys in (some, among.subquery("among"))]
    return best


def _shown_to(ctx: Context) -> Select:
    """Entries as a search shows them, of those accounts and people alone whose timeline the actor may open."""
    on_account, on_contact = places_of(ctx)
    return select(
        literal("activity").label("kind"), Activity.id, func.concat_ws(" \u00b7 ", func.nullif(Activity.body, ""), Activity.next_contact_note).label("name"),
        func.concat_ws(", ", case((on_contact, Contact.name)), case((on_account, Account.name))).label("note"), literal("").label("name_fold"),
        cast(-func.extract("epoch", Activity.happened_at), BigInteger).label("rank"), Activity.happened_at.label("at"),
        case((on_account, "account"), else_="contact").label("about"), case((on_account, Activity.account_id), else_=Activity.contact_id).label("about_id"),
    ).join(Account, Account.id == Activity.account_id, isouter=True).join(Contact, Contact.id == Activity.contact_id, isouter=True).where(or_(on_account, on_contact))


def places_of(ctx: Context) -> tuple[Any, Any]:
    """(does the entry stand on an account's timeline that the actor may open, on a person's)."""
    on_account = and_(Account.id.is_not(None), Account.deleted_at.is_(None), sees(ctx, Account), *person_seen(ctx, person=Contact), has(ctx, "accounts.read"))
    return on_account, and_(Contact.id.is_not(None), Contact.deleted_at.is_(None), sees(ctx, Contact), has(ctx, "contacts.read"))


@dataclass(frozen=True)
class LogFilters:
    """What narrows the log. owner: "me" for what the actor is to follow up. since, until: days, both included."""

    account_id: UUID | None = None
    contact_id: UUID | None = None
    owner: str | None = None
    since: date | None = None
    until: date | None = None


def log_rows(ctx: Context, filters: LogFilters) -> Select:
    """The log as rows to take out, newest first: what stands on timelines that the actor may open, and his own entries.
    Names only of whom he sees. Refuses an unknown owner and a period that ends before it begins."""
    if filters.owner not in (None, "me"):
        raise Refused("unknown_value", field="owner")
    if filters.since and filters.until and filters.since > filters.until:
        raise Refused("period_backwards", field="until")
    on_account, on_contact = places_of(ctx)
    author, owner, mine = aliased(User), aliased(User), Activity.owner_id == ctx.actor.id
    query = select(
        Activity, case((sees(ctx, Account), Account.name)).label("account_name"), case((sees(ctx, Contact), Contact.name)).label("contact_name"),
        author.name.label("author_name"), owner.name.label("owner_name"), other_names(ctx).label("others"),
    ).join(Account, Account.id == Activity.account_id, isouter=True).join(Contact, Contact.id == Activity.contact_id, isouter=True)
    query = query.join(author, author.id == Activity.created_by, isouter=True).join(owner, owner.id == Activity.owner_id, isouter=True)
    shown = or_(on_account, on_contact, and_(mine, Account.deleted_at.is_(None), Contact.deleted_at.is_(None)))
    query = query.where(Activity.deleted_at.is_(None), shown, *([mine] if filters.owner else ()), *_narrowed(ctx, filters))
    return query.order_by(Activity.happened_at.desc(), Activity.id.desc())


def _narrowed(ctx: Context, filters: LogFilters) -> list:
    """Days are the actor's: they begin and end where he is."""
    found = [column == key for column, key in ((Activity.account_id, filters.account_id), (Activity.contact_id, filters.contact_id)) if key]
    if filters.since:
        found.append(Activity.happened_at >= begins(filters.since, ctx.zone))
    if filters.until:
        found.append(Activity.happened_at < span(filters.until, ctx.zone)[1])
    return found
