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

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Numeric, literal_column, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from core.base.finding import EAST_ASIAN, FOLDED, SOON, TRIGRAMS
from core.base.hiding import Guarded, behind, guard
from core.base.model import Record, TenantBase
from core.base.personal import Personal
from core.base.records import RecordKind
from core.base.registry import Child
from core.custom_fields.columns import FIND
from core.custom_fields.fields import Customised, Taking, take_part
from core.parties.beside_models import (
    BESIDE_CHILDREN,
    BESIDE_HARMLESS,
    BESIDE_PERSONAL,
    STAGES,
)
from core.parties.origins import KNOWN_FROM, OF, ORIGINS, SOURCES, TYPED, Known
from core.parties.reach_models import REACH_CHILDREN, REACH_HARMLESS, REACH_PERSONAL
from core.tagging.models import Tagged, found_by_tags, settled

KINDS = ("company", "person")
CHANNELS = ("phone", "mail", "message", "visit", "post")
# Why a customer pays no tax, in the letters that invoices have for it: exempt, reverse charge.
RELIEFS = ("E", "AE")
# What a day of the year is found by: 229 is the 29th of February.
MONTH_DAY = "(extract(month from birthday) * 100 + extract(day from birthday))::int"
DIGITS = "nullif(right(regexp_replace({column}, '[^0-9]', '', 'g'), 9), '')"
ALIVE = "deleted_at IS NULL"
# All digits of a number, of which any few that follow each other are looked for.
ALL_DIGITS = "regexp_replace({column}, '[^0-9]', '', 'g')"
HANGUL = "name_fold ~ '[\uac00-\ud7a3]'"
# What of a restricted person stays as it is, whatever asks for it. Its owner, account and place in the bin may change.
HELD = (
    "name", "how_to_address", "job_title", "mail", "phone", "mobile", "birthday", "language", "preferred_channel", "preferred_hours", "timezone", "notes", "tags", "source", "custom",
    *(column for name, origin in ORIGINS.items() if name != "referred_by_id" for column in origin),
)
RESTRICTED = (
    "CREATE TRIGGER restricted BEFORE UPDATE ON contact FOR EACH ROW WHEN (OLD.restricted_at IS NOT NULL AND NEW.restricted_at IS NOT NULL AND "
    f"({', '.join(f'OLD.{name}' for name in HELD)}) IS DISTINCT FROM ({', '.join(f'NEW.{name}' for name in HELD)})) EXECUTE FUNCTION ext.refuse_restricted()"
)


def folded(column: str) -> Mapped[str]:
    """A stored column: `column` in lower case without accents."""
    return mapped_column(Computed(FOLDED.format(column=column), persisted=True))


def digits(column: str) -> Mapped[str | None]:
    """A stored column: the last nine digits of `column`, NULL where it has none."""
    return mapped_column(Computed(DIGITS.format(column=column), persisted=True))


def ways_to_find(table: str) -> tuple[Index, ...]:
    """The indexes that lists and searches of accounts and contacts stand on; all leave the deleted out."""
    alive = {"postgresql_where": text(ALIVE)}
    gin = {"postgresql_using": "gin", "postgresql_with": SOON}
    return (
        Index(f"ix_{table}_list", "name_fold", "id", **alive),
        Index(f"ix_{table}_own", "owner_id", "name_fold", "id", **alive),
        Index(f"ix_{table}_changed", text("updated_at DESC"), text("id DESC"), **alive),
        Index(f"ix_{table}_east_asian", text(f"({EAST_ASIAN.format(folded='name_fold')})"), postgresql_using="gin", **alive),
        found_by_tags(table),
        Index(f"ix_{table}_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
        Index(f"ix_{table}_was_called", "name_fold", **gin, postgresql_ops={"name_fold": TRIGRAMS}, postgresql_where=text("merged_into IS NOT NULL")),
        Index(f"ix_{table}_initials", literal_column("initials(name_fold)").label("initials"), **gin, postgresql_ops={"initials": TRIGRAMS}, postgresql_where=text(f"{ALIVE} AND {HANGUL}")),
        Index(f"ix_{table}_custom", "custom", postgresql_using="gin", postgresql_ops={"custom": "jsonb_path_ops"}, **alive),
        Index(f"ix_{table}_custom_find", "custom_find", postgresql_using="gin", postgresql_ops={"custom_find": "ext.gin_trgm_ops"}, postgresql_where=text(f"{ALIVE} AND custom_find IS NOT NULL")),
        Index(f"uq_{table}_external_id", "external_id", unique=True, postgresql_where=text("external_id IS NOT NULL")),
    )


def numbers(table: str, *columns: str) -> Index:
    """The index that finds a part of a telephone number."""
    parts = [literal_column(f"({ALL_DIGITS.format(column=column)})").label(column) for column in columns]  # noqa: S608 (columns named in this file)
    return Index(f"ix_{table}_phone_find", *parts, postgresql_using="gin", postgresql_ops=dict.fromkeys(columns, TRIGRAMS), postgresql_with=SOON, postgresql_where=text(ALIVE))


class Party(Tagged, Customised, Record):
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
    source: Mapped[str | None]
    external_id: Mapped[str | None]
    notes: Mapped[str | None]
    custom: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)

    @declared_attr
    def custom_find(cls) -> Mapped[str | None]:
        return mapped_column(Computed(FIND, persisted=True), deferred=True)

    deleted_at: Mapped[datetime | None]
    merged_into: Mapped[UUID | None]


