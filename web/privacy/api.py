"""Requests of persons about their data, for programs: received, looked at, ticked, decided, and what was taken out."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from core.base import policy
from core.base.context import Context
from core.base.errors import Refused
from core.base.words import N_
from core.privacy import requests
from core.privacy.models import KINDS, STATES, SubjectRequest
from web.api import shell
from web.api.shell import Column
from web.privacy.views import as_archive

bp = shell.api_blueprint("privacy_api")
MOST = 2000
PATH = "/subject-requests/<uuid:id>"


class SubjectRequestIn(shell.Body):
    """Who asks for what; both are needed: access, correct, erase, restrict or object. also: other names, addresses and numbers of the person."""

    kind: Literal[KINDS] | None = None
    who: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    mail: Annotated[str, Field(max_length=254)] | None = None
    also: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=20)] | None = None
    received_on: date | None = None


class SubjectRequestOut(shell.Out):
    """who, mail and also are gone once the person was erased or the request refused. proof: what was done, with counts."""

    id: UUID
    version: int
    kind: str
    state: str
    who: str | None
    mail: str | None
    also: list[str]
    received_on: date
    due_on: date
    extended_why: str | None
    identity: str | None
    outcome: str | None
    decided_by: UUID | None
    proof: dict
    has_archive: bool
    created_at: shell.Moment

    @classmethod
    def of(cls, record: SubjectRequest) -> "SubjectRequestOut":
        names = [name for name in cls.model_fields if name != "has_archive"]
        return cls(has_archive=record.file_key is not None, **{name: getattr(record, name) for name in names})


class SubjectHitOut(shell.Out):
    """One row in which the person may stand. why: it is the own record, hangs on it, holds the address, or only the name."""

    table_name: str
    row_key: str
    why: str
    said: str
    belongs: bool


class SubjectRow(shell.Body):
    """A row by its table and key, as hits name it."""

    table_name: Annotated[str, Field(max_length=60)]
    row_key: Annotated[str, Field(max_length=200)]


class SubjectTicksIn(shell.Body):
    """The rows that are about the person: these, and no other."""

    rows: Annotated[list[SubjectRow], Field(max_length=MOST)] | None = None


class SubjectDecisionIn(shell.Body):
    """identity: how it was made sure who asks. outcome: what the person is told."""

    identity: Annotated[str, Field(max_length=300)] | None = None
    outcome: Annotated[str, Field(max_length=2000)] | None = None


class SubjectReasonIn(shell.Body):
    """Why; needed."""

    why: Annotated[str, Field(max_length=500)] | None = None


REQUESTS = shell.Listing({
    "id": Column(SubjectRequest.id), "kind": Column(SubjectRequest.kind, choices=KINDS), "state": Column(SubjectRequest.state, choices=STATES),
    "due_on": Column(SubjectRequest.due_on), "created_at": Column(SubjectRequest.created_at, sort=True),
}, default="-created_at")


@shell.resource_route(bp, "GET", "/subject-requests", "privacy.manage", listing=REQUESTS, answer=SubjectRequestOut, summary=N_("List requests about personal data"))
def list_subject_requests(ctx: Context, asked):
    return asked.page(ctx, policy.visible(ctx, SubjectRequest))


@shell.resource_route(
    bp, "POST", "/subject-requests", "privacy.manage", body=SubjectRequestIn, answer=SubjectRequestOut, status=201,
    summary=N_("Receive a request about personal data; all rooms are searched in the background"),
)
def create_subject_request(ctx: Context, body):
    if body.kind is None:
        raise Refused("required", field="kind")
    return requests.receive(ctx, **body.all() | {"also": "\n".join(body.also or ())})


@shell.resource_route(bp, "GET", PATH, "privacy.manage", answer=SubjectRequestOut, summary=N_("Get a request about personal data"))
def get_subject_request(ctx: Context, id: UUID):
    return requests.one(ctx, id)


@shell.resource_route(bp, "GET", f"{PATH}/hits", "privacy.manage", paged=True, answer=SubjectHitOut, summary=N_("List the rows in which the person may stand, at most 2000"))
def list_subject_hits(ctx: Context, id: UUID):
    return shell.Page(requests.hits(ctx, requests.one(ctx, id)), None)


@shell.resource_route(bp, "POST", f"{PATH}/ticks", "privacy.manage", body=SubjectTicksIn, status=204, summary=N_("Say which of the rows are about the person"))
def tick_subject_hits(ctx: Context, id: UUID, body):
    found = requests.one(ctx, id)
    if body.rows is None:
        raise Refused("required", field="rows")
    requests.tick(ctx, found, [(row.table_name, row.row_key) for row in body.rows])


@shell.resource_route(
    bp, "POST", f"{PATH}/decision", "privacy.manage", body=SubjectDecisionIn, answer=SubjectRequestOut, versioned=True, summary=N_("Do what the person asks for"),
    description=N_("Taking out and erasing go on in the background: ask again until the state is done. Restricting and objecting are done at once."),
)
def decide_subject_request(ctx: Context, id: UUID, version: int, body):
    return requests.decide(ctx, _at(ctx, id, version), identity=body.identity, outcome=body.outcome)


@shell.resource_route(bp, "POST", f"{PATH}/refusal", "privacy.manage", body=SubjectReasonIn, answer=SubjectRequestOut, versioned=True, summary=N_("Refuse a request, with the reason"))
def refuse_subject_request(ctx: Context, id: UUID, version: int, body):
    found = _at(ctx, id, version)
    requests.refuse(ctx, found, body.why)
    return found


@shell.resource_route(bp, "POST", f"{PATH}/extension", "privacy.manage", body=SubjectReasonIn, answer=SubjectRequestOut, versioned=True, summary=N_("Take two months more, once, with the reason"))
def extend_subject_request(ctx: Context, id: UUID, version: int, body):
    found = _at(ctx, id, version)
    requests.extend(ctx, found, body.why)
    return found


@shell.resource_route(bp, "POST", f"{PATH}/stop", "privacy.manage", answer=SubjectRequestOut, versioned=True, summary=N_("Stop what is being taken out"))
def stop_subject_request(ctx: Context, id: UUID, version: int):
    found = _at(ctx, id, version)
    requests.stop(ctx, found)
    return found


@shell.resource_route(
    bp, "POST", f"{PATH}/archive", "privacy.manage", binary=True, summary=N_("Download what was taken out, once"), description=N_("The archive is gone with that: a second call gets 404."),
)
def fetch_subject_archive(ctx: Context, id: UUID):
    return as_archive(ctx, requests.fetch(ctx, requests.one(ctx, id)))


def _at(ctx: Context, id: UUID, version: int) -> SubjectRequest:
    return shell.at_version(ctx, requests.one(ctx, id), version, "privacy.manage")
