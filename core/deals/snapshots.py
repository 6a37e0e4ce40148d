"""The forecast of a day is kept: once, by two statements over all deals, and only what changed since the day before."""

from zoneinfo import ZoneInfo

from sqlalchemy import exists, insert, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as insert_once
from sqlalchemy.orm import Session

from core.base.context import Context
from core.deals.credit import crews
from core.deals.models import Deal, DealStage, ForecastDay, ForecastLine
from core.deals.outlook import counted_as, day_of, likely
from core.products.rating import rates_on

SAME = ("owner_id", "pipeline_id", "counted", "day", "amount", "currency", "probability", "people", "parts")


def has_deals(session: Session) -> bool:
    """Is there anything to keep, or anything kept that may have changed?"""
    return session.execute(select(literal(1)).select_from(Deal).limit(1)).first() is not None


def keep_day(ctx: Context) -> bool:
    """Keep how the forecast stands on this day of the workspace's; False where this day is kept already. For the system alone: it looks
    at everybody's deals."""
    today = ctx.now.astimezone(ZoneInfo(ctx.tenant.timezone)).date()
    # A clock set back: what was kept of a later day stands.
    if ctx.session.execute(select(literal(1)).select_from(ForecastDay).where(ForecastDay.day >= today).limit(1)).first():
        return False
    rates = {code: str(rate) for code, rate in rates_on(ctx, today).per_base.items()}
    mark = insert_once(ForecastDay).values(day=today, taken_at=ctx.now, currency=ctx.tenant.currency, rates=rates).on_conflict_do_nothing(index_elements=["day"])
    if ctx.session.execute(mark.returning(ForecastDay.id)).first() is None:
        return False
    now = _standing(ctx).cte("standing")
    same = exists().where(now.c.deal_id == ForecastLine.deal_id, tuple_(*(now.c[name] for name in SAME)).op("IS NOT DISTINCT FROM")(tuple_(*(getattr(ForecastLine, name) for name in SAME))))
    ctx.session.execute(update(ForecastLine).where(ForecastLine.until_day.is_(None), ~same).values(until_day=today), execution_options={"synchronize_session": False})
    there = exists().where(ForecastLine.deal_id == now.c.deal_id, ForecastLine.until_day.is_(None))
    fresh = select(now.c.deal_id, literal(today), *(now.c[name] for name in SAME)).where(~there)
    ctx.session.execute(insert(ForecastLine).from_select(["deal_id", "from_day", *SAME], fresh))
    return True


def _standing(ctx: Context):
    """Every deal that is counted in a forecast, as it is counted now, and by whose shares."""
    crew = crews()
    shown = (
        Deal.id.label("deal_id"), Deal.owner_id, Deal.pipeline_id, counted_as().label("counted"), day_of(ctx).label("day"), Deal.amount, Deal.currency, likely().label("probability"), crew.c.people, crew.c.parts,
    )
    return select(*shown).join(DealStage, DealStage.id == Deal.stage_id).join(crew, crew.c.deal_id == Deal.id, isouter=True).where(Deal.deleted_at.is_(None), Deal.state != "lost")
