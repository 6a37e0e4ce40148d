"""A next contact as a file that asks whom it is with to come: to be attached to a mail, or opened in one's own calendar."""

from uuid import UUID

from core.activities import participants
from core.activities import queries as activities
from core.activities.models import Activity
from core.base.context import Context
from core.base.errors import NotFound
from core.base.planned import Entry
from core.identity import people as staff
from core.parties import queries as parties
from core.parties.models import Contact
from infra import calendars
from web.calendar import moving
from web.calendar.saying import Sayer


def invitation(ctx: Context, id: UUID) -> bytes:
    """As it is now; its number rises with each change. Whoever asks for it asks to come; asked are the person it is with and those who take part, where the actor
    may know their addresses and work with them. NotFound for what is done, or planned no more."""
    activity = activities.one_activity(ctx, id)
    if activity.next_contact_on is None or activity.done_at is not None:
        raise NotFound()
    entry, me = moving.entry_on(ctx, id, activity.next_contact_on), staff.one_user(ctx, ctx.actor.id)
    title = entry.title or Sayer(ctx).kind(entry)
    event = calendars.Event(uid_of(ctx, entry), title, entry.on, ctx.now, entry.at, entry.minutes, sequence=entry.version, location=entry.place)
    return calendars.invitation(event, calendars.Person(me.name, me.mail), _asked(ctx, activity))


def uid_of(ctx: Context, entry: Entry) -> str:
    """As what other calendars know it, for good."""
    return f"{entry.noun}-{entry.id}@{ctx.tenant.slug}"


def _asked(ctx: Context, activity: Activity) -> list[calendars.Person]:
    there = [row.Participant for row in participants.participants(ctx, activity)]
    people = [_contact(ctx, key) for key in (activity.contact_id, *(one.contact_id for one in there)) if key]
    ours = [staff.one_user(ctx, one.user_id) for one in there if one.user_id]
    return [calendars.Person(one.name, one.mail) for one in (*people, *ours) if one is not None and one.mail]


def _contact(ctx: Context, contact_id: UUID) -> Contact | None:
    """Where the actor sees him, and may work with him."""
    try:
        contact = parties.one_contact(ctx, contact_id)
    except NotFound:
        return None
    return None if contact.restricted_at else contact
