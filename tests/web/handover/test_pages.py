"""The pages of a handover as a manager uses them, what a successor sees, and what programs are told."""

import re

import pytest

from core.deals import actions as deals
from core.handover.run_models import HandoverRun
from core.parties import actions as parties
from core.parties.models import Account


@pytest.fixture
def account(world):
    with world.acme.ctx("rep") as ctx:
        found = parties.create_account(ctx, name="Nordlicht", country="DE", owner_id=ctx.actor.id)
        deals.create_deal(ctx, name="Frames", account_id=found.id, owner_id=ctx.actor.id, amount="4800", currency="EUR")
        return found.id


def owner(world, key):
    with world.acme.ctx() as ctx:
        return ctx.session.get(Account, key).owner_id


def form(world, way="one", **more):
    return {"from_id": str(world.acme.users["rep"].id), "way": way, "people": [str(world.acme.users["colleague"].id)], **more}


def test_planned_previewed_given_and_taken_back(world, account):
    manager = world.browser("manager")
    assert "Nothing handed over" in manager.get("/handing-over").get_data(as_text=True) or "Rep" in manager.get("/handing-over").get_data(as_text=True)
    answer = manager.post("/handing-over", form(world))
    assert answer.status_code == 303
    text = manager.get(answer.location).get_data(as_text=True)
    number = re.search(r"Hand over (\d+) records", text)[1]
    assert int(number) >= 1 and owner(world, account) == world.acme.users["rep"].id
    assert manager.post(f"{answer.location}/run").status_code == 303 and owner(world, account) == world.acme.users["colleague"].id
    assert "What he took over" in manager.get(answer.location).get_data(as_text=True)
    key = answer.location.rsplit("/", 1)[1]
    mine = world.browser("colleague").get(f"/taken-over/{key}").get_data(as_text=True)
    assert "What you took over" in mine and "Nordlicht" in mine and "Agree a next step" in mine and "4,800" in mine
    assert "over to you" in world.browser("colleague").get("/notifications?show=all").get_data(as_text=True)
    assert world.browser("rep").get(f"/taken-over/{key}").status_code == 404
    assert manager.post(f"{answer.location}/undo").status_code == 303 and owner(world, account) == world.acme.users["rep"].id
    assert manager.post(f"{answer.location}/undo").status_code == 422


def test_rules_are_typed_as_conditions_of_the_list(world, account):
    manager = world.browser("manager")
    rule = {"field0": "country", "op0": "eq", "value0": "DE", "to0": str(world.acme.users["manager"].id)}
    answer = manager.post("/handing-over", form(world, "rules", **rule))
    assert answer.status_code == 303 and "is DE" in manager.get(answer.location).get_data(as_text=True)
    manager.post(f"{answer.location}/run")
    assert owner(world, account) == world.acme.users["manager"].id


def test_by_hand_each_account_has_its_line(world, account):
    manager = world.browser("manager")
    answer = manager.post("/handing-over", form(world, "hand"))
    assert f'name="to-{account}"' in manager.get(answer.location).get_data(as_text=True)
    assert manager.post(f"{answer.location}/choices", {f"to-{account}": str(world.acme.users["manager"].id)}).status_code == 303
    manager.post(f"{answer.location}/run")
    assert owner(world, account) == world.acme.users["manager"].id


@pytest.mark.parametrize("more", [{"people": []}, {"from_id": ""}, {"from_id": "nonsense"}, {"way": "rules"}, {"way": "other"}, {"until": "2001-01-01"}, {"people": ["nonsense"]}])
def test_what_can_not_be_comes_back_with_the_reason(world, more):
    answer = world.browser("manager").post("/handing-over", form(world) | more)
    assert answer.status_code == 422


def test_a_plan_is_thrown_away(world):
    manager = world.browser("manager")
    answer = manager.post("/handing-over", form(world))
    manager.post(f"{answer.location}/cancellation")
    assert manager.post(f"{answer.location}/run").status_code == 422


def test_a_salesperson_has_no_such_page(world):
    rep = world.browser("rep")
    assert rep.get("/handing-over").status_code == 403 and rep.post("/handing-over", form(world)).status_code == 403


def test_programs_plan_run_and_take_back(world, account):
    api = world.api("manager")
    made = api.json("POST", "/api/v1/handovers", {"user_id": str(world.acme.users["rep"].id), "way": "rules", "people": [str(world.acme.users["manager"].id)], "rules": [{"to": str(world.acme.users["colleague"].id), "conditions": [["country", "eq", "DE"]]}]})
    assert made.status_code == 201 and made.json["state"] == "planned"
    assert api.json("POST", f"/api/v1/handovers/{made.json['id']}/runs").json["state"] == "done" and owner(world, account) == world.acme.users["colleague"].id
    assert any(one["name"] == "Nordlicht" and one["deals"] == [{"amount": "4800.00", "currency": "EUR"}] for one in world.api("colleague").json("GET", f"/api/v1/taken-over/{made.json['id']}").json["data"])
    assert api.json("POST", f"/api/v1/handovers/{made.json['id']}/undos").json["state"] == "undone"
    assert api.json("GET", "/api/v1/handovers").json["data"][0]["id"] == made.json["id"]
    with world.acme.ctx() as ctx:
        assert ctx.session.get(HandoverRun, made.json["id"]).outcomes["undone"] >= 1
