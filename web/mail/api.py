"""Correspondence for programs: conversations that whoever owns the token reads, their mails, templates; write, stop. Guests of meetings: web.mail.guests_api."""

from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from core.base.context import Context
from core.base.editing import read_anew
from core.base.errors import NotFound, Refused
from core.base.records import find
from core.base.words import N_
from core.mail import composing, reading, templates, threads
from core.mail.models import KINDS, LONGEST, PRIVACIES, TELLINGS, MailMessage, MailTemplate, MailThread
from infra.i18n import LANGUAGES
from web.api import shell
from web.api.shell import Column
from web.mail import guests_api

bp, guests_bp = shell.api_blueprint("mail_api"), guests_api.bp
Addresses = Annotated[list[Annotated[str, Field(max_length=320)]], Field(max_length=20)]
Text = Annotated[str, Field(max_length=LONGEST)]
Languages = Literal[tuple(LANGUAGES)]


class MailIn(shell.Body):
    """A mail to be sent. record_kind, record_id: the record that it is about. answers_id: the mail that it answers. send_at: not at once, but then; otherwise it goes after the
    seconds in which it can be stopped."""

    to: Annotated[list[Annotated[str, Field(max_length=320)]], Field(min_length=1, max_length=20)]
    cc: Addresses = []
    bcc: Addresses = []
    subject: shell.Line = ""
    body: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    record_kind: Literal[KINDS] | None = None
    record_id: UUID | None = None
    answers_id: UUID | None = None
    template_id: UUID | None = None
    send_at: shell.Moment | None = None


class PersonOut(shell.Out):
    """Somebody named in a mail."""

    mail: str
    name: str


class MailOut(shell.Out):
    """One mail. state: draft, held until due_at, sent or received. verified: it is sure from whom it is. Addresses are absent where they are hidden from you."""

    id: UUID
    version: int
    thread_id: UUID
    direction: Literal["in", "out"]
    state: Literal["draft", "held", "sent", "received"]
    author_id: UUID | None
    contact_id: UUID | None
    from_mail: str | None
    from_name: str | None
    to: list[PersonOut]
    cc: list[PersonOut]
    subject: str | None
    body: str
    quoted: str | None
    at: shell.Moment | None
    due_at: shell.Moment | None
    verified: bool
    automatic: bool


class ThreadOut(shell.Out):
    """A conversation. privacy: who reads it beside its owner and those who take part. told: what others who see the record are told."""

    id: UUID
    version: int
    subject: str
    owner_id: UUID | None
    privacy: Literal[PRIVACIES]
    told: Literal[TELLINGS]
    last_at: shell.Moment | None
    created_at: shell.Moment
    updated_at: shell.Moment


class ThreadPatch(shell.Body):
    """Who reads it."""

    privacy: Literal[PRIVACIES] | None = None
    told: Literal[TELLINGS] | None = None


class MailTemplateIn(shell.Body):
    """Words to begin a mail with. Merge fields: {{ contact.name }}, {{ contact.greeting }}, {{ account.name }}, {{ record.name }}, {{ me.name }}, {{ workspace.name }}."""

    name: shell.Line
    language: Languages
    subject: shell.Line
    body: Text


class MailTemplatePatch(shell.Body):
    """Changes; what is absent stays as it is."""

    name: shell.Line | None = None
    language: Languages | None = None
    subject: shell.Line | None = None
    body: Text | None = None


class MailTemplateOut(shell.Out):
    """A template."""

    id: UUID
    version: int
    name: str
    language: str
    subject: str
    body: str
    created_at: shell.Moment
    updated_at: shell.Moment


THREADS = shell.Listing({
    "id": Column(MailThread.id), "owner_id": Column(MailThread.owner_id), "privacy": Column(MailThread.privacy, ops=("eq",), choices=PRIVACIES), "created_at": Column(MailThread.created_at, sort=True),
    "updated_at": Column(MailThread.updated_at, sort=True),
}, default="created_at")
MAILS = shell.Listing({
    "id": Column(MailMessage.id), "thread_id": Column(MailMessage.thread_id), "direction": Column(MailMessage.direction, ops=("eq",), choices=("in", "out")), "created_at": Column(MailMessage.created_at, sort=True),
}, default="created_at")
TEMPLATES = shell.Listing({
    "id": Column(MailTemplate.id), "language": Column(MailTemplate.language, ops=("eq",), choices=tuple(LANGUAGES)), "created_at": Column(MailTemplate.created_at, sort=True), "updated_at": Column(MailTemplate.updated_at, sort=True),
}, default="created_at")


