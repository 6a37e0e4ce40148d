"""What people know of a person: tastes, habits, family, hobbies, each with how it is known and since when."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase
from core.base.personal import Personal
from core.base.registry import Child

KINDS = ("taste", "habit", "family", "hobby", "personal", "gift", "referral", "other")
SOURCES = ("said", "colleague", "public", "other")
LONGEST = 2000
ALIVE = "deleted_at IS NULL"


class PersonalFact(Record, TenantBase):
    """One thing that is known of a contact. source: how it is known (he said it, a colleague, it is public), source_note:
    in words; noted_on: since when. noted_by: who answers for it. Read with a permission of its own, so it stands on no
    timeline, in no search and in no export."""

    __tablename__ = "personal_fact"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint(f"source IN {SOURCES}", name="source"),
        CheckConstraint(f"char_length(body) BETWEEN 1 AND {LONGEST}", name="body"),
        Index("ix_personal_fact_contact_id", "contact_id", text("noted_on DESC"), text("id DESC"), postgresql_where=text(ALIVE)),
        Index("ix_personal_fact_noted_by", "noted_by"),
        {"info": {"audit": True, "permission": "personal_facts.read"}},
    )
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    kind: Mapped[str]
    body: Mapped[str]
    source: Mapped[str]
    source_note: Mapped[str | None]
    noted_on: Mapped[date]
    noted_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    deleted_at: Mapped[datetime | None]


CHILDREN = (Child("personal_fact", "contact_id", "contact", owner="noted_by", personal=("body", "source_note")),)
PERSONAL = (Personal("personal_fact", by=("contact_id",), told=("body", "source_note"), gone=True, purged="delete"),)
HARMLESS = {f"personal_fact.{name}": "a word of a list" for name in ("kind", "source")}
