"""The deals behind a figure of the forecast, with what of each is whose figure it is."""

from collections.abc import Iterator

from sqlalchemy import Row, select

from core.base.context import Context
from core.base.errors import Refused
from core.deals.credit import worth_to
from core.deals.forecast import COUNTED, Figures, Scope, figures, scoped, within
from core.deals.models import Deal, DealStage
from core.deals.outlook import counted_as, day_of
from core.deals.periods import Period

MOST, CHUNK = 500, 1_000


def counted_deals(ctx: Context, scope: Scope, period: Period | None, word: str, *, limit: int | None = None) -> Iterator[Row]:
    """The deals counted so in a period (None: open ones without a closing date), the largest part first: (id, name, amount, theirs, currency, on,
    owner_id). theirs: what of the amount is these people's."""
    worth = worth_to(scope.people).label("theirs")
    query = select(Deal.id, Deal.name, Deal.amount, worth, Deal.currency, day_of(ctx).label("on"), Deal.owner_id).join(DealStage, DealStage.id == Deal.stage_id)
    query = query.where(*_where(ctx, scope, period, word)).order_by(worth.desc().nulls_last(), Deal.id).limit(limit)
    return iter(ctx.session.execute(query.execution_options(yield_per=CHUNK)))


def come_to(ctx: Context, scope: Scope, period: Period | None, word: str) -> Figures:
    """What they come to: the figure itself."""
    return figures(ctx, _where(ctx, scope, period, word), people=scope.people).get(None) or Figures()


def _where(ctx: Context, scope: Scope, period: Period | None, word: str) -> list:
    if word not in COUNTED:
        raise Refused("unknown_value", field="counted")
    when = within(ctx, period) if period else (Deal.state == "open") & Deal.closes_on.is_(None)
    return [*scoped(ctx, scope), when, counted_as() == word]
