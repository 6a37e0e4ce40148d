"""The consent ledger: who agreed to what, in which words, from where; a withdrawal is a new row, nothing is ever changed."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column, synonym

from core.base.model import Record, TenantBase, Timed
from core.base.personal import Personal
from core.base.registry import Child
from core.base.words import N_

BASES = ("consent", "contract", "legitimate_interest", "legal_duty")
SOURCES = ("form", "mail", "phone", "paper", "import", "link")
# What a person's data may rest on (GDPR 6.1); purposes that people are asked for need the first four.
ALL_BASES = (*BASES, "vital_interest", "public_task")


class ConsentPurpose(Record, TenantBase):
    """What personal data are used for: newsletter, offers, phone, profiling, or a workspace's own. basis: on which lawful basis
    (GDPR 6). ended: nothing new is recorded for it."""

    __tablename__, ROOM = "consent_purpose", "consents"
    __table_args__ = (
        CheckConstraint(f"basis IN {BASES}", name="basis"), Index("uq_consent_purpose_name", text("lower(name)"), unique=True), {"info": {"audit": True}},
    )
    name: Mapped[str]
    basis: Mapped[str] = mapped_column(server_default=text("'consent'"), default="consent")
    ended: Mapped[bool] = mapped_column(server_default=text("false"), default=False)


class ConsentWording(Timed, TenantBase):
    """What people are asked, in one language. A change is a further version: whoever agreed, agreed to the words of then."""

    __tablename__ = "consent_wording"
    __table_args__ = (Index("uq_consent_wording_number", "purpose_id", "lang", "number", unique=True), {"info": {"append_only": True}})
    purpose_id: Mapped[UUID] = mapped_column(ForeignKey("consent_purpose.id"))
    lang: Mapped[str]
    number: Mapped[int]
    said: Mapped[str]


class Consent(Timed, TenantBase):
    """One line of the ledger: given or withdrawn. address_hash: keyed, where there is an address; so a withdrawal by link counts
    for whoever has that address. proof: where it can be looked up. The newest line of a person and purpose is what stands."""

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint(f"source IN {SOURCES}", name="source"), CheckConstraint("contact_id IS NOT NULL OR address_hash IS NOT NULL OR erased", name="whose"),
        Index("ix_consent_contact_id", "contact_id", "purpose_id", text("created_at DESC"), text("id DESC")),
        Index("ix_consent_address_hash", "address_hash", "purpose_id", text("created_at DESC"), text("id DESC"), postgresql_where=text("address_hash IS NOT NULL")),
        Index("ix_consent_purpose_id", "purpose_id"), {"info": {"append_only": True}},
    )
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    address_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    purpose_id: Mapped[UUID] = mapped_column(ForeignKey("consent_purpose.id"))
    given: Mapped[bool]
    wording_id: Mapped[UUID | None] = mapped_column(ForeignKey("consent_wording.id"))
    source: Mapped[str]
    proof: Mapped[str | None]
    ip: Mapped[str | None]
    # What the API calls it.
    agreed = synonym("given")
    erased: Mapped[bool] = mapped_column(server_default=text("false"), default=False)


class LawfulBasis(Record, TenantBase):
    """What the data of a person rest on, as somebody said by hand: for a purpose, or (none) for all that is kept of him. source:
    how it is known, note: where it can be looked up, since: from which day. ended_on: it holds no longer; the row stays."""

    __tablename__ = "lawful_basis"
    __table_args__ = (
        CheckConstraint(f"basis IN {ALL_BASES}", name="basis"), CheckConstraint(f"source IN {SOURCES}", name="source"), CheckConstraint("ended_on >= since", name="days"),
        Index("ix_lawful_basis_contact_id", "contact_id"), Index("ix_lawful_basis_purpose_id", "purpose_id"), {"info": {"audit": True}},
    )
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    purpose_id: Mapped[UUID | None] = mapped_column(ForeignKey("consent_purpose.id"))
    basis: Mapped[str]
    source: Mapped[str]
    note: Mapped[str | None]
    since: Mapped[date]
    ended_on: Mapped[date | None]


CHILDREN = (
    Child("consent", "contact_id", "contact", verb="keep", personal=("proof", "ip"), grows=False),
    Child("lawful_basis", "contact_id", "contact", personal=("note",)),
)
PERSONAL = (
    Personal("consent", by=("contact_id",), cleared=("proof", "ip"), told=("proof",), keeps=N_("Shows that somebody agreed and took it back (GDPR 7.1), without name and address.")),
    Personal("lawful_basis", by=("contact_id",), told=("note",), gone=True, purged="delete"),
)
HARMLESS = {
    "consent_purpose": "words of the workspace", "consent_wording": "words of the workspace", "consent.source": "a word of a list", "lawful_basis.basis": "a word of a list", "lawful_basis.source": "a word of a list", "consent.address_hash": "a keyed hash alone",
}
