"""The pages of performance, their files, and what programs are told."""

import csv
import io
import re

import pytest

from core.deals import actions as deals
from core.deals import pipelines
from core.deals.periods import period_of


@pytest.fixture(scope="module")
def won(world):
    with world.acme.ctx("rep") as ctx:
        stage = next(one.id for one in pipelines.ways(ctx)[0].stages if one.kind == "won")
        deals.create_deal(ctx, name="Forty trays", owner_id=ctx.actor.id, stage_id=stage, amount="4800")
        return period_of(ctx.today, "month").key


def rows(answer):
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def test_a_figure_opens_its_records(world, won):
    manager = world.browser("manager")
    text = manager.get("/performance").get_data(as_text=True)
    address = next(one for one in re.findall(r'href="(/performance/records[^"]*)"', text) if "measure=revenue" in one and f"user-{world.acme.users['rep'].id}" in one and won in one)
    assert "4,800" in text
    behind = manager.get(address.replace("&amp;", "&")).get_data(as_text=True)
    assert "Forty trays" in behind and "4,800" in behind


def test_a_salesperson_sees_his_own_alone(world, won):
    text = world.browser("colleague").get("/performance").get_data(as_text=True)
    assert "1. Rep" not in text
    assert world.browser("colleague").get(f"/performance/records?measure=won&whose=user-{world.acme.users['rep'].id}&period={won}").status_code == 422


@pytest.mark.parametrize("query", ["by=x", "period=nonsense"])
def test_what_is_unknown_is_refused(world, query):
    assert world.browser("manager").get(f"/performance?{query}").status_code == 422


def test_table_and_records_are_taken_out(world, won):
    manager = world.browser("manager")
    found = rows(manager.post("/performance/exports", {"period": won, "format": "csv"}))
    whole = next(row for row in found if row["Name"] == "All together")
    assert next(row for row in found if row["Name"] == "Rep")["Revenue won"].startswith("4800") or float(whole["Revenue won"]) >= 4800
    behind = rows(manager.post("/performance/exports", {"period": won, "format": "csv", "measure": "revenue", "whose": "all"}))
    assert sum(float(row["Amount"]) for row in behind) == float(whole["Revenue won"])
    assert manager.post("/performance/exports", {"period": won, "format": "xlsx"}).get_data()[:2] == b"PK"


def test_programs_are_told_the_same(world, won):
    api = world.api("manager")
    found = api.json("GET", f"/api/v1/performance?period={won}").json
    behind = api.json("GET", f"/api/v1/performance/records?period={won}&measure=revenue").json["data"]
    assert sum(float(one["amount"]["amount"]) for one in behind) == float(found["whole"]["now"]["revenue"])
