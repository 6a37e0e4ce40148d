"""Quotes for programs: lists, single records, their lines, versions and what became of them."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from flask import g
from pydantic import Field

from core.base import policy
from core.base.context import Context
from core.base.words import N_
from core.quotes import answering, approving, drafting, lining, mailing, queries, sending
from core.quotes.columns import COLUMNS, found_by
from core.quotes.models import CHOICES, LINE_KINDS, RELIEFS, STATES, VERSION_STATES, Quote, QuoteVersion
from core.quotes.rules import MOST_LINES
from infra import i18n
from web.api import shell
from web.api.shell import Column
from web.custom_fields.answers import OWN, own_listed, own_values

bp = shell.api_blueprint("quotes_api")
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Digits = Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,4})?$")]


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
    """A quote to begin. With deal_id its name, account, contact and currency are taken from the deal where they are not given."""

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
    """Why."""

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
    """list_price: what the catalogue said when it was written; cost: of one piece, null for whoever must not know it."""

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


LISTED = {name: one.column for name, one in COLUMNS.items() if name not in ("account", "sent_at", "closed_at")}
QUOTES = shell.Listing(
    {"id": Column(Quote.id), "name": Column(Quote.name, sort=Quote.name_fold), "account_id": Column(Quote.account_id), "contact_id": Column(Quote.contact_id), "deal_id": Column(Quote.deal_id), "sent_at": Column(Quote.sent_at), "closed_at": Column(Quote.closed_at), **LISTED},
    default="name", own=partial(own_listed, Quote),
)


def _version(ctx: Context, quote: Quote, version: QuoteVersion) -> VersionOut:
    price = lambda amount: {"amount": amount, "currency": version.currency} if amount is not None else None  # noqa: E731
    plain = {name: getattr(version, name) for name in VersionOut.model_fields if hasattr(version, name) and name not in ("net", "total", "accepted_total", "rate")}
    sends = bool(version.token) and policy.may(ctx, "quotes.send", quote)
    return VersionOut(
        **plain, rate=f"{version.rate.normalize():f}", net=price(version.net), total=price(version.total), accepted_total=price(version.accepted_total),
        link=sending.link_of(ctx, version) if sends else None, check_link=sending.proof_of(ctx, version) or None, lines=[LineOut.of(one) for one in queries.lines_of(ctx, version)],
    )


@shell.resource_route(bp, "GET", "/quotes", "quotes.read", listing=QUOTES, params=QuoteParams, answer=QuoteOut, summary=N_("List quotes"))
def list_quotes(ctx: Context, asked, params):
    query = policy.visible(ctx, Quote).where(Quote.deleted_at.is_(None))
    found = found_by(ctx, params.q)
    return asked.page(ctx, query if found is None else query.where(found))


@shell.resource_route(bp, "POST", "/quotes", "quotes.create", body=QuoteIn, answer=QuoteOut, status=201, summary=N_("Begin a quote"))
def create_quote(ctx: Context, body):
    return drafting.create_quote(ctx, **body.given())


@shell.resource_route(bp, "GET", "/quotes/<uuid:id>", "quotes.read", answer=QuoteOut, summary=N_("Get a quote"))
def get_quote(ctx: Context, id: UUID):
    return queries.one_quote(ctx, id)


@shell.resource_route(bp, "PATCH", "/quotes/<uuid:id>", "quotes.edit", body=QuotePatch, answer=QuoteOut, versioned=True, summary=N_("Change a quote"))
def change_quote(ctx: Context, id: UUID, version: int, body):
    return drafting.edit_quote(ctx, queries.one_quote(ctx, id), version=version, **body.given())


@shell.resource_route(bp, "DELETE", "/quotes/<uuid:id>", "quotes.delete", status=204, versioned=True, summary=N_("Put a quote that was never sent into the recycle bin"))
def delete_quote(ctx: Context, id: UUID, version: int):
    drafting.delete_quote(ctx, shell.at_version(ctx, queries.one_quote(ctx, id), version, "quotes.delete"))


@shell.resource_route(bp, "GET", "/quotes/<uuid:id>/versions", "quotes.read", answer=VersionOut, paged=True, summary=N_("The versions of a quote with their lines, newest first"))
def list_versions(ctx: Context, id: UUID):
    quote = queries.one_quote(ctx, id)
    return shell.Page([_version(ctx, quote, one) for one in queries.versions(ctx, quote)], None)


@shell.resource_route(bp, "PUT", "/quotes/<uuid:id>/lines", "quotes.edit", versioned=True, body=LinesIn, answer=VersionOut, summary=N_("Write the lines of the draft"))
def write_lines(ctx: Context, id: UUID, version: int, body):
    quote = queries.one_quote(ctx, id)
    return _version(ctx, quote, lining.save_lines(ctx, quote, [one.model_dump(exclude_unset=True) for one in body.lines], version=version))


@shell.resource_route(bp, "PATCH", "/quotes/<uuid:id>/draft", "quotes.edit", versioned=True, body=DraftFields, answer=VersionOut, summary=N_("Change what the draft says beside its lines"))
def change_draft(ctx: Context, id: UUID, version: int, body):
    quote = queries.one_quote(ctx, id)
    return _version(ctx, quote, drafting.edit_draft(ctx, quote, version=version, **body.given()))


@shell.resource_route(bp, "POST", "/quotes/<uuid:id>/versions", "quotes.edit", answer=VersionOut, status=201, summary=N_("Begin the next version"))
def create_version(ctx: Context, id: UUID):
    quote = queries.one_quote(ctx, id)
    return _version(ctx, quote, drafting.revise(ctx, quote))


@shell.resource_route(bp, "POST", "/quotes/<uuid:id>/sendings", "quotes.send", body=SendingIn, answer=VersionOut, summary=N_("Fix the draft, number it, and get its link"))
def send_quote(ctx: Context, id: UUID, body):
    quote = queries.one_quote(ctx, id)
    return _version(ctx, quote, sending.send_quote(ctx, quote, valid_until=body.valid_until))


@shell.resource_route(bp, "POST", "/quotes/<uuid:id>/letters", "quotes.send", body=LetterIn, answer=LetterOut, status=201, summary=N_("Mail the link of a quote to the customer"))
def mail_quote(ctx: Context, id: UUID, body):
    return mailing.mail_quote(ctx, queries.one_quote(ctx, id), to=body.to, message=body.message)


@shell.resource_route(bp, "POST", "/quotes/<uuid:id>/approval-requests", "quotes.edit", body=ReasonIn, answer=QuoteOut, summary=N_("Ask for approval of the draft"))
def ask_approval(ctx: Context, id: UUID, body):
    quote = queries.one_quote(ctx, id)
    approving.ask(ctx, quote, note=body.note)
    return quote


@shell.resource_route(bp, "POST", "/quotes/<uuid:id>/approvals", "quotes.approve", body=ReasonIn, answer=QuoteOut, summary=N_("Approve the draft"))
def approve_quote(ctx: Context, id: UUID, body):
    quote = queries.one_quote(ctx, id)
    approving.approve(ctx, quote, note=body.note)
    return quote


@shell.resource_route(bp, "POST", "/quotes/<uuid:id>/approval-refusals", "quotes.approve", body=ReasonIn, answer=QuoteOut, summary=N_("Refuse to approve the draft"))
def refuse_approval(ctx: Context, id: UUID, body):
    quote = queries.one_quote(ctx, id)
    approving.refuse(ctx, quote, note=body.note)
    return quote


@shell.resource_route(bp, "POST", "/quotes/<uuid:id>/withdrawals", "quotes.send", answer=QuoteOut, summary=N_("Withdraw what was sent"))
def withdraw_quote(ctx: Context, id: UUID):
    quote = queries.one_quote(ctx, id)
    sending.withdraw(ctx, quote)
    return quote


@shell.resource_route(bp, "POST", "/quotes/<uuid:id>/acceptances", "quotes.send", body=AnswerIn, answer=QuoteOut, summary=N_("Note that the customer accepted"))
def accept_quote(ctx: Context, id: UUID, body):
    quote = queries.one_quote(ctx, id)
    answering.note_accepted(ctx, quote, name=body.name, note=body.note, chosen=[str(one) for one in body.chosen])
    return quote


@shell.resource_route(bp, "POST", "/quotes/<uuid:id>/refusals", "quotes.send", body=AnswerIn, answer=QuoteOut, summary=N_("Note that the customer declined"))
def decline_quote(ctx: Context, id: UUID, body):
    quote = queries.one_quote(ctx, id)
    answering.note_declined(ctx, quote, name=body.name, note=body.note)
    return quote
