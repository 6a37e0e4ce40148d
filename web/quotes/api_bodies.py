"""What programs send about quotes, and what they are told."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from flask import g
from pydantic import Field

from core.parties.models import RELIEFS
from core.quotes import mailing
from core.quotes.models import CHOICES, LINE_KINDS, STATES, VERSION_STATES
from core.quotes.rules import MOST_LINES
from infra import i18n
from web.api import shell
from web.custom_fields.answers import OWN, own_values
from web.products.api_bodies import LinePartOut

Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Digits = shell.Digits


class QuoteFields(shell.Body):
    """owner_id null: everyone's."""

    account_id: UUID | None = None
    contact_id: UUID | None = None
    deal_id: UUID | None = None
    owner_id: UUID | None = None
    notes: shell.Text | None = None
    custom: Annotated[dict[str, Any], Field(max_length=200, description=OWN)] | None = None

    def given(self) -> dict[str, Any]:
        """As the use cases know them: an own field is one as any other."""
        found = super().given()
        own = found.pop("custom", None) or {}
        return found | {f"custom.{key}": value for key, value in own.items()}


class DraftFields(shell.Body):
    """What a version says beside its lines. gross: its prices hold their taxes; relief: why no tax is due (E exempt, AE reverse charge)."""

    currency: Currency | None = None
    language: Annotated[str, Field(json_schema_extra={"enum": list(i18n.LANGUAGES)}, max_length=5)] | None = None
    valid_until: date | None = None
    gross: bool | None = None
    relief: Annotated[str, Field(json_schema_extra={"enum": ["", *RELIEFS]}, max_length=2)] | None = None
    intro: shell.Text | None = None
    closing: shell.Text | None = None
    terms: shell.Text | None = None


class QuoteIn(QuoteFields):
    """A quote to begin. With deal_id its name, account, contact and currency are taken from the deal where they are not given;
    why no tax is due its draft takes from the account."""

    name: shell.Line | None = None
    currency: Currency | None = None
    valid_until: date | None = None


class QuotePatch(QuoteFields):
    """Changes of a quote; what is absent stays as it is."""

    name: shell.Line | None = None


class LineIn(shell.Body):
    """A line. id: of one that is there. Without unit_price it follows the catalogue; numbers are written as text."""

    id: UUID | None = None
    kind: Annotated[str, Field(json_schema_extra={"enum": list(LINE_KINDS)}, max_length=10)] = "item"
    choice: Annotated[str, Field(json_schema_extra={"enum": list(CHOICES)}, max_length=20)] = ""
    product_id: UUID | None = None
    name: shell.Line | None = None
    description: shell.Text | None = None
    quantity: Digits | None = None
    unit: shell.Line | None = None
    unit_price: Digits | None = None
    discount: Digits | None = None
    tax_code_id: UUID | None = None


class LinesIn(shell.Body):
    """All lines of the draft in their order: those that are left out go."""

    lines: Annotated[list[LineIn], Field(max_length=MOST_LINES)] = []


class SendingIn(shell.Body):
    """Until when it holds; else as the draft says, or 30 days."""

    valid_until: date | None = None


class AnswerIn(shell.Body):
    """What the customer said, and who. chosen: keys of the options that he took."""

    name: Annotated[str, Field(max_length=100)] | None = None
    note: Annotated[str, Field(max_length=2000)] | None = None
    chosen: Annotated[list[UUID], Field(max_length=MOST_LINES)] = []


class LetterIn(shell.Body):
    """To whom the link goes (it must be given), with which words of one's own."""

    to: shell.Line | None = None
    message: Annotated[str, Field(max_length=mailing.LONGEST)] | None = None


class LetterOut(shell.Out):
    """A letter that was handed in; it leaves by itself."""

    id: UUID
    to_mail: str
    state: str
    created_at: shell.Moment


class ReasonIn(shell.Body):
    """Why. version: of the draft, as it was read: another one by now is a conflict."""

    version: int | None = None
    note: Annotated[str, Field(max_length=500)] | None = None


class QuoteOut(shell.Out):
    id: UUID
    version: int
    name: str
    number: str | None
    state: Annotated[str, Field(json_schema_extra={"enum": list(STATES)})]
    account_id: UUID | None
    contact_id: UUID | None
    deal_id: UUID | None
    owner_id: UUID | None
    currency: str
    net: shell.Price
    total: shell.Price
    valid_until: date | None
    sent_at: shell.Moment | None
    closed_at: shell.Moment | None
    notes: str | None
    created_at: shell.Moment
    updated_at: shell.Moment
    custom: dict[str, Any]

    @classmethod
    def of(cls, record: Any) -> "QuoteOut":
        money = {name: {"amount": getattr(record, name), "currency": record.currency} for name in ("net", "total")}
        return cls(custom=own_values(g.ctx, record), **money, **{name: getattr(record, name) for name in cls.model_fields if name not in ("custom", *money)})


class LineOut(shell.Out):
    """list_price: what the catalogue said when it was written; cost: of one piece, null for whoever must not know it. parts: of a bundle."""

    id: UUID
    kind: str
    choice: str
    product_id: UUID | None
    sku: str | None
    name: str
    description: str | None
    quantity: str | None
    unit: str | None
    unit_price: str | None
    list_price: str | None
    discount: str
    tax_code_id: UUID | None
    tax_name: str | None
    tax_percent: str
    amount: str | None
    cost: str | None
    parts: list[LinePartOut]

    @classmethod
    def of(cls, record: Any) -> "LineOut":
        said = {name: f"{value.normalize():f}" if isinstance(value := getattr(record, name), Decimal) else value for name in cls.model_fields}
        return cls(**said)


class VersionOut(shell.Out):
    """A version. link: the customer's page, for whoever may send; check_link: the page that says whether it holds."""

    number: int
    version: int
    state: Annotated[str, Field(json_schema_extra={"enum": list(VERSION_STATES)})]
    currency: str
    language: str
    rate: str
    gross: bool
    relief: str | None
    valid_until: date | None
    intro: str | None
    closing: str | None
    terms: str | None
    net: shell.Price
    total: shell.Price
    accepted_total: shell.Price | None
    sent_at: shell.Moment | None
    decided_at: shell.Moment | None
    decided_name: str | None
    decided_note: str | None
    chosen: list[UUID]
    link: str | None
    check_link: str | None
    lines: list[LineOut]


class QuoteParams(shell.Params):
    """q: words that must all be in the name or number."""

    q: str | None = Field(None, max_length=100)
