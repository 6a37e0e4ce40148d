"""Use cases of the contact log: log, move the next contact, make it, put it back; delete and bring back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from core.activities.lines import MOST_MINUTES
from core.activities.models import DIRECTIONS, KINDS, PLANS, PROMISE, Activity
from core.activities.reminding import leave_reminder, owners_zone
from core.activities.rules import parse_when
from core.base import editing
from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.policy import require
from core.base.text import clean
from core.parties import queries as parties
from core.parties import staging
from core.parties.models import Account, Contact

SLACK = timedelta(minutes=10)  # a browser's clock may be ahead of ours


def log_activity(
    ctx: Context, *, kind: str, account: Account | None = None, contact: Contact | None = None, body: str | None = None,
    happened_at: str | datetime | None = None, direction: str | None = None, outcome: str | None = None,
    next_contact: str | date | datetime | None = None, next_contact_note: str | None = None, next_contact_kind: str | None = None,
    next_contact_minutes: int | None = None, written_at: datetime | None = None, place: str | None = None,
) -> Activity:
    """Write down a contact with an account or person, and when the next one is ("tomorrow 10:00", a date, a moment).
    next_contact_kind, next_contact_minutes: what that is to be, a task too, and how long. place: where it was, or is to be. written_at: typed then, without a network: "now" and "tomorrow" are of that day.

    Refuses an unknown kind, an entry about nobody or about a person of another account, an empty one, a past next contact and a future contact.
    """
    require(ctx, "activities.log")
    _check_about(ctx, account, contact)
    then = replace(ctx, now=written_at) if written_at and written_at <= ctx.now else ctx
    activity = Activity(
        kind=one_of(KINDS, kind, "kind"), account_id=account.id if account else contact.account_id, contact_id=contact.id if contact else None,
        body=clean(body, field="body", max_length=20_000, multiline=True) or "", direction=one_of(DIRECTIONS, direction, "direction") if direction else None,
        outcome=clean(outcome, field="outcome"), place=clean(place, field="place"), happened_at=happened(ctx, happened_at, then), owner_id=ctx.actor.owner_id,
    )
    _plan(ctx, activity, next_contact, next_contact_note, then)
    if activity.next_contact_on is not None and next_contact_kind:
        activity.next_contact_kind = one_of(PLANS, next_contact_kind, "next_contact_kind")
    if activity.next_contact_on is not None and next_contact_minutes is not None:
        activity.next_contact_minutes = _minutes(next_contact_minutes)
    if not activity.body and activity.next_contact_on is None and activity.kind in ("note", "message"):
        raise Refused("activity_empty", field="body")
    ctx.session.add(activity)
    record(ctx, "activity.logged", activity, how=activity.kind, account_id=activity.account_id, contact_id=activity.contact_id)
    leave_reminder(ctx, activity)
    staging.follow(ctx, activity.account_id)
    return activity


def reschedule(ctx: Context, activity: Activity, when: str | date | datetime, note: str | None = None, kind: str | None = None, minutes: int | None = None, place: str | None = None) -> Activity:
    """Move a next contact to another day, time or place; its reminder moves along. Refuses one that is done."""
    require(ctx, "activities.edit", activity)
    _check_open(ctx, activity)
    _plan(ctx, activity, when, note if note is not None else activity.next_contact_note)
    if kind:
        activity.next_contact_kind = one_of(PLANS, kind, "next_contact_kind")
    if minutes is not None:
        activity.next_contact_minutes = _minutes(minutes)
    activity.place = clean(place, field="place") if place is not None else activity.place
    activity.reminded_at = activity.broken_at = None
    record(ctx, "activity.next_moved", activity, to=activity.next_contact_at or activity.next_contact_on)
    leave_reminder(ctx, activity)
    return activity


def put_place(ctx: Context, activity: Activity, place: str | None) -> Activity:
    """Where it was, or is to be; none takes it away."""
    require(ctx, "activities.edit", activity)
    activity.place = clean(place, field="place")
    ctx.session.flush()  # the answer shows the new version
    return activity


def move_back(ctx: Context, activity: Activity, on: date, at: datetime | None = None) -> Activity:
    """Undo of a move: the day and moment that it had, also one that is over by now. Refuses one that is done, and a moment of another day."""
    require(ctx, "activities.edit", activity)
    _check_open(ctx, activity)
    if at is not None and (at.tzinfo is None or abs(at.date() - on) > timedelta(days=1)):
        raise Refused("not_a_moment", field="next_contact")
    activity.next_contact_on, activity.next_contact_at, activity.reminded_at = on, at, None
    record(ctx, "activity.next_moved", activity, to=at or on)
    leave_reminder(ctx, activity)
    return activity


def move_to_day(ctx: Context, activity: Activity, day: date, *, timed: bool = True) -> Activity:
    """Put a next contact on another day, at the time of day that it has where its owner is, or without one. Refuses a day that is over."""
    require(ctx, "activities.edit", activity)
    if day < ctx.today:
        raise Refused("moment_past", field="next_contact")
    at, zone = activity.next_contact_at if timed else None, owners_zone(ctx, activity)
    moment = datetime.combine(day, at.astimezone(zone).time().replace(fold=0), zone).astimezone(UTC) if at else None
    return move_back(ctx, activity, day, moment)


def move_to_moment(ctx: Context, activity: Activity, at: datetime) -> Activity:
    """Put a next contact at a moment; its day is the one that it is then where its owner is. Refuses a moment that is over."""
    require(ctx, "activities.edit", activity)
    if at < ctx.now - SLACK:
        raise Refused("moment_past", field="next_contact")
    return move_back(ctx, activity, at.astimezone(owners_zone(ctx, activity)).date(), at)


def complete_next_contact(ctx: Context, activity: Activity) -> Activity:
    """The planned contact was made. Refuses one that is done, so that two clicks count once."""
    require(ctx, "activities.edit", activity)
    _check_open(ctx, activity)
    activity.done_at = ctx.now
    record(ctx, "activity.promise_kept" if activity.next_contact_kind == PROMISE else "activity.next_done", activity)
    return activity


def follow_up(ctx: Context, done: Activity, *, said: str | None = None, next_contact: str | date | datetime | None = None, next_contact_note: str | None = None) -> Activity:
    """What comes after a next contact that was made: what was said in it, and the next one, of the same kind and with the same people.
    Refuses an empty answer, and one to a contact that was not made."""
    if done.done_at is None:
        raise Refused("next_contact_open")
    planned = done.next_contact_kind or (done.kind if done.kind != "note" else None)
    planned, spoken = planned if planned in KINDS else None, clean(said, field="body", max_length=20_000, multiline=True)
    return log_activity(
        ctx, kind=planned if spoken and planned else "note", account=parties.one_account(ctx, done.account_id) if done.account_id else None,
        contact=parties.one_contact(ctx, done.contact_id) if done.contact_id else None, body=spoken, next_contact=next_contact,
        next_contact_note=next_contact_note, next_contact_kind=planned,
    )


def reopen_next_contact(ctx: Context, activity: Activity) -> Activity:
    """It was not: back on the list. The reminder that went out is not sent again."""
    require(ctx, "activities.edit", activity)
    activity.done_at = None
    record(ctx, "activity.next_reopened", activity)
    return activity


def delete_activity(ctx: Context, activity: Activity) -> None:
    """Take an entry out of the log; it can be brought back."""
    require(ctx, "activities.edit", activity)
    activity.deleted_at = ctx.now
    record(ctx, "activity.deleted", activity)
    staging.follow(ctx, activity.account_id)


def restore_activity(ctx: Context, activity: Activity) -> None:
    """Bring an entry back."""
    require(ctx, "activities.edit", activity)
    activity.deleted_at = None
    record(ctx, "activity.restored", activity)
    staging.follow(ctx, activity.account_id)


def _check_about(ctx: Context, account: Account | None, contact: Contact | None) -> None:
    if account is None and contact is None:
        raise Refused("activity_about", field="account_id")
    if account is not None:
        require(ctx, "accounts.read", account)
    if contact is not None:
        require(ctx, "contacts.read", contact)
    if account is not None and contact is not None and contact.account_id != account.id:
        raise Refused("contact_elsewhere", field="contact_id")


def _check_open(ctx: Context, activity: Activity) -> None:
    """Under the row's lock: of two who finish it at once, one is told so."""
    editing.read_anew(ctx, activity)
    if activity.done_at is not None or activity.next_contact_on is None:
        raise Refused("next_contact_done")


