"""The pages of the forecast: periods, a card moved and taken back, the table, targets and what managers add."""

import csv
import io
import re
from datetime import date
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import update

from core.deals import actions, pipelines, queries
from core.deals.models import ForecastDay
from core.deals.periods import Period, period_of
from tests.support.statements import counted


@pytest.fixture
def rep(world):
    return world.browser("rep")


@pytest.fixture
def manager(world):
    return world.browser("manager")


@pytest.fixture
def deal(world):
    with world.acme.ctx("rep") as ctx:
        way = pipelines.ways(ctx)[0]
        sure = next(one for one in way.stages if one.code == "negotiation")
        made = actions.create_deal(ctx, name="Forty trays", amount="1200.50", stage_id=sure.id, closes_on="2030-01-10").id
    yield made
    with world.acme.ctx("owner") as ctx:
        actions.delete_deal(ctx, queries.one_deal(ctx, made))


def read(world, key):
    with world.acme.ctx("owner") as ctx:
        found = queries.one_deal(ctx, key)
        ctx.session.expunge(found)
        return found


def test_a_period_says_what_is_expected_and_how_sure(rep, deal):
    page = rep.get("/deals/forecast?period=2030-01").get_data(as_text=True)
    assert "January 2030" in page and "April 2030" in page and "Forty trays" in page and "Commit" in page
    assert "1,200.50 EUR" in re.search(r'data-stage="2030-01".*?</header>', page, re.DOTALL)[0]
    assert "Q1 2030" in rep.get("/deals/forecast?period=2030-Q1").get_data(as_text=True)
    assert rep.get("/deals/forecast?period=2030-13").status_code == 422 and rep.get("/deals/forecast?period=2030").status_code == 422
    assert rep.get("/deals/forecast?whose=all").status_code == 200 and rep.get("/deals/forecast?whose=user-x").status_code == 422


def test_a_card_goes_to_another_period_and_back(world, rep, deal):
    answer = rep.post(f"/deals/forecast/{deal}/period?period=2030-01", {"stage_id": "2030-03", "version": read(world, deal).version})
    told = answer.get_json()
    assert answer.status_code == 200 and read(world, deal).closes_on == date(2030, 3, 31) and {*told["lanes"]} == {"2030-01", "2030-03"}
    assert "1,200.50 EUR expected" in told["lanes"]["2030-03"] and "1,200" not in told["lanes"]["2030-01"] and "March 2030" in told["text"]
    stale = rep.post(f"/deals/forecast/{deal}/period?period=2030-01", {"stage_id": "2030-02", "version": 1})
    assert stale.status_code == 409 and read(world, deal).closes_on == date(2030, 3, 31)
    assert rep.post(told["undo"]).status_code == 204 and read(world, deal).closes_on == date(2030, 1, 10)
    assert rep.post(told["undo"]).status_code == 409
    gone = rep.post(f"/deals/forecast/{deal}/period?period=2030-01", {"stage_id": "none"})
    assert gone.status_code == 200 and read(world, deal).closes_on is None
    assert rep.post(f"/deals/forecast/{deal}/period", {"stage_id": "soon"}).status_code == 422


def test_a_figure_opens_its_deals(rep, deal):
    page = rep.get("/deals/forecast/table?period=2030-01").get_data(as_text=True)
    url = next(found for found in re.findall(r'href="(/deals/forecast/deals\?[^"]+)"', page) if "commit" in found).replace("&amp;", "&")
    assert "Forty trays" in rep.get(url).get_data(as_text=True)
    assert "Forty trays" not in rep.get(url.replace("=commit", "=best_case")).get_data(as_text=True)


def test_a_deal_of_two_says_each_his_share_and_opens_and_goes_out_so(world, manager, rep, deal):
    colleague = world.acme.users["colleague"]
    assert rep.post(f"/deals/{deal}/members", {"user_id": str(colleague.id), "credit": "33.33"}).status_code == 303
    assert "400.13 EUR" in rep.get(f"/deals/{deal}").get_data(as_text=True) and "800.37 EUR" in rep.get(f"/deals/{deal}").get_data(as_text=True)
    his = world.browser("colleague")
    board = his.get("/deals/forecast?whose=me&period=2030-01").get_data(as_text=True)
    assert "Share: 400.13 EUR" in board and "1,200.50 EUR" in board and "Share:" not in his.get("/deals/forecast?period=2030-01").get_data(as_text=True)
    url = next(found for found in re.findall(r'href="(/deals/forecast/deals\?[^"]+)"', board) if "commit" in found).replace("&amp;", "&")
    page = his.get(url).get_data(as_text=True)
    assert "Forty trays" in page and "1 deal" in page and page.count("400.13 EUR") == 2 and "Colleague" in page
    query = dict(parse_qsl(url.partition("?")[2]))
    (row,) = csv.DictReader(io.StringIO(manager.post("/deals/forecast/deals/exports", {**query, "format": "csv"}).get_data().decode("utf-8-sig")))
    assert (row["Name"], row["Amount"], row["Share of the amount"], row["Owner"]) == ("Forty trays", "1200.50", "400.13", "Rep")
    assert world.browser("reader").post("/deals/forecast/deals/exports", query).status_code == 403
    told = {one["name"]: one["commit"]["amount"] for one in world.api("manager").json("GET", "/api/v1/forecast?period=2030-01").json["lines"] if one["commit"]}
    assert (told["Rep"], told["Colleague"]) == ("800.37", "400.13")
    listed = lambda value: {one["name"] for one in world.api("colleague").json("GET", f"/api/v1/deals?filter[my_share][eq]={value}").json["data"]}  # noqa: E731
    assert listed("400.13") == {"Forty trays"} and listed("1200.50") == set()
    assert "from 0 % to 33.33 %" in re.sub("<[^>]+>", "", rep.get(f"/deals/{deal}").get_data(as_text=True))


