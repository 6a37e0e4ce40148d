"""The forecast and targets for programs."""

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from core.base.context import Context
from core.base.errors import Refused
from core.base.words import N_
from core.deals import targets
from core.deals.forecast import Scope
from core.deals.forecast_models import KINDS_OF_PERIOD
from core.deals.forecast_table import Line, table
from core.deals.models import SalesTarget
from core.deals.periods import Period, read_period
from core.deals.whose import Whose, check_covered, staff
from core.views.filtering import Filters
from web.api import shell
from web.api.shell import Column

bp = shell.api_blueprint("forecast_api")
PeriodKey = Annotated[str, Field(max_length=7, description="2026-11, 2026-Q4 or 2026")]


class ForecastParams(shell.Params):
    """period: of which. by: a line for each person, team, branch or pipeline. user_id, team_id, pipeline_id: only those deals."""

    period: PeriodKey
    by: Literal["owner_id", "team", "branch", "pipeline"] = "owner_id"
    user_id: UUID | None = None
    team_id: UUID | None = None
    pipeline_id: UUID | None = None


class ForecastLine(shell.Out):
    """Amounts are in the workspace's own currency at the rates of today; null where a rate is missing. expected: won, commit and adjustment.
    attained: how much of the target is won, in percent."""

    name: str
    user_id: UUID | None
    team_id: UUID | None
    pipeline_id: UUID | None
    deals: int
    won: shell.Price | None
    commit: shell.Price | None
    best_case: shell.Price | None
    pipeline: shell.Price | None
    omitted: shell.Price | None
    weighted: shell.Price | None
    adjustment: shell.Price
    expected: shell.Price | None
    target: shell.Price | None
    attained: str | None


class ForecastOut(shell.Out):
    """A line for each, and one for all deals of the scope, each counted once."""

    period: str
    lines: list[ForecastLine]
    whole: ForecastLine


class TargetIn(shell.Body):
    """user_id or team_id: whose; neither: the whole workspace's. What was set for the same period is written over."""

    period: PeriodKey
    user_id: UUID | None = None
    team_id: UUID | None = None
    amount: shell.Price


class TargetOut(shell.Out):
    id: UUID
    version: int
    period: str
    user_id: UUID | None
    team_id: UUID | None
    amount: shell.Price
    created_at: shell.Moment
    updated_at: shell.Moment

    @classmethod
    def of(cls, record: Any) -> "TargetOut":
        names = [name for name in cls.model_fields if name not in ("amount", "period")]
        return cls(period=Period(record.begins_on, record.period).key, amount={"amount": record.amount, "currency": record.currency}, **{name: getattr(record, name) for name in names})


TARGETS = shell.Listing({
    "id": Column(SalesTarget.id), "user_id": Column(SalesTarget.user_id), "team_id": Column(SalesTarget.team_id), "kind": Column(SalesTarget.period, ops=("eq",), choices=KINDS_OF_PERIOD),
    "begins_on": Column(SalesTarget.begins_on, sort=True), "created_at": Column(SalesTarget.created_at, sort=True), "updated_at": Column(SalesTarget.updated_at, sort=True),
}, default="begins_on")


@shell.resource_route(bp, "GET", "/forecast", "deals.read", params=ForecastParams, answer=ForecastOut, summary=N_("Get the forecast of a period"))
def get_forecast(ctx: Context, params):
    known, whose = staff(ctx), _whose(params)
    if whose != Whose():
        check_covered(known, whose, "team_id" if whose.team_id else "user_id")
    where = (("pipeline", "eq", str(params.pipeline_id)),) if params.pipeline_id else ()
    found = table(ctx, Scope(Filters(where=where), known.people(whose)), period := read_period(params.period), params.by)
    return ForecastOut(period=period.key, lines=[_line(ctx, one, params.by) for one in found.lines], whole=_line(ctx, found.whole, params.by))


@shell.resource_route(bp, "GET", "/sales-targets", "deals.read", listing=TARGETS, answer=TargetOut, summary=N_("List targets"))
def list_targets(ctx: Context, asked):
    return asked.page(ctx, targets.seen(ctx))


@shell.resource_route(bp, "POST", "/sales-targets", "targets.manage", body=TargetIn, answer=TargetOut, status=201, summary=N_("Set a target"))
def set_sales_target(ctx: Context, body):
    if body.amount.currency != ctx.tenant.currency:
        raise Refused("unknown_value", field="amount")
    return targets.set_target(ctx, _whose(body), read_period(body.period), body.amount.amount)


@shell.resource_route(bp, "DELETE", "/sales-targets/<uuid:id>", "targets.manage", status=204, versioned=True, summary=N_("Take a target away"))
def delete_sales_target(ctx: Context, id: UUID, version: int):
    targets.remove_target(ctx, shell.at_version(ctx, targets.one_target(ctx, id), version, "targets.manage"))


def _whose(given: Any) -> Whose:
    if given.user_id and given.team_id:
        raise Refused("unknown_value", field="team_id")
    return Whose(given.user_id, given.team_id)


def _line(ctx: Context, line: Line, by: str) -> ForecastLine:
    price = lambda amount: None if amount is None else shell.Price(amount=amount.quantize(Decimal("0.01")), currency=ctx.tenant.currency)  # noqa: E731
    whose, figures = line.whose or Whose(), line.figures
    return ForecastLine(
        name=line.name, user_id=whose.user_id, team_id=whose.team_id, pipeline_id=line.key if by == "pipeline" else None, deals=figures.number,
        **{word: price(figures.amount(word)) for word in ("won", "commit", "best_case", "pipeline", "omitted")}, weighted=price(figures.weighted), adjustment=price(line.adjustment), expected=price(line.expected),
        target=price(line.target.amount) if line.target else None, attained=None if line.attained is None else str(line.attained.quantize(Decimal("0.1"))),
    )
