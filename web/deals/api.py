"""Deals and pipelines for programs: lists, single records, moves through the stages."""

from datetime import date
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from flask import g
from pydantic import Field

from core.base import policy
from core.base.context import Context
from core.base.finding import characters_of, holds
from core.base.words import N_
from core.custom_fields.columns import sought_in
from core.deals import actions, moving, pipelines, queries
from core.deals.columns import COLUMNS
from core.deals.models import KINDS, Deal
from core.tagging.queries import tagged
from web.api import shell
from web.api.shell import Column
from web.custom_fields.answers import OWN, own_values
from web.deals import forecast_api, parts_api
from web.parties.api import further_columns, made_described
from web.parties.api_bodies import Tag
from web.parties.made_answers import MadeOut

bp = shell.api_blueprint("deals_api")
forecast_bp, parts_bp = forecast_api.bp, parts_api.bp


Forecast = Literal["commit", "best_case", "pipeline", "omitted"]


STALLED = "For how many days nothing has happened with a deal that its stage calls stalled; null for any other."


class DealFields(shell.Body):
    """owner_id null: everyone's. probability, forecast null: the stage's."""

    account_id: UUID | None = None
    contact_id: UUID | None = None
    owner_id: UUID | None = None
    amount: shell.Price | None = None
    probability: int | None = Field(None, ge=0, le=100)
    forecast: Forecast | None = None
    closes_on: date | None = None
    next_step: shell.Line | None = None
    next_step_on: date | None = None
    source: shell.Line | None = None
    loss_reason: shell.Line | None = None
    tags: list[Tag] | None = Field(None, max_length=30)
    external_id: shell.Line | None = None
    notes: shell.Text | None = None
    custom: Annotated[dict[str, Any], Field(max_length=200, description=OWN)] | None = None

    def given(self) -> dict[str, Any]:
        """As the use cases know them: an amount and its currency are two columns, an own field is one as any other."""
        found = super().given()
        own = found.pop("custom", None) or {}
        if "amount" in found:
            price = found.pop("amount")
            found |= {"amount": price.amount, "currency": price.currency} if price else {"amount": None}
        return found | {f"custom.{key}": value for key, value in own.items()}


class DealIn(DealFields):
    """A deal to create. stage_id: in which it begins; else the first of the pipeline, or of the first pipeline that one works in."""

    name: shell.Line
    stage_id: UUID | None = None
    pipeline_id: UUID | None = None


class DealPatch(DealFields):
    """Changes of a deal; what is absent stays as it is. It is moved by its own route."""

    name: shell.Line | None = None


class Move(shell.Body):
    """Into which stage (it must be given); loss_reason is needed for one of those that are lost."""

    stage_id: UUID | None = None
    loss_reason: shell.Line | None = None


class DealOut(MadeOut):
    id: UUID
    version: int
    name: str
    pipeline_id: UUID
    stage_id: UUID
    state: str
    account_id: UUID | None
    contact_id: UUID | None
    owner_id: UUID | None
    amount: shell.Price | None
    probability: int | None
    forecast: str | None
    closes_on: date | None
    next_step: str | None
    next_step_on: date | None
    source: str | None
    campaign: str | None
    loss_reason: str | None
    tags: list[str]
    external_id: str | None
    notes: str | None
    stage_since: shell.Moment
    closed_at: shell.Moment | None
    created_at: shell.Moment
    updated_at: shell.Moment
    stalled_days: int | None = Field(None, description=STALLED)
    custom: dict[str, Any]

    @classmethod
    def of(cls, record: Any) -> "DealOut":
        names = [name for name in cls.model_fields if name not in ("amount", "custom")]
        price = {"amount": record.amount, "currency": record.currency} if record.amount is not None else None
        return cls(amount=price, custom=own_values(g.ctx, record), **{name: getattr(record, name) for name in names})


class StageOut(shell.Out):
    id: UUID
    name: str
    kind: Annotated[str, Field(json_schema_extra={"enum": list(KINDS)})]
    probability: int
    colour: str
    forecast: str
    stale_after: int | None
    criteria: list[str]


class PipelineOut(shell.Out):
    """A pipeline that one works in, with its stages in their order."""

    id: UUID
    name: str
    stages: list[StageOut]


