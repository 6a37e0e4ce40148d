"""Stages, trees, the pool and narrowed timelines on pages and for programs."""

import pytest
from sqlalchemy import delete

from core.activities import actions as log
from core.parties import actions, pool
from core.parties.beside_models import PoolRules


@pytest.fixture
def tree(world):
    """North (rep's) above South (rep's) and East (colleague's); people at each."""
    with world.acme.ctx("owner") as ctx:
        rep, colleague = (world.acme.users[one].id for one in ("rep", "colleague"))
        north = actions.create_account(ctx, name="North Holding", owner_id=rep)
        ctx.session.flush()
        south = actions.create_account(ctx, name="South Branch", parent_id=north.id, owner_id=rep)
        east = actions.create_account(ctx, name="East Branch", parent_id=north.id, owner_id=colleague)
        ctx.session.flush()
        ada = actions.create_contact(ctx, name="Ada South", account_id=south.id, owner_id=rep)
        bob = actions.create_contact(ctx, name="Bob South", account_id=south.id, owner_id=rep)
        ctx.session.flush()
    with world.acme.ctx("rep") as ctx:
        log.log_activity(ctx, kind="call", account=ctx.session.get_one(type(south), south.id), contact=ctx.session.get_one(type(ada), ada.id), body="Wants the blue catalogue")
        log.log_activity(ctx, kind="meeting", account=ctx.session.get_one(type(south), south.id), contact=ctx.session.get_one(type(bob), bob.id), body="Budget talk")
    return {"north": north.id, "south": south.id, "east": east.id, "ada": ada.id, "bob": bob.id}


def test_the_page_shows_branches_that_one_sees_and_crumbs_above(world, tree):
    text = world.browser("rep").get(f"/accounts/{tree['north']}").text
    assert "South Branch" in text and "East Branch" not in text and "All 2 in a list" in text and "With all branches" in text
    assert "East Branch" in world.browser("manager").get(f"/accounts/{tree['north']}").text
    assert f'<a class="crumb" href="/accounts/{tree["north"]}">North Holding</a>' in world.browser("rep").get(f"/accounts/{tree['south']}").text


def test_lists_are_narrowed_to_a_tree_and_views_keep_it(world, tree):
    browser = world.browser("rep")
    text = browser.get(f"/accounts?under={tree['north']}").text
    assert "South Branch" in text and "East Branch" not in text and "In the tree of" in text and "North Holding" in text
    assert "Ada South" in browser.get(f"/contacts?under={tree['north']}").text and "Ada South" not in browser.get(f"/contacts?under={tree['east']}").text
    assert browser.get("/accounts?under=x").status_code == 422
    found = world.api("rep").get(f"/api/v1/accounts?under={tree['north']}").json["data"]
    assert {one["id"] for one in found} == {str(tree["north"]), str(tree["south"])}
    saved = browser.post("/lists/views", {"room": "accounts", "name": "Tree", "query": f'{{"under": "{tree["north"]}"}}'})
    assert saved.status_code == 303 and "South Branch" in browser.get(saved.location).text


def test_the_stage_is_a_pill_with_its_reason_and_set_by_hand(world, tree):
    browser, path = world.browser("rep"), f"/accounts/{tree['south']}"
    text = browser.get(path).text
    assert "Selected" in text and "They answered or met us on" in text
    assert "Selected" in browser.get("/accounts?columns=stage&filter[stage][eq]=selected").text and "South Branch" not in browser.get("/accounts?filter[stage][eq]=lost").text
    refused = browser.post(f"{path}/stage", {"stage": "loyal", "note": "", "until": "2099-01-01"})
    assert refused.status_code == 422 and "Say why in a few words." in refused.text
    day = world.acme.ctx("rep").__enter__().today.isoformat()
    assert browser.post(f"{path}/stage", {"stage": "loyal", "note": "Ten years", "until": day}).status_code == 303
    text = browser.get(f"{path}/stage").text
    assert "Loyal" in text and "Ten years" in text and "Let the rule say it again" in text
    assert "set the stage to" in browser.get(path).text and world.api("rep").get(f"/api/v1/accounts/{tree['south']}").json["stage"] == "loyal"
    assert browser.post(f"{path}/stage/rule").status_code == 303 and "Selected" in browser.get(path).text
    assert world.browser("reader").post(f"{path}/stage", {"stage": "lost", "note": "x", "until": day}).status_code == 403


def test_an_account_is_taken_from_the_pool_and_given_back(world, tree):
    with world.acme.ctx("owner") as ctx:
        free = actions.create_account(ctx, name="Free Firm", owner_id=None)
        ctx.session.flush()
        path = f"/accounts/{free.id}"
    rep, colleague = world.browser("rep"), world.browser("colleague")
    assert "Take from the pool" in rep.get(path).text and "Take from the pool" not in world.browser("reader").get(path).text
    assert rep.post(f"{path}/claims").status_code == 303
    text = rep.get(path).text
    assert "Free Firm is yours now" in text and "Take from the pool" not in text
    late = colleague.post(f"{path}/claims", follow_redirects=True).text
    assert "Rep was quicker and has taken it." in late
    assert world.api("colleague").json("POST", f"/api/v1{path}/claims", {}).status_code in (404, 422)
    assert rep.post(f"{path}/pool").status_code == 303 and "Take from the pool" in rep.get(path).text


def test_the_rules_of_the_pool_are_set_and_two_who_set_them_meet(world):
    with world.acme.ctx("owner") as ctx:
        ctx.session.execute(delete(PoolRules))
    browser = world.browser("owner")
    assert "Days without contact" in browser.get("/settings/pool/").text
    assert browser.post("/settings/pool/", {"_version": "0", "idle_days": "20", "_was_idle_days": ""}).status_code == 422
    assert browser.post("/settings/pool/", {"_version": "0", "idle_days": "90", "_was_idle_days": "", "claims_a_day": "5", "_was_claims_a_day": ""}).status_code == 303
    assert browser.post("/settings/pool/", {"_version": "1", "idle_days": "120", "_was_idle_days": ""}).status_code == 409
    assert world.browser("manager").get("/settings/pool/").status_code == 403
    with world.acme.ctx("owner") as ctx:
        assert (pool.rules_of(ctx).idle_days, pool.rules_of(ctx).claims_a_day) == (90, 5)
        ctx.session.execute(delete(PoolRules))


def test_a_timeline_is_searched_and_narrowed_to_a_person_and_a_colleague(world, tree):
    browser, path, rep = world.browser("rep"), f"/accounts/{tree['south']}", world.acme.users["rep"].id
    by_word = browser.get(f"{path}?words=blue").text
    assert "Wants the blue catalogue" in by_word and "Budget talk" not in by_word and "created this account" not in by_word
    by_person = browser.get(f"{path}?person={tree['bob']}").text
    assert "Budget talk" in by_person and "Wants the blue catalogue" not in by_person and "added the person" in by_person
    assert "Budget talk" in browser.get(f"{path}?by={rep}").text and "Budget talk" not in browser.get(f"{path}?by={world.acme.users['owner'].id}").text
    assert "show=call&amp;words=blue" in by_word
    both = world.api("rep").get(f"/api/v1{path}/timeline?q=budget&contact_id={tree['ada']}").json["data"]
    assert both == [] and len(world.api("rep").get(f"/api/v1{path}/timeline?q=budget").json["data"]) == 1
