"""Reads of what is known of people: a contact's facts, one fact. Nothing for those who hold no permission for it."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, literal, select

from core.base.context import Context
from core.base.errors import NotFound
from core.base.policy import has, require, sees
from core.identity.models import User
from core.parties.models import Contact
from core.personal.models import PersonalFact

MOST = 200


def personal_facts(ctx: Context) -> Select:
    """Where every query starts: facts of people that the actor sees."""
    require(ctx, "personal_facts.read")
    return select(PersonalFact).where(PersonalFact.deleted_at.is_(None), _of_seen(ctx))


def facts_of(ctx: Context, contact: Contact) -> list[Row]:
    """(PersonalFact, noted_by_name) of a person, the newest first; the caller has checked that the actor sees him."""
    require(ctx, "personal_facts.read", contact)
    query = select(PersonalFact, User.name.label("noted_by_name")).join(User, User.id == PersonalFact.noted_by, isouter=True)
    query = query.where(PersonalFact.contact_id == contact.id, PersonalFact.deleted_at.is_(None))
    return list(ctx.session.execute(query.order_by(PersonalFact.noted_on.desc(), PersonalFact.id.desc()).limit(MOST)))


def one_fact(ctx: Context, fact_id: UUID, *, deleted: bool = False) -> PersonalFact:
    """A fact of a person that the actor sees; NotFound otherwise. deleted: one that was deleted."""
    side = PersonalFact.deleted_at.is_not(None) if deleted else PersonalFact.deleted_at.is_(None)
    query = select(PersonalFact).where(PersonalFact.id == fact_id, side, _of_seen(ctx))
    found = ctx.session.execute(query).scalar_one_or_none() if has(ctx, "personal_facts.read") else None
    if found is None:
        raise NotFound()
    return found


def _of_seen(ctx: Context) -> ColumnElement[bool]:
    person: Any = select(literal(1)).select_from(Contact).where(Contact.id == PersonalFact.contact_id, Contact.deleted_at.is_(None), sees(ctx, Contact))
    return person.exists()
