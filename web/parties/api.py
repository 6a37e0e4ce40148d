"""Accounts and contacts for programs: lists, single records, and an account's timeline."""

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from pydantic import Field

from core.activities.queries import Narrow, timeline
from core.base import policy
from core.base.context import Context
from core.base.errors import NotFound
from core.base.words import N_
from core.parties import actions, pool, queries
from core.parties.columns import COLUMNS
from core.parties.family import below
from core.parties.finding import found_by
from core.parties.models import Account, Contact
from core.parties.reach_finding import also_found
from core.tagging.queries import meant
from core.views.above import collect_made, made_columns
from core.views.lists import sortable_by
from web.api import shell
from web.api.shell import Column
from web.custom_fields.answers import own_listed
from web.parties import reach_api
from web.parties.api_bodies import (
    AccountIn,
    AccountOut,
    AccountPatch,
    ContactIn,
    ContactOut,
    ContactPatch,
    NewAccountOut,
    NewContactOut,
    Tag,
)
from web.parties.api_duplicates import CreateParams, likely_of, merged_into, with_likely

bp, reach_bp = shell.api_blueprint("parties_api"), reach_api.bp

class PartyParams(shell.Params):
    """q: words that must all be in the name (or a contact's mail address). tag: one that the record has.
    under: an account; in its tree, itself included."""

    q: str | None = Field(None, max_length=100)
    tag: Tag | None = None
    under: UUID | None = None


def built_in_columns(model: type[Account] | type[Contact], **more: Column) -> dict[str, Column]:
    """What lists of both may be filtered and sorted by: what the pages' lists may (core.parties.columns)."""
    listed = {name: one.column for name, one in COLUMNS[model.ROOM].items() if one.column.ops and name != "account"}
    return {"id": Column(model.id), "name": Column(model.name, sort=model.name_fold), **listed, **made_described(model), **more}


def made_described(model: Any) -> dict[str, Column]:
    """The columns that rooms above make for a list, as the description says them."""
    return {one.name: _sorted(one.described()) for one in collect_made().get(model.ROOM, ())}


def further_columns(model: Any, ctx: Context) -> dict[str, Column]:
    """The columns that are not the same for everybody: those that rooms above make, and the workspace's own fields."""
    made = {name: _sorted(one.column(named.element)) for name, (one, named) in made_columns(ctx, model.ROOM).items()}
    return made | own_listed(model, ctx)


def _sorted(column: Column) -> Column:
    column.sort = sortable_by(column, False)
    return column


def _listing(model: type[Account] | type[Contact], **more: Column) -> shell.Listing:
    return shell.Listing(built_in_columns(model, **more), default="name", own=partial(further_columns, model), made=frozenset(one.name for one in collect_made().get(model.ROOM, ())))


ACCOUNTS = _listing(Account, parent_id=Column(Account.parent_id))
CONTACTS = _listing(Contact, account_id=Column(Contact.account_id), referred_by_id=Column(Contact.referred_by_id))


ACCOUNT_REST = (AccountPatch, lambda ctx, body: actions.wrong_values(ctx, "accounts", body.given()))
CONTACT_REST = (ContactPatch, lambda ctx, body: actions.wrong_values(ctx, "contacts", body.given()))


@shell.resource_route(bp, "GET", "/accounts", "accounts.read", listing=ACCOUNTS, params=PartyParams, answer=AccountOut, summary=N_("List accounts"))
def list_accounts(ctx: Context, asked, params):
    return asked.page(ctx, _alive(ctx, Account, params, *queries.sought_in(ctx, Account)))


@shell.resource_route(bp, "POST", "/accounts", "accounts.create", body=AccountIn, rest=ACCOUNT_REST, params=CreateParams, answer=NewAccountOut, status=201, summary=N_("Create an account"))
def create_account(ctx: Context, body, params):
    likely = likely_of(ctx, "account", body, params)
    return with_likely(actions.create_account(ctx, **body.given()), likely)


@shell.resource_route(bp, "GET", "/accounts/<uuid:id>", "accounts.read", answer=AccountOut, summary=N_("Get an account"))
def get_account(ctx: Context, id: UUID):
    try:
        return queries.one_account(ctx, id)
    except NotFound:
        return merged_into(ctx, "account", id)


@shell.resource_route(bp, "PATCH", "/accounts/<uuid:id>", "accounts.edit", body=AccountPatch, rest=ACCOUNT_REST, answer=AccountOut, versioned=True, summary=N_("Change an account"))
def change_account(ctx: Context, id: UUID, version: int, body):
    # The use case looks at the version itself, after the lock on the tree of accounts: at_version would take the row's first.
    return actions.edit_account(ctx, queries.one_account(ctx, id), version=version, **body.given())


