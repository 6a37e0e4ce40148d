"""Use cases of asking people to a planned meeting by mail: tell those who do not know it as it stands, stop it while it waits, send what is due.

Each is told at most once of each state of it, and never by itself: somebody says so. What waits can be stopped; what is not so any more when it is due does not go, and
is offered again. Everybody's copy names him alone beside whoever asks: nobody learns of another's address by it.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select

from core.activities.models import Activity, Guest
from core.activities.together import told_as
from core.activities.words import PLAN_LABELS
from core.base.context import Context
from core.base.editing import read_anew
from core.base.errors import Refused
from core.base.facts import record
from core.base.outbox import defer
from core.base.policy import require, visible
from core.base.words import N_
from core.identity.models import User
from core.mail import preferring, tokens
from core.mail.answering import link_of
from core.mail.guests import Asked, asked
from core.notifications.telling import notify
from core.post.actions import hand_in
from infra import calendars, i18n

ORDER = "mail.tell_guests"
LONG, WHERE = N_("How long: %(count)s min"), N_("Where: %(place)s")
LETTER_OF = {"request": "meeting_request", "update": "meeting_update", "cancel": "meeting_cancel"}


def tell(ctx: Context, activity: Activity) -> list[Asked]:
    """Tell all who do not know it as it stands: it goes after the time in which it can be stopped. Gives whom. Refuses where everybody knows it (`guests_know`), so that two
    who say so at once are one, and where there is nobody to tell (`guests_none`)."""
    require(ctx, "mail.send")
    require(ctx, "activities.edit", activity)
    read_anew(ctx, activity)
    found = asked(ctx, activity)
    told = [one for one in found if one.what]
    if not told:
        raise Refused("guests_know" if any(one.guest for one in found) else "guests_none")
    due = ctx.now + timedelta(seconds=preferring.peek(ctx).undo_seconds)
    for one in told:
        guest = one.guest or _new(ctx, activity, one)
        guest.asking, guest.due_at, guest.asked_by = "cancel" if one.what == "cancel" else "request", due, ctx.actor.id
    ctx.session.flush()  # the answer shows them
    defer(ctx, ORDER, due_at=due, dedupe=f"{activity.id}:{due.isoformat()}", activity_id=activity.id)
    return told


def stop(ctx: Context, activity: Activity) -> None:
    """Nothing of what waits goes. Refuses where all has gone."""
    require(ctx, "mail.send")
    require(ctx, "activities.edit", activity)
    if not _let_go(ctx, activity.id):
        raise Refused("guests_gone")


def send_due(ctx: Context, activity_id: UUID) -> int:
    """Hand what waits by the actor's word and is due to the post; the job "mail.tell_guests" calls it as him. What he does not see by now, or what is not so any more, does not go."""
    activity = ctx.session.execute(visible(ctx, Activity).where(Activity.id == activity_id).with_for_update(of=Activity)).scalar_one_or_none()
    held = select(Guest).where(Guest.activity_id == activity_id, Guest.asked_by == ctx.actor.id, Guest.due_at <= ctx.now)
    due = list(ctx.session.execute(held.order_by(Guest.id).with_for_update()).scalars())
    waits = {one.id: one.asking for one in due}
    for one in due:
        one.asking = one.due_at = None
    ctx.session.flush()  # what each would be told now is asked without it
    told = _send(ctx, activity, waits) if activity is not None and due else 0
    _forget_new(ctx, activity_id)
    return told


def give_up(ctx: Context, activity_id: UUID) -> None:
    """It could not be handed to the post for good: it is offered again, and whoever said so is told."""
    activity, authors = ctx.session.get(Activity, activity_id), _let_go(ctx, activity_id)
    if activity is not None and authors:
        notify(ctx, "finished", set(authors), by_itself=True, dedupe=f"guests:{activity_id}:{activity.version}", say="told.guests_given_up", what=title_of(ctx.locale, activity), place=f"/activities/{activity_id}/guests")


def title_of(language: str, activity: Activity) -> str:
    """What it is called to whoever is asked."""
    note = " ".join((activity.next_contact_note or "").split())
    return note or i18n.gettext(language, PLAN_LABELS.get(activity.next_contact_kind or activity.kind, PLAN_LABELS["meeting"]))


def organizer_of(ctx: Context, activity: Activity, guest_id: UUID | None = None) -> calendars.Person:
    """Who asks: its owner; where answers reach us: the workspace's address with the guest's token in it, or the owner's own."""
    owner, base = ctx.session.get(User, activity.owner_id or ctx.actor.id), preferring.peek(ctx).reply_address
    name, own = (owner.name, owner.mail) if owner is not None else (ctx.tenant.name, "")
    return calendars.Person(name, (tokens.guest_address(ctx, base, guest_id) if guest_id else base) if base else own)


