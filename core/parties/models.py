"""Whom we deal with: accounts (companies and private persons) and the people at them.

name_fold is what lists sort by and searches look in; the database makes it, so that an import in one statement
and a form agree. phone_key is the last nine digits: the part that "+34 600 11 22 33" and "0034600112233" share.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, Double, ForeignKey, Index, Numeric, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from core.base.finding import EAST_ASIAN, FOLDED
from core.base.hiding import Guarded, guard
from core.base.model import Record, TenantBase, Timed
from core.base.records import RecordKind
from core.base.registry import Child

KINDS = ("company", "person")
PAIR_STATES = ("open", "later", "not_duplicates", "merged")
DIGITS = "nullif(right(regexp_replace({column}, '[^0-9]', '', 'g'), 9), '')"
ALIVE = "deleted_at IS NULL"


def folded(column: str) -> Mapped[str]:
    """A stored column: `column` in lower case without accents."""
    return mapped_column(Computed(FOLDED.format(column=column), persisted=True))


def digits(column: str) -> Mapped[str | None]:
    """A stored column: the last nine digits of `column`, NULL where it has none."""
    return mapped_column(Computed(DIGITS.format(column=column), persisted=True))


def ways_to_find(table: str) -> tuple[Index, ...]:
    """The indexes that lists and searches of accounts and contacts stand on; all leave the deleted out."""
    alive = {"postgresql_where": text(ALIVE)}
    return (
        Index(f"ix_{table}_list", "name_fold", "id", **alive),
        Index(f"ix_{table}_own", "owner_id", "name_fold", "id", **alive),
        Index(f"ix_{table}_changed", text("updated_at DESC"), text("id DESC"), **alive),
        Index(f"ix_{table}_east_asian", text(f"({EAST_ASIAN.format(folded='name_fold')})"), postgresql_using="gin", **alive),
        Index(f"ix_{table}_tags", "tags", postgresql_using="gin", **alive),
        Index(f"ix_{table}_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
        Index(f"uq_{table}_external_id", "external_id", unique=True, postgresql_where=text("external_id IS NOT NULL")),
    )


class Party(Record):
    """What accounts and contacts share. owner_id NULL is the shared pool. deleted_at: in the recycle bin;
    merged_into: because it was found to be the same as that one."""

    name: Mapped[str]

    @declared_attr
    def name_fold(cls) -> Mapped[str]:
        return folded("name")

    @declared_attr
    def owner_id(cls) -> Mapped[UUID | None]:
        return mapped_column(ForeignKey("app_user.id"))

    phone: Mapped[str | None]

    @declared_attr
    def phone_key(cls) -> Mapped[str | None]:
        return digits("phone")

    mail: Mapped[str | None]
    mail_norm: Mapped[str | None]
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"), default=list)
    source: Mapped[str | None]
    external_id: Mapped[str | None]
    notes: Mapped[str | None]
    custom: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    deleted_at: Mapped[datetime | None]
    merged_into: Mapped[UUID | None]


class Account(Party, TenantBase):
    """A company or private person that we sell to or buy from."""

    __tablename__, ROOM = "account", "accounts"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint("employees >= 0", name="employees"),
        CheckConstraint("parent_id <> id", name="parent"),
        *ways_to_find("account"),
        Index("ix_account_find", "name_fold", postgresql_using="gin", postgresql_ops={"name_fold": "ext.gin_trgm_ops"}, postgresql_where=text(ALIVE)),
        Index("ix_account_mail_norm", "mail_norm", postgresql_where=text("mail_norm IS NOT NULL")),
        Index("ix_account_phone_key", "phone_key", postgresql_where=text("phone_key IS NOT NULL")),
        Index("ix_account_postcode", "postcode", postgresql_where=text("postcode IS NOT NULL")),
        Index("ix_account_parent_id", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
        {"info": {"audit": True}},
    )
    kind: Mapped[str] = mapped_column(server_default=text("'company'"), default="company")
    is_customer: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    is_supplier: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    website: Mapped[str | None]
    industry: Mapped[str | None]
    employees: Mapped[int | None]
    annual_revenue: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    currency: Mapped[str | None]
    founded_year: Mapped[int | None]
    street: Mapped[str | None]
    postcode: Mapped[str | None]
    city: Mapped[str | None]
    region: Mapped[str | None]
    country: Mapped[str | None]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class Contact(Party, TenantBase):
    """A person, at an account or on his own. name is one field; how_to_address is what a letter begins with."""

    __tablename__, ROOM = "contact", "contacts"
    __table_args__ = (
        *ways_to_find("contact"),
        Index(
            "ix_contact_find", "name_fold", "mail_norm", postgresql_using="gin", postgresql_where=text(ALIVE),
            postgresql_ops={"name_fold": "ext.gin_trgm_ops", "mail_norm": "ext.gin_trgm_ops"},
        ),
        Index("ix_contact_account_id", "account_id", "name_fold", "id"),
        Index("ix_contact_mail_norm", "mail_norm", postgresql_where=text("mail_norm IS NOT NULL")),
        Index("ix_contact_phone_key", "phone_key", postgresql_where=text("phone_key IS NOT NULL")),
        Index("ix_contact_birthday", "birthday", postgresql_where=text("birthday IS NOT NULL")),
        Index("ix_contact_mobile_key", "mobile_key", postgresql_where=text("mobile_key IS NOT NULL")),
        {"info": {"audit": True}},
    )
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    how_to_address: Mapped[str | None]
    job_title: Mapped[str | None]
    mobile: Mapped[str | None]
    mobile_key: Mapped[str | None] = digits("mobile")
    language: Mapped[str | None]
    birthday: Mapped[date | None]


class DuplicatePair(Timed, TenantBase):
    """Two accounts or contacts that are likely the same, or (not_duplicates) that somebody said are not. a_id is the smaller
    key. reasons: as core.parties.duplicates gives them."""

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        CheckConstraint("kind IN ('account', 'contact')", name="kind"), CheckConstraint(f"state IN {PAIR_STATES}", name="state"),
        Index("uq_duplicate_pair_both", "a_id", "b_id", unique=True), Index("ix_duplicate_pair_b_id", "b_id"),
        Index("ix_duplicate_pair_open", "kind", text("score DESC"), "id", postgresql_where=text("state = 'open'")),
    )
    kind: Mapped[str]
    a_id: Mapped[UUID]
    b_id: Mapped[UUID]
    score: Mapped[float] = mapped_column(Double)
    reasons: Mapped[list[str]] = mapped_column(ARRAY(Text))
    state: Mapped[str] = mapped_column(server_default=text("'open'"), default="open")
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]


CHILDREN = (
    *(Child("duplicate_pair", column, parent, verb="keep", grows=False) for column in ("a_id", "b_id") for parent in ("account", "contact")),
    Child("contact", "account_id", "account", owner="owner_id", personal=("name", "how_to_address", "mail", "mail_norm", "phone", "mobile", "birthday", "notes")),
    Child("account", "parent_id", "account", owner="owner_id"),
)

# Field -> the columns that tell it. What makes a record one (its name, what it hangs on) is everybody's who sees it.
_SHARED = {
    "phone": ("phone", "phone_key"), "mail": ("mail", "mail_norm"), "tags": ("tags",), "source": ("source",), "external_id": ("external_id",),
    "notes": ("notes",), "owner_id": ("owner_id",),
}
guard(Guarded("accounts", Account, _SHARED | {
    **{name: (name,) for name in (
        "annual_revenue", "currency", "kind", "is_customer", "is_supplier", "parent_id", "website", "industry", "employees", "founded_year", "street", "postcode", "city", "region", "country",
    )},
}, visible=frozenset({"owner_id", "kind", "is_customer", "is_supplier", "parent_id"})))
guard(Guarded("contacts", Contact, _SHARED | {
    "mobile": ("mobile", "mobile_key"), **{name: (name,) for name in ("account_id", "how_to_address", "job_title", "language", "birthday")},
}, visible=frozenset({"owner_id", "account_id"})))
RECORD_KINDS = (
    RecordKind(Account, "accounts.read", "/accounts/{id}", discussed=True), RecordKind(Contact, "contacts.read", "/contacts/{id}", discussed=True),
)
