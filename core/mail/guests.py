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
from core.base.policy import has, sees_only_named, visible
from core.identity.models import User
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
    part = _part(ctx, activity) if is_on(activity) else {}
    rest = {key: one for key, one in kept.items() if key not in part and key != activity.owner_id and (one.state == "asked" or one.asking)}
    known = _known(ctx, part | {key: one.user_id is not None for key, one in rest.items()})
    found = [_one(ctx, activity, known[key], kept.get(key), wanted=True) for key in part if key in known and getattr(known[key], "state", "active") == "active"]
    return found + [_one(ctx, activity, known[key], one, wanted=False) for key, one in rest.items() if key in known]


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


def _part(ctx: Context, activity: Activity) -> dict[UUID, bool]:
    """Whom it is with, and who takes part beside its owner, people first: key -> is it a colleague."""
    there = [row.Participant for row in participants.participants(ctx, activity)]
    return {key: False for key in (activity.contact_id, *(one.contact_id for one in there)) if key} | {one.user_id: True for one in there if one.user_id}


def _known(ctx: Context, keys: dict[UUID, bool]) -> dict[UUID, Any]:
    """Those of them whom the actor may know, two statements however many; of colleagues a partner knows himself alone."""
    contacts, users = [[key for key, colleague in keys.items() if colleague == which] for which in (False, True)]
    seen = visible(ctx, Contact).where(Contact.id.in_(contacts), Contact.deleted_at.is_(None)) if contacts and has(ctx, "contacts.read") else None
    ours = select(User).where(User.id.in_([key for key in users if not sees_only_named(ctx.actor) or key == ctx.actor.id])) if users else None
    return {one.id: one for query in (seen, ours) if query is not None for one in ctx.session.execute(query).scalars()}
