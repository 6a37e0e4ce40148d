"""Roles, teams and what people hold of them, through the API."""

from uuid import uuid4

import pytest


@pytest.fixture
def api(world):
    return world.api("owner")


def send(api, method, path, body=None, version=None):
    return api.json(method, f"/api/v1{path}", body, headers={"If-Match": f'"{version}"'} if version else {})


def test_a_role_lives_through_the_api(api):
    name = f"Desk {uuid4().hex[:4]}"
    made = send(api, "POST", "/roles", {
        "name": name, "permissions": ["accounts.edit"], "visibility": "team", "changing": "own", "scopes": {"contacts": ["all", ""]}, "hidden": ["accounts.annual_revenue"], "protected": ["accounts.owner_id"],
    }).json
    assert made["permissions"] == ["accounts.edit", "accounts.read"] and made["scopes"] == {"contacts": ["all", ""]} and made["hidden"] == ["accounts.annual_revenue"]
    path = f"/roles/{made['id']}"
    assert send(api, "PATCH", path, {"visibility": "all"}).status_code == 428 and send(api, "PATCH", path, {"visibility": "all"}, 9).status_code == 412
    changed = send(api, "PATCH", path, {"visibility": "all", "scopes": {}, "hidden": []}, 1).json
    assert (changed["visibility"], changed["scopes"], changed["hidden"], changed["protected"], changed["name"]) == ("all", {}, [], ["accounts.owner_id"], name)
    assert send(api, "GET", path).json == changed
    assert send(api, "DELETE", path, version=changed["version"]).status_code == 204 and send(api, "GET", path).status_code == 404


@pytest.mark.parametrize("body", [
    {"name": "X", "permissions": ["no.such"]}, {"name": "X", "visibility": "galaxy"}, {"name": "X", "hidden": ["contacts.name"]}, {"name": "X", "scopes": {"evil": ["all", "all"]}}, {"name": ""},
    {"name": "X", "scopes": {"contacts": ["all"]}}, {"name": "X", "code": "admin"}, {"name": "X", "is_owner": True}, {},
])
def test_a_role_that_can_not_be_is_refused(api, body):
    assert send(api, "POST", "/roles", body).status_code in (400, 422)


def test_the_administrators_role_stays_what_it_is(api):
    admin = send(api, "GET", "/roles?filter[code][eq]=admin").json["data"][0]
    answer = send(api, "PATCH", f"/roles/{admin['id']}", {"visibility": "own"}, admin["version"])
    assert answer.status_code == 422 and answer.json["code"] == "role_fixed"


def test_a_team_lives_through_the_api(api, world):
    top = send(api, "POST", "/teams", {"name": f"Top {uuid4().hex[:4]}", "is_branch": True}).json
    below = send(api, "POST", "/teams", {"name": "Below", "parent_id": top["id"]}).json
    person = world.acme.users["colleague"].id
    assert send(api, "POST", f"/teams/{below['id']}/members", {"user_id": str(person), "leads": True}).status_code == 204
    assert send(api, "POST", f"/teams/{below['id']}/members", {"user_id": str(uuid4())}).status_code == 422
    assert send(api, "PATCH", f"/teams/{top['id']}", {"parent_id": below["id"]}, top["version"]).json["code"] == "team_cycle"
    assert send(api, "DELETE", f"/teams/{below['id']}/members/{person}", version=1).status_code == 204
    assert send(api, "DELETE", f"/teams/{below['id']}/members/{person}", version=1).status_code == 404
    now = send(api, "GET", f"/teams/{top['id']}").json
    assert send(api, "DELETE", f"/teams/{top['id']}", version=now["version"]).status_code == 204
    assert send(api, "GET", f"/teams/{below['id']}").json["parent_id"] is None


def test_roles_are_given_and_access_is_taken_away(api, world):
    from core.identity import actions

    with world.acme.ctx() as ctx:
        person = actions.add_user(ctx, mail=f"new-{uuid4().hex[:6]}@acme.example", name="New", password="a long sentence of words").id
    def change(body, key=person):
        return send(api, "PATCH", f"/users/{key}", body, send(api, "GET", f"/users/{key}").json["version"])

    assert change({"role": "manager", "further": ["marketing"]}).status_code == 200
    assert change({"role": "emperor"}).status_code in (404, 422) and change({"further": ["admin"]}).status_code == 422 and change({"state": "active"}).status_code == 422
    assert change({"state": "disabled"}).json["state"] == "disabled"
    assert change({"state": "disabled"}, world.acme.users["owner"].id).status_code == 422


@pytest.mark.parametrize("who", ["rep", "reader", "manager"])
def test_only_whoever_may_does_it(world, who):
    api = world.api("owner") if who == "reader" else world.api(who)
    if who == "reader":
        from tests.house.test_cast_walks import token_for
        api.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token_for(world.acme, 'reader')}"
    for method, path, body in (("POST", "/roles", {"name": "X"}), ("POST", "/teams", {"name": "X"}), ("PATCH", f"/users/{world.acme.users['colleague'].id}", {"role": "manager"})):
        assert send(api, method, path, body, 1).status_code == 403
