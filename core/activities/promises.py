"""Promises to customers: next contacts of the kind "promise". Reminded the day before and on the day, kept when they are done, and
broken when their day is over: then their owner and whoever leads his teams are told, once."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, and_, case, or_, select

from core.activities import due as coming
from core.activities.models import PROMISE, Activity
from core.activities.queries import places_of
from core.activities.rules import REMINDER_HOUR
from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.outbox import defer
from core.identity.models import User
from core.identity.team_models import TeamMember
from core.notifications.telling import may_know, notify
from core.parties.models import Account, Contact

STATES, MOST = ("open", "broken", "kept"), 100
SOON, BROKEN = "activities.promise_soon", "activities.promise_broken"


def soon_at(activity: Activity, zone: ZoneInfo) -> datetime:
    """Eight in the morning of the day before, where its owner is."""
    return datetime.combine(activity.next_contact_on - timedelta(days=1), time(REMINDER_HOUR), zone)


def broken_from(activity: Activity, zone: ZoneInfo) -> datetime:
    """Eight in the morning of the day after: the evening before belongs to whoever promised."""
    return datetime.combine(activity.next_contact_on + timedelta(days=1), time(REMINDER_HOUR), zone)


def order(ctx: Context, activity: Activity, zone: ZoneInfo) -> None:
    """Leave the orders of a promise: to remind of it the day before, and to see the day after whether it was kept."""
    before, after = soon_at(activity, zone), broken_from(activity, zone)
    if before > ctx.now:
        defer(ctx, SOON, due_at=before, dedupe=f"{SOON}:{activity.id}:{before.isoformat()}", activity_id=activity.id)
    if after > ctx.now:
        defer(ctx, BROKEN, due_at=after, dedupe=f"{BROKEN}:{activity.id}:{after.isoformat()}", activity_id=activity.id)


def remind_soon(ctx: Context, activity_id: UUID) -> bool:
    """Tell its owner the day before; once for each day that a promise has had. False: not open, moved, or told already."""
    found = coming.to_remind(ctx, activity_id)
    if found is None or found[0].next_contact_kind != PROMISE:
        return False
    activity, owner, who = found
    zone = ZoneInfo(owner.timezone)
    if soon_at(activity, zone) > ctx.now:
        order(ctx, activity, zone)  # moved to a later day, or its owner went westwards
        return False
    if ctx.now.astimezone(zone).date() >= activity.next_contact_on:
        return False  # the reminder of the day itself tells him
    return bool(_tell(ctx, activity, [owner.id], who, "told.promise_soon", "soon"))


def report_broken(ctx: Context, activity_id: UUID) -> bool:
    """The day is over and it was not kept: it is broken, and its owner and whoever leads his teams are told. False: it was kept, moved,
    deleted, or is reported already."""
    found = coming.to_remind(ctx, activity_id)
    if found is None or found[0].next_contact_kind != PROMISE or found[0].broken_at is not None:
        return False
    activity, owner, who = found
    zone = ZoneInfo(owner.timezone)
    if broken_from(activity, zone) > ctx.now:
        order(ctx, activity, zone)
        return False
    activity.broken_at = ctx.now
    record(ctx, "activity.promise_broken", activity)
    _tell(ctx, activity, [owner.id, *leaders_of(ctx, owner.id)], who, "told.promise_broken", "broken", name=owner.name)
    return True


def leaders_of(ctx: Context, user_id: UUID) -> list[UUID]:
    """Who leads a team that this user belongs to."""
    mine = select(TeamMember.team_id).where(TeamMember.user_id == user_id)
    query = select(TeamMember.user_id).where(TeamMember.leads, TeamMember.team_id.in_(mine), TeamMember.user_id != user_id).distinct()
    return list(ctx.session.execute(query.order_by(TeamMember.user_id)).scalars())


def promises(ctx: Context, state: str = "open", *, owner_id: UUID | None = None) -> Sequence[Row]:
    """The promises that stand on timelines that the actor may open, and his own, with names that he sees; open ones by their day, others
    the newest first. Refuses an unknown state."""
    if state not in STATES:
        raise Refused("unknown_value", field="state")
    on_account, on_contact = places_of(ctx)
    query = select(
        Activity.id, Activity.next_contact_on, Activity.next_contact_at, Activity.next_contact_note, Activity.body, Activity.owner_id, Activity.done_at, Activity.broken_at,
        case((on_account, Activity.account_id)).label("account_id"), case((on_account, Account.name)).label("account_name"),
        case((on_contact, Activity.contact_id)).label("contact_id"), case((on_contact, Contact.name)).label("contact_name"), User.name.label("owner_name"),
    ).join(Account, Account.id == Activity.account_id, isouter=True).join(Contact, Contact.id == Activity.contact_id, isouter=True).join(User, User.id == Activity.owner_id, isouter=True)
    mine = and_(Activity.owner_id == ctx.actor.id, Account.deleted_at.is_(None), Contact.deleted_at.is_(None))
    query = query.where(Activity.next_contact_kind == PROMISE, Activity.next_contact_on.is_not(None), Activity.deleted_at.is_(None), or_(on_account, on_contact, mine), _in_state(ctx, state))
    if owner_id is not None:
        query = query.where(Activity.owner_id == owner_id)
    day = Activity.next_contact_on
    return ctx.session.execute(query.order_by(day if state == "open" else day.desc(), Activity.id).limit(MOST)).all()


def _in_state(ctx: Context, state: str):
    """Broken is what was not kept by its day, kept since or not; the actor's day counts until it is reported."""
    late = or_(Activity.broken_at.is_not(None), and_(Activity.done_at.is_(None), Activity.next_contact_on < ctx.today))
    return {"open": and_(Activity.done_at.is_(None), ~late), "broken": late, "kept": and_(Activity.done_at.is_not(None), Activity.broken_at.is_(None))}[state]


def _tell(ctx: Context, activity: Activity, people: list[UUID], who: str, say: str, step: str, **params: str) -> list[UUID]:
    """Each on the page of a record that he sees; nobody who sees none of them."""
    told: list[UUID] = []
    places = [found for model, key in ((Account, activity.account_id), (Contact, activity.contact_id)) if key and (found := ctx.session.get(model, key)) is not None]
    for person in dict.fromkeys(people):
        open_to_him = [one for one in places if may_know(ctx, person, one)]
        if person != activity.owner_id and len(open_to_him) < len(places) and activity.contact_id:
            continue  # about a person whom he does not see
        place = next(iter(open_to_him), None)
        if place is not None:
            what = " ".join((activity.next_contact_note or activity.body or who).split())[:200]
            told += notify(ctx, "reminder", [person], place, by_itself=True, dedupe=f"promise.{step}:{activity.id}:{activity.next_contact_on}", say=say, what=what, **params)
    return told
