"""Bulk edits by program."""

from uuid import uuid4

import pytest

from core.custom_fields import actions as defining
from tests.house.test_cast_walks import token_for
from tests.support.world import Browser
from web.api import shell


@pytest.fixture(autouse=True)
def no_rate(monkeypatch):
    monkeypatch.setattr(shell, "BURST", 1_000_000)


@pytest.fixture
def api(world):
    return world.api("owner")


def account(api, **values):
    return api.json("POST", "/api/v1/accounts", {"name": "By program", **values}).json["id"]


def ask(api, status=201, **body):
    answer = api.json("POST", "/api/v1/bulk-edits", {"kind": "accounts", **body})
    assert answer.status_code == status, answer.json
    return answer.json


def test_looked_at_first_then_done_then_taken_back(api):
    keys = [account(api, city="Kiel") for _ in range(2)]
    run = ask(api, ids=[*keys, str(uuid4())], changes={"city": "Ulm"}, dry_run=True)
    assert (run["state"], run["counts"]) == ("previewed", {"selected": 2, "missing": 1, "due": 2})
    assert api.json("POST", f"/api/v1/bulk-edits/{run['id']}/run").json["state"] == "done"
    assert api.get(f"/api/v1/accounts/{keys[0]}").json["city"] == "Ulm"
    account_now = api.get(f"/api/v1/accounts/{keys[0]}")
    api.json("PATCH", f"/api/v1/accounts/{keys[0]}", {"phone": "123456"}, headers={"If-Match": account_now.headers["ETag"]})
    undone = api.json("POST", f"/api/v1/bulk-edits/{run['id']}/undo").json
    assert undone["counts"] | {"kept": 1, "undone": 1} == undone["counts"]
    rows = api.get(f"/api/v1/bulk-edits/{run['id']}/rows?kept=true").json["data"]
    assert [(row["record_id"], row["before"]) for row in rows] == [(keys[0], {"city": "Kiel"})]
    assert run["id"] in [one["id"] for one in api.get("/api/v1/bulk-edits").json["data"]]


def test_an_own_field_that_names_a_record_is_given_by_its_key(api, world):
    with world.acme.ctx() as ctx:
        key = defining.create_field(ctx, room="accounts", kind="account", label="Supplied by").key
    ids, named = [account(api) for _ in range(2)], account(api)
    run = ask(api, ids=ids, changes={"custom": {key: named}})
    assert run["counts"]["changed"] == 2 and [api.get(f"/api/v1/accounts/{one}").json["custom"][key] for one in ids] == [named, named]
    assert ask(api, 422, ids=ids, changes={"custom": {key: str(uuid4())}})["field"] == f"custom.{key}"
    assert api.json("POST", f"/api/v1/bulk-edits/{run['id']}/undo").json["counts"]["undone"] == 2
    assert [api.get(f"/api/v1/accounts/{one}").json["custom"].get(key) for one in ids] == [None, None]


def test_any_column_narrows_what_is_changed(api):
    near, far = account(api, city="Nearby", employees=5), account(api, city="Nearby", employees=50)
    run = ask(api, filter={"where": [["city", "eq", "Nearby"], ["employees", "gt", "10"]]}, changes={"city": "Ulm"})
    assert run["counts"]["changed"] == 1
    assert [api.get(f"/api/v1/accounts/{key}").json["city"] for key in (near, far)] == ["Nearby", "Ulm"]
    for where in ([["evil", "eq", "x"]], [["city", "evil", "x"]], [["city", "eq"]], [["employees", "gt", "many"]], [["city", "ne", "x"]] * 21):
        ask(api, 422, filter={"where": where}, delete=True)


def test_alternatives_narrow_what_is_changed(api):
    small, big, other = account(api, city="Eitherway", employees=5), account(api, city="Eitherway", employees=50), account(api, city="Orway", employees=5)
    either = [[["city", "eq", "Eitherway"], ["employees", "gt", "10"]], [["city", "eq", "Orway"]]]
    assert ask(api, filter={"either": either}, changes={"city": "Ulm"})["counts"]["changed"] == 2
    assert [api.get(f"/api/v1/accounts/{key}").json["city"] for key in (small, big, other)] == ["Eitherway", "Ulm", "Ulm"]
    for bad in ([[]], [[["evil", "eq", "x"]]], [[["city", "ne", "x"]]] * 11, [[["city", "ne", "x"]] * 11] * 2, [["city", "eq", "x"]]):
        ask(api, 422, filter={"either": bad}, delete=True)


def test_each_operation_and_the_filter(api, world):
    key = account(api, tags=["programmed"])
    assert ask(api, filter={"tag": "programmed"}, add_tags=["x"], remove_tags=["programmed"])["counts"]["changed"] == 1
    assert ask(api, ids=[key], owner_id=None)["counts"]["changed"] == 1
    assert ask(api, ids=[key], changes={"annual_revenue": {"amount": "12.50", "currency": "EUR"}, "employees": 5})["counts"]["changed"] == 1
    found = api.get(f"/api/v1/accounts/{key}").json
    assert (found["tags"], found["owner_id"], found["annual_revenue"], found["employees"]) == (["x"], None, {"amount": "12.50", "currency": "EUR"}, 5)
    assert ask(api, ids=[key], delete=True)["state"] == "done" and api.get(f"/api/v1/accounts/{key}").status_code == 404


@pytest.mark.parametrize("body", [
    {}, {"delete": True}, {"ids": []}, {"ids": ["abc"], "delete": True}, {"ids": [], "filter": {}, "delete": True}, {"filter": {"x": 1}, "delete": True}, {"filter": {}, "changes": {}},
    {"filter": {}, "changes": {"nothing": 1}}, {"filter": {}, "changes": {"owner_id": None}}, {"filter": {}, "changes": {"employees": "5"}}, {"filter": {}, "changes": {"version": 3}},
    {"filter": {}, "delete": True, "add_tags": ["x"]}, {"kind": "users", "filter": {}, "delete": True}, {"filter": {}, "changes": {"name": None}}, {"filter": {"owner": "x"}, "delete": True},
])
def test_what_is_refused(api, body):
    account(api)
    ask(api, 422, **body)


def test_ten_thousand_and_one_keys_are_refused(api):
    answer = ask(api, 422, ids=[str(uuid4()) for _ in range(10_001)], delete=True)
    assert answer["code"] == "bulk_too_many_keys"


def test_keys_of_another_tenant_and_of_others_name_nothing(api, world):
    key = account(api)
    assert world.api("owner", world.globex).json("POST", "/api/v1/bulk-edits", {"kind": "accounts", "ids": [key], "delete": True}).status_code == 422
    assert world.api("rep").json("POST", "/api/v1/bulk-edits", {"kind": "accounts", "ids": [key], "delete": True}).status_code == 422
    reader = Browser(world.app, world.acme)
    reader.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token_for(world.acme, 'reader')}"
    assert reader.json("POST", "/api/v1/bulk-edits", {"kind": "accounts", "ids": [key], "delete": True}).status_code == 403
    narrow = world.api("owner", allowed=["bulk_edits.run", "accounts.read"])
    assert narrow.json("POST", "/api/v1/bulk-edits", {"kind": "accounts", "ids": [key], "delete": True}).status_code == 403
    assert api.get(f"/api/v1/accounts/{key}").status_code == 200