def one_of(known: tuple[str, ...], value: Any, field: str) -> str:
    """Refuses what is none of them."""
    if value not in known:
        raise Refused("unknown_value", field=field)
    return value


def _minutes(given: int) -> int:
    if not 1 <= given <= MOST_MINUTES:
        raise Refused("not_whole", field="next_contact_minutes", low=1, high=MOST_MINUTES)
    return given


def happened(ctx: Context, given: str | datetime | None, then: Context) -> datetime:
    """When it was, as given in words or as a moment; without either at the moment of `then`. Refuses what is still to come."""
    if not given:
        return then.now
    if isinstance(given, str):
        when = parse_when(given, then.today, field="happened_at", past=True, locale=ctx.locale)
        given = when.moment(ctx.zone, default=then.now.astimezone(ctx.zone).time().replace(tzinfo=None))
    if given.tzinfo is None:
        raise Refused("not_a_moment", field="happened_at")
    if given > ctx.now + SLACK:
        raise Refused("moment_future", field="happened_at")
    return given


def _plan(ctx: Context, activity: Activity, given: str | date | datetime | None, note: str | None, then: Context | None = None) -> None:
    """Set day, moment and note of the next contact; the day is where its owner is."""
    activity.next_contact_note = clean(note, field="next_contact_note", max_length=500)
    if not given or (isinstance(given, str) and not given.strip()):
        return
    day, at = _day_and_moment(ctx, given, then or ctx)
    if day < ctx.today or (at is not None and at < ctx.now - SLACK):
        raise Refused("moment_past", field="next_contact")
    activity.next_contact_on, activity.next_contact_at = at.astimezone(owners_zone(ctx, activity)).date() if at else day, at


def _day_and_moment(ctx: Context, given: str | date | datetime, then: Context) -> tuple[date, datetime | None]:
    """What was said, where the actor is; refuses a moment of no zone."""
    if isinstance(given, datetime):
        if given.tzinfo is None:
            raise Refused("not_a_moment", field="next_contact")
        return given.astimezone(ctx.zone).date(), given
    if isinstance(given, date):
        return given, None
    when = parse_when(given, then.today, field="next_contact", locale=ctx.locale)
    return when.day, when.moment(ctx.zone) if when.clock else None
