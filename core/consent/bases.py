"""What the data of a person rest on, as somebody says by hand (GDPR 6.1): set, ended, read. Behind the permissions of consents."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import aliased

from core.base import editing
from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.policy import is_visible, require, visible
from core.base.text import clean
from core.consent.models import ALL_BASES, SOURCES, ConsentPurpose, LawfulBasis
from core.parties import queries as parties
from core.parties.models import Contact


def set_basis(
    ctx: Context, contact: Contact, *, basis: str, source: str, note: str | None = None, since: date | None = None, purpose_id: UUID | None = None,
) -> LawfulBasis:
    """Say what a person's data rest on, for a purpose or (none) for all that is kept of him. What was said before for the same ends
    with that day, and stays to be read. Refuses a day to come, an unknown basis, source or purpose."""
    require(ctx, "consents.record", contact)
    begun = since or ctx.today
    if begun > ctx.today:
        raise Refused("noted_in_future", field="since")
    for name, value, known in (("basis", basis, ALL_BASES), ("source", source, SOURCES)):
        if value not in known:
            raise Refused("unknown_value", field=name)
    if purpose_id is not None and ctx.session.execute(visible(ctx, ConsentPurpose).where(ConsentPurpose.id == purpose_id)).first() is None:
        raise Refused("unknown_value", field="purpose_id")
    note = clean(note, field="note", max_length=300)
    editing.hold(ctx, contact)  # two at once: the second ends what the first has set
    for former in ctx.session.execute(_running(contact.id).where(LawfulBasis.purpose_id.is_not_distinct_from(purpose_id))).scalars():
        former.ended_on = max(begun, former.since)
    row = LawfulBasis(contact_id=contact.id, purpose_id=purpose_id, basis=basis, source=source, note=note, since=begun)
    ctx.session.add(row)
    record(ctx, "basis.set", contact, about=(contact.account_id,), code=basis)
    return row


def end_basis(ctx: Context, row: LawfulBasis) -> LawfulBasis:
    """It holds no longer, from today; it stays to be read. Refuses one that has ended (`basis_ended`)."""
    contact = parties.one_contact(ctx, row.contact_id)
    require(ctx, "consents.record", contact)
    editing.hold(ctx, row)
    if row.ended_on is not None:
        raise Refused("basis_ended")
    row.ended_on = max(ctx.today, row.since)
    record(ctx, "basis.ended", contact, about=(contact.account_id,), code=row.basis)
    ctx.session.flush()  # the answer shows the new version
    return row


def one_basis(ctx: Context, key: UUID) -> LawfulBasis:
    """One by its key; NotFound also where its person is not seen."""
    require(ctx, "consents.read")
    row = ctx.session.get(LawfulBasis, key)
    if row is None:
        raise NotFound()
    parties.one_contact(ctx, row.contact_id)
    return row


def bases_of(ctx: Context, contact: Contact) -> list[Row]:
    """(LawfulBasis, name of the purpose or none) of a person, those that hold first."""
    require(ctx, "consents.read")
    if not is_visible(ctx, contact):
        raise NotFound()
    query = select(LawfulBasis, ConsentPurpose.name).join(ConsentPurpose, ConsentPurpose.id == LawfulBasis.purpose_id, isouter=True).where(LawfulBasis.contact_id == contact.id)
    return list(ctx.session.execute(query.order_by(LawfulBasis.ended_on.is_not(None), LawfulBasis.since.desc(), LawfulBasis.id.desc()).limit(200)))


def beside_purposes(ctx: Context, contact: Contact) -> tuple[list[ConsentPurpose], list[tuple[LawfulBasis, str | None]]]:
    """(all purposes by name, the bases that hold with the name of their purpose) in one statement, for a person's page. The person
    is one that was read as the actor sees him."""
    require(ctx, "consents.read")
    purpose, held = (aliased(model, query.subquery()) for model, query in ((ConsentPurpose, visible(ctx, ConsentPurpose)), (LawfulBasis, _running(contact.id))))
    query = select(purpose, held).select_from(purpose).join(held, held.purpose_id == purpose.id, full=True)
    rows = ctx.session.execute(query.order_by(purpose.ended, purpose.name, purpose.id, held.since.desc(), held.id.desc())).all()
    said = sorted(((basis, one.name if one else None) for one, basis in rows if basis), key=lambda each: (each[0].since, each[0].id), reverse=True)
    return list(dict.fromkeys(one for one, _ in rows if one)), said


def _running(contact_id: UUID) -> Any:
    return select(LawfulBasis).where(LawfulBasis.contact_id == contact_id, LawfulBasis.ended_on.is_(None))
