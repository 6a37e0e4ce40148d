"""What is known of people, for programs that hold the permission."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.words import N_
from core.parties import queries as parties
from core.personal import actions, queries
from core.personal.models import KINDS, LONGEST, SOURCES, PersonalFact
from web.api import shell
from web.api.shell import Column

bp = shell.api_blueprint("personal_facts_api")

Kind = Annotated[str, Field(json_schema_extra={"enum": list(KINDS)})]
Source = Annotated[str, Field(json_schema_extra={"enum": list(SOURCES)})]
Words = Annotated[str, Field(max_length=LONGEST)]


class FactIn(shell.Body):
    """Something that is known of a contact. source: how; noted_on: since when, today where nothing is said."""

    contact_id: UUID
    body: Words
    kind: Kind = "other"
    source: Source = "said"
    source_note: shell.Line | None = None
    noted_on: date | None = None


class FactPatch(shell.Body):
    """Corrections; what is absent stays as it is."""

    body: Words | None = None
    kind: Kind | None = None
    source: Source | None = None
    source_note: shell.Line | None = None
    noted_on: date | None = None


class FactOut(shell.Out):
    """Something that is known of a contact."""

    id: UUID
    version: int
    contact_id: UUID
    kind: str
    body: str
    source: str
    source_note: str | None
    noted_on: date
    noted_by: UUID | None
    created_at: shell.Moment
    updated_at: shell.Moment


FACTS = shell.Listing({
    "id": Column(PersonalFact.id), "contact_id": Column(PersonalFact.contact_id), "kind": Column(PersonalFact.kind, ops=("eq", "in"), choices=KINDS),
    "noted_by": Column(PersonalFact.noted_by), "noted_on": Column(PersonalFact.noted_on), "created_at": Column(PersonalFact.created_at, sort=True), "updated_at": Column(PersonalFact.updated_at, sort=True),
}, default="-created_at")


@shell.resource_route(bp, "GET", "/personal-facts", "personal_facts.read", listing=FACTS, answer=FactOut, summary=N_("List personal facts"))
def list_facts(ctx: Context, asked):
    return asked.page(ctx, queries.personal_facts(ctx))


@shell.resource_route(bp, "POST", "/personal-facts", "personal_facts.write", body=FactIn, answer=FactOut, status=201, summary=N_("Write down a personal fact"))
def create_fact(ctx: Context, body):
    given = body.given()
    try:
        contact = parties.one_contact(ctx, given.pop("contact_id"))
    except NotFound:
        raise Refused("not_found", field="contact_id") from None
    return actions.add_fact(ctx, contact, **given)


@shell.resource_route(bp, "GET", "/personal-facts/<uuid:id>", "personal_facts.read", answer=FactOut, summary=N_("Get a personal fact"))
def get_fact(ctx: Context, id: UUID):
    return queries.one_fact(ctx, id)


@shell.resource_route(bp, "PATCH", "/personal-facts/<uuid:id>", "personal_facts.write", body=FactPatch, answer=FactOut, versioned=True, summary=N_("Correct a personal fact"))
def change_fact(ctx: Context, id: UUID, version: int, body):
    return actions.edit_fact(ctx, queries.one_fact(ctx, id), version=version, **body.given())


@shell.resource_route(bp, "DELETE", "/personal-facts/<uuid:id>", "personal_facts.write", status=204, versioned=True, summary=N_("Delete a personal fact"))
def delete_fact(ctx: Context, id: UUID, version: int):
    fact = queries.one_fact(ctx, id)
    if fact.version != version:
        raise shell.Stale("version_stale", field="If-Match")
    actions.delete_fact(ctx, fact)