class Account(Party, TenantBase):
    """A company or private person that we sell to or buy from. stage: how far we are with it, stage_why: by which rule
    ({"rule", "on"}) or in whose words ({"note"}); stage_until: set by hand until that day (core.parties.lifecycle).
    vat_id: the number that it is taxed under, written as infra.vat_numbers has it; tax_relief: why no tax is due
    from it, which a new quote takes over."""

    __tablename__, ROOM = "account", "accounts"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint("employees >= 0", name="employees"),
        CheckConstraint("parent_id <> id", name="parent"),
        CheckConstraint("vat_id ~ '^[0-9A-ZÑ&+*]{2,30}$'", name="vat_id"),
        CheckConstraint(f"tax_relief IN {RELIEFS}", name="tax_relief"),
        CheckConstraint(f"stage IN {STAGES}", name="stage"),
        Index("ix_account_stage", "stage", "name_fold", "id", postgresql_where=text(ALIVE)),
        *ways_to_find("account"),
        Index("ix_account_find", "name_fold", postgresql_using="gin", postgresql_with=SOON, postgresql_ops={"name_fold": TRIGRAMS}, postgresql_where=text(ALIVE)),
        numbers("account", "phone"),
        Index("ix_account_mail_norm", "mail_norm", postgresql_where=text("mail_norm IS NOT NULL")),
        Index("ix_account_phone_key", "phone_key", postgresql_where=text("phone_key IS NOT NULL")),
        Index("ix_account_vat_id", "vat_id", postgresql_where=text("vat_id IS NOT NULL")),
        Index("ix_account_postcode", "postcode", postgresql_where=text("postcode IS NOT NULL")),
        Index("ix_account_parent_id", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
        {"info": {"audit": True, "ddl": settled("account")}},
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
    vat_id: Mapped[str | None]
    tax_relief: Mapped[str | None]
    street: Mapped[str | None]
    postcode: Mapped[str | None]
    city: Mapped[str | None]
    region: Mapped[str | None]
    country: Mapped[str | None]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    stage: Mapped[str] = mapped_column(server_default=text("'identified'"), default="identified")
    stage_why: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    stage_until: Mapped[date | None]


class Contact(Known, Party, TenantBase):
    """A person, at an account or on his own. name is one field; how_to_address is what a letter begins with.
    preferred_hours: when he likes to be reached, as core.parties.hours writes it, by his own clock (timezone).
    referred_by_id: who brought him to us. Where that is known from: core.parties.origins."""

    __tablename__, ROOM = "contact", "contacts"
    __table_args__ = (
        CheckConstraint(f"preferred_channel IN {CHANNELS}", name="preferred_channel"),
        CheckConstraint("referred_by_id <> id", name="referred_by"),
        *ways_to_find("contact"),
        Index("ix_contact_day_of_year", text(f"({MONTH_DAY})"), postgresql_where=text(f"birthday IS NOT NULL AND {ALIVE}")),
        Index("ix_contact_referred_by_id", "referred_by_id", postgresql_where=text("referred_by_id IS NOT NULL")),
        Index(
            "ix_contact_find", "name_fold", "mail_norm", postgresql_using="gin", postgresql_with=SOON, postgresql_where=text(ALIVE),
            postgresql_ops={"name_fold": TRIGRAMS, "mail_norm": TRIGRAMS},
        ),
        numbers("contact", "phone", "mobile"),
        Index("ix_contact_account_id", "account_id", "name_fold", "id"),
        Index("ix_contact_mail_norm", "mail_norm", postgresql_where=text("mail_norm IS NOT NULL")),
        Index("ix_contact_phone_key", "phone_key", postgresql_where=text("phone_key IS NOT NULL")),
        Index("ix_contact_birthday", "birthday", postgresql_where=text("birthday IS NOT NULL")),
        Index("ix_contact_mobile_key", "mobile_key", postgresql_where=text("mobile_key IS NOT NULL")),
        {"info": {"audit": True, "ddl": (RESTRICTED, *settled("contact"))}},
    )
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    how_to_address: Mapped[str | None]
    job_title: Mapped[str | None]
    mobile: Mapped[str | None]
    mobile_key: Mapped[str | None] = digits("mobile")
    language: Mapped[str | None]
    birthday: Mapped[date | None]
    preferred_channel: Mapped[str | None]
    preferred_hours: Mapped[str | None]
    timezone: Mapped[str | None]
    referred_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    # Kept and not worked with (GDPR 18): since when, and why. The database refuses changes of what it says of the person.
    restricted_at: Mapped[datetime | None]
    restricted_why: Mapped[str | None]
    # Erased (core.privacy): a pseudonym stands in his place, and nobody is offered him any more.
    erased_at: Mapped[datetime | None]


CHILDREN = (
    *BESIDE_CHILDREN,
    Child("contact", "account_id", "account", owner="owner_id", personal=("name", "how_to_address", "mail", "mail_norm", "phone", "mobile", "birthday", "preferred_hours", "notes", *SOURCES)),
    Child("contact", "referred_by_id", "contact", owner="owner_id"),
    Child("account", "parent_id", "account", owner="owner_id"),
    *REACH_CHILDREN,
)

# Field -> the columns that tell it. What makes a record one (its name, what it hangs on) is everybody's who sees it.
_SHARED = {
    "phone": ("phone", "phone_key"), "mail": ("mail", "mail_norm"), "tags": ("tags",), "source": ("source",), "external_id": ("external_id",),
    "notes": ("notes",), "owner_id": ("owner_id",),
}
guard(Guarded("accounts", Account, _SHARED | {
    **{name: (name,) for name in (
        "annual_revenue", "currency", "kind", "is_customer", "is_supplier", "parent_id", "website", "industry", "employees", "founded_year", "vat_id", "tax_relief", "street", "postcode", "city", "region", "country",
    )},
    "stage": ("stage", "stage_why", "stage_until"),
}, visible=frozenset({"owner_id", "kind", "is_customer", "is_supplier", "parent_id", "stage"})))
guard(Guarded("contacts", Contact, _SHARED | {
    "mobile": ("mobile", "mobile_key"), **{name: (name,) for name in ("account_id", "how_to_address", "job_title", "timezone")},
    **{name: (name, *origin) for name, origin in ORIGINS.items()},
}, visible=frozenset({"owner_id", "account_id"}), beside={column: (name, KNOWN_FROM) for column, name in OF.items()}))
behind("contacts", KNOWN_FROM, Contact, tuple(OF), read="personal_facts.read", write="personal_facts.write")


def _asked_of(model: type[Account] | type[Contact], what: str) -> Mapping[str, Any]:
    """What an own field's condition may ask of a record's other fields; the rules stand above the models."""
    from core.parties import rules, words

    cleaners = rules.ACCOUNT_FIELDS if model is Account else rules.CONTACT_FIELDS
    return {name: words.LABELS[name] if what == "labels" else cleaner for name, cleaner in cleaners.items() if name not in ("name", "notes", "parent_id", "account_id", "owner_id", "referred_by_id", *TYPED)}


for _model in (Account, Contact):
    take_part(Taking(_model.ROOM, _model, partial(_asked_of, _model, "labels"), partial(_asked_of, _model, "cleaners")))
RECORD_KINDS = (
    RecordKind(Account, "accounts.read", "/accounts/{id}", discussed=True), RecordKind(Contact, "contacts.read", "/contacts/{id}", discussed=True),
)

_WHO = ("name", "mail", "mail_norm", "phone", "notes", "source", "external_id", "custom", "tags")
PERSONAL = (
    Personal("contact", by=("id",), at=("mail_norm",), cleared=(*_WHO, "how_to_address", "job_title", "mobile", "birthday", "preferred_hours", "timezone", "restricted_why", *TYPED), told=("notes", *SOURCES), purged="delete"),
    # Of a private person the whole record; of a company only what names somebody.
    Personal("account", by=("id",), at=("mail_norm",), cleared=(*_WHO, "website", "vat_id", "street", "postcode", "city", "region"), told=("name", "notes", "website", "stage_why"), purged="delete"),
    *REACH_PERSONAL, *BESIDE_PERSONAL,
)
HARMLESS = {
    "contact.language": "a language", "contact.preferred_channel": "a word of a list",
    **{f"account.{name}": "a word of a list" for name in ("kind", "industry", "currency", "country", "stage", "tax_relief")},
    **REACH_HARMLESS, **BESIDE_HARMLESS,
}
