"""Single own fields, and one way to reach, address or role at a time, for programs."""

import pytest

from core.custom_fields import actions as own


@pytest.fixture(scope="module")
def fields(world):
    with world.acme.ctx() as ctx:
        for label in ("Size", "Shade"):
            own.create_field(ctx, room="accounts", kind="text", label=label)


@pytest.fixture
def account(world, fields):
    return world.api("owner").json("POST", "/api/v1/accounts", {"name": "Sparse", "custom": {"size": "L", "shade": "red"}}).json["id"]


@pytest.mark.parametrize(("asked", "answer"), [
    ("name,custom.size", {"name": "Sparse", "custom": {"size": "L"}}), ("custom.size,custom.shade", {"custom": {"size": "L", "shade": "red"}}),
    ("custom,custom.size", {"custom": {"size": "L", "shade": "red"}}), ("name", {"name": "Sparse"}),
])
def test_an_answer_holds_the_own_fields_that_are_named(world, account, asked, answer):
    api = world.api("owner")
    assert api.get(f"/api/v1/accounts/{account}?fields={asked}").json == answer
    listed = api.get(f"/api/v1/accounts?fields={asked}&filter[id][eq]={account}").json["data"]
    assert listed == [answer]


@pytest.mark.parametrize("asked", ["custom.none", "custom.", "name.size", "custom.size.x", "none"])
def test_what_is_no_field_is_refused(world, account, asked):
    answer = world.api("owner").get(f"/api/v1/accounts/{account}?fields={asked}")
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (422, "unknown_field", "fields")


def test_a_hidden_own_field_is_no_field(world, account):
    from core.identity.models import Role

    with world.acme.ctx() as ctx:
        ctx.session.get_one(Role, world.acme.users["manager"].role_id).hidden = ["accounts.custom.size"]
    api = world.api("manager")
    assert api.get(f"/api/v1/accounts/{account}?fields=custom.size").status_code == 422
    assert api.get(f"/api/v1/accounts/{account}?fields=custom.shade").json == {"custom": {"shade": "red"}}


@pytest.mark.parametrize(("room", "what", "body"), [
    ("accounts", "contact-points", {"kind": "mail", "value": "a@x.example"}), ("contacts", "contact-points", {"kind": "phone", "value": "+49 431 123456"}),
    ("accounts", "addresses", {"city": "Kiel"}), ("contacts", "addresses", {"street": "Weg 1"}),
])
def test_one_of_them_by_its_key_with_what_changing_it_needs(world, room, what, body):
    api = world.api("rep")
    key = api.json("POST", f"/api/v1/{room}", {"name": "Reached"}).json["id"]
    made = api.json("POST", f"/api/v1/{room}/{key}/{what}", body).json
    found = api.get(f"/api/v1/{room}/{what}/{made['id']}")
    assert found.status_code == 200 and found.json == made and found.headers["ETag"] == '"1"'
    assert api.json("PATCH", f"/api/v1/{room}/{what}/{made['id']}", {"label": "work"}, headers={"If-Match": found.headers["ETag"]}).status_code == 200
    assert world.api("colleague").get(f"/api/v1/{room}/{what}/{made['id']}").status_code == 404
    other = {"accounts": "contacts", "contacts": "accounts"}[room]
    assert api.get(f"/api/v1/{other}/{what}/{made['id']}").status_code == 404


def test_one_role_by_its_key(world):
    api = world.api("rep")
    contact, account = (api.json("POST", f"/api/v1/{room}", {"name": "Roled"}).json["id"] for room in ("contacts", "accounts"))
    made = api.json("POST", f"/api/v1/contacts/{contact}/affiliations", {"account_id": account, "title": "Adviser"}).json
    assert api.get(f"/api/v1/affiliations/{made['id']}").json == made and world.api("colleague").get(f"/api/v1/affiliations/{made['id']}").status_code == 404