def test_figures_of_those_whose_deals_one_does_not_all_see_are_told_nobody(world, manager, rep, deal):
    colleague, other = world.acme.users["colleague"].id, world.acme.users["rep"].id
    assert rep.post(f"/deals/{deal}/members", {"user_id": str(colleague), "credit": "40"}).status_code == 303
    his, query = world.browser("colleague"), "counted=commit&period=2030-01&people="
    assert "480.20 EUR" in his.get(f"/deals/forecast/deals?{query}{colleague}").text
    for people in (other, f"{colleague},{other}", "01a228fe-e3dc-7f07-9a46-66630f138973"):
        assert his.get(f"/deals/forecast/deals?{query}{people}").status_code == 422
        assert his.post("/deals/forecast/deals/exports", {"counted": "commit", "period": "2030-01", "people": str(people)}).status_code in (403, 422)
    assert "720.30 EUR" in manager.get(f"/deals/forecast/deals?{query}{other}").text
    assert manager.post("/deals/forecast/deals/exports", {"counted": "commit", "period": "2030-01", "people": "01a228fe-e3dc-7f07-9a46-66630f138973"}).status_code == 422
    table = his.get("/deals/forecast/table?period=2030-01").text
    assert "Others" in table and str(other) not in table and "720.30 EUR" in table
    lines = {one["name"]: (one["user_id"], one["commit"]["amount"]) for one in world.api("colleague").json("GET", "/api/v1/forecast?period=2030-01").json["lines"] if one["commit"]}
    assert lines[""] == (None, "720.30") and lines["Colleague"] == (str(colleague), "480.20")


@pytest.mark.parametrize("query", ["counted=sure", "people=x", "period=2030-13", f"people={','.join(['0' * 32] * 2)}", "pipeline=x"])
def test_what_no_figure_counts_is_refused(rep, query):
    assert rep.get(f"/deals/forecast/deals?{query}").status_code == 422 and rep.get("/deals/forecast/deals").status_code == 200


def test_a_manager_sets_a_target_and_says_what_he_expects(world, manager, rep, deal):
    whose = f"user-{world.acme.users['rep'].id}"
    assert manager.post("/deals/forecast/targets", {"whose": whose, "period": "2030-01", "amount": "5000"}).status_code == 303
    assert manager.post("/deals/forecast/adjustments", {"whose": whose, "period": "2030-01", "amount": "-200.50", "reason": "He hopes too much"}).status_code == 303
    page = manager.get(f"/deals/forecast/whose?whose={whose}&period=2030-01").get_data(as_text=True)
    assert "5,000 EUR" in page and "He hopes too much" in page and "1,000 EUR" in page and "4,000 EUR" in page
    table = manager.get("/deals/forecast/table?period=2030-01").get_data(as_text=True)
    assert "5,000 EUR" in table and "1,000 EUR" in table
    assert "5,000 EUR" in rep.get("/deals/forecast/table?period=2030-01").get_data(as_text=True)
    assert rep.post("/deals/forecast/targets", {"whose": whose, "period": "2030-01", "amount": "1"}).status_code == 403
    assert rep.get("/deals/forecast/whose?whose=all&period=2030-01").status_code == 422
    refused = manager.post("/deals/forecast/adjustments", {"whose": whose, "period": "2030-01", "amount": "5", "reason": ""})
    assert refused.status_code == 422 and "Say in a few words why." in refused.get_data(as_text=True)
    assert manager.post("/deals/forecast/targets", {"whose": whose, "period": "2030-01", "amount": "-3"}).status_code == 422
    assert manager.post("/deals/forecast/targets", {"whose": whose, "period": "2030-01", "amount": ""}).status_code == 303
    assert "5,000 EUR" not in manager.get("/deals/forecast/table?period=2030-01").get_data(as_text=True)


def test_the_board_takes_few_statements(world, rep, deal):
    rep.get("/deals/forecast?period=2030-01")
    with counted() as sent:
        rep.get("/deals/forecast?period=2030-01")
    assert len(sent) <= 12, sent


