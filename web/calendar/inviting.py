"""A next contact as a file that asks whom it is with to come: to be attached to a mail, or opened in one's own calendar."""

from uuid import UUID

from core.activities import queries as activities
from core.base.context import Context
from core.base.errors import NotFound
from core.base.planned import Entry
from core.identity import people
from core.parties import queries as parties
from infra import calendars
from web.calendar import moving
from web.calendar.saying import Sayer


def invitation(ctx: Context, id: UUID) -> bytes:
    """As it is now; its number rises with each change. Whoever asks for it asks to come; asked is the person it is with, where the actor
    may know his address and work with him. NotFound for what is done, or planned no more."""
    activity = activities.one_activity(ctx, id)
    if activity.next_contact_on is None or activity.done_at is not None:
        raise NotFound()
    entry, me = moving.entry_on(ctx, id, activity.next_contact_on), people.one_user(ctx, ctx.actor.id)
    title = entry.title or Sayer(ctx).kind(entry)
    event = calendars.Event(uid_of(ctx, entry), title, entry.on, ctx.now, entry.at, entry.minutes, sequence=entry.version, location=entry.place)
    return calendars.invitation(event, calendars.Person(me.name, me.mail), _asked(ctx, activity.contact_id))


def uid_of(ctx: Context, entry: Entry) -> str:
    """As what other calendars know it, for good."""
    return f"{entry.noun}-{entry.id}@{ctx.tenant.slug}"


def _asked(ctx: Context, contact_id: UUID | None) -> list[calendars.Person]:
    try:
        contact = parties.one_contact(ctx, contact_id) if contact_id else None
    except NotFound:
        contact = None
    return [calendars.Person(contact.name, contact.mail)] if contact and contact.mail and not contact.restricted_at else []
