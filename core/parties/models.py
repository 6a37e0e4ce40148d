"""Whom we deal with: accounts (companies and private persons) and the people at them.

name_fold is what lists sort by and searches look in; the database makes it, so that an import in one statement
and a form agree. phone_key is the last nine digits: the part that "+34 600 11 22 33" and "0034600112233" share.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Numeric, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from core.base.finding import EAST_ASIAN, FOLDED
from core.base.hiding import Guarded, guard
from core.base.model import Record, TenantBase
from core.base.records import RecordKind
from core.base.registry import Child
from core.custom_fields.columns import FIND
from core.custom_fields.fields import Customised, Taking, take_part

KINDS = ("company", "person")
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
        Index(f"ix_{table}_custom", "custom", postgresql_using="gin", postgresql_ops={"custom": "jsonb_path_ops"}, **alive),
        Index(f"ix_{table}_custom_find", "custom_find", postgresql_using="gin", postgresql_ops={"custom_find": "ext.gin_trgm_ops"}, postgresql_where=text(f"{ALIVE} AND custom_find IS NOT NULL")),
        Index(f"uq_{table}_external_id", "external_id", unique=True, postgresql_where=text("external_id IS NOT NULL")),
    )


class Party(Customised, Record):
    """What accounts and contacts share. owner_id NULL is the shared pool. deleted_at: in the recycle bin."""

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

    @declared_attr
    def custom_find(cls) -> Mapped[str | None]:
        return mapped_column(Computed(FIND, persisted=True), deferred=True)

    deleted_at: Mapped[datetime | None]


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


CHILDREN = (
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


def _asked_of(model: type[Account] | type[Contact], what: str) -> Mapping[str, Any]:
    """What an own field's condition may ask of a record's other fields; the rules stand above the models."""
    from core.parties import rules, words

    cleaners = rules.ACCOUNT_FIELDS if model is Account else rules.CONTACT_FIELDS
    return {name: words.LABELS[name] if what == "labels" else cleaner for name, cleaner in cleaners.items() if name not in ("name", "notes", "parent_id", "account_id", "owner_id")}


for _model in (Account, Contact):
    take_part(Taking(_model.ROOM, _model, partial(_asked_of, _model, "labels"), partial(_asked_of, _model, "cleaners")))
RECORD_KINDS = (
    RecordKind(Account, "accounts.read", "/accounts/{id}", discussed=True), RecordKind(Contact, "contacts.read", "/contacts/{id}", discussed=True),
)