class StayOut(shell.Out):
    """An interval: in which stage the deal stood from when to when (null: it stands there now)."""

    stage_id: UUID
    entered_at: shell.Moment
    left_at: shell.Moment | None


class DealParams(shell.Params):
    """q: words that must all be in the name. tag: one that the deal has."""

    q: str | None = Field(None, max_length=100)
    tag: Tag | None = None


LISTED = {name: one.column for name, one in COLUMNS.items() if name not in ("account", "stage", "pipeline", "closed_at")}
DEALS = shell.Listing(
    {"id": Column(Deal.id), "name": Column(Deal.name, sort=Deal.name_fold), "account_id": Column(Deal.account_id), "contact_id": Column(Deal.contact_id), "stage_id": Column(Deal.stage_id), "pipeline_id": Column(Deal.pipeline_id), "closed_at": Column(Deal.closed_at), **LISTED, **made_described(Deal)},
    default="name", own=partial(further_columns, Deal), made=frozenset(made_described(Deal)),
)


@shell.resource_route(bp, "GET", "/deals", "deals.read", listing=DEALS, params=DealParams, answer=DealOut, summary=N_("List deals"))
def list_deals(ctx: Context, asked, params):
    query = policy.visible(ctx, Deal).where(Deal.deleted_at.is_(None), *tagged(ctx, Deal, params.tag))
    found = holds(params.q, (Deal.name_fold, *sought_in(ctx, Deal)), characters_of(Deal.__table__.c.name_fold))
    return asked.page(ctx, query if found is None else query.where(found))


@shell.resource_route(bp, "POST", "/deals", "deals.create", body=DealIn, answer=DealOut, status=201, summary=N_("Create a deal"))
def create_deal(ctx: Context, body):
    return actions.create_deal(ctx, **body.given())


@shell.resource_route(bp, "GET", "/deals/<uuid:id>", "deals.read", answer=DealOut, summary=N_("Get a deal"))
def get_deal(ctx: Context, id: UUID):
    return queries.one_deal(ctx, id)


@shell.resource_route(bp, "PATCH", "/deals/<uuid:id>", "deals.edit", body=DealPatch, answer=DealOut, versioned=True, summary=N_("Change a deal"))
def change_deal(ctx: Context, id: UUID, version: int, body):
    return actions.edit_deal(ctx, queries.one_deal(ctx, id), version=version, **body.given())


@shell.resource_route(bp, "POST", "/deals/<uuid:id>/moves", "deals.edit", body=Move, answer=DealOut, summary=N_("Move a deal into another stage"))
def move_deal(ctx: Context, id: UUID, body):
    return moving.move_deal(ctx, queries.one_deal(ctx, id), body.stage_id, loss_reason=body.loss_reason)


@shell.resource_route(bp, "GET", "/deals/<uuid:id>/stays", "deals.read", answer=StayOut, paged=True, summary=N_("In which stages a deal stood, newest first"))
def list_stays(ctx: Context, id: UUID):
    return shell.Page(queries.stays(ctx, queries.one_deal(ctx, id), limit=1000), None)


@shell.resource_route(bp, "DELETE", "/deals/<uuid:id>", "deals.delete", status=204, versioned=True, summary=N_("Put a deal into the recycle bin"))
def delete_deal(ctx: Context, id: UUID, version: int):
    actions.delete_deal(ctx, shell.at_version(ctx, queries.one_deal(ctx, id), version, "deals.delete"))


@shell.resource_route(bp, "GET", "/pipelines", "deals.read", answer=PipelineOut, paged=True, summary=N_("List the pipelines with their stages"))
def list_pipelines(ctx: Context):
    said = lambda row: pipelines.called(row, ctx.locale)  # noqa: E731
    stage = lambda one: StageOut(id=one.id, name=said(one), kind=one.kind, probability=one.probability, colour=one.colour, forecast=one.forecast, stale_after=one.stale_after, criteria=one.criteria)  # noqa: E731
    return shell.Page([PipelineOut(id=way.id, name=said(way.row), stages=[stage(one) for one in way.stages]) for way in pipelines.working(ctx)], None)
