"""The pages of a handover as a manager uses them, what a successor sees, and what programs are told."""

import re
from uuid import uuid4

import pytest

from core.activities import actions as log
from core.deals import actions as deals
from core.handover import queries
from core.handover.run_models import HandoverRun
from core.identity import roles
from core.identity.models import User
from core.parties import actions as parties
from core.parties.models import Account
from core.quotes import drafting


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


@pytest.fixture
def half(world, account):
    """Somebody who hands over and reads accounts and deals, neither quotes nor the contact log."""
    with world.acme.ctx() as ctx:
        drafting.create_quote(ctx, name="Trays", account_id=account, owner_id=world.acme.users["rep"].id)
        log.log_activity(ctx, kind="call", account=ctx.session.get(Account, account), body="x", next_contact=str(ctx.today)).owner_id = world.acme.users["rep"].id
        role = roles.create_role(ctx, name=f"Half {uuid4().hex[:4]}", permissions=["accounts.read", "accounts.edit", "deals.read", "handovers.run", "home.read", "tokens.manage"], visibility="all", changing="all")
        name = f"half-{uuid4().hex[:6]}"
        user = User(mail=f"{name}@x.example", mail_norm=f"{name}@x.example", name="Half", role_id=role.id, role=role, mail_confirmed_at=ctx.now, state="active")
        ctx.session.add(user)
        ctx.session.flush()
        world.acme.users["half"] = user
    yield "half"
    with world.acme.ctx() as ctx:
        ctx.session.get(User, world.acme.users.pop("half").id).state = "disabled"


def test_figures_of_what_one_may_not_read_are_told_nowhere(world, account, half):
    made = world.api("manager").json("POST", "/api/v1/handovers", {"user_id": str(world.acme.users["rep"].id), "way": "hand", "people": [str(world.acme.users["colleague"].id)]}).json
    assert {"accounts", "deals", "quotes", "activities"} <= set(made["counts"][str(world.acme.users["colleague"].id)])
    api = world.api(half)
    told = [api.json("GET", f"/api/v1/handovers/{made['id']}").json, next(one for one in api.json("GET", "/api/v1/handovers").json["data"] if one["id"] == made["id"])]
    assert all(set(of_kinds) == {"accounts", "deals"} for one in told for of_kinds in one["counts"].values())
    path = f"/handing-over/{made['id']}"
    by_hand = {who: world.browser(who).get(path).get_data(as_text=True) for who in ("manager", half)}
    heads = {who: re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', text.split("Account by account")[-1]) for who, text in by_hand.items()}
    assert heads == {"manager": ["Account", "Deals", "Quotes", "Next contacts", "To"], half: ["Account", "Deals", "To"]}
    with world.acme.ctx(half) as ctx:
        (row,) = [one for one in queries.chosen_page(ctx, queries.one(ctx, made["id"])) if one.id == account]
        assert (row.deals, row.quotes, row.activities) == (1, None, None)
