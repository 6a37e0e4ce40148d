"""The pages of performance, their files, and what programs are told."""

import csv
import io
import re
from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest
from sqlalchemy import insert

from core.activities import actions as log
from core.activities.models import Activity
from core.deals import actions as deals
from core.deals import pipelines
from core.deals.periods import period_of
from core.identity import roles
from core.identity.roles import one_role
from core.parties import actions as parties
from core.parties import restricting
from core.performance import behind
from core.products import rating
from tests.support.world import House, World


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


@pytest.fixture
def own(app):
    """A workspace of its own."""
    return World.of(app, House(f"pg-{uuid4().hex[:8]}"))


def called(own, number, **more):
    """So many calls of the rep's, by one statement."""
    with own.acme.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Buyer")
        ctx.session.flush()
        ctx.session.execute(insert(Activity), [{"kind": "call", "account_id": account.id, "body": f"Call {n}", "happened_at": ctx.now - timedelta(seconds=n), "created_by": ctx.actor.id, "owner_id": ctx.actor.id} for n in range(number)])
        return period_of(ctx.today, "month").key


def test_a_figure_is_that_of_its_list_of_its_file_and_of_its_answers_however_many_there_are(own):
    number = behind.MOST + 5
    period, manager, api = called(own, number), own.browser("manager"), own.api("manager")
    path = f"/performance/records?measure=contacts&whose=all&period={period}"
    assert api.json("GET", f"/api/v1/performance?period={period}").json["whole"]["now"]["contacts"] == str(number)
    first = manager.get(path).get_data(as_text=True)
    assert "<b>2,005</b>" in first and first.count("<td>Call</td>") == behind.MOST and "the newest 2,000" in first
    older = re.search(r'href="(/performance/records[^"]*after=[^"]*)"', first)[1].replace("&amp;", "&")
    last = manager.get(older).get_data(as_text=True)
    assert "<b>2,005</b>" in last and last.count("<td>Call</td>") == 5 and "after=" not in last
    assert len(rows(manager.post("/performance/exports/contact-log", {"period": period, "format": "csv", "measure": "contacts", "whose": "all"}))) == number
    told, cursor = [], ""
    while cursor is not None:
        found = api.json("GET", f"/api/v1/performance/records?period={period}&measure=contacts&limit=200{cursor and '&cursor=' + quote(cursor)}").json
        told, cursor = told + [one["id"] for one in found["data"]], found["next_cursor"]
    assert len(set(told)) == len(told) == number
    assert api.json("GET", f"/api/v1/performance/records?period={period}&measure=contacts&cursor=nonsense").status_code == 422


def test_half_a_coin_is_rounded_in_one_way_everywhere(own):
    with own.acme.ctx() as ctx:
        rating.add_currency(ctx, "USD")
        rating.store_rate(ctx, currency="USD", rate="6", day=ctx.today)
        stage = next(one.id for one in pipelines.ways(ctx)[0].stages if one.kind == "won")
        for _ in range(3):
            deals.create_deal(ctx, name="Trays", owner_id=own.acme.users["rep"].id, stage_id=stage, amount="100.01", currency="USD")
        period = period_of(ctx.today, "month").key
    manager = own.browser("manager")
    assert own.api("manager").json("GET", f"/api/v1/performance?period={period}").json["whole"]["now"]["revenue"] == "50.01"
    assert next(row for row in rows(manager.post("/performance/exports", {"period": period, "format": "csv"})) if row["Name"] == "All together")["Revenue won"] == "50.01"
    assert "50.01 EUR" in manager.get(f"/performance?period={period}").get_data(as_text=True)
    assert "<b>50.01 EUR</b> = 300.03 USD" in manager.get(f"/performance/records?measure=revenue&whose=all&period={period}").get_data(as_text=True)


WAYS = {"contacts": "/performance/exports/contact-log", "sent": "/performance/exports/quotes", "won": "/performance/exports"}


@pytest.mark.parametrize(("lacks", "measure", "heads"), [("activities.export", "contacts", {"Contacts made", "Visits"}), ("quotes.export", "sent", {"Quotes sent", "Quotes accepted"}), ("deals.export", "won", {"Deals won", "Revenue won"})])
def test_a_file_takes_the_right_of_the_room_that_its_records_are_of(own, lacks, measure, heads):
    period = called(own, 1)
    with own.acme.ctx() as ctx:
        manager = one_role(ctx, "manager")
        roles.edit_role(ctx, manager, permissions=sorted(set(manager.permissions) - {lacks}))
    browser, others = own.browser("manager"), {"contacts", "sent", "won"} - {measure}
    asked = lambda name, way=None: browser.post(way or WAYS[name], {"period": period, "format": "csv", "measure": name, "whose": "all"}).status_code  # noqa: E731
    assert (asked(measure), {asked(name) for name in others}) == (403, {200})
    assert {asked(measure, way) for way in WAYS.values()} == {403}, "no other room's right will do"
    offers = lambda name: 'value="csv"' in browser.get(f"/performance/records?measure={name}&whose=all&period={period}").get_data(as_text=True)  # noqa: E731
    assert (offers(measure), {offers(name) for name in others}) == (False, {True})
    table, offered = browser.post("/performance/exports", {"period": period, "format": "csv"}), 'value="csv"' in browser.get("/performance").get_data(as_text=True)
    assert (table.status_code, offered) == (403, False) if measure == "won" else offered and not heads & set(rows(table)[0])


def test_nothing_about_a_person_who_is_restricted_is_taken_out(own):
    period = called(own, 1)
    with own.acme.ctx() as ctx:
        person = parties.create_contact(ctx, name="Inga")
        log.log_activity(ctx, kind="call", contact=person, body="About Inga")
        restricting.restrict(ctx, person, "Asked")
    taken = rows(own.browser("manager").post("/performance/exports/contact-log", {"period": period, "format": "csv", "measure": "contacts", "whose": "all"}))
    assert [row["Name"] for row in taken] == ["Call 0"]
