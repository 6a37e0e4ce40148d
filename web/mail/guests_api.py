"""Guests of planned meetings for programs: who knows of it, what they said; tell them, stop it."""

from typing import Any
from uuid import UUID

from core.base.context import Context
from core.base.words import N_
from core.mail import guests, inviting
from web.api import shell
from web.api.listing import Page

bp = shell.api_blueprint("guests_api")


class GuestOut(shell.Out):
    """Somebody who is part of a planned contact, or was and knows of it still. would_get: request, update or cancel, what a mail would say to him now; none where he knows
    it as it stands. waits_until: until when a mail to him can be stopped. why_not: no_mail or restricted. answer: waiting, accepted, declined or tentative, of those who know of it."""

    contact_id: UUID | None
    user_id: UUID | None
    name: str
    would_get: str | None
    why_not: str | None
    waits_until: shell.Moment | None
    answer: str | None
    answered_at: shell.Moment | None
    sequence: int | None
    meets_at: shell.Moment | None


@shell.resource_route(bp, "GET", "/activities/<uuid:id>/guests", "mail.read", answer=GuestOut, paged=True, summary=N_("Who is asked to a planned contact, what they know and what they said"))
def list_guests(ctx: Context, id: UUID):
    return Page(_out(guests.asked(ctx, guests.meeting(ctx, id))), None)


@shell.resource_route(bp, "POST", "/activities/<uuid:id>/guests/notices", "mail.send", answer=GuestOut, paged=True, summary=N_("Tell the guests of a planned contact who do not know it as it stands"), description=N_("Each gets a mail of his own after the seconds in which it can be stopped: an invitation, the change, or that it is off. Nothing is ever told by itself."))
def tell_guests(ctx: Context, id: UUID):
    activity = guests.meeting(ctx, id)
    inviting.tell(ctx, activity)
    return Page(_out(guests.asked(ctx, activity)), None)


@shell.resource_route(bp, "POST", "/activities/<uuid:id>/guests/notices/stopping", "mail.send", answer=GuestOut, paged=True, summary=N_("Stop the mails to the guests of a planned contact that wait"))
def stop_telling(ctx: Context, id: UUID):
    activity = guests.meeting(ctx, id)
    inviting.stop(ctx, activity)
    return Page(_out(guests.asked(ctx, activity)), None)


def _out(found: list[guests.Asked]) -> list[GuestOut]:
    return [GuestOut(
        contact_id=one.contact_id, user_id=one.user_id, name=one.name, would_get=one.what, why_not=one.why, waits_until=one.due_at, answer=one.answer,
        **{name: _kept(one, name) for name in ("answered_at", "sequence", "meets_at")},
    ) for one in found]


def _kept(one: guests.Asked, name: str) -> Any:
    return getattr(one.guest, name) if one.guest is not None and one.guest.state == "asked" else None
