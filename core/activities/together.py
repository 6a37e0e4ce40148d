"""Who takes part in an entry of the log beside its owner and whom it is with, as pieces of statements: names that the actor may know, and which entries somebody takes part in."""

from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, Text, and_, case, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import aliased

from core.activities.models import ANSWERS, Activity, Guest, Participant
from core.base.context import Context
from core.base.policy import has, sees, sees_only_named
from core.identity.models import User
from core.parties.models import Contact

ALSO, COLLEAGUE = aliased(Contact), aliased(User)  # made once: making an alias costs more than the query
NAMES = ARRAY(Text)


def is_further() -> ColumnElement[bool]:
    """Of Participant beside Activity: somebody who is not its owner by now, nor the one it is with."""
    return and_(Participant.user_id.is_distinct_from(Activity.owner_id), Participant.contact_id.is_distinct_from(Activity.contact_id))


def named(ctx: Context, query: Select) -> Select:
    """A query of participants joined with those whom the actor may know: contacts whom he sees, and colleagues; of these a partner knows himself alone."""
    person = and_(ALSO.id == Participant.contact_id, ALSO.deleted_at.is_(None), has(ctx, "contacts.read"), sees(ctx, ALSO))
    colleague = and_(COLLEAGUE.id == Participant.user_id, *([COLLEAGUE.id == ctx.actor.id] if sees_only_named(ctx.actor) else []))
    return query.join(ALSO, person, isouter=True).join(COLLEAGUE, colleague, isouter=True).where(or_(ALSO.id.is_not(None), COLLEAGUE.id.is_not(None)), is_further())


def name_of() -> ColumnElement[str]:
    return func.coalesce(ALSO.name, COLLEAGUE.name)


def other_names(ctx: Context) -> ScalarSelect[Any]:
    """The names of those who take part in the entry beside it in the statement, people of customers first; NULL where there are none whom the actor may know."""
    order = (case((Participant.contact_id.is_not(None), 0), else_=1), func.lower(name_of()), Participant.id)
    names = func.array_agg(aggregate_order_by(name_of(), *order), type_=NAMES)
    return named(ctx, select(names).select_from(Participant)).where(Participant.activity_id == Activity.id).correlate(Activity).scalar_subquery()


@dataclass(frozen=True)
class Answers:
    """How many of those who know of it said what, in the order of ANSWERS; behind: somebody of them was told otherwise than it stands now."""

    counts: tuple[tuple[str, int], ...] = ()
    behind: bool = False


def told_as(entry: Any) -> str:
    """What its guests are told of an entry as it stands now, as a digest: its time, how long, about what, where."""
    at = entry.next_contact_at.timestamp() if entry.next_contact_at else ""
    said = (at, entry.next_contact_minutes or "", entry.next_contact_note or "", entry.place or "")
    return sha256("\0".join(map(str, said)).encode()).hexdigest()[:32]


def guests_said(ctx: Context) -> ScalarSelect[Any]:
    """What those said who know of the entry beside it in the statement, each as "answer:digest"; of those alone whom the actor may know. NULL where there are none."""
    person = and_(ALSO.id == Guest.contact_id, ALSO.deleted_at.is_(None), has(ctx, "contacts.read"), sees(ctx, ALSO))
    colleague = and_(COLLEAGUE.id == Guest.user_id, *([COLLEAGUE.id == ctx.actor.id] if sees_only_named(ctx.actor) else []))
    found = select(func.array_agg(Guest.answer + ":" + Guest.told, type_=NAMES)).select_from(Guest).join(ALSO, person, isouter=True).join(COLLEAGUE, colleague, isouter=True)
    return found.where(Guest.activity_id == Activity.id, Guest.state == "asked", or_(ALSO.id.is_not(None), COLLEAGUE.id.is_not(None))).correlate(Activity).scalar_subquery()


def answers_of(entry: Any) -> Answers:
    """The same as numbers; entry: a row with guests_said as `guests`."""
    said = [one.partition(":") for one in entry.guests or ()]
    counts, now = Counter(answer for answer, _, _ in said), told_as(entry)
    return Answers(tuple((word, counts[word]) for word in ANSWERS if counts[word]), entry.done_at is None and any(told != now for _, _, told in said))


def taken_part_in(*, contact_id: UUID | None = None, user_ids: Any = None) -> Select:
    """Keys of the entries in which this person, or any of these colleagues, takes part."""
    who = Participant.contact_id == contact_id if contact_id else Participant.user_id.in_(user_ids)
    return select(Participant.activity_id).where(who)


def mine(ctx: Context) -> ColumnElement[bool]:
    """Entries that are the actor's own, or in which he takes part."""
    own = Activity.owner_id == ctx.actor.id
    return or_(own, Activity.id.in_(taken_part_in(user_ids=[ctx.actor.id]))) if ctx.actor.id else literal(False)
