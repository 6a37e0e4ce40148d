"""Each tenant's forecast of a day is kept by the clock, and once."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import func, select

from core.deals import actions, snapshots
from core.deals.models import ForecastDay, ForecastLine
from tests.support.world import House
from workers.schedule import SCHEDULE


def test_the_clock_keeps_the_forecast_where_there_are_deals(app):
    house = House(f"kept-{uuid4().hex[:6]}")
    (entry,) = [one for one in SCHEDULE if one.job == "deals.keep_forecast"]
    with house.ctx() as ctx:
        assert entry.local and entry.each_tenant and not entry.where(ctx.session)
        actions.create_deal(ctx, name="Trays", amount=5, closes_on="2031-05-20")
        assert entry.where(ctx.session)


def test_the_job_run_again_changes_nothing(house, order, work, row):
    with house.ctx() as ctx:
        actions.create_deal(ctx, name="Trays", amount=5, closes_on="2031-05-20")
        tomorrow = ctx.now + timedelta(days=1)
    told = []
    for _ in range(2):
        work(key := order("deals.keep_forecast"))
        told.append(row(key).result)
    assert told == [{"kept": True}, {"kept": False}]
    with house.ctx() as ctx:
        assert ctx.session.execute(select(func.count()).select_from(ForecastDay)).scalar_one() == ctx.session.execute(select(func.count()).select_from(ForecastLine)).scalar_one() == 1
    with house.ctx(now=tomorrow) as ctx:
        assert snapshots.keep_day(ctx) and ctx.session.execute(select(func.count()).select_from(ForecastLine)).scalar_one() == 1
