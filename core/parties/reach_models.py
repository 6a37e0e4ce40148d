"""How else a party is reached than by the mail, phone and address of its own row, which stay the main ones: further
mails, phones and messengers, postal addresses, and the accounts that a person has a role at beside his own.

A row hangs on an account or on a contact, never on both. key is what a value is found and compared by: a mail in small
letters, the last nine digits of a phone, "whatsapp:+34600…" of a messenger.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, literal_column, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from core.base.finding import SOON, TRIGRAMS
from core.base.hiding import mirror
from core.base.model import Record, TenantBase
from core.base.personal import Personal
from core.base.registry import Child

POINT_KINDS = ("mail", "phone", "messenger")
SERVICES = ("whatsapp", "telegram", "wechat", "kakaotalk", "line", "signal", "viber", "skype", "other")
INVALID = ("bounced", "wrong", "left")
ALIVE = "deleted_at IS NULL"
NUMBER = "regexp_replace(coalesce(e164, value), '[^0-9]', '', 'g')"


def one_parent() -> CheckConstraint:
    """On an account or on a contact."""
    return CheckConstraint("(account_id IS NULL) <> (contact_id IS NULL)", name="parent")


class OnParty(Record):
    """A row of an account or of a contact. position: its place among its like. deleted_at: taken away, may come back."""

    @declared_attr
    def account_id(cls) -> Mapped[UUID | None]:
        return mapped_column(ForeignKey("account.id", ondelete="CASCADE"))

    @declared_attr
    def contact_id(cls) -> Mapped[UUID | None]:
        return mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))

    label: Mapped[str]
    position: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    deleted_at: Mapped[datetime | None]


class ContactPoint(OnParty, TenantBase):
    """One further mail address, phone number or name at a messenger. value: as typed. e164: the number for programs,
    where it is known. label: a word of the list (core.parties.reach_words), or whatever was typed."""

    __tablename__ = "contact_point"
    __table_args__ = (
        one_parent(), CheckConstraint(f"kind IN {POINT_KINDS}", name="kind"), CheckConstraint("(kind = 'messenger') = (service IS NOT NULL)", name="messenger"),
        CheckConstraint(f"service IN {SERVICES}", name="service"),
        Index("uq_contact_point_value", "account_id", "contact_id", "kind", "key", unique=True, postgresql_nulls_not_distinct=True, postgresql_where=text(ALIVE)),
        Index("ix_contact_point_contact_id", "contact_id", postgresql_where=text("contact_id IS NOT NULL")),
        Index("ix_contact_point_account_id", "account_id", postgresql_where=text("account_id IS NOT NULL")),
        Index("ix_contact_point_find", "key", postgresql_using="gin", postgresql_with=SOON, postgresql_ops={"key": TRIGRAMS}, postgresql_where=text(ALIVE)),
        Index("ix_contact_point_phone_find", literal_column(f"({NUMBER})").label("number"), postgresql_using="gin", postgresql_ops={"number": TRIGRAMS}, postgresql_with=SOON, postgresql_where=text(f"{ALIVE} AND kind = 'phone'")),
        Index("ix_contact_point_key", "key", "kind", postgresql_where=text(ALIVE)),
        {"info": {"audit": True}},
    )
    kind: Mapped[str]
    service: Mapped[str | None]
    value: Mapped[str]
    key: Mapped[str]
    e164: Mapped[str | None]


class PostalAddress(OnParty, TenantBase):
    """One further postal address; a contact's first one too. street: its lines. country: the ISO code where it is
    recognised, else what was typed."""

    __tablename__ = "postal_address"
    __table_args__ = (
        one_parent(),
        Index("ix_postal_address_contact_id", "contact_id", postgresql_where=text("contact_id IS NOT NULL")),
        Index("ix_postal_address_account_id", "account_id", postgresql_where=text("account_id IS NOT NULL")),
        {"info": {"audit": True}},
    )
    recipient: Mapped[str | None]
    street: Mapped[str | None]
    postcode: Mapped[str | None]
    city: Mapped[str | None]
    region: Mapped[str | None]
    country: Mapped[str | None]


class Affiliation(Record, TenantBase):
    """A person's role at an account beside the one that he is listed at. is_former: it is over, whenever that was."""

    __tablename__ = "affiliation"
    __table_args__ = (
        CheckConstraint("until >= since", name="days"),
        Index("uq_affiliation_contact_account", "contact_id", "account_id", unique=True, postgresql_where=text(ALIVE)),
        Index("ix_affiliation_account_id", "account_id"), Index("ix_affiliation_contact_id", "contact_id"),
        {"info": {"audit": True}},
    )
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    title: Mapped[str | None]
    department: Mapped[str | None]
    since: Mapped[date | None]
    until: Mapped[date | None]
    is_former: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    deleted_at: Mapped[datetime | None]


