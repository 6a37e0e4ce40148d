"""Deals from a file that are there already, and what happens to deals between a file's check, its run and its undo."""

from uuid import uuid4

import pytest
from sqlalchemy import delete, select

from core.deals import snapshots
from core.deals.forecast_models import ForecastLine
from core.deals.models import Deal
from core.transfer.models import ImportMapping
from tests.core.transfer.conftest import Import
from tests.core.transfer.test_deals_in import deal, furnish
from tests.support.world import House


@pytest.fixture(scope="module")
def trade(app):
    house = House(f"dk{uuid4().hex[:6]}")
    with house.ctx() as ctx:
        furnish(ctx)
    return house


@pytest.fixture
def bring(trade):
    """bring(content, mode=…): a file of deals, checked."""
    with trade.ctx() as ctx:
        ctx.session.execute(delete(ImportMapping))
    return lambda content, who="owner", **choices: Import(trade, who).upload(content, kind="deals").choose(**choices).check()


@pytest.fixture
def tag():
    return f"x{uuid4().hex[:8]}"


def test_an_import_is_taken_back_after_a_night_that_kept_the_forecast(bring, trade, tag):
    one = bring(f"name,amount,close date\n{tag},5,2031-01-31\n").run()
    with trade.ctx() as ctx:
        assert snapshots.keep_day(ctx)
        assert ctx.session.execute(select(ForecastLine.id).join(Deal, Deal.id == ForecastLine.deal_id).where(Deal.name == tag)).first()
    assert one.undo().counts["undone"] == 1 and deal(trade, tag) is None
