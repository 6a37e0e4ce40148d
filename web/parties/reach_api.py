"""Ways to reach accounts and contacts for programs: further mails, phones and messengers, postal addresses, roles at
several accounts. The record's own mail, phones and address are members of the record itself."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from core.base.context import Context
from core.base.words import N_
from core.parties import affiliations, queries, reach
from core.parties.models import Account, Contact
from core.parties.reach_access import of_party, one, one_affiliation
from core.parties.reach_models import POINT_KINDS, SERVICES, Affiliation, ContactPoint, PostalAddress
from core.parties.reach_queries import one_way, ways
from web.api import shell

bp = shell.api_blueprint("reach_api")

Label = Annotated[str, Field(max_length=50)]
Street = Annotated[str, Field(max_length=400)]
Mail = Annotated[str, Field(max_length=254)]


class PointPatch(shell.Body):
    """Changes of a further mail, phone or messenger; what is absent stays as it is."""

    value: Mail | None = None
    label: Label | None = None
    service: Annotated[str, Field(json_schema_extra={"enum": list(SERVICES)})] | None = None


class PointIn(PointPatch):
    """kind: mail, phone or messenger. service: of a messenger. label: work, home, mobile, … or any text."""

    kind: Annotated[str, Field(json_schema_extra={"enum": list(POINT_KINDS)})] | None = None

    def all(self) -> dict[str, Any]:
        """Without what was not sent; kind and value are asked for by the use case, after the record was looked for."""
        return {"kind": None, "value": None, **self.given()}


class PointOut(shell.Out):
    """A further mail, phone or messenger. e164: the number for programs, where it is known."""

    id: UUID
    version: int
    kind: str
    service: str | None
    label: str
    value: str
    e164: str | None


class AddressFields(shell.Body):
    """A postal address: street has up to four lines, country is best an ISO code."""

    label: Label | None = None
    recipient: shell.Line | None = None
    street: Street | None = None
    postcode: shell.Line | None = None
    city: shell.Line | None = None
    region: shell.Line | None = None
    country: shell.Line | None = None


class AddressOut(shell.Out):
    """A further postal address. A part that is hidden from the token's user is null."""

    id: UUID
    version: int
    label: str
    recipient: str | None
    street: str | None
    postcode: str | None
    city: str | None
    region: str | None
    country: str | None


class AffiliationPatch(shell.Body):
    title: shell.Line | None = None
    department: shell.Line | None = None
    since: date | None = Field(None, strict=False)
    until: date | None = Field(None, strict=False)
    is_former: bool | None = None


class AffiliationIn(AffiliationPatch):
    """A role at a further account."""

    account_id: UUID | None = Field(None, strict=False)


class AffiliationOut(shell.Out):
    """A person's role at an account beside his own."""

    id: UUID
    version: int
    contact_id: UUID
    account_id: UUID
    title: str | None
    department: str | None
    since: date | None
    until: date | None
    is_former: bool


def _point_out(ctx: Context, point: ContactPoint) -> PointOut:
    return PointOut.of(one_way(ctx, point))


def _points(ctx: Context, party: Account | Contact) -> shell.Page:
    return shell.Page([PointOut.of(way) for way in ways(ctx, party).ways if way.id], None)


def _addresses(ctx: Context, party: Account | Contact) -> shell.Page:
    query = select(PostalAddress).where(of_party(PostalAddress, party)).order_by(PostalAddress.position, PostalAddress.id)
    return shell.Page(list(ctx.session.execute(query).scalars()), None)


def _roles(ctx: Context, party: Account | Contact) -> shell.Page:
    keys = [UUID(role.id) for role in ways(ctx, party).roles]
    return shell.Page(list(ctx.session.execute(select(Affiliation).where(Affiliation.id.in_(keys)).order_by(Affiliation.id)).scalars()), None)


POINTS: dict[str, Any] = {"answer": PointOut, "tag": "contact-points"}
ADDRESSES: dict[str, Any] = {"answer": AddressOut, "tag": "addresses"}
ROLES: dict[str, Any] = {"answer": AffiliationOut, "tag": "affiliations"}


@shell.resource_route(bp, "GET", "/accounts/<uuid:id>/contact-points", "accounts.read", paged=True, summary=N_("Further mails, phones and messengers of an account"), **POINTS)
def list_account_points(ctx: Context, id: UUID):
    return _points(ctx, queries.one_account(ctx, id))


