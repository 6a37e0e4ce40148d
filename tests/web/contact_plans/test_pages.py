"""Contact plans as people keep them, and whose turn it is for pages and programs."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from core.parties import actions as parties
from tests.support.statements import counted


@pytest.fixture
def manager(world):
    return world.browser("manager")


def old(world, name, days=500, **given):
    with world.acme.ctx("rep") as ctx:
        row = parties.create_account(ctx, name=name, is_customer=True, **given)
        ctx.session.flush()
        ctx.session.execute(text("UPDATE account SET created_at = :at WHERE id = :id"), {"at": ctx.now - timedelta(days=days), "id": row.id})
        return row.id


def test_whose_turn_it_is_stands_on_a_page_with_the_way_to_log_it(world):
    key = old(world, "Waiting Ltd")
    rep = world.browser("rep")
    page = rep.get("/contact-plan").get_data(as_text=True)
    assert "Waiting Ltd" in page and "Customers · 4 times a year · no contact yet" in page and f"/accounts/{key}?log=call#body" in page
    assert "Waiting Ltd" not in world.browser("colleague").get("/contact-plan?owner=all").get_data(as_text=True)
    assert "Waiting Ltd" in world.browser("owner").get("/contact-plan?owner=all").get_data(as_text=True)
    assert "Waiting Ltd" not in rep.get("/contact-plan?owner=pool").get_data(as_text=True)
    assert rep.get("/contact-plan?owner=nonsense").status_code == 422


def test_a_plan_is_kept_moved_and_deleted(world, manager):
    answer = manager.post("/settings/contact-plans/", {"name": "Zentral", "times_a_year": "12", "field0": "city", "op0": "eq", "value0": "Kiel"})
    assert answer.status_code == 303
    listed = manager.get("/settings/contact-plans/").get_data(as_text=True)
    assert "Zentral" in listed and "12 times a year" in listed and "Kiel" in listed and "Customers" in listed
    key = next(one["id"] for one in world.api("manager").json("GET", "/api/v1/contact-plans").json["data"] if one["name"] == "Zentral")
    assert manager.post(f"/settings/contact-plans/{key}/place", {"by": "up"}).status_code == 303
    assert [one["name"] for one in world.api("manager").json("GET", "/api/v1/contact-plans").json["data"]].index("Zentral") == 1
    refused = manager.post(f"/settings/contact-plans/{key}", {"name": "Zentral", "times_a_year": "60"})
    assert refused.status_code == 422 and 'value="60"' in refused.get_data(as_text=True)
    assert manager.post(f"/settings/contact-plans/{key}/deletion").status_code == 303
    assert not any(one["name"] == "Zentral" for one in world.api("manager").json("GET", "/api/v1/contact-plans").json["data"])


def test_programs_keep_plans_and_ask_whose_turn_it_is(world):
    key, api = str(old(world, "Asked Ltd")), world.api("manager")
    made = api.json("POST", "/api/v1/contact-plans", {"name": "By program", "times_a_year": 2, "conditions": [["city", "eq", "Nowhere"]]})
    assert made.status_code == 201 and made.json["conditions"] == [["city", "eq", "Nowhere"]]
    changed = api.json("PATCH", f"/api/v1/contact-plans/{made.json['id']}", {"times_a_year": 3}, headers={"If-Match": f'"{made.json["version"]}"'})
    assert (changed.json["times_a_year"], changed.json["name"]) == (3, "By program")
    assert api.json("POST", "/api/v1/contact-plans", {"name": "Wrong", "times_a_year": 2, "conditions": [["colour", "eq", "x"]]}).json["code"] == "unknown_field"
    found = world.api("rep").json("GET", "/api/v1/contact-turns").json["data"]
    assert key in [one["account_id"] for one in found]
    assert api.json("DELETE", f"/api/v1/contact-plans/{made.json['id']}", headers={"If-Match": f'"{changed.json["version"]}"'}).status_code == 204


def test_whoever_only_sells_sees_the_plans_and_changes_none(world):
    rep = world.browser("rep")
    page = rep.get("/settings/contact-plans/").get_data(as_text=True)
    assert "Customers" in page and 'href="/settings/contact-plans/new"' not in page
    assert rep.get("/settings/contact-plans/new").status_code == 403


def test_the_page_takes_few_statements_however_many_wait(world):
    for place in range(5):
        old(world, f"Counted {place}")
    rep = world.browser("rep")
    rep.get("/contact-plan")
    with counted() as some:
        assert "Counted 4" in rep.get("/contact-plan").get_data(as_text=True)
    assert len(some) <= 6
