"""Reads of the ledger: what stands now, and how it came to that."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, literal, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from core.base.context import Context
from core.base.errors import NotFound
from core.base.policy import is_visible, require, visible
from core.consent.models import Consent, ConsentPurpose, ConsentWording
from core.parties.models import Contact


def purposes(ctx: Context, *, running: bool = False) -> list[ConsentPurpose]:
    """All purposes by name; running: without those that have ended."""
    query = visible(ctx, ConsentPurpose).order_by(ConsentPurpose.ended, ConsentPurpose.name, ConsentPurpose.id)
    return list(ctx.session.execute(query.where(~ConsentPurpose.ended) if running else query).scalars())


def wordings(ctx: Context) -> dict[UUID, list[ConsentWording]]:
    """Purpose -> what people are asked now, a version for each language."""
    query = select(ConsentWording).ext(distinct_on(ConsentWording.purpose_id, ConsentWording.lang)).order_by(
        ConsentWording.purpose_id, ConsentWording.lang, ConsentWording.number.desc(),
    )
    found: dict[UUID, list[ConsentWording]] = {}
    for one in ctx.session.execute(query).scalars():
        found.setdefault(one.purpose_id, []).append(one)
    return found


def standing(ctx: Context, contact: Contact) -> list[Row]:
    """(purpose_id, name, basis, given, at, source) of a person: the newest line of each purpose."""
    require(ctx, "consents.read")
    if not is_visible(ctx, contact):
        raise NotFound()
    newest = select(Consent).where(Consent.contact_id == contact.id).ext(distinct_on(Consent.purpose_id)).order_by(
        Consent.purpose_id, Consent.created_at.desc(), Consent.id.desc(),
    ).subquery("newest")
    query = select(newest.c.purpose_id, ConsentPurpose.name, ConsentPurpose.basis, newest.c.given, newest.c.created_at.label("at"), newest.c.source)
    return list(ctx.session.execute(query.join(ConsentPurpose, ConsentPurpose.id == newest.c.purpose_id).order_by(ConsentPurpose.name)))


def standing_of_hash(ctx: Context, address_hash: bytes, contact_id: UUID | None) -> list[Row]:
    """The same for an address, and the contact who has it: (purpose_id, given)."""
    whose = or_(Consent.address_hash == address_hash, Consent.contact_id == contact_id) if contact_id else Consent.address_hash == address_hash
    query = select(Consent.purpose_id, Consent.given).where(whose).ext(distinct_on(Consent.purpose_id))
    return list(ctx.session.execute(query.order_by(Consent.purpose_id, Consent.created_at.desc(), Consent.id.desc())))


def taken_back(ctx: Context, address_hash: bytes, mail: str, purpose_id: UUID, since: datetime) -> bool:
    """Did whoever has this address, or a contact with it, take the purpose back after a moment?"""
    whose = or_(Consent.address_hash == address_hash, Consent.contact_id.in_(select(Contact.id).where(Contact.mail_norm == mail)))
    query = select(literal(1)).select_from(Consent).where(whose, Consent.purpose_id == purpose_id, ~Consent.given, Consent.created_at > since)
    return ctx.session.execute(query.limit(1)).first() is not None


def history(ctx: Context, contact: Contact, limit: int = 100) -> list[Row]:
    """(Consent, name of the purpose, number of the wording) of a person, the newest first."""
    require(ctx, "consents.read")
    if not is_visible(ctx, contact):
        raise NotFound()
    query = select(Consent, ConsentPurpose.name, ConsentWording.number).join(ConsentPurpose, ConsentPurpose.id == Consent.purpose_id)
    query = query.join(ConsentWording, ConsentWording.id == Consent.wording_id, isouter=True).where(Consent.contact_id == contact.id)
    return list(ctx.session.execute(query.order_by(Consent.created_at.desc(), Consent.id.desc()).limit(limit)))


def agreed(purpose_id: UUID) -> ColumnElement[bool]:
    """Contacts whose newest line for this purpose is a yes: for audiences. A line later by the same address counts too."""
    mine, later = aliased(Consent), aliased(Consent)
    same = or_(later.contact_id == mine.contact_id, and_(later.address_hash.is_not(None), later.address_hash == mine.address_hash))
    newer = or_(later.created_at > mine.created_at, and_(later.created_at == mine.created_at, later.id > mine.id))
    undone = select(literal(1)).where(later.purpose_id == purpose_id, same, newer, ~later.given).exists()
    return and_(select(literal(1)).where(mine.contact_id == Contact.id, mine.purpose_id == purpose_id, mine.given, ~undone).exists(), ~_refused_by_a_merged(purpose_id))


def _refused_by_a_merged(purpose_id: UUID) -> ColumnElement[bool]:
    """Did one who was merged into the contact take it back last? While records are one, the strictest wish holds."""
    no, later, loser = aliased(Consent), aliased(Consent), aliased(Contact)
    since = select(literal(1)).where(later.contact_id == no.contact_id, later.purpose_id == purpose_id, later.created_at > no.created_at, later.given).exists()
    merged = and_(loser.id == no.contact_id, loser.merged_into == Contact.id)
    return select(literal(1)).select_from(no).join(loser, merged).where(no.purpose_id == purpose_id, ~no.given, ~since).correlate(Contact).exists()
