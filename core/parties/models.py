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

from sqlalchemy import CheckConstraint, Computed, Double, ForeignKey, Index, Numeric, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from core.base.finding import EAST_ASIAN, FOLDED
from core.base.hiding import Guarded, guard
from core.base.model import Record, TenantBase, Timed
from core.base.personal import Personal
from core.base.records import RecordKind
from core.base.registry import Child
from core.custom_fields.columns import FIND
from core.custom_fields.fields import Customised, Taking, take_part
from core.parties.reach_models import REACH_CHILDREN

KINDS = ("company", "person")
PAIR_STATES = ("open", "later", "not_duplicates", "merged")
STAGES = ("identified", "selected", "acquired", "developed", "kept", "loyal", "lost")
CHANNELS = ("phone", "mail", "message", "visit", "post")
# What a day of the year is found by: 229 is the 29th of February.
MONTH_DAY = "(extract(month from birthday) * 100 + extract(day from birthday))::int"
DIGITS = "nullif(right(regexp_replace({column}, '[^0-9]', '', 'g'), 9), '')"
ALIVE = "deleted_at IS NULL"
# What of a restricted person stays as it is, whatever asks for it. Its owner, account and place in the bin may change.
HELD = ("name", "how_to_address", "job_title", "mail", "phone", "mobile", "birthday", "language", "notes", "tags", "source", "custom")
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
    return (
        Index(f"ix_{table}_list", "name_fold", "id", **alive),
        Index(f"ix_{table}_own", "owner_id", "name_fold", "id", **alive),
        Index(f"ix_{table}_changed", text("updated_at DESC"), text("id DESC"), **alive),
        Index(f"ix_{table}_east_asian", text(f"({EAST_ASIAN.format(folded='name_fold')})"), postgresql_using="gin", **alive),
        Index(f"ix_{table}_tags", "tags", postgresql_using="gin", **alive),
        Index(f"ix_{table}_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
        Index(f"ix_{table}_custom", "custom", postgresql_using="gin", postgresql_ops={"custom": "jsonb_path_ops"}, **alive),
        Index(f"ix_{table}_custom_find", "custom_find", postgresql_using="gin", postgresql_ops={"custom_find": "ext.gin_trgm_ops"}, postgresql_where=text(f"{ALIVE} AND custom_find IS NOT NULL")),
        Index(f"uq_{table}_external_id", "external_id", unique=True, postgresql_where=text("external_id IS NOT NULL")),
    )


class Party(Customised, Record):
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

    @declared_attr
    def custom_find(cls) -> Mapped[str | None]:
        return mapped_column(Computed(FIND, persisted=True), deferred=True)

    deleted_at: Mapped[datetime | None]
    merged_into: Mapped[UUID | None]


class Account(Party, TenantBase):
    """A company or private person that we sell to or buy from. stage: how far we are with it, stage_why: by which rule
    ({"rule", "on"}) or in whose words ({"note"}); stage_until: set by hand until that day (core.parties.lifecycle)."""

    __tablename__, ROOM = "account", "accounts"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint("employees >= 0", name="employees"),
        CheckConstraint("parent_id <> id", name="parent"),
        CheckConstraint(f"stage IN {STAGES}", name="stage"),
        Index("ix_account_stage", "stage", "name_fold", "id", postgresql_where=text(ALIVE)),
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
    stage: Mapped[str] = mapped_column(server_default=text("'identified'"), default="identified")
    stage_why: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    stage_until: Mapped[date | None]


class Contact(Party, TenantBase):
    """A person, at an account or on his own. name is one field; how_to_address is what a letter begins with.
    preferred_hours: when he likes to be reached, as core.parties.hours writes it, by his own clock (timezone).
    referred_by_id: who brought him to us."""

    __tablename__, ROOM = "contact", "contacts"
    __table_args__ = (
        CheckConstraint(f"preferred_channel IN {CHANNELS}", name="preferred_channel"),
        CheckConstraint("referred_by_id <> id", name="referred_by"),
        *ways_to_find("contact"),
        Index("ix_contact_day_of_year", text(f"({MONTH_DAY})"), postgresql_where=text(f"birthday IS NOT NULL AND {ALIVE}")),
        Index("ix_contact_referred_by_id", "referred_by_id", postgresql_where=text("referred_by_id IS NOT NULL")),
        Index(
            "ix_contact_find", "name_fold", "mail_norm", postgresql_using="gin", postgresql_where=text(ALIVE),
            postgresql_ops={"name_fold": "ext.gin_trgm_ops", "mail_norm": "ext.gin_trgm_ops"},
        ),
        Index("ix_contact_account_id", "account_id", "name_fold", "id"),
        Index("ix_contact_mail_norm", "mail_norm", postgresql_where=text("mail_norm IS NOT NULL")),
        Index("ix_contact_phone_key", "phone_key", postgresql_where=text("phone_key IS NOT NULL")),
        Index("ix_contact_birthday", "birthday", postgresql_where=text("birthday IS NOT NULL")),
        Index("ix_contact_mobile_key", "mobile_key", postgresql_where=text("mobile_key IS NOT NULL")),
        {"info": {"audit": True, "ddl": (RESTRICTED,)}},
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


class StageChange(Timed, TenantBase):
    """From which stage to which an account went, and why. created_by: who set it by hand; a rule is nobody."""

    __tablename__ = "stage_change"
    __table_args__ = (
        CheckConstraint(f"from_stage IN {STAGES}", name="from_stage"),
        CheckConstraint(f"to_stage IN {STAGES}", name="to_stage"),
        Index("ix_stage_change_account_id", "account_id", text("created_at DESC"), text("id DESC")),
    )
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    from_stage: Mapped[str]
    to_stage: Mapped[str]
    why: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    until: Mapped[date | None]


class PoolRules(Record, TenantBase):
    """When accounts go to the shared pool: at most one row. idle_days: after so many days without any contact, never where
    none is said; claims_a_day: how many anybody may take from it on one day."""

    __tablename__ = "pool_rules"
    __table_args__ = (
        CheckConstraint("one", name="one"), CheckConstraint("idle_days BETWEEN 30 AND 3650", name="idle_days"), CheckConstraint("claims_a_day BETWEEN 1 AND 1000", name="claims_a_day"),
        {"info": {"audit": True}},
    )
    one: Mapped[bool] = mapped_column(server_default=text("true"), default=True, unique=True)
    idle_days: Mapped[int | None]
    claims_a_day: Mapped[int | None]


class PoolWarning(TenantBase):
    """An owner was told that an account goes to the pool on that day."""

    __tablename__ = "pool_warning"
    __table_args__ = (Index("ix_pool_warning_due_on", "due_on", "account_id"), Index("ix_pool_warning_owner_id", "owner_id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    due_on: Mapped[date]
    warned_at: Mapped[datetime]


class PoolClaim(Timed, TenantBase):
    """Somebody took an account from the pool."""

    __tablename__ = "pool_claim"
    __table_args__ = (Index("ix_pool_claim_user_id", "user_id", "created_at"), Index("ix_pool_claim_account_id", "account_id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))


class DuplicatePair(Timed, TenantBase):
    """Two accounts or contacts that are likely the same, or (not_duplicates) that somebody said are not. a_id is the smaller
    key. reasons: as core.parties.duplicates gives them."""

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        CheckConstraint("kind IN ('account', 'contact')", name="kind"), CheckConstraint(f"state IN {PAIR_STATES}", name="state"), CheckConstraint("a_id < b_id", name="order"),
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
    Child("stage_change", "account_id", "account", grows=False),
    Child("pool_warning", "account_id", "account", verb="keep", grows=False),
    Child("pool_claim", "account_id", "account", grows=False),
    *(Child("duplicate_pair", column, parent, verb="keep", grows=False) for column in ("a_id", "b_id") for parent in ("account", "contact")),
    Child("contact", "account_id", "account", owner="owner_id", personal=("name", "how_to_address", "mail", "mail_norm", "phone", "mobile", "birthday", "preferred_hours", "notes")),
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
        "annual_revenue", "currency", "kind", "is_customer", "is_supplier", "parent_id", "website", "industry", "employees", "founded_year", "street", "postcode", "city", "region", "country",
    )},
    "stage": ("stage", "stage_why", "stage_until"),
}, visible=frozenset({"owner_id", "kind", "is_customer", "is_supplier", "parent_id", "stage"})))
guard(Guarded("contacts", Contact, _SHARED | {
    "mobile": ("mobile", "mobile_key"), **{name: (name,) for name in ("account_id", "how_to_address", "job_title", "language", "birthday", "preferred_channel", "preferred_hours", "timezone", "referred_by_id")},
}, visible=frozenset({"owner_id", "account_id", "referred_by_id"})))


def _asked_of(model: type[Account] | type[Contact], what: str) -> Mapping[str, Any]:
    """What an own field's condition may ask of a record's other fields; the rules stand above the models."""
    from core.parties import rules, words

    cleaners = rules.ACCOUNT_FIELDS if model is Account else rules.CONTACT_FIELDS
    return {name: words.LABELS[name] if what == "labels" else cleaner for name, cleaner in cleaners.items() if name not in ("name", "notes", "parent_id", "account_id", "owner_id", "referred_by_id")}


for _model in (Account, Contact):
    take_part(Taking(_model.ROOM, _model, partial(_asked_of, _model, "labels"), partial(_asked_of, _model, "cleaners")))
RECORD_KINDS = (
    RecordKind(Account, "accounts.read", "/accounts/{id}", discussed=True), RecordKind(Contact, "contacts.read", "/contacts/{id}", discussed=True),
)

_WHO = ("name", "mail", "mail_norm", "phone", "notes", "source", "external_id", "custom", "tags")
PERSONAL = (
    Personal("contact", by=("id",), at=("mail_norm",), cleared=(*_WHO, "how_to_address", "job_title", "mobile", "birthday", "restricted_why"), purged="delete"),
    # Of a private person the whole record; of a company only what names somebody.
    Personal("account", by=("id",), at=("mail_norm",), cleared=(*_WHO, "website", "street", "postcode", "city", "region"), told=("name", "notes", "website"), purged="delete"),
)
HARMLESS = {
    **{f"contact.{name}": "a language" for name in ("language",)},
    **{f"account.{name}": "a word of a list" for name in ("kind", "industry", "currency", "country")},
}
