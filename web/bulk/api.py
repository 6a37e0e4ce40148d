"""Bulk edits for programs: choose and change in one request, look first where dry_run is said, and take back."""

import json
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError

from core.base import policy
from core.base.conditions import MOST_ALTERNATIVES, MOST_CONDITIONS
from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import plain
from core.base.words import N_
from core.bulk import breaking, previewing, queries, running, selecting, undoing
from core.bulk.models import KINDS, OPERATIONS, OUTCOMES, STATES, BulkEdit
from core.parties.queries import Filters
from core.products.repricing import WAYS
from web.api import shell
from web.api.problems import invalid
from web.api.shell import Column
from web.deals.api import DealPatch
from web.leads.api import LeadPatch
from web.parties.api import AccountPatch, ContactPatch, Tag
from web.products.api_bodies import Digits, ProductPatch

bp = shell.api_blueprint("bulk_api")
PATCHES: dict[str, type[shell.Body]] = {"accounts": AccountPatch, "contacts": ContactPatch, "deals": DealPatch, "leads": LeadPatch, "products": ProductPatch}
BEFORE_CLEAN = 10 * selecting.MOST_KEYS
Alternative = Annotated[list[tuple[str, str, str]], Field(min_length=1, max_length=MOST_CONDITIONS)]


class FilterIn(shell.Body):
    """As the lists are narrowed. owner: a key, "me" or "pool"; kind and role only of accounts. where: [field, operator, value]
    of any column, as in filter[field][operator]=value of the lists. either: alternatives of such conditions, one of which must
    hold whole. {} is every one that you see."""

    q: Annotated[str, Field(max_length=100)] | None = None
    owner: Annotated[str, Field(max_length=40)] | None = None
    tag: Tag | None = None
    kind: Annotated[str, Field(max_length=20)] | None = None
    role: Annotated[str, Field(max_length=20)] | None = None
    where: list[tuple[str, str, str]] | None = Field(None, max_length=MOST_CONDITIONS)
    either: list[Alternative] | None = Field(None, max_length=MOST_ALTERNATIVES)

    def filters(self) -> Filters:
        return Filters(search=self.q, owner=self.owner, tag=self.tag, kind=self.kind, role=self.role, where=tuple(self.where or ()), either=tuple(tuple(group) for group in self.either or ()))


class PriceStep(shell.Body):
    """Prices of products: so many percent more (markup) or less (discount), or one price; rounded to a multiple of rounding_step, less
    rounding_less. currency: of that one price; products in another currency are left out."""

    way: Literal[WAYS] | None = None
    value: Digits | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    rounding_step: Digits | None = None
    rounding_less: Digits | None = None


class BulkEditIn(shell.Body):
    """Which records: ids (10,000 at most) or filter. What: exactly one of changes (members as in PATCH of one record),
    add_tags and remove_tags, price (of products), owner_id (null: everyone's), delete. dry_run: only say what would happen; POST run then does it."""

    kind: Annotated[str, Field(json_schema_extra={"enum": list(KINDS)})]
    ids: list[UUID] | None = Field(None, max_length=BEFORE_CLEAN, strict=False)
    filter: FilterIn | None = None
    changes: dict[str, Any] | None = None
    add_tags: list[Tag] | None = Field(None, max_length=30)
    remove_tags: list[Tag] | None = Field(None, max_length=30)
    price: PriceStep | None = None
    owner_id: UUID | None = None
    delete: bool = False
    dry_run: bool = False

    def operation(self) -> tuple[str, dict[str, Any]]:
        """(operation, what is given to it); refuses none and several."""
        said: list[tuple[str, dict[str, Any]]] = []
        if self.changes is not None:
            said.append(("change", _patch(self.kind, self.changes)))
        if self.add_tags is not None or self.remove_tags is not None:
            said.append(("tags", {"add": self.add_tags, "remove": self.remove_tags}))
        if self.price is not None:
            said.append(("price", self.price.given()))
        if "owner_id" in self.model_fields_set:
            said.append(("owner", {"owner_id": self.owner_id}))
        if self.delete:
            said.append(("delete", {}))
        if len(said) != 1:
            raise Refused("bulk_one_operation")
        return said[0]


class BulkEditOut(shell.Out):
    """A bulk edit. counts: records by what becomes of them (due: would be changed); finished_at + 30 days is the end of undo."""

    id: UUID
    version: int
    kind: str
    state: str
    operation: str | None
    counts: dict[str, int]
    rows_done: int
    failure: dict[str, Any] | None
    created_at: shell.Moment
    started_at: shell.Moment | None
    finished_at: shell.Moment | None