@shell.resource_route(bp, "GET", "/contacts/<uuid:id>/contact-points", "contacts.read", paged=True, summary=N_("Further mails, phones and messengers of a contact"), **POINTS)
def list_contact_points(ctx: Context, id: UUID):
    return _points(ctx, queries.one_contact(ctx, id))


@shell.resource_route(bp, "POST", "/accounts/<uuid:id>/contact-points", "accounts.edit", body=PointIn, status=201, summary=N_("Add a mail, phone or messenger to an account"), **POINTS)
def create_account_point(ctx: Context, id: UUID, body):
    return _point_out(ctx, reach.add_point(ctx, queries.one_account(ctx, id), **body.all()))


@shell.resource_route(bp, "POST", "/contacts/<uuid:id>/contact-points", "contacts.edit", body=PointIn, status=201, summary=N_("Add a mail, phone or messenger to a contact"), **POINTS)
def create_contact_point(ctx: Context, id: UUID, body):
    return _point_out(ctx, reach.add_point(ctx, queries.one_contact(ctx, id), **body.all()))


@shell.resource_route(bp, "GET", "/accounts/contact-points/<uuid:id>", "accounts.read", summary=N_("Get a further mail, phone or messenger of an account"), **POINTS)
def get_account_point(ctx: Context, id: UUID):
    return _point_out(ctx, one(ctx, ContactPoint, id, room="accounts"))


@shell.resource_route(bp, "GET", "/contacts/contact-points/<uuid:id>", "contacts.read", summary=N_("Get a further mail, phone or messenger of a contact"), **POINTS)
def get_contact_point(ctx: Context, id: UUID):
    return _point_out(ctx, one(ctx, ContactPoint, id, room="contacts"))


@shell.resource_route(bp, "PATCH", "/accounts/contact-points/<uuid:id>", "accounts.edit", body=PointPatch, versioned=True, summary=N_("Change a further mail, phone or messenger of an account"), **POINTS)
def change_account_point(ctx: Context, id: UUID, version: int, body):
    return _point_out(ctx, reach.edit_point(ctx, one(ctx, ContactPoint, id, room="accounts"), version=version, **body.given()))


@shell.resource_route(bp, "DELETE", "/accounts/contact-points/<uuid:id>", "accounts.edit", status=204, versioned=True, tag="contact-points", summary=N_("Remove a further mail, phone or messenger of an account"))
def delete_account_point(ctx: Context, id: UUID, version: int):
    reach.remove(ctx, one(ctx, ContactPoint, id, room="accounts"), version=version)


@shell.resource_route(bp, "PATCH", "/contacts/contact-points/<uuid:id>", "contacts.edit", body=PointPatch, versioned=True, summary=N_("Change a further mail, phone or messenger of a contact"), **POINTS)
def change_contact_point(ctx: Context, id: UUID, version: int, body):
    return _point_out(ctx, reach.edit_point(ctx, one(ctx, ContactPoint, id, room="contacts"), version=version, **body.given()))


@shell.resource_route(bp, "DELETE", "/contacts/contact-points/<uuid:id>", "contacts.edit", status=204, versioned=True, tag="contact-points", summary=N_("Remove a further mail, phone or messenger of a contact"))
def delete_contact_point(ctx: Context, id: UUID, version: int):
    reach.remove(ctx, one(ctx, ContactPoint, id, room="contacts"), version=version)


@shell.resource_route(bp, "GET", "/accounts/<uuid:id>/addresses", "accounts.read", paged=True, summary=N_("Further postal addresses of an account"), **ADDRESSES)
def list_account_addresses(ctx: Context, id: UUID):
    return _addresses(ctx, queries.one_account(ctx, id))


@shell.resource_route(bp, "GET", "/contacts/<uuid:id>/addresses", "contacts.read", paged=True, summary=N_("Postal addresses of a contact"), **ADDRESSES)
def list_contact_addresses(ctx: Context, id: UUID):
    return _addresses(ctx, queries.one_contact(ctx, id))


@shell.resource_route(bp, "POST", "/accounts/<uuid:id>/addresses", "accounts.edit", body=AddressFields, status=201, summary=N_("Add a postal address to an account"), **ADDRESSES)
def create_account_address(ctx: Context, id: UUID, body):
    return reach.add_address(ctx, queries.one_account(ctx, id), **body.given())


