"""Accounts and contacts as programs send and get them."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from flask import g
from pydantic import Field

from core.parties.models import CHANNELS, KINDS, RELIEFS, Account
from web.api import shell
from web.custom_fields.answers import OWN, own_values
from web.parties.api_duplicates import LIKELY, LikelyOut
from web.parties.made_answers import MadeOut

Tag = Annotated[str, Field(max_length=50)]
# Beside a value: in whose words, and since when. Absent with a new value: entered by whose token it is, today.
KnownFrom = Annotated[shell.Line | None, Field(description="Who said it, or how it is known. Nothing where the field has no value.")]
KnownSince = Annotated[date | None, Field(description="Since when it is known; today where nothing is said.")]


class PartyFields(shell.Body):
    """What accounts and contacts share. owner_id null: everyone's."""

    phone: shell.Line | None = None
    mail: shell.Line | None = None
    tags: list[Tag] | None = Field(None, max_length=30)
    owner_id: UUID | None = None
    source: shell.Line | None = None
    external_id: shell.Line | None = None
    notes: shell.Text | None = None
    custom: Annotated[dict[str, Any], Field(max_length=200, description=OWN)] | None = None

    def given(self) -> dict[str, Any]:
        """As the use cases know them: an own field is one as any other."""
        found = super().given()
        own = found.pop("custom", None) or {}
        return found | {f"custom.{key}": value for key, value in own.items()}


class AccountFields(PartyFields):
    kind: Annotated[str, Field(json_schema_extra={"enum": list(KINDS)})] | None = None
    is_customer: bool | None = None
    is_supplier: bool | None = None
    website: shell.Line | None = None
    industry: shell.Line | None = None
    employees: int | None = Field(None, ge=0, le=100_000_000)
    annual_revenue: shell.Price | None = None
    founded_year: int | None = Field(None, ge=1000, le=2100)
    vat_id: shell.Line | None = None
    tax_relief: Annotated[str, Field(json_schema_extra={"enum": list(RELIEFS)}, description="Why no tax is due: E exempt, AE reverse charge. New quotes take it over.")] | None = None
    street: shell.Line | None = None
    postcode: shell.Line | None = None
    city: shell.Line | None = None
    region: shell.Line | None = None
    country: shell.Line | None = None
    parent_id: UUID | None = None

    def given(self) -> dict[str, Any]:
        """As the use cases know them: an amount and its currency are two columns."""
        found = super().given()
        if "annual_revenue" in found:
            price = found.pop("annual_revenue")
            found |= {"annual_revenue": price.amount, "currency": price.currency} if price else {"annual_revenue": None}
        return found


class AccountIn(AccountFields):
    """An account to create."""

    name: shell.Line


class AccountPatch(AccountFields):
    """Changes of an account; what is absent stays as it is."""

    name: shell.Line | None = None


class ContactFields(PartyFields):
    account_id: UUID | None = None
    how_to_address: shell.Line | None = None
    job_title: shell.Line | None = None
    mobile: shell.Line | None = None
    language: shell.Line | None = None
    birthday: date | None = None
    preferred_channel: Annotated[str, Field(json_schema_extra={"enum": list(CHANNELS)})] | None = None
    preferred_hours: shell.Line | None = None
    timezone: shell.Line | None = None
    referred_by_id: UUID | None = None
    birthday_source: KnownFrom = None
    birthday_noted_on: KnownSince = None
    language_source: KnownFrom = None
    language_noted_on: KnownSince = None
    preferred_channel_source: KnownFrom = None
    preferred_channel_noted_on: KnownSince = None
    preferred_hours_source: KnownFrom = None
    preferred_hours_noted_on: KnownSince = None
    referred_by_source: KnownFrom = None
    referred_by_noted_on: KnownSince = None


class ContactIn(ContactFields):
    """A contact to create."""

    name: shell.Line


class ContactPatch(ContactFields):
    """Changes of a contact; what is absent stays as it is."""

    name: shell.Line | None = None


class PartyOut(MadeOut):
    """last_contact, next_contact: of the contact log, as lists show them; who may not read it is not told them."""

    id: UUID
    version: int
    name: str
    phone: str | None
    mail: str | None
    tags: list[str]
    owner_id: UUID | None
    source: str | None
    external_id: str | None
    notes: str | None
    custom: Annotated[dict[str, Any], Field(description=OWN)]
    last_contact: date | None = None
    last_contact_kind: str | None = None
    next_contact: date | None = None
    next_contact_kind: str | None = None
    created_at: shell.Moment
    updated_at: shell.Moment

    @classmethod
    def of(cls, record: Any) -> "PartyOut":
        return cls(**{name: getattr(record, name) for name in cls.model_fields if name != "custom"}, custom=own_values(g.ctx, record))


class AccountOut(PartyOut):
    """A company or private person."""

    kind: str
    is_customer: bool
    is_supplier: bool
    website: str | None
    industry: str | None
    employees: int | None
    annual_revenue: shell.Price | None
    founded_year: int | None
    vat_id: str | None
    tax_relief: str | None
    street: str | None
    postcode: str | None
    city: str | None
    region: str | None
    country: str | None
    parent_id: UUID | None
    stage: str
    stage_until: date | None

    @classmethod
    def of(cls, record: Account) -> "AccountOut":
        values = {name: getattr(record, name) for name in cls.model_fields} | {"custom": own_values(g.ctx, record)}
        # An amount whose currency was never said is in none: ISO 4217 calls that XXX.
        amount = values["annual_revenue"]
        values["annual_revenue"] = None if amount is None else shell.Price(amount=amount, currency=record.currency or "XXX")
        return cls(**values)


class ContactOut(PartyOut):
    """A person."""

    account_id: UUID | None
    how_to_address: str | None
    job_title: str | None
    mobile: str | None
    language: str | None
    birthday: date | None
    preferred_channel: str | None
    preferred_hours: str | None
    timezone: str | None
    referred_by_id: UUID | None
    birthday_source: str | None
    birthday_noted_on: date | None
    birthday_noted_by: UUID | None
    language_source: str | None
    language_noted_on: date | None
    language_noted_by: UUID | None
    preferred_channel_source: str | None
    preferred_channel_noted_on: date | None
    preferred_channel_noted_by: UUID | None
    preferred_hours_source: str | None
    preferred_hours_noted_on: date | None
    preferred_hours_noted_by: UUID | None
    referred_by_source: str | None
    referred_by_noted_on: date | None
    referred_by_noted_by: UUID | None


class NewAccountOut(AccountOut):
    """A new account."""

    duplicates: list[LikelyOut] = Field(description=LIKELY)


class NewContactOut(ContactOut):
    """A new contact."""

    duplicates: list[LikelyOut] = Field(description=LIKELY)
