"""What waits for a yes, for programs: lists, single requests, decisions, and the limits of roles."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from core.approvals import actions, limits, queries
from core.approvals.kinds import kinds, limit_kinds
from core.approvals.models import STATES, Approval
from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import has
from core.base.words import N_
from core.identity import roles
from web.api import shell
from web.api.shell import Column

bp = shell.api_blueprint("approvals_api")


class ApprovalReasonOut(shell.Out):
    """Why it waits: a code with its values. What the token's user may not know is left out of params."""

    code: str
    params: dict[str, str]


class ApprovalOut(shell.Out):
    """A request. facts: what was shown when it was asked for. asked_ids: who was asked; decided_for: the absent colleague in whose place it was decided."""

    id: UUID
    version: int
    kind: str
    record_kind: str
    record_id: UUID
    title: str
    state: Annotated[str, Field(json_schema_extra={"enum": list(STATES)})]
    reasons: list[ApprovalReasonOut]
    facts: dict[str, str]
    note: str
    asked_at: shell.Moment
    asked_by: UUID | None
    asked_ids: list[UUID]
    decided_at: shell.Moment | None
    decided_by: UUID | None
    decided_for: UUID | None
    decided_note: str | None


class ApprovalDecisionIn(shell.Body):
    """note: why; a no needs it. version: of the request, as it was read."""

    note: Annotated[str, Field(max_length=500)] | None = None
    version: int | None = None


class RoleLimitIn(shell.Body):
    """code: of a limit; currency: of an amount; value: a number, in percent, of the currency, or 0 for what the role may not."""

    code: shell.Line
    currency: shell.Line | None = None
    value: shell.Line


class RoleLimitsIn(shell.Body):
    """All limits of a role: what is not named has none."""

    limits: Annotated[list[RoleLimitIn], Field(max_length=200)] | None = None


class RoleLimitOut(shell.Out):
    code: str
    currency: str | None
    value: str


class RoleLimitsOut(shell.Out):
    """version: of the role."""

    version: int
    limits: list[RoleLimitOut]


def _out(ctx: Context, row: Approval) -> ApprovalOut:
    plain = {name: getattr(row, name) for name in ApprovalOut.model_fields if name not in ("reasons", "facts")}
    return ApprovalOut(**plain, reasons=[_reason(ctx, one) for one in row.needs], facts={one["code"]: _fact(one) for one in queries.shown(ctx, row.facts) if one["code"] in kinds()[row.kind].labels})


def _reason(ctx: Context, need: dict[str, Any]) -> ApprovalReasonOut:
    limit = limit_kinds().get(need["code"])
    told = limit is None or not limit.behind or has(ctx, limit.behind)
    return ApprovalReasonOut(code=need["code"], params=need["params"] if told else {})


def _fact(one: dict[str, Any]) -> str:
    return str(next((one[name] for name in ("amount", "percent", "word", "day", "value") if name in one), ""))


APPROVALS = shell.Listing({
    "id": Column(Approval.id), "state": Column(Approval.state, ops=("eq", "in"), choices=STATES), "kind": Column(Approval.kind, ops=("eq",)), "record_id": Column(Approval.record_id),
    "asked_at": Column(Approval.asked_at, sort=True), "decided_at": Column(Approval.decided_at),
}, default="-asked_at")


@shell.resource_route(bp, "GET", "/approvals", "approvals.read", listing=APPROVALS, answer=ApprovalOut, summary=N_("List what waits for a yes, and what was decided"))
def list_approvals(ctx: Context, asked):
    found = asked.page(ctx, queries.seen(ctx))
    return shell.Page([_out(ctx, row) for row in found.data], found.next_cursor)


@shell.resource_route(bp, "GET", "/approvals/<uuid:id>", "approvals.read", answer=ApprovalOut, summary=N_("Get a request for a yes"))
def get_approval(ctx: Context, id: UUID):
    return _out(ctx, queries.one(ctx, id))


@shell.resource_route(bp, "POST", "/approvals/<uuid:id>/approvals", "approvals.decide", body=ApprovalDecisionIn, answer=ApprovalOut, summary=N_("Say yes"))
def approve(ctx: Context, id: UUID, body):
    return _out(ctx, actions.decide(ctx, id, yes=True, note=body.note, version=body.version))


@shell.resource_route(bp, "POST", "/approvals/<uuid:id>/refusals", "approvals.decide", body=ApprovalDecisionIn, answer=ApprovalOut, summary=N_("Say no, and why"))
def refuse(ctx: Context, id: UUID, body):
    return _out(ctx, actions.decide(ctx, id, yes=False, note=body.note, version=body.version))


@shell.resource_route(bp, "GET", "/roles/<uuid:id>/limits", "users.read", answer=RoleLimitsOut, summary=N_("Get up to where a role decides alone"))
def get_limits(ctx: Context, id: UUID):
    role = roles.role_of(ctx, id)
    return _limits_out(role, limits.limits_of(ctx, role))


@shell.resource_route(bp, "PUT", "/roles/<uuid:id>/limits", "roles.manage", versioned=True, body=RoleLimitsIn, answer=RoleLimitsOut, summary=N_("Set up to where a role decides alone"))
def set_limits(ctx: Context, id: UUID, version: int, body):
    role = roles.role_of(ctx, id)
    if body.limits is None:  # to take all away one says so
        raise Refused("required", field="limits")
    return _limits_out(role, limits.set_limits(ctx, role, {(one.code, one.currency or ""): one.value for one in body.limits}, version=version))


def _limits_out(role: Any, found: dict[tuple[str, str], Decimal]) -> RoleLimitsOut:
    return RoleLimitsOut(version=role.version, limits=[RoleLimitOut(code=code, currency=currency or None, value=f"{value.normalize():f}") for (code, currency), value in sorted(found.items())])