class RowOut(shell.Out):
    """One record of it. before: the fields that are (to be) changed, with what stood in them."""

    position: int
    record_id: UUID
    name: str
    outcome: str
    before: dict[str, Any] | None


class RowsOut(shell.Out):
    """Records in the list's order; `after` for the next page is next_after."""

    data: list[RowOut]
    next_after: int | None


class RowParams(shell.Params):
    """outcome: kept, changed, same …; without it all. kept: the same as outcome=kept."""

    outcome: Annotated[str, Field(json_schema_extra={"enum": list(OUTCOMES)}, max_length=20)] | None = None
    kept: bool = False
    after: int = Field(0, ge=0, le=2_000_000_000)
    limit: int = Field(200, ge=1, le=1000)


BULK_EDITS = shell.Listing({
    "id": Column(BulkEdit.id), "kind": Column(BulkEdit.kind, choices=KINDS), "state": Column(BulkEdit.state, choices=STATES),
    "operation": Column(BulkEdit.operation, choices=OPERATIONS), "created_at": Column(BulkEdit.created_at, sort=True),
}, default="-created_at")


@shell.resource_route(bp, "GET", "/bulk-edits", "bulk_edits.read", listing=BULK_EDITS, answer=BulkEditOut, summary=N_("List bulk edits"))
def list_bulk_edits(ctx: Context, asked):
    return asked.page(ctx, policy.visible(ctx, BulkEdit))


@shell.resource_route(
    bp, "POST", "/bulk-edits", "bulk_edits.run", body=BulkEditIn, answer=BulkEditOut, status=201, summary=N_("Change many records at once"),
    description=N_("Up to 200 records are changed before the answer, more in the background: ask GET until state is done. With dry_run nothing is changed."),
)
def create_bulk_edit(ctx: Context, body):
    operation, given = body.operation()
    run = selecting.select_records(ctx, body.kind, keys=body.ids, filters=body.filter.filters() if body.filter is not None else None)
    run = previewing.preview(ctx, run, operation, given)
    return run if body.dry_run or not run.counts.get("due") else running.start(ctx, run)


@shell.resource_route(bp, "GET", "/bulk-edits/<uuid:id>", "bulk_edits.read", answer=BulkEditOut, summary=N_("Look at a bulk edit"))
def get_bulk_edit(ctx: Context, id: UUID):
    return queries.one(ctx, id)


@shell.resource_route(bp, "GET", "/bulk-edits/<uuid:id>/rows", "bulk_edits.read", params=RowParams, answer=RowsOut, summary=N_("List the records of a bulk edit"))
def list_bulk_edit_rows(ctx: Context, id: UUID, params):
    if params.outcome is not None and params.outcome not in OUTCOMES:
        raise Refused("unknown_value", field="outcome")
    wanted = ("kept",) if params.kept else (params.outcome,) if params.outcome else OUTCOMES
    found = queries.rows(ctx, queries.one(ctx, id), wanted, after=params.after, limit=params.limit)
    return RowsOut(data=[RowOut.of(row) for row in found], next_after=found[-1].position if len(found) == params.limit else None)


@shell.resource_route(bp, "POST", "/bulk-edits/<uuid:id>/run", "bulk_edits.run", answer=BulkEditOut, status=202, summary=N_("Do what a dry run said"))
def create_bulk_edit_run(ctx: Context, id: UUID):
    return running.start(ctx, queries.one(ctx, id))


@shell.resource_route(bp, "POST", "/bulk-edits/<uuid:id>/cancellation", "bulk_edits.run", answer=BulkEditOut, summary=N_("Stop a bulk edit"))
def create_bulk_edit_cancellation(ctx: Context, id: UUID):
    return running.cancel(ctx, queries.one(ctx, id))


@shell.resource_route(bp, "POST", "/bulk-edits/<uuid:id>/resumption", "bulk_edits.run", answer=BulkEditOut, status=202, summary=N_("Go on with a bulk edit that broke off"))
def create_bulk_edit_resumption(ctx: Context, id: UUID):
    return breaking.go_on(ctx, queries.one(ctx, id))


@shell.resource_route(bp, "POST", "/bulk-edits/<uuid:id>/undo", "bulk_edits.run", answer=BulkEditOut, status=202, summary=N_("Take a bulk edit back"))
def create_bulk_edit_undo(ctx: Context, id: UUID):
    return undoing.start_undo(ctx, queries.one(ctx, id))


def _patch(kind: str, changes: dict[str, Any]) -> dict[str, Any]:
    """The members as a PATCH of one record takes them."""
    if kind not in PATCHES:
        raise Refused("unknown_value", field="kind")
    try:
        return plain(TypeAdapter(PATCHES[kind]).validate_json(json.dumps(changes)).given())
    except ValidationError as error:
        raise invalid(error) from None
