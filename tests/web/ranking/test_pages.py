"""The page that ranks people for a deal or a lead, and what programs are told."""

import pytest

from core.base.facts import Fact, timeline
from core.deals import actions as deals
from core.leads import actions as leads
from core.leads.models import Lead


@pytest.fixture
def deal(world):
    with world.acme.ctx("manager") as ctx:
        return deals.create_deal(ctx, name="Big one", amount="5000").id


def test_the_page_names_each_with_reasons_and_gives_by_a_form(world, deal):
    manager = world.browser("manager")
    text = manager.get(f"/rankings/deals/{deal}").get_data(as_text=True)
    assert all(name in text for name in ("Owner", "Manager", "Rep", "Colleague")) and "Reader" not in text.split("<main")[1] and "Won 0 of 0 similar deals" in text
    assert f"/rankings/deals/{deal}" in manager.get(f"/deals/{deal}").get_data(as_text=True)
    answer = manager.post(f"/rankings/deals/{deal}/assignment", {"user_id": str(world.acme.users["rep"].id)})
    assert answer.status_code == 303
    assert "gave the deal" in manager.get(f"/deals/{deal}").get_data(as_text=True)
    shown = manager.get(f"/rankings/deals/{deal}").get_data(as_text=True)
    assert "Given to Rep by Manager" in shown and "The reasons of that day" in shown and "Won 0 of 0 similar deals" in shown.split("The reasons of that day")[1]


def test_what_a_colleague_has_to_do_stands_on_no_timeline(world, deal):
    """V22 tells it to whoever gives work; the timeline, and what programs read of it, is read by all who see the deal."""
    with world.acme.ctx("owner") as ctx:
        deals.create_deal(ctx, name="His burden", owner_id=world.acme.users["rep"].id, amount="77123")
    world.browser("manager").post(f"/rankings/deals/{deal}/assignment", {"user_id": str(world.acme.users["rep"].id)})
    with world.acme.ctx("rep") as ctx:
        facts = [one.params for one in ctx.session.execute(timeline(deal, limit=5)).scalars() if one.kind == "deal.given"]
    assert facts == [{"name": "Big one", "owner": "Rep"}]
    page = world.browser("rep").get(f"/deals/{deal}").get_data(as_text=True)
    assert "gave the deal" in page and "77,123" not in page and "points" not in page


@pytest.mark.parametrize("who", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
def test_nobody_unknown_is_given_it(world, deal, who):
    answer = world.browser("manager").post(f"/rankings/deals/{deal}/assignment", {"user_id": who})
    assert answer.status_code == 422


def test_a_salesperson_has_no_such_page(world, deal):
    rep = world.browser("rep")
    assert rep.get(f"/rankings/deals/{deal}").status_code in (403, 404)
    with world.acme.ctx("rep") as ctx:
        mine = deals.create_deal(ctx, name="Mine", owner_id=ctx.actor.id).id
    assert rep.get(f"/rankings/deals/{mine}").status_code == 403 and "/rankings/" not in rep.get(f"/deals/{mine}").get_data(as_text=True)


def test_a_lead_has_it_and_a_workspace_without_leads_has_not(world):
    with world.acme.ctx("manager") as ctx:
        lead = leads.create_lead(ctx, name="Ada", country="KR", language="ko")
        ctx.session.flush()
        key = lead.id
    manager = world.browser("manager")
    assert "Korean" in manager.get(f"/rankings/leads/{key}").get_data(as_text=True)
    assert manager.post(f"/rankings/leads/{key}/assignment", {"user_id": str(world.acme.users["rep"].id)}).status_code == 303
    with world.acme.ctx() as ctx:
        assert ctx.session.get(Lead, key).owner_id == world.acme.users["rep"].id


def test_programs_rank_and_give(world, deal):
    api = world.api("manager")
    found = api.json("GET", f"/api/v1/rankings/deals/{deal}").json["data"]
    assert [one["points"] for one in found] == sorted((one["points"] for one in found), reverse=True) and found[0]["reasons"][0]["figures"]["closed"] == 0
    answer = api.json("POST", f"/api/v1/rankings/deals/{deal}/assignments", {"user_id": found[-1]["user_id"]})
    assert answer.status_code == 200 and answer.json["owner_id"] == found[-1]["user_id"]
    assert api.json("POST", f"/api/v1/rankings/deals/{deal}/assignments", {"user_id": str(world.acme.users["reader"].id)}).status_code == 422
    with world.acme.ctx() as ctx:
        assert ctx.session.query(Fact).filter_by(kind="deal.given", subject_id=deal).count() == 1