def uid_of(ctx: Context, activity: Activity) -> str:
    """As what other calendars know it, for good: the feed and the file say the same."""
    return f"activity-{activity.id}@{ctx.tenant.slug}"


def _new(ctx: Context, activity: Activity, one: Asked) -> Guest:
    guest = Guest(activity_id=activity.id, contact_id=one.contact_id, user_id=one.user_id, mail=one.mail.casefold())
    ctx.session.add(guest)
    return guest


def _let_go(ctx: Context, activity_id: UUID) -> list[UUID | None]:
    """Nothing of what waits goes; for each of them by whose word it waited."""
    held = list(ctx.session.execute(select(Guest).where(Guest.activity_id == activity_id, Guest.asking.is_not(None)).order_by(Guest.id).with_for_update()).scalars())
    authors = [one.asked_by for one in held]
    for one in held:
        one.asking = one.due_at = None
    ctx.session.flush()
    _forget_new(ctx, activity_id)
    return authors


def _forget_new(ctx: Context, activity_id: UUID) -> None:
    """Of whom nobody told anything nothing is kept."""
    ctx.session.execute(delete(Guest).where(Guest.activity_id == activity_id, Guest.state == "new", Guest.asking.is_(None)))


def _send(ctx: Context, activity: Activity, waits: dict[UUID, str]) -> int:
    """To each of these what was to go, if it is so still."""
    told = [one for one in asked(ctx, activity) if one.what and one.guest is not None and waits.get(one.guest.id) == ("cancel" if one.what == "cancel" else "request")]
    for one in told:
        _tell(ctx, activity, one)
    if told:
        record(ctx, "activity.guests_told", activity, about=tuple(key for key in (activity.contact_id, activity.account_id) if key))
    ctx.session.flush()
    return len(told)


def _tell(ctx: Context, activity: Activity, one: Asked) -> None:
    """One letter, and what he knows from then on. Another time is asked for anew; what he said to the same one stands."""
    guest, off = one.guest, one.what == "cancel"
    if not off and guest.meets_at != activity.next_contact_at:
        guest.answer, guest.answered_at = "waiting", None
    guest.mail = one.mail.casefold()
    at = guest.meets_at if off else activity.next_contact_at
    # A state that he was told of already, or a file that he got by hand, is never the same number.
    guest.sequence = max(activity.version, (guest.sequence if guest.sequence is not None else -1) + 1)
    guest.meets_at, guest.state = at, "off" if off else "asked"
    guest.told = guest.told if off else told_as(activity)
    language, zone = i18n.language(one.language) if one.language else ctx.locale, one.timezone or _zone(ctx, activity)
    organizer = organizer_of(ctx, activity, guest.id)
    hand_in(
        ctx, template=LETTER_OF[one.what], to=one.mail, to_name=one.name, lang=language, timezone=zone, about=None, dedupe=f"guest:{guest.id}:{guest.sequence}", from_name=organizer.name, reply_to=organizer.mail,
        params=_said(activity, one, organizer.name, language, zone) | ({} if off else {"link": link_of(ctx, guest, language)}), calendar=_calendar(ctx, activity, one, organizer, language),
    )


def _zone(ctx: Context, activity: Activity) -> str:
    """Where its owner is."""
    owner = ctx.session.get(User, activity.owner_id) if activity.owner_id else None
    return owner.timezone if owner is not None else ctx.timezone


def _said(activity: Activity, one: Asked, who: str, language: str, zone: str) -> dict[str, Any]:
    minutes, place = activity.next_contact_minutes, activity.place
    return {
        "name": one.name, "who": who, "what": title_of(language, activity), "when": one.guest.meets_at, "zone": ZoneInfo(zone).key.replace("_", " "),
        "long": i18n.gettext(language, LONG, count=minutes) if minutes else "", "where": i18n.gettext(language, WHERE, place=place) if place else "",
    }


def _calendar(ctx: Context, activity: Activity, one: Asked, organizer: calendars.Person, language: str) -> str:
    guest = one.guest
    event = calendars.Event(
        uid_of(ctx, activity), title_of(language, activity), guest.meets_at.date(), ctx.now, guest.meets_at, activity.next_contact_minutes, sequence=guest.sequence, cancelled=guest.state == "off",
        location=activity.place or "",
    )
    return calendars.invitation(event, organizer, [calendars.Person(one.name, one.mail, "NEEDS-ACTION" if guest.answer == "waiting" else guest.answer.upper())]).decode()