@shell.resource_route(bp, "POST", "/contacts/<uuid:id>/addresses", "contacts.edit", body=AddressFields, status=201, summary=N_("Add a postal address to a contact"), **ADDRESSES)
def create_contact_address(ctx: Context, id: UUID, body):
    return reach.add_address(ctx, queries.one_contact(ctx, id), **body.given())


@shell.resource_route(bp, "GET", "/accounts/addresses/<uuid:id>", "accounts.read", summary=N_("Get a postal address of an account"), **ADDRESSES)
def get_account_address(ctx: Context, id: UUID):
    return one(ctx, PostalAddress, id, room="accounts")


@shell.resource_route(bp, "GET", "/contacts/addresses/<uuid:id>", "contacts.read", summary=N_("Get a postal address of a contact"), **ADDRESSES)
def get_contact_address(ctx: Context, id: UUID):
    return one(ctx, PostalAddress, id, room="contacts")


@shell.resource_route(bp, "PATCH", "/accounts/addresses/<uuid:id>", "accounts.edit", body=AddressFields, versioned=True, summary=N_("Change a postal address of an account"), **ADDRESSES)
def change_account_address(ctx: Context, id: UUID, version: int, body):
    return reach.edit_address(ctx, one(ctx, PostalAddress, id, room="accounts"), version=version, **body.given())


@shell.resource_route(bp, "DELETE", "/accounts/addresses/<uuid:id>", "accounts.edit", status=204, versioned=True, tag="addresses", summary=N_("Remove a postal address of an account"))
def delete_account_address(ctx: Context, id: UUID, version: int):
    reach.remove(ctx, one(ctx, PostalAddress, id, room="accounts"), version=version)


@shell.resource_route(bp, "PATCH", "/contacts/addresses/<uuid:id>", "contacts.edit", body=AddressFields, versioned=True, summary=N_("Change a postal address of a contact"), **ADDRESSES)
def change_contact_address(ctx: Context, id: UUID, version: int, body):
    return reach.edit_address(ctx, one(ctx, PostalAddress, id, room="contacts"), version=version, **body.given())


@shell.resource_route(bp, "DELETE", "/contacts/addresses/<uuid:id>", "contacts.edit", status=204, versioned=True, tag="addresses", summary=N_("Remove a postal address of a contact"))
def delete_contact_address(ctx: Context, id: UUID, version: int):
    reach.remove(ctx, one(ctx, PostalAddress, id, room="contacts"), version=version)


@shell.resource_route(bp, "GET", "/contacts/<uuid:id>/affiliations", "contacts.read", paged=True, summary=N_("Roles of a contact at further accounts"), **ROLES)
def list_contact_affiliations(ctx: Context, id: UUID):
    return _roles(ctx, queries.one_contact(ctx, id))


@shell.resource_route(bp, "GET", "/accounts/<uuid:id>/affiliations", "accounts.read", paged=True, summary=N_("People who have a role at an account beside their own"), **ROLES)
def list_account_affiliations(ctx: Context, id: UUID):
    return _roles(ctx, queries.one_account(ctx, id))


@shell.resource_route(bp, "POST", "/contacts/<uuid:id>/affiliations", "contacts.edit", body=AffiliationIn, status=201, summary=N_("Note a contact's role at a further account"), **ROLES)
def create_affiliation(ctx: Context, id: UUID, body):
    return affiliations.affiliate(ctx, queries.one_contact(ctx, id), **{"account_id": None, **body.given()})


@shell.resource_route(bp, "GET", "/affiliations/<uuid:id>", "contacts.read", summary=N_("Get a role at a further account"), **ROLES)
def get_affiliation(ctx: Context, id: UUID):
    return one_affiliation(ctx, id)


@shell.resource_route(bp, "PATCH", "/affiliations/<uuid:id>", "contacts.edit", body=AffiliationPatch, versioned=True, summary=N_("Change a role at a further account"), **ROLES)
def change_affiliation(ctx: Context, id: UUID, version: int, body):
    return affiliations.edit_affiliation(ctx, one_affiliation(ctx, id), version=version, **body.given())


@shell.resource_route(bp, "DELETE", "/affiliations/<uuid:id>", "contacts.edit", status=204, versioned=True, tag="affiliations", summary=N_("Remove a role at a further account"))
def delete_affiliation(ctx: Context, id: UUID, version: int):
    affiliations.remove_affiliation(ctx, one_affiliation(ctx, id), version=version)
