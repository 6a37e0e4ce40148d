"""Use cases of the consent ledger: purposes, their wording, given and withdrawn. Lines are added, never changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import distinct_on

from core.base.context import Context
from core.base.editing import hold_place
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.policy import require, visible
from core.base.text import clean, clean_needed
from core.base.words import N_
from core.consent.models import BASES, SOURCES, Consent, ConsentPurpose, ConsentWording
from core.consent.queries import standing, standing_of_hash, taken_back
from core.parties.models import Contact
from core.post.queries import hash_of
from infra import i18n

USUAL = ((N_("Newsletter"), "consent"), (N_("Offers"), "consent"), (N_("Calls"), "consent"), (N_("Profiling"), "consent"))
MOST = 50


def add_purpose(ctx: Context, *, name: str | None, basis: str = "consent", said: str | None = None, lang: str | None = None) -> ConsentPurpose:
    """A purpose, and what people are asked for it where that is given. Refuses a name that is there."""
    require(ctx, "consents.manage")
    title = clean_needed(name, field="name", max_length=80)
    if basis not in BASES:
        raise Refused("unknown_value", field="basis")
    hold_place(ctx, "consent_purpose")
    names = set(ctx.session.execute(select(func.lower(ConsentPurpose.name))).scalars())
    if title.lower() in names:
        raise Refused("purpose_exists", field="name")
    if len(names) >= MOST:
        raise Refused("too_many_items", field="name", max=MOST)
    purpose = ConsentPurpose(name=title, basis=basis)
    ctx.session.add(purpose)
    record(ctx, "purpose.added", purpose, name=title)
    if said:
        word(ctx, purpose, said, lang)
    return purpose


def add_usual(ctx: Context) -> int:
    """The four that most need, in the workspace's language; those that are there already are left."""
    require(ctx, "consents.manage")
    there = set(ctx.session.execute(select(func.lower(ConsentPurpose.name))).scalars())
    wanted = [(i18n.gettext(ctx.locale, name), basis) for name, basis in USUAL]
    return len([add_purpose(ctx, name=name, basis=basis) for name, basis in wanted if name.lower() not in there])


def word(ctx: Context, purpose: ConsentPurpose, said: str | None, lang: str | None = None) -> ConsentWording:
    """Ask in other words from now on: a further version; whoever agreed before agreed to the earlier one."""
    require(ctx, "consents.manage")
    spoken, words = i18n.language(lang or ctx.locale), clean(said, field="said", max_length=2000, multiline=True)
    if not words:
        raise Refused("required", field="said")
    last = select(func.coalesce(func.max(ConsentWording.number), 0)).where(ConsentWording.purpose_id == purpose.id, ConsentWording.lang == spoken)
    ctx.session.execute(select(ConsentPurpose.id).where(ConsentPurpose.id == purpose.id).with_for_update())
    wording = ConsentWording(purpose_id=purpose.id, lang=spoken, number=ctx.session.execute(last).scalar_one() + 1, said=words)
    ctx.session.add(wording)
    ctx.session.flush()
    record(ctx, "purpose.worded", purpose, name=purpose.name, number=wording.number)
    return wording


def end_purpose(ctx: Context, purpose: ConsentPurpose, ended: bool = True) -> None:
    """Nothing new is recorded for it; what was stays."""
    require(ctx, "consents.manage")
    if purpose.ended != ended:
        purpose.ended = ended
        record(ctx, "purpose.ended" if ended else "purpose.reopened", purpose, name=purpose.name)


def record_consent(ctx: Context, contact: Contact, purpose_id: UUID, *, given: bool, source: str, proof: str | None = None, ip: str | None = None) -> Consent:
    """Write down that a person agreed or took it back. Giving refuses a purpose that has ended; a withdrawal is always taken."""
    require(ctx, "consents.record", contact)
    purpose = ctx.session.execute(visible(ctx, ConsentPurpose).where(ConsentPurpose.id == purpose_id)).scalar_one_or_none()
    if purpose is None:
        raise Refused("unknown_value", field="purpose_id")
    if source not in SOURCES:
        raise Refused("unknown_value", field="source")
    if given and purpose.ended:
        raise Refused("purpose_over", field="purpose_id")
    return _write(ctx, contact, purpose, given, source, clean(proof, field="proof", max_length=300), clean(ip, field="ip", max_length=60))


