"""How deals go through the stages, without any setup: how many came into each, how long they stood there, how many went on, were won
or lost. From deal_stay, which is kept from a deal's first day; a deal that goes back and comes again counts once in a stage."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, ColumnElement, Integer, Row, Select, case, cast, func, literal, or_, select

from core.base.context import Context
from core.base.days import begins
from core.base.field_rights import shown
from core.deals.forecast import Scope, scoped
from core.deals.models import Deal, DealStage, DealStay
from core.deals.periods import Period

DAY, WON_RANK, MOST_DEALS = 86_400, 1_000_000, 500
# What a figure counts: all that came into the stage, those that went on, that were won, were lost, or stand in it still.
COUNTS = ("entered", "went_on", "won", "lost", "here")


@dataclass(frozen=True)
class StageLine:
    """days, median: how long a deal stood there, all its stays together, as far as they go."""

    stage_id: UUID
    entered: int
    went_on: int
    won: int
    lost: int
    here: int
    days: Decimal
    median: Decimal

    def share(self, name: str) -> Decimal:
        """Of those that came in, in percent."""
        return Decimal(getattr(self, name)) * 100 / self.entered


def stages_of(ctx: Context, scope: Scope, period: Period) -> dict[UUID, StageLine]:
    """Each open stage into which deals came in that period, of the deals that the actor sees. One statement."""
    one = _passed(ctx, scope, period)
    count = lambda condition: func.count().filter(condition)  # noqa: E731
    query = select(
        one.c.stage_id, func.count(), *(count(_is(one, name)) for name in COUNTS[1:]), func.avg(one.c.seconds) / DAY, func.percentile_cont(0.5).within_group(one.c.seconds) / DAY,
    ).group_by(one.c.stage_id)
    return {row[0]: StageLine(*row[:6], Decimal(row[6]), Decimal(row[7])) for row in ctx.session.execute(query)}


def deals_in(ctx: Context, scope: Scope, period: Period, stage_id: UUID, name: str) -> list[Row]:
    """The deals behind a figure, those that stood there longest first: (deal_id, name, amount, currency, state, seconds)."""
    one = _passed(ctx, scope, period)
    query = select(one.c.deal_id, *shown(ctx, "deals", (Deal.name, Deal.amount, Deal.currency, Deal.state)), one.c.seconds).join(Deal, Deal.id == one.c.deal_id).where(one.c.stage_id == stage_id, _is(one, name))
    return list(ctx.session.execute(query.order_by(one.c.seconds.desc(), one.c.deal_id).limit(MOST_DEALS)))


def _is(one: CTE, name: str) -> ColumnElement[bool]:
    return {"entered": literal(True), "went_on": one.c.went_on, "won": one.c.state == "won", "lost": one.c.state == "lost", "here": one.c.here}[name]


def _passed(ctx: Context, scope: Scope, period: Period) -> CTE:
    """A row for each deal and open stage into which it came in the period."""
    zone = ZoneInfo(ctx.tenant.timezone)
    rank = case((DealStage.kind == "won", WON_RANK), (DealStage.kind == "lost", -1), else_=DealStage.position)
    later = func.max(rank).over(partition_by=(DealStay.deal_id, DealStage.pipeline_id), order_by=(DealStay.entered_at.desc(), DealStay.id.desc()), rows=(None, -1))
    seen: Select = select(
        DealStay.deal_id, DealStay.stage_id, DealStage.kind, DealStay.entered_at, DealStay.left_at, cast(rank, Integer).label("rank"), later.label("later"), Deal.state,
    ).join(DealStage, DealStage.id == DealStay.stage_id).join(Deal, Deal.id == DealStay.deal_id).where(*scoped(ctx, scope))
    all_ = seen.cte("stays")
    seconds = func.sum(func.extract("epoch", func.coalesce(all_.c.left_at, literal(ctx.now)) - all_.c.entered_at))
    went_on = func.bool_or(or_(all_.c.later > all_.c.rank, all_.c.state == "won"))
    came = func.min(all_.c.entered_at)
    return select(
        all_.c.deal_id, all_.c.stage_id, all_.c.state, func.greatest(seconds, 0).label("seconds"), func.coalesce(went_on, False).label("went_on"), func.bool_or(all_.c.left_at.is_(None)).label("here"),
    ).where(all_.c.kind == "open").group_by(all_.c.deal_id, all_.c.stage_id, all_.c.state).having(came >= begins(period.first, zone), came < begins(period.after, zone)).cte("passed")