@shell.resource_route(bp, "GET", "/mail/threads", "mail.read", listing=THREADS, answer=ThreadOut, summary=N_("List conversations by mail"))
def list_threads(ctx: Context, asked):
    return asked.page(ctx, reading.threads(ctx))


@shell.resource_route(bp, "GET", "/mail/threads/<uuid:id>", "mail.read", answer=ThreadOut, summary=N_("Get a conversation by mail"))
def get_thread(ctx: Context, id: UUID):
    return reading.one_thread(ctx, id)


@shell.resource_route(bp, "PATCH", "/mail/threads/<uuid:id>", "mail.open", body=ThreadPatch, answer=ThreadOut, versioned=True, summary=N_("Decide who reads a conversation"))
def change_thread(ctx: Context, id: UUID, version: int, body):
    thread = reading.one_thread(ctx, id)
    read_anew(ctx, thread)
    if thread.version != version:
        raise shell.Stale("version_stale", field="If-Match")
    given = body.given()
    return threads.open_thread(ctx, thread, privacy=given.get("privacy") or thread.privacy, told=given.get("told") or thread.told)


@shell.resource_route(bp, "GET", "/mail/messages", "mail.read", listing=MAILS, answer=MailOut, summary=N_("List mails"))
def list_mails(ctx: Context, asked):
    return asked.page(ctx, reading.messages(ctx))


@shell.resource_route(bp, "GET", "/mail/messages/<uuid:id>", "mail.read", answer=MailOut, summary=N_("Get a mail"))
def get_mail(ctx: Context, id: UUID):
    return reading.one_message(ctx, id)


def _named(field: str, one: Callable[..., Any], *asked: Any) -> Any:
    """What a body names; refused at its field where the actor knows of none."""
    try:
        return one(*asked)
    except NotFound:
        raise Refused("unknown_value", field=field) from None


@shell.resource_route(bp, "POST", "/mail/messages", "mail.send", body=MailIn, answer=MailOut, status=201, summary=N_("Send a mail"))
def create_mail(ctx: Context, body):
    given = body.given()
    record = _named("record_id", find, ctx, body.record_kind, body.record_id) if body.record_kind and body.record_id else None
    answers = _named("answers_id", reading.one_message, ctx, body.answers_id) if body.answers_id else None
    if given.get("template_id"):
        _named("template_id", templates.one_template, ctx, given["template_id"])
    lines = {name: "\n".join(getattr(body, name)) for name in ("to", "cc", "bcc")}
    return composing.write(ctx, **lines, subject=body.subject, body=body.body, record=record, answers=answers, template_id=given.get("template_id"), send_at=given.get("send_at"))


@shell.resource_route(bp, "POST", "/mail/messages/<uuid:id>/stopping", "mail.write", answer=MailOut, summary=N_("Stop a mail that waits"))
def stop_mail(ctx: Context, id: UUID):
    return composing.stop(ctx, reading.one_message(ctx, id))


@shell.resource_route(bp, "GET", "/mail/templates", "mail.read", listing=TEMPLATES, answer=MailTemplateOut, summary=N_("List templates of mails"))
def list_mail_templates(ctx: Context, asked):
    return asked.page(ctx, templates.alive(ctx))


@shell.resource_route(bp, "POST", "/mail/templates", "mail.manage", body=MailTemplateIn, answer=MailTemplateOut, status=201, summary=N_("Write a template of mails"))
def create_mail_template(ctx: Context, body):
    return templates.create_template(ctx, name=body.name, language=body.language, subject=body.subject, body=body.body)


@shell.resource_route(bp, "GET", "/mail/templates/<uuid:id>", "mail.read", answer=MailTemplateOut, summary=N_("Get a template of mails"))
def get_mail_template(ctx: Context, id: UUID):
    return templates.one_template(ctx, id)


@shell.resource_route(bp, "PATCH", "/mail/templates/<uuid:id>", "mail.manage", body=MailTemplatePatch, answer=MailTemplateOut, versioned=True, summary=N_("Change a template of mails"))
def change_mail_template(ctx: Context, id: UUID, version: int, body):
    row = shell.at_version(ctx, templates.one_template(ctx, id), version, "mail.manage")
    return templates.change_template(ctx, row, **body.given())


@shell.resource_route(bp, "DELETE", "/mail/templates/<uuid:id>", "mail.manage", status=204, versioned=True, summary=N_("Delete a template of mails"))
def delete_mail_template(ctx: Context, id: UUID, version: int):
    row = shell.at_version(ctx, templates.one_template(ctx, id), version, "mail.manage")
    templates.delete_template(ctx, row)
