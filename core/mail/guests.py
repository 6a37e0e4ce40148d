"""Who is asked to a planned meeting, what each of them knows of it, and what he would be told now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.activities import participants
from core.activities.models import Activity, Guest
from core.activities.together import told_as
from core.base.context import Context
from core.base.errors import NotFound
from core.base.policy import has, visible
from core.identity import people
from core.identity.models import User
from core.parties import queries as parties
from core.parties.models import Contact

NO_MAIL, RESTRICTED = "no_mail", "restricted"


@dataclass(frozen=True)
class Asked:
    """One person. what: what he would be told now: request, update or cancel, None where he knows all of it. why: why he is not asked. wanted: is he part of it?"""

    name: str
    mail: str
    colleague: bool
    wanted: bool
    contact_id: UUID | None = None
    user_id: UUID | None = None
    language: str | None = None
    timezone: str | None = None
    guest: Guest | None = None
    what: str | None = None
    why: str | None = None

    @property
    def due_at(self) -> datetime | None:
        return self.guest.due_at if self.guest is not None else None

    @property
    def answer(self) -> str | None:
        """What he said, of those who know of it."""
        return self.guest.answer if self.guest is not None and self.guest.state == "asked" else None


def meeting(ctx: Context, activity_id: UUID) -> Activity:
    """A planned contact that the actor sees, a deleted one too: its guests are to be told that it is off. NotFound otherwise."""
    found = ctx.session.execute(visible(ctx, Activity).where(Activity.id == activity_id)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def is_on(activity: Activity) -> bool:
    """Is it something that people are asked to: a call, visit or meeting at a time, still to be made?"""
    return activity.deleted_at is None and activity.next_contact_at is not None and activity.done_at is None and participants.several_come(activity)


def asked(ctx: Context, activity: Activity) -> list[Asked]:
    """All of them whom the actor may know: those who are part of it, and those who were and know of it still."""
    kept = {one.contact_id or one.user_id: one for one in ctx.session.execute(select(Guest).where(Guest.activity_id == activity.id).order_by(Guest.id)).scalars()}
    part = _part(ctx, activity) if is_on(activity) else []
    found = [_one(ctx, activity, person, kept.get(person.id), wanted=True) for person in part]
    rest = [(key, one) for key, one in kept.items() if key not in {person.id for person in part} and (one.state == "asked" or one.asking)]
    return found + [_one(ctx, activity, person, one, wanted=False) for key, one in rest if (person := _person(ctx, one)) is not None]


def _one(ctx: Context, activity: Activity, person: Any, guest: Guest | None, *, wanted: bool) -> Asked:
    colleague = isinstance(person, User)
    mail = (person.mail or "").strip()
    why = NO_MAIL if not mail else RESTRICTED if getattr(person, "restricted_at", None) else None
    return Asked(
        person.name, mail, colleague, wanted, None if colleague else person.id, person.id if colleague else None, person.locale if colleague else person.language,
        person.timezone, guest, None if why else _what(ctx, activity, guest, wanted), why,
    )


def _what(ctx: Context, activity: Activity, guest: Guest | None, wanted: bool) -> str | None:
    """Nothing of what is over, and nothing more while something is on its way."""
    if guest is not None and guest.asking:
        return None
    knows = guest is not None and guest.state == "asked"
    if not wanted:
        return "cancel" if knows and activity.done_at is None and guest.meets_at > ctx.now else None
    if activity.next_contact_at <= ctx.now:
        return None
    if not knows:
        return "request"
    return "update" if guest.told != told_as(activity) else None


def _part(ctx: Context, activity: Activity) -> list[Any]:
    """Whom it is with, and who takes part beside its owner: people, then colleagues who work here."""
    there = [row.Participant for row in participants.participants(ctx, activity)]
    keys = dict.fromkeys(key for key in (activity.contact_id, *(one.contact_id for one in there)) if key)
    found = [person for key in keys if (person := _contact(ctx, key)) is not None]
    users = [people.one_user(ctx, one.user_id) for one in there if one.user_id]
    return found + [one for one in users if one.state == "active"]


def _person(ctx: Context, guest: Guest) -> Any:
    """Who is no part of it any more, as far as the actor may know him."""
    if guest.contact_id:
        return _contact(ctx, guest.contact_id)
    return people.one_user(ctx, guest.user_id) if guest.user_id in people.user_names(ctx) else None


def _contact(ctx: Context, key: UUID) -> Contact | None:
    try:
        return parties.one_contact(ctx, key) if has(ctx, "contacts.read") else None
    except NotFound:
        return None