class ReachMark(Record, TenantBase):
    """What is known of a mail address or a number itself, on whosever record it stands: that it must not be called, that
    it is no good any more. It outlives edits and merges. That a mail must get no advertising is core.post's alone."""

    __tablename__ = "reach_mark"
    __table_args__ = (
        CheckConstraint("kind IN ('mail', 'phone')", name="kind"), CheckConstraint(f"invalid IN {INVALID}", name="invalid"),
        CheckConstraint("(invalid IS NULL) = (invalid_at IS NULL)", name="invalid_at"), CheckConstraint("opted_out_at IS NULL OR kind = 'phone'", name="opted_out"),
        Index("uq_reach_mark_key", "kind", "key", unique=True),
        {"info": {"audit": True}},
    )
    kind: Mapped[str]
    key: Mapped[str]
    opted_out_at: Mapped[datetime | None]
    opted_out_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    invalid: Mapped[str | None]
    invalid_at: Mapped[datetime | None]
    invalid_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    note: Mapped[str | None]


REACH_CHILDREN = (
    *(Child("contact_point", f"{parent}_id", parent, unique=("kind", "key"), personal=("value", "key", "e164", "label")) for parent in ("account", "contact")),
    *(Child("postal_address", f"{parent}_id", parent, personal=("recipient", "street", "postcode", "city", "region", "country", "label")) for parent in ("account", "contact")),
    *(Child("affiliation", f"{parent}_id", parent, unique=(f"{other}_id",), personal=("title", "department")) for parent, other in (("account", "contact"), ("contact", "account"))),
)
REACH_PERSONAL = (
    Personal("contact_point", by=("contact_id", "account_id"), at=("key",), told=("value", "key", "e164", "label"), gone=True, purged="delete"),
    Personal("postal_address", by=("contact_id", "account_id"), told=("recipient", "street", "postcode", "city", "region", "country", "label"), gone=True, purged="delete"),
    Personal("affiliation", by=("contact_id", "account_id"), told=("title", "department"), gone=True, purged="delete"),
    Personal("reach_mark", at=("key",), told=("key", "note"), gone=True),
)
REACH_HARMLESS = {
    **{f"contact_point.{name}": "a word of a list" for name in ("kind", "service")},
    **{f"reach_mark.{name}": "a word of a list" for name in ("kind", "invalid")},
}
# Kind of point -> the fields of a record with which it is hidden and protected.
FIELDS_OF = {"mail": ("mail",), "phone": ("phone", "mobile"), "messenger": ("phone", "mobile")}
ADDRESS_FIELDS = ("street", "postcode", "city", "region", "country")
# What is hidden of an account or contact is hidden here too. An account's address fields stand for everybody's.
for room, fields in (("accounts", ("mail", "phone")), ("contacts", ("mail", "phone", "mobile"))):
    for name in fields:
        mirror(room, name, ContactPoint, "value", "key", "e164")
        mirror(room, name, ReachMark, "key", "note")
for name in ADDRESS_FIELDS:
    mirror("accounts", name, PostalAddress, name, *(("recipient",) if name == "street" else ()))
mirror("contacts", "job_title", Affiliation, "title", "department")
