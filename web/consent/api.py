"""Consents for programs: the ledger of a person, and purposes. Lines are added, never changed."""

from datetime import date
from typing import Literal
from uuid import UUID

from core.base import policy
from core.base.context import Context
from core.base.errors import Refused
from core.base.words import N_
from core.consent import bases, recording
from core.consent.models import ALL_BASES, BASES, SOURCES, Consent, ConsentPurpose, LawfulBasis
from core.parties import queries as parties
from web.api import shell
from web.api.shell import Column

bp = shell.api_blueprint("consents_api")


class ConsentIn(shell.Body):
    """One line: agreed, or (false) taken back; and how it came. All three are needed."""

    purpose_id: UUID | None = None
    agreed: bool | None = None
    source: Literal[SOURCES] | None = None
    proof: shell.Line | None = None
    ip: shell.Line | None = None


class ConsentOut(shell.Out):
    id: UUID
    contact_id: UUID | None
    purpose_id: UUID
    agreed: bool
    source: str
    proof: str | None
    wording_id: UUID | None
    created_at: shell.Moment
    created_by: UUID | None


class BasisIn(shell.Body):
    """What a person's data rest on; purpose_id null: all that is kept of him. since null: from today."""

    basis: Literal[ALL_BASES] | None = None
    source: Literal[SOURCES] | None = None
    note: shell.Line | None = None
    since: date | None = None
    purpose_id: UUID | None = None


class BasisOut(shell.Out):
    id: UUID
    version: int
    contact_id: UUID
    purpose_id: UUID | None
    basis: str
    source: str
    note: str | None
    since: date
    ended_on: date | None
    created_at: shell.Moment
    created_by: UUID | None


class PurposeIn(shell.Body):
    """A purpose; said: what people are asked, in the language lang."""

    name: shell.Line
    basis: Literal[BASES] = "consent"
    said: str | None = None
    lang: shell.Line | None = None


class PurposeOut(shell.Out):
    id: UUID
    version: int
    name: str
    basis: str
    ended: bool


PURPOSES = shell.Listing({"id": Column(ConsentPurpose.id), "name": Column(ConsentPurpose.name, sort=True), "basis": Column(ConsentPurpose.basis, choices=BASES)}, default="name")
LINES = shell.Listing({"id": Column(Consent.id, sort=True), "purpose_id": Column(Consent.purpose_id), "created_at": Column(Consent.created_at)}, default="-id")
HELD = shell.Listing({"id": Column(LawfulBasis.id, sort=True), "basis": Column(LawfulBasis.basis, choices=ALL_BASES), "purpose_id": Column(LawfulBasis.purpose_id)}, default="-id")


@shell.resource_route(bp, "GET", "/consent-purposes", "consents.read", listing=PURPOSES, answer=PurposeOut, summary=N_("List purposes that people can agree to"))
def list_purposes(ctx: Context, asked):
    return asked.page(ctx, policy.visible(ctx, ConsentPurpose))


@shell.resource_route(bp, "POST", "/consent-purposes", "consents.manage", body=PurposeIn, answer=PurposeOut, status=201, summary=N_("Add a purpose"))
def create_purpose(ctx: Context, body):
    purpose = recording.add_purpose(ctx, **body.given())
    ctx.session.flush()
    return purpose


@shell.resource_route(bp, "GET", "/contacts/<uuid:id>/consents", "consents.read", listing=LINES, answer=ConsentOut, summary=N_("List what a person agreed to and took back"))
def list_consents(ctx: Context, id: UUID, asked):
    contact = parties.one_contact(ctx, id)
    return asked.page(ctx, policy.visible(ctx, Consent).where(Consent.contact_id == contact.id))


@shell.resource_route(bp, "POST", "/contacts/<uuid:id>/consents", "consents.record", body=ConsentIn, answer=ConsentOut, status=201, summary=N_("Record a consent or its withdrawal"))
def create_consent(ctx: Context, id: UUID, body):
    contact = parties.one_contact(ctx, id)
    _check_given(body, "purpose_id", "agreed", "source")
    return recording.record_consent(ctx, contact, body.purpose_id, given=body.agreed, source=body.source, proof=body.proof, ip=body.ip)


@shell.resource_route(bp, "GET", "/contacts/<uuid:id>/lawful-bases", "consents.read", listing=HELD, answer=BasisOut, summary=N_("List what a person's data rest on"))
def list_bases(ctx: Context, id: UUID, asked):
    contact = parties.one_contact(ctx, id)
    return asked.page(ctx, policy.visible(ctx, LawfulBasis).where(LawfulBasis.contact_id == contact.id))


@shell.resource_route(bp, "POST", "/contacts/<uuid:id>/lawful-bases", "consents.record", body=BasisIn, answer=BasisOut, status=201, summary=N_("Set what a person's data rest on"))
def create_basis(ctx: Context, id: UUID, body):
    contact = parties.one_contact(ctx, id)
    _check_given(body, "basis", "source")
    row = bases.set_basis(ctx, contact, **body.given())
    ctx.session.flush()
    return row


@shell.resource_route(bp, "GET", "/lawful-bases/<uuid:id>", "consents.read", answer=BasisOut, summary=N_("Get one basis"))
def get_basis(ctx: Context, id: UUID):
    return bases.one_basis(ctx, id)


@shell.resource_route(bp, "DELETE", "/lawful-bases/<uuid:id>", "consents.record", status=204, versioned=True, summary=N_("End a basis; it stays to be read"))
def end_basis(ctx: Context, id: UUID, version: int):
    bases.end_basis(ctx, shell.at_version(ctx, bases.one_basis(ctx, id), version, "consents.record"))


def _check_given(body: shell.Body, *names: str) -> None:
    missing = next((name for name in names if getattr(body, name) is None), None)
    if missing:
        raise Refused("required", field=missing)
