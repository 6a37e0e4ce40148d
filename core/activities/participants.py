"""Use cases of taking part: who comes to a call, visit or meeting beside its owner and whom it is with, people of customers and colleagues."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from core.activities.models import TOGETHER, Activity, Participant
from core.activities.queries import one_activity
from core.activities.together import COLLEAGUE, name_of, named
from core.base.context import Context
from core.base.editing import read_anew
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.policy import has, require
from core.identity.models import User
from core.identity.people import user_names
from core.notifications.telling import notify
from core.parties import queries as parties
from core.parties.models import Account, Contact
from core.parties.offering import quick_contacts
from core.parties.restricting import check_free

MOST, MOST_OFFERED = 30, 8


def several_come(activity: Any) -> bool:
    """Is it something in which several take part: a call, a visit or a meeting that is planned, or that was?"""
    return ((activity.next_contact_kind or activity.kind) if activity.next_contact_on else activity.kind) in TOGETHER


def participants(ctx: Context, activity: Activity) -> list[Row]:
    """(Participant, name, is he a colleague) of an entry that the actor sees, as far as he may know them."""
    query = named(ctx, select(Participant, name_of().label("name"), COLLEAGUE.id.is_not(None).label("colleague")).join(Activity, Activity.id == Participant.activity_id))
    return list(ctx.session.execute(query.where(Participant.activity_id == activity.id).order_by(COLLEAGUE.id.is_not(None), func.lower(name_of()), Participant.id)))


def one_participant(ctx: Context, key: UUID) -> tuple[Activity, Row]:
    """One whom the actor may know, of an entry that he sees; NotFound otherwise."""
    row = ctx.session.get(Participant, key)
    activity = one_activity(ctx, row.activity_id) if row is not None else None
    found = next((one for one in participants(ctx, activity) if one[0].id == key), None) if activity is not None else None
    if found is None:
        raise NotFound()
    return activity, found


def add(ctx: Context, activity: Activity, *, contact_id: UUID | None = None, user_id: UUID | None = None) -> Participant:
    """Somebody takes part: a person whom the actor sees, or a colleague who works here, who is told of it. Refuses both or neither
    (`participant_whom`), what is no call, visit or meeting (`participant_alone`), and whoever is there already (`participant_there`)."""
    require(ctx, "activities.edit", activity)
    read_anew(ctx, activity)
    if not several_come(activity):
        raise Refused("participant_alone", field="who")
    if (contact_id is None) == (user_id is None):
        raise Refused("participant_whom", field="who")
    if contact_id:
        _check_person(ctx, contact_id)
    elif user_id not in _working(ctx):
        raise Refused("user_unknown", field="user_id")
    _check_room(ctx, activity, contact_id, user_id)
    row = Participant(activity_id=activity.id, contact_id=contact_id, user_id=user_id)
    ctx.session.add(row)
    _told(ctx, activity, "activity.participant_added")
    if user_id:
        _tell(ctx, activity, user_id)
    return row


def remove(ctx: Context, activity: Activity, row: Participant) -> None:
    """He does not take part after all."""
    require(ctx, "activities.edit", activity)
    read_anew(ctx, activity)
    ctx.session.delete(row)
    _told(ctx, activity, "activity.participant_removed")


def offered(ctx: Context, search: str) -> list[tuple[str, str, str | None]]:
    """("contact:key" or "user:key", name, note) of whoever may be asked by that name: people of customers whom the actor sees, and colleagues."""
    words = search.casefold().split()
    people = [(f"contact:{row.id}", row.name, row.note) for row in quick_contacts(ctx, search)] if has(ctx, "contacts.read") and words else []
    ours = [(f"user:{key}", name, None) for key, name in _working(ctx).items() if words and all(word in name.casefold() for word in words)]
    return [*ours[:MOST_OFFERED], *people]


def meant(ctx: Context, chosen: str, text: str) -> dict[str, UUID]:
    """Whom a field of a form means, as `add` takes him: who was chosen, where he is called what stands there, else the one who is called exactly so. Refuses nobody, and more than one."""
    text, (kind, _, key) = " ".join(text.split()), chosen.partition(":")
    found = [(kind, _key(key))] if text and _name(ctx, kind, _key(key)) == text else _called(ctx, text)
    if len(found) != 1:
        raise Refused("who_not_one", field="who")
    return {f"{kind}_id": key for kind, key in found}


def _called(ctx: Context, text: str) -> list[tuple[str, UUID]]:
    people = parties.contacts_named(ctx, text) if has(ctx, "contacts.read") else []
    return [("user", key) for key, name in _working(ctx).items() if name.casefold() == text.casefold()] + [("contact", key) for key in people]


def _name(ctx: Context, kind: str, key: UUID | None) -> str | None:
    if key is None:
        return None
    return _working(ctx).get(key) if kind == "user" else parties.contact_name(ctx, key) if kind == "contact" and has(ctx, "contacts.read") else None


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _working(ctx: Context) -> dict[UUID, str]:
    """key -> name of the colleagues whom the actor knows and who work here."""
    active = set(ctx.session.execute(select(User.id).where(User.state == "active")).scalars())
    return {key: name for key, name in user_names(ctx).items() if key in active}


def _check_person(ctx: Context, contact_id: UUID) -> None:
    try:
        contact = parties.one_contact(ctx, contact_id) if has(ctx, "contacts.read") else None
    except NotFound:
        contact = None
    if contact is None:
        raise Refused("contact_unknown", field="contact_id")
    check_free(contact)


def _check_room(ctx: Context, activity: Activity, contact_id: UUID | None, user_id: UUID | None) -> None:
    """The activity is locked: of two who ask the same one at once, one is told so."""
    there = list(ctx.session.execute(select(Participant.contact_id, Participant.user_id).where(Participant.activity_id == activity.id)))
    if (contact_id or user_id) in {activity.contact_id, activity.owner_id, *(one.contact_id or one.user_id for one in there)}:
        raise Refused("participant_there", field="who")
    if len(there) >= MOST:
        raise Refused("too_many_items", field="who", max=MOST)


def _told(ctx: Context, activity: Activity, kind: str) -> None:
    """It names nobody: whoever reads it may not know him. The entry is another one by it, for calendars elsewhere too."""
    activity.updated_at = ctx.now
    ctx.session.flush()  # the answer shows the new versions
    record(ctx, kind, activity)


def _tell(ctx: Context, activity: Activity, user_id: UUID) -> None:
    """On the page of whom it is with, where he sees him."""
    place = ctx.session.get(Contact, activity.contact_id) if activity.contact_id else ctx.session.get(Account, activity.account_id)
    what = " ".join((activity.next_contact_note or activity.body).split())[:200]
    notify(ctx, "assigned", [user_id], place, say="told.participant" if what else "told.participant_bare", **({"what": what} if what else {}))
