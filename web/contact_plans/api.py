"""Contact plans for programs: the plans, and whose turn it is."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from core.base.context import Context
from core.base.words import N_
from core.contact_plans import due, plans
from core.contact_plans.models import MOST_A_YEAR
from web.api import shell

bp = shell.api_blueprint("contact_plans_api")
Condition = Annotated[list[shell.Line], Field(min_length=3, max_length=3)]


class ContactPlanIn(shell.Body):
    """conditions: [field, operator, value] as in filters of accounts; all must hold. times_a_year 0: such accounts are left out."""

    name: shell.Line = Field(max_length=100)
    times_a_year: int = Field(ge=0, le=MOST_A_YEAR)
    conditions: list[Condition] = Field([], max_length=plans.MOST_CONDITIONS)


class ContactPlanPatch(shell.Body):
    name: shell.Line | None = Field(None, max_length=100)
    times_a_year: int | None = Field(None, ge=0, le=MOST_A_YEAR)
    conditions: list[Condition] | None = Field(None, max_length=plans.MOST_CONDITIONS)


class ContactPlanOut(shell.Out):
    id: UUID
    version: int
    name: str
    times_a_year: int
    conditions: list[list[str]]


class ContactTurnOut(shell.Out):
    """An account whose turn it is. due_on: by which day somebody should have been in touch; last_on: of the last contact."""

    account_id: UUID
    name: str
    owner_id: UUID | None
    last_on: date | None
    due_on: date
    plan_id: UUID

    @classmethod
    def of(cls, turn: due.Turn) -> "ContactTurnOut":
        return cls(plan_id=turn.plan.id, **{name: getattr(turn, name) for name in cls.model_fields if name != "plan_id"})


class TurnParams(shell.Params):
    """owner: mine (me), nobody's (pool) or all; until: by which day, today if left out."""

    owner: Literal["me", "pool", "all"] = "me"
    until: date | None = None


@shell.resource_route(bp, "GET", "/contact-plans", "activities.read", answer=ContactPlanOut, paged=True, summary=N_("List contact plans in their order"))
def list_plans(ctx: Context):
    return shell.Page(plans.plans(ctx), None)


@shell.resource_route(bp, "POST", "/contact-plans", "contact_plans.manage", body=ContactPlanIn, answer=ContactPlanOut, status=201, summary=N_("Add a contact plan"))
def create_plan(ctx: Context, body):
    return plans.save_plan(ctx, None, **body.given() | {"conditions": body.conditions})


@shell.resource_route(bp, "GET", "/contact-plans/<uuid:id>", "activities.read", answer=ContactPlanOut, summary=N_("Get a contact plan"))
def get_plan(ctx: Context, id: UUID):
    return plans.one_plan(ctx, id)


@shell.resource_route(bp, "PATCH", "/contact-plans/<uuid:id>", "contact_plans.manage", body=ContactPlanPatch, answer=ContactPlanOut, versioned=True, summary=N_("Change a contact plan"))
def change_plan(ctx: Context, id: UUID, version: int, body):
    plan = plans.one_plan(ctx, id)
    was = {"name": plan.name, "times_a_year": plan.times_a_year, "conditions": plan.conditions}
    return plans.save_plan(ctx, plan, version=version, **was | {name: value for name, value in body.given().items() if value is not None})


@shell.resource_route(bp, "DELETE", "/contact-plans/<uuid:id>", "contact_plans.manage", status=204, versioned=True, summary=N_("Delete a contact plan"))
def delete_plan(ctx: Context, id: UUID, version: int):
    plans.delete_plan(ctx, shell.at_version(ctx, plans.one_plan(ctx, id), version, "contact_plans.manage"))


@shell.resource_route(bp, "GET", "/contact-turns", "activities.read", params=TurnParams, answer=ContactTurnOut, paged=True, summary=N_("Whose turn it is by the contact plans"))
def list_turns(ctx: Context, params):
    found = due.turns(ctx, owner=None if params.owner == "all" else params.owner, until=params.until)
    return shell.Page([ContactTurnOut.of(one) for one in found], None)
