"""Whoever is to make a next contact is reminded of it where he is: once for each due time."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from core.activities import due as coming
from core.activities import promises
from core.activities.models import PROMISE, Activity
from core.activities.rules import When
from core.base.context import Context
from core.base.outbox import defer
from core.identity.models import User
from core.notifications.telling import may_know, notify
from core.parties.models import Account, Contact


def remind(ctx: Context, activity_id: UUID) -> bool:
    """Write the reminder of a next contact to whoever is to make it; the job "activities.remind" calls this when it is
    due. At most one letter for each due time, whoever calls how often. False: nothing to remind of (done, moved,
    deleted, its owner gone, or reminded already). Where it is due later than it was, another order rings then."""
    found = coming.to_remind(ctx, activity_id)
    if found is None:
        return False
    activity, owner, who = found
    due = due_at(activity, ZoneInfo(owner.timezone))
    if activity.reminded_at is not None:
        return False
    if due > ctx.now:
        _order_reminder(ctx, activity, due)  # its owner went westwards: this was eight of where he had been
        return False
    activity.reminded_at = ctx.now
    place = _place_of(ctx, activity, owner.id)
    if place is None:
        who = ""  # handed to somebody else since: what he agreed to do is his, whose it was is not
    what = _one_line(activity.next_contact_note or activity.body) or who
    notify(
        ctx, "reminder", [owner.id], place, what=what or who, dedupe=f"activities.remind:{activity.id}:{due.isoformat()}", by_itself=True, about=activity,
        letter="reminder", letter_params={"what": what, "who": who, "due": activity.next_contact_at or activity.next_contact_on},
    )
    return True


def _place_of(ctx: Context, activity: Activity, user_id: UUID) -> Account | Contact | None:
    """The record on whose page that user finds the entry; None where he sees neither."""
    for model, key in ((Account, activity.account_id), (Contact, activity.contact_id)):
        record_ = ctx.session.get(model, key) if key else None
        if record_ is not None and may_know(ctx, user_id, record_):
            return record_
    return None


def due_at(activity: Activity, zone: ZoneInfo) -> datetime:
    """When a next contact is to be reminded of: its time, or eight in the morning of its day where the owner is."""
    if activity.next_contact_at is not None:
        return activity.next_contact_at.astimezone(UTC)
    return When(activity.next_contact_on).moment(zone)


def _one_line(text: str) -> str:
    """The beginning of a text, fit for a subject."""
    flat = " ".join(text.split())
    return flat if len(flat) <= 120 else flat[:119] + "\u2026"


def leave_reminder(ctx: Context, activity: Activity) -> None:
    """What is to ring for its next contact, as that stands now."""
    if activity.next_contact_on is None or activity.owner_id is None:
        return
    _leave(ctx, activity, owners_zone(ctx, activity))


def _leave(ctx: Context, activity: Activity, zone: ZoneInfo) -> None:
    due = due_at(activity, zone)
    if activity.next_contact_kind == PROMISE:
        promises.order(ctx, activity, zone)
    if due <= ctx.now:
        return  # "today", written after eight: the day's list shows it, a letter this minute would only disturb
    _order_reminder(ctx, activity, due)


def follow_zone(ctx: Context, user_id: UUID) -> int:
    """Somebody lives by another clock now: what rings for his open days does so at his hours there; returns how many days he has. The
    orders of his former clock stay: what is told by the earlier one is told, and where he went westwards it asks for the later one."""
    zone = ZoneInfo(ctx.session.execute(select(User.timezone).where(User.id == user_id)).scalar_one())
    found = ctx.session.execute(select(Activity).where(
        Activity.owner_id == user_id, Activity.next_contact_on >= ctx.now.astimezone(zone).date() - timedelta(days=1), Activity.done_at.is_(None), Activity.deleted_at.is_(None),
    )).scalars().all()
    for activity in found:
        _leave(ctx, activity, zone)
    return len(found)


def owners_zone(ctx: Context, activity: Activity) -> ZoneInfo:
    """Where whoever is to make it is; where the actor is, if nobody is."""
    if activity.owner_id in (None, ctx.actor.id):
        return ctx.zone
    return ZoneInfo(ctx.session.execute(select(User.timezone).where(User.id == activity.owner_id)).scalar_one())


def _order_reminder(ctx: Context, activity: Activity, due: datetime) -> None:
    """One order for each due time, however often it is asked for."""
    defer(ctx, "activities.remind", due_at=due, dedupe=f"{activity.id}:{due.isoformat()}", activity_id=activity.id)
