"""Mailings for programs: drafts, their start, and what became of every recipient."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from core.base import policy
from core.base.context import Context
from core.base.words import N_
from core.mailings import drafting, queries, running
from core.mailings.models import AUDIENCES, RECIPIENT_STATES, STATES, Mailing, MailingRecipient
from web.api import shell
from web.api.shell import Column

bp = shell.api_blueprint("mailings_api")

Tag = Annotated[str, Field(max_length=60)]
Audience = Annotated[str, Field(json_schema_extra={"enum": list(AUDIENCES)})]


class MailingIn(shell.Body):
    """A draft. body: paragraphs with merge fields such as {{ contact.name }}."""

    subject: shell.Line
    body: Annotated[str, Field(min_length=1, max_length=drafting.BODY_MAX)]
    name: shell.Line | None = None
    from_name: shell.Line | None = None
    reply_to: shell.Line | None = None
    audience: Audience = "any"
    tags: list[Tag] = Field([], max_length=drafting.TAGS_MAX)
    needs_consent_id: UUID | None = None


class Start(shell.Body):
    """expected: to how many it is to go; refused when the audience has another size by now."""

    expected: int | None = Field(None, ge=0, le=100_000_000)


class MailingOut(shell.Out):
    id: UUID
    version: int
    name: str
    subject: str
    body: str
    from_name: str
    reply_to: str | None
    audience: str
    tags: list[str]
    needs_consent_id: UUID | None
    state: str
    pause_reason: str | None
    total: int
    created_at: shell.Moment
    started_at: shell.Moment | None
    finished_at: shell.Moment | None


class RecipientOut(shell.Out):
    id: UUID
    contact_id: UUID | None
    name: str | None
    address: str | None
    state: str
    reason: str | None
    attempts: int
    message_id: str | None
    provider_reply: str | None
    sent_at: shell.Moment | None
    unsubscribed_at: shell.Moment | None


MAILINGS = shell.Listing({
    "id": Column(Mailing.id), "name": Column(Mailing.name), "state": Column(Mailing.state, choices=STATES),
    "created_at": Column(Mailing.created_at, sort=True), "started_at": Column(Mailing.started_at),
}, default="-created_at")
RECIPIENTS = shell.Listing({
    "id": Column(MailingRecipient.id, sort=True), "state": Column(MailingRecipient.state, choices=RECIPIENT_STATES),
    "contact_id": Column(MailingRecipient.contact_id), "address": Column(MailingRecipient.address), "sent_at": Column(MailingRecipient.sent_at),
}, default="id")


@shell.resource_route(bp, "GET", "/mailings", "mailings.read", listing=MAILINGS, answer=MailingOut, summary=N_("List mailings"))
def list_mailings(ctx: Context, asked):
    return asked.page(ctx, policy.visible(ctx, Mailing))


@shell.resource_route(bp, "POST", "/mailings", "mailings.edit", body=MailingIn, answer=MailingOut, status=201, summary=N_("Draft a mailing"))
def create_mailing(ctx: Context, body):
    return drafting.draft_mailing(ctx, **body.all())


@shell.resource_route(bp, "GET", "/mailings/<uuid:id>", "mailings.read", answer=MailingOut, summary=N_("Get a mailing"))
def get_mailing(ctx: Context, id: UUID):
    return queries.one(ctx, id)


@shell.resource_route(
    bp, "GET", "/mailings/<uuid:id>/recipients", "mailings.read", listing=RECIPIENTS, answer=RecipientOut, summary=N_("List what became of every recipient")
)
def list_recipients(ctx: Context, id: UUID, asked):
    return asked.page(ctx, queries.recipient_rows(ctx, queries.one(ctx, id)))


@shell.resource_route(bp, "POST", "/mailings/<uuid:id>/sending", "mailings.send", body=Start, answer=MailingOut, summary=N_("Start sending a mailing"))
def start_mailing(ctx: Context, id: UUID, body):
    return running.start_mailing(ctx, id, expected=body.expected)
