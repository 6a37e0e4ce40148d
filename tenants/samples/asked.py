"""Somebody of the samples was asked to a planned contact by mail and said yes. Nothing was sent: nobody reads at these addresses."""

from datetime import date, datetime, time

from core.activities.models import Activity, Guest
from core.activities.together import told_as
from core.base.context import Context
from core.parties.models import Contact


def at_ten(ctx: Context, day: date) -> datetime:
    return datetime.combine(day, time(10), ctx.zone)


def say_yes(ctx: Context, entry: Activity, person: Contact) -> None:
    """As if the mail had gone when it was planned, and the answer had come since."""
    ctx.session.flush()  # the guest names it by key
    ctx.session.add(Guest(
        activity_id=entry.id, contact_id=person.id, mail=person.mail, state="asked", told=told_as(entry), sequence=entry.version, meets_at=entry.next_contact_at, answer="accepted", answered_at=ctx.now,
    ))