@pytest.mark.parametrize(("day", "kind", "first", "last", "key"), [
    (date(2026, 11, 30), "month", date(2026, 11, 1), date(2026, 11, 30), "2026-11"), (date(2026, 12, 1), "quarter", date(2026, 10, 1), date(2026, 12, 31), "2026-Q4"),
    (date(2028, 2, 29), "month", date(2028, 2, 1), date(2028, 2, 29), "2028-02"), (date(2026, 1, 1), "year", date(2026, 1, 1), date(2026, 12, 31), "2026"),
])
def test_a_day_lies_in_its_period(day, kind, first, last, key):
    found = period_of(day, kind)
    assert (found.first, found.last, found.key) == (first, last, key) and found.holds(day) and not found.next().holds(day) and found.next(-1).next() == found
    assert len(Period(date(2026, 1, 1), "year").parts()) == 4


def test_one_looks_back_at_what_was_expected_and_opens_its_deals(world, rep, deal):
    from core.deals import snapshots

    assert "No day is kept yet" in rep.get("/deals/forecast/past?period=2030-01").get_data(as_text=True)
    with world.acme.ctx("owner") as ctx:
        assert snapshots.keep_day(ctx)
        day = ctx.today.isoformat()
    page = rep.get("/deals/forecast/past?period=2030-01&day=2029-12-31").get_data(as_text=True)
    assert "1,200.50 EUR" in page and "That day was not kept" in page
    url = re.search(r'href="(/deals/forecast/past/deals\?[^"]*counted=commit[^"]*outcome=open[^"]*)"', page)[1].replace("&amp;", "&")
    assert day in url and "Forty trays" in rep.get(url).get_data(as_text=True)
    assert rep.get("/deals/forecast/past/deals?day=soon").status_code == 422 and rep.get("/deals/forecast/past/deals").status_code == 422
    assert "Forty trays" not in world.browser("colleague").get(url).get_data(as_text=True)
    with world.acme.ctx("owner") as ctx:  # the workspace counted in francs then
        ctx.session.execute(update(ForecastDay).values(currency="CHF", rates={"EUR": "1"}))
    page = rep.get("/deals/forecast/past?period=2030-01&day=2029-12-31").get_data(as_text=True)
    assert "1,200.50 CHF" in page and "1,200.50 EUR" not in page and "those of that day in CHF" in page


def test_programs_read_the_forecast_and_set_targets(world, deal):
    manager, rep = world.api("manager"), world.api("rep")
    mine = {"user_id": str(world.acme.users["rep"].id)}
    made = manager.json("POST", "/api/v1/sales-targets", {"period": "2030-Q1", "amount": {"amount": "4802.00", "currency": "EUR"}, **mine})
    assert made.status_code == 201 and made.json["period"] == "2030-Q1"
    told = rep.json("GET", "/api/v1/forecast?period=2030-Q1").json
    line = next(one for one in told["lines"] if one["user_id"] == mine["user_id"])
    assert line["commit"] == {"amount": "1200.50", "currency": "EUR"} and line["target"]["amount"] == "4802.00" and line["attained"] == "0.0" and told["whole"]["target"] is None
    assert [one["id"] for one in rep.json("GET", "/api/v1/sales-targets").json["data"]] == [made.json["id"]]
    assert world.api("colleague").json("GET", "/api/v1/sales-targets").json["data"] == []
    assert world.api("colleague").json("GET", f"/api/v1/forecast?period=2030-Q1&user_id={mine['user_id']}").json["code"] == "whose_unknown"
    assert rep.json("POST", "/api/v1/sales-targets", {"period": "2030-Q1", "amount": {"amount": "1", "currency": "EUR"}, **mine}).status_code == 403
    assert manager.json("POST", "/api/v1/sales-targets", {"period": "2030-Q1", "amount": {"amount": "1", "currency": "USD"}}).status_code == 422
    assert manager.json("GET", "/api/v1/forecast?period=2030-Q9").json["code"] == "period_unknown"
    gone = manager.json("DELETE", f"/api/v1/sales-targets/{made.json['id']}", headers={"If-Match": f'"{made.json["version"]}"'})
    assert gone.status_code == 204 and rep.json("GET", "/api/v1/sales-targets").json["data"] == []


def test_the_stages_say_how_deals_went_and_open_them(world, rep, deal):
    page = rep.get("/deals/stages").get_data(as_text=True)
    assert "Negotiating" in page and "Came in" in page
    url = re.search(r'href="(/deals/stages/deals\?[^"]*count=here[^"]*)"', page)[1].replace("&amp;", "&")
    assert "Forty trays" in rep.get(url).get_data(as_text=True) and "Forty trays" not in world.browser("colleague").get(url).get_data(as_text=True)
    assert rep.get("/deals/stages/deals?stage=x").status_code == 422 and rep.get(url.replace("count=here", "count=gone")).status_code == 422
    assert "No deal came into a stage" in rep.get("/deals/stages?period=1999").get_data(as_text=True)
    for tab in re.findall(r'href="(/deals/[^"]+)"', rep.get("/deals/stages?period=2026").get_data(as_text=True)):
        assert rep.get(tab.replace("&amp;", "&")).status_code == 200, tab