def withdraw_all(ctx: Context, contact: Contact, *, source: str) -> int:
    """A person objects: everything that he agreed to is withdrawn; says how many."""
    require(ctx, "consents.record", contact)
    given = [row.purpose_id for row in standing(ctx, contact) if row.given]
    for key in given:
        _write(ctx, contact, ctx.session.get_one(ConsentPurpose, key), False, source, None, None)
    return len(given)


def withdraw_by_link(ctx: Context, address_hash: bytes, contact: Contact | None) -> int:
    """Somebody left by the link in a mail: what stands given for the address, and for its contact, is withdrawn."""
    found = {row.purpose_id for row in standing_of_hash(ctx, address_hash, contact.id if contact else None) if row.given}
    for key in found:
        ctx.session.add(Consent(contact_id=contact.id if contact else None, address_hash=address_hash, purpose_id=key, given=False, source="link"))
    return len(found)


def record_by_mail(ctx: Context, mail: str, wording: ConsentWording, *, asked_at: datetime, counts_from: datetime, source: str, proof: str | None = None, ip: str | None = None) -> Consent:
    """Somebody agreed to these words by a form who is nobody's contact yet: the line hangs on his address, and becomes the contact's by
    `adopt`. The caller has seen that the address is to be taken for his. asked_at: when he agreed; counts_from: since when it is known to
    have been him. Refuses a purpose that has ended, and what he took back after he had agreed."""
    purpose, mark = ctx.session.get_one(ConsentPurpose, wording.purpose_id), hash_of(ctx, mail)
    if purpose.ended:
        raise Refused("purpose_over", purpose=purpose.name)
    if taken_back(ctx, mark, mail, purpose.id, asked_at):
        raise Refused("consent_taken_back", purpose=purpose.name)
    line = Consent(created_at=counts_from, address_hash=mark, purpose_id=purpose.id, given=True, source=source, proof=proof, ip=ip, wording_id=wording.id)
    ctx.session.add(line)
    ctx.session.flush()  # lines are read in the order of their writing
    return line


def adopt(ctx: Context, contact: Contact) -> int:
    """What stands given for a new contact's address alone is his too from now on, with its proof; says how many."""
    mark = hash_of(ctx, contact.mail_norm) if contact.mail_norm else None
    query = select(Consent).where(Consent.address_hash == mark).ext(distinct_on(Consent.purpose_id)).order_by(Consent.purpose_id, Consent.created_at.desc(), Consent.id.desc())
    found = [one for one in ctx.session.execute(query).scalars() if one.given and one.contact_id is None] if mark else []
    for one in found:
        ctx.session.add(Consent(contact_id=contact.id, address_hash=mark, purpose_id=one.purpose_id, given=True, source=one.source, proof=one.proof, ip=one.ip, wording_id=one.wording_id))
    return len(found)


def one_purpose(ctx: Context, purpose_id: UUID) -> ConsentPurpose:
    """A purpose; NotFound otherwise."""
    found = ctx.session.execute(visible(ctx, ConsentPurpose).where(ConsentPurpose.id == purpose_id)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def _write(ctx: Context, contact: Contact, purpose: ConsentPurpose, given: bool, source: str, proof: str | None, ip: str | None) -> Consent:
    wording = select(ConsentWording.id).where(ConsentWording.purpose_id == purpose.id).order_by(
        (ConsentWording.lang == literal(i18n.language(contact.language or ctx.locale))).desc(), ConsentWording.number.desc(),
    ).limit(1)
    line = Consent(
        contact_id=contact.id, address_hash=hash_of(ctx, contact.mail_norm) if contact.mail_norm else None, purpose_id=purpose.id, given=given, source=source,
        proof=proof, ip=ip, wording_id=ctx.session.execute(wording).scalar_one_or_none() if given else None,
    )
    ctx.session.add(line)
    record(ctx, "consent.given" if given else "consent.withdrawn", contact, about=(contact.account_id,), purpose=purpose.name)
    ctx.session.flush()
    return line
