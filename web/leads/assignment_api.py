"""To whom leads go that come in by themselves, for programs: the rules in their order."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from core.base.context import Context
from core.base.words import N_
from core.leads import assigning
from web.api import shell

bp = shell.api_blueprint("lead_assignment_api")
Condition = Annotated[list[shell.Line], Field(min_length=3, max_length=3)]
Way = Literal["turn", "least"]
Name = Annotated[shell.Line, Field(max_length=100)]


class AssignmentRuleIn(shell.Body):
    """conditions: [field, operator, value] as in filters of leads; all must hold, none: every lead. way: one after the other (turn) or to whom the
    fewest open leads belong (least). needs_language, needs_product: only to somebody who speaks the lead's language, who knows what it asks for."""

    name: Name
    user_ids: list[UUID] = Field(min_length=1, max_length=assigning.MOST_PEOPLE)
    way: Way = "turn"
    conditions: list[Condition] = Field([], max_length=assigning.MOST_CONDITIONS)
    needs_language: bool = False
    needs_product: bool = False


class AssignmentRulePatch(shell.Body):
    """What is absent or null stays as it is."""

    name: Name | None = None
    user_ids: list[UUID] | None = Field(None, min_length=1, max_length=assigning.MOST_PEOPLE)
    way: Way | None = None
    conditions: list[Condition] | None = Field(None, max_length=assigning.MOST_CONDITIONS)
    needs_language: bool | None = None
    needs_product: bool | None = None


class AssignmentRuleOut(shell.Out):
    """The first rule in the order of position that fits gives a lead to one of its people."""

    id: UUID
    version: int
    name: str
    position: int
    way: str
    conditions: list[list[str]]
    needs_language: bool
    needs_product: bool
    user_ids: list[UUID]


@shell.resource_route(bp, "GET", "/lead-assignment-rules", "leads.manage", answer=AssignmentRuleOut, paged=True, summary=N_("List the rules by which leads go to somebody, in their order"))
def list_assignment_rules(ctx: Context):
    return shell.Page(assigning.rules(ctx), None)


@shell.resource_route(bp, "POST", "/lead-assignment-rules", "leads.manage", body=AssignmentRuleIn, answer=AssignmentRuleOut, status=201, summary=N_("Add a rule by which leads go to somebody, behind the others"))
def create_assignment_rule(ctx: Context, body):
    return assigning.save_rule(ctx, None, **body.all())


@shell.resource_route(bp, "GET", "/lead-assignment-rules/<uuid:id>", "leads.manage", answer=AssignmentRuleOut, summary=N_("Get a rule by which leads go to somebody"))
def get_assignment_rule(ctx: Context, id: UUID):
    return assigning.one_rule(ctx, id)


@shell.resource_route(bp, "PATCH", "/lead-assignment-rules/<uuid:id>", "leads.manage", body=AssignmentRulePatch, answer=AssignmentRuleOut, versioned=True, summary=N_("Change a rule by which leads go to somebody"))
def change_assignment_rule(ctx: Context, id: UUID, version: int, body):
    rule = assigning.one_rule(ctx, id)
    was = {name: getattr(rule, name) for name in AssignmentRulePatch.model_fields}
    return assigning.save_rule(ctx, rule, version=version, **was | {name: value for name, value in body.given().items() if value is not None})


@shell.resource_route(bp, "POST", "/lead-assignment-rules/<uuid:id>/moves", "leads.manage", body=shell.Step, answer=AssignmentRuleOut, summary=N_("Move a rule by which leads go to somebody one place up or down"))
def move_assignment_rule(ctx: Context, id: UUID, body):
    rule = assigning.one_rule(ctx, id)
    assigning.move_rule(ctx, rule, body.places())
    return rule


@shell.resource_route(bp, "DELETE", "/lead-assignment-rules/<uuid:id>", "leads.manage", status=204, versioned=True, summary=N_("Delete a rule by which leads go to somebody"))
def delete_assignment_rule(ctx: Context, id: UUID, version: int):
    assigning.delete_rule(ctx, shell.at_version(ctx, assigning.one_rule(ctx, id), version, "leads.manage"))
