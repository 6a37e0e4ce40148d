"""Performance for programs: figures of a period, and the records behind one."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from core.base.context import Context
from core.base.places import read_place
from core.base.words import N_
from core.deals.periods import read_period
from core.deals.whose import Whose, check_covered, staff
from core.performance.behind import page
from core.performance.measures import rounded
from core.performance.queries import table
from web.api import shell

bp = shell.api_blueprint("performance_api")
Measure = Literal["contacts", "visits", "sent", "accepted", "margin", "won", "revenue", "cycle", "conversion"]
PeriodKey = Annotated[str, Field(max_length=7, description="2026-11, 2026-Q4 or 2026")]


class PerformanceParams(shell.Params):
    """by: a line for each person, team or branch. rank: by which figure they are ordered."""

    period: PeriodKey
    by: Literal["person", "team", "branch"] = "person"
    rank: Measure = "revenue"


class RecordsParams(shell.Params):
    """user_id, team_id: whose records; neither: of everybody whom one sees."""

    period: PeriodKey
    measure: Measure
    user_id: UUID | None = None
    team_id: UUID | None = None
    cursor: str | None = Field(None, max_length=200)
    limit: int = Field(50, ge=1, le=200)


class FiguresLine(shell.Out):
    """now, before: measure -> figure, of the period and of the one before; null where there is none, or a rate is missing. Amounts are in the
    workspace's own currency, cycle in days, conversion in percent."""

    name: str
    user_id: UUID | None
    team_id: UUID | None
    now: dict[str, str | None]
    before: dict[str, str | None]


class PerformanceOut(shell.Out):
    """The best first, and one line for all together."""

    period: str
    currency: str
    lines: list[FiguresLine]
    whole: FiguresLine


class WorkOut(shell.Out):
    """One record behind a figure: an entry of the log, a quote or a deal. share: of a deal, what of its amount is theirs whose figure it is."""

    id: UUID
    name: str
    at: shell.Moment
    user_id: UUID | None
    state: str
    amount: shell.Price | None
    share: shell.Price | None


@shell.resource_route(bp, "GET", "/performance", "deals.read", params=PerformanceParams, answer=PerformanceOut, summary=N_("Get the performance of a period"))
def get_performance(ctx: Context, params):
    found = table(ctx, period := read_period(params.period), by=params.by, rank=params.rank)
    return PerformanceOut(period=period.key, currency=ctx.tenant.currency, lines=[_line(ctx, one) for one in found.lines], whole=_line(ctx, found.whole))


@shell.resource_route(bp, "GET", "/performance/records", "deals.read", params=RecordsParams, answer=WorkOut, paged=True, summary=N_("List the records behind a figure of performance"))
def list_records(ctx: Context, params):
    known, whose = staff(ctx), Whose(user_id=params.user_id, team_id=None if params.user_id else params.team_id)
    if whose != Whose():
        check_covered(known, whose, "team_id" if whose.team_id else "user_id")
    among = known.people(whose) if whose != Whose() else known.reach
    rows, older = page(ctx, params.measure, read_period(params.period), among, limit=params.limit, after=read_place(params.cursor, "cursor"))
    priced = lambda row, amount: {"amount": amount, "currency": row.currency} if amount is not None else None  # noqa: E731
    return shell.Page([WorkOut(id=row.id, name=row.name, at=row.at, user_id=row.whose, state=row.state, amount=priced(row, row.amount), share=priced(row, row.theirs)) for row in rows], older)


def _line(ctx: Context, one: Any) -> FiguresLine:
    told = lambda side: {name: None if value is None else str(rounded(ctx, name, value)) for name, value in side.items()}  # noqa: E731
    return FiguresLine(name=one.name, user_id=one.whose.user_id, team_id=one.whose.team_id, now=told(one.now), before=told(one.before))