@shell.resource_route(bp, "DELETE", "/accounts/<uuid:id>", "accounts.delete", status=204, versioned=True, summary=N_("Put an account into the recycle bin"))
def delete_account(ctx: Context, id: UUID, version: int):
    actions.delete_account(ctx, shell.at_version(ctx, queries.one_account(ctx, id), version, "accounts.delete"))


@shell.resource_route(bp, "POST", "/accounts/<uuid:id>/claims", "accounts.edit", answer=AccountOut, summary=N_("Take an account from the shared pool"))
def claim_account(ctx: Context, id: UUID):
    return pool.claim(ctx, id)


@shell.resource_route(bp, "GET", "/contacts", "contacts.read", listing=CONTACTS, params=PartyParams, answer=ContactOut, summary=N_("List contacts"))
def list_contacts(ctx: Context, asked, params):
    return asked.page(ctx, _alive(ctx, Contact, params, *queries.sought_in(ctx, Contact)))


@shell.resource_route(bp, "POST", "/contacts", "contacts.create", body=ContactIn, rest=CONTACT_REST, params=CreateParams, answer=NewContactOut, status=201, summary=N_("Create a contact"))
def create_contact(ctx: Context, body, params):
    likely = likely_of(ctx, "contact", body, params)
    return with_likely(actions.create_contact(ctx, **body.given()), likely)


@shell.resource_route(bp, "GET", "/contacts/<uuid:id>", "contacts.read", answer=ContactOut, summary=N_("Get a contact"))
def get_contact(ctx: Context, id: UUID):
    try:
        return queries.one_contact(ctx, id)
    except NotFound:
        return merged_into(ctx, "contact", id)


@shell.resource_route(bp, "PATCH", "/contacts/<uuid:id>", "contacts.edit", body=ContactPatch, rest=CONTACT_REST, answer=ContactOut, versioned=True, summary=N_("Change a contact"))
def change_contact(ctx: Context, id: UUID, version: int, body):
    return actions.edit_contact(ctx, queries.one_contact(ctx, id), version=version, **body.given())


@shell.resource_route(bp, "DELETE", "/contacts/<uuid:id>", "contacts.delete", status=204, versioned=True, summary=N_("Put a contact into the recycle bin"))
def delete_contact(ctx: Context, id: UUID, version: int):
    actions.delete_contact(ctx, shell.at_version(ctx, queries.one_contact(ctx, id), version, "contacts.delete"))


class EntryOut(shell.Out):
    """One line of a timeline: a contact that was logged (type activity) or something that happened (type fact). others: who takes part in it
    beside its owner and whom it is with."""

    type: str = Field(validation_alias="part")
    id: UUID
    at: shell.Moment
    kind: str
    actor_name: str | None
    body: str | None
    params: dict[str, Any] | None
    contact_id: UUID | None
    contact_name: str | None
    direction: str | None
    outcome: str | None
    next_contact_on: date | None
    next_contact_at: shell.Moment | None
    next_contact_note: str | None
    done_at: shell.Moment | None
    others: list[str] | None


class TimelineParams(shell.Params):
    """show: one kind of activity, or "changes" for facts alone. contact_id, user_id: about one person, by one colleague. q:
    words that must all be in the text; facts have none."""

    cursor: str | None = Field(None, max_length=200)
    limit: int = Field(30, ge=1, le=100)
    show: str | None = Field(None, max_length=20)
    contact_id: UUID | None = None
    user_id: UUID | None = None
    q: str | None = Field(None, max_length=100)


@shell.resource_route(
    bp, "GET", "/accounts/<uuid:id>/timeline", "accounts.read", params=TimelineParams, answer=EntryOut, paged=True,
    summary=N_("What happened with an account, newest first"),
)
def list_timeline(ctx: Context, id: UUID, params):
    return _timeline(ctx, queries.one_account(ctx, id), params)


@shell.resource_route(
    bp, "GET", "/contacts/<uuid:id>/timeline", "contacts.read", params=TimelineParams, answer=EntryOut, paged=True,
    summary=N_("What happened with a contact, newest first"),
)
def list_contact_timeline(ctx: Context, id: UUID, params):
    return _timeline(ctx, queries.one_contact(ctx, id), params)


def _timeline(ctx: Context, record: Account | Contact, params: TimelineParams) -> shell.Page:
    found = timeline(ctx, record, before=params.cursor, show=params.show, limit=params.limit, narrow=Narrow(params.contact_id, params.user_id, params.q), glance=False)
    return shell.Page(found.entries, found.before)


def _alive(ctx: Context, model: Any, params: PartyParams, *further: Any):
    query = policy.visible(ctx, model).where(model.deleted_at.is_(None))
    found = found_by(params.q, model, *further, also=also_found(ctx, model, params.q))
    if found is not None:
        query = query.where(found)
    if params.under is not None:
        query = query.where((Account.id if model is Account else Contact.account_id).in_(below(ctx, params.under)))
    return query.where(model.tags.overlap(meant(ctx, params.tag))) if params.tag else query
