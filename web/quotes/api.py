"""Quotes for programs: lists, single records, their lines, versions and what became of them."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from core.base import policy
from core.base.context import Context
from core.base.words import N_
from core.quotes import answering, approving, beginning, drafting, lining, mailing, queries, sending
from core.quotes.columns import COLUMNS, found_by
from core.quotes.models import Quote, QuoteLine, QuoteVersion
from web.api import shell
from web.api.shell import Column
from web.custom_fields.answers import own_listed
from web.quotes.api_bodies import (
    AnswerIn,
    DraftFields,
    LetterIn,
    LetterOut,
    LineOut,
    LinesIn,
    QuoteIn,
    QuoteOut,
    QuoteParams,
    QuotePatch,
    ReasonIn,
    SendingIn,
    VersionOut,
)

bp = shell.api_blueprint("quotes_api")


LISTED = {name: one.column for name, one in COLUMNS.items() if name not in ("account", "sent_at", "closed_at")}
QUOTES = shell.Listing(
    {"id": Column(Quote.id), "name": Column(Quote.name, sort=Quote.name_fold), "account_id": Column(Quote.account_id), "contact_id": Column(Quote.contact_id), "deal_id": Column(Quote.deal_id), "sent_at": Column(Quote.sent_at), "closed_at": Column(Quote.closed_at), **LISTED},
    default="name", own=partial(own_listed, Quote),
)


def _version(ctx: Context, quote: Quote, version: QuoteVersion, lines: Sequence[QuoteLine] | None = None) -> VersionOut:
    lines = queries.lines_of(ctx, version) if lines is None else lines
    price = lambda amount: {"amount": amount, "currency": version.currency} if amount is not None else None  # noqa: E731
    plain = {name: getattr(version, name) for name in VersionOut.model_fields if hasattr(version, name) and name not in ("net", "total", "accepted_total", "rate")}
    sends = bool(version.token) and policy.may(ctx, "quotes.send", quote)
    return VersionOut(
        **plain, rate=f"{version.rate.normalize():f}", net=price(version.net), total=price(version.total), accepted_total=price(version.accepted_total),
        link=sending.link_of(ctx, version) if sends else None, check_link=sending.proof_of(ctx, version) or None, lines=[LineOut.of(one) for one in lines],
    )


@shell.resource_route(bp, "GET", "/quotes", "quotes.read", listing=QUOTES, params=QuoteParams, answer=QuoteOut, summary=N_("List quotes"))
def list_quotes(ctx: Context, asked, params):
    query = policy.visible(ctx, Quote).where(Quote.deleted_at.is_(None))
    found = found_by(ctx, params.q)
    return asked.page(ctx, query if found is None else query.where(found))


@shell.resource_route(bp, "POST", "/quotes", "quotes.create", body=QuoteIn, answer=QuoteOut, status=201, summary=N_("Begin a quote"))
def create_quote(ctx: Context, body):
    return beginning.begin_quote(ctx, **body.given())


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
    found = queries.versions(ctx, quote)
    lines = queries.lines_of_all(ctx, found)
    return shell.Page([_version(ctx, quote, one, lines[one.id]) for one in found], None)


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
    approving.approve(ctx, quote, note=body.note, version=body.version)
    return quote


@shell.resource_route(bp, "POST", "/quotes/<uuid:id>/approval-refusals", "quotes.approve", body=ReasonIn, answer=QuoteOut, summary=N_("Refuse to approve the draft"))
def refuse_approval(ctx: Context, id: UUID, body):
    quote = queries.one_quote(ctx, id)
    approving.refuse(ctx, quote, note=body.note, version=body.version)
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
