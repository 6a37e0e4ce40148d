"""Accounts, contacts and the contact log through the API: the journey of a program, and who sees what."""

import threading
from uuid import uuid4

import pytest


def test_an_account_lives_through_the_api(api):
    made = api.post("/accounts", {
        "name": "Falkenberg Logistik", "city": "Bremen", "tags": ["fair", "A"], "is_customer": True, "employees": 120,
        "annual_revenue": {"amount": "1250000.50", "currency": "EUR"}, "mail": "Info@Falkenberg.example",
    }).json
    assert made["annual_revenue"] == {"amount": "1250000.50", "currency": "EUR"} and made["tags"] == ["fair", "A"]
    path = f"/accounts/{made['id']}"
    changed = api.patch(path, {"city": "Kiel", "annual_revenue": None}, 1).json
    assert (changed["city"], changed["annual_revenue"], changed["name"], changed["version"]) == ("Kiel", None, "Falkenberg Logistik", 2)
    assert api.get(path).json == changed
    assert api.call("DELETE", path, If_Match='"2"').status_code == 204
    assert api.get(path).status_code == 404
    assert made["id"] not in {row["id"] for row in api.get("/accounts?limit=200").json["data"]}


def test_a_contact_lives_through_the_api(api):
    account = api.account()
    made = api.post("/contacts", {"name": "Rosa Díaz", "account_id": account["id"], "birthday": "1990-02-28", "mail": "rosa@example.test"}).json
    assert made["birthday"] == "1990-02-28" and made["account_id"] == account["id"]
    assert [row["id"] for row in api.get(f"/contacts?filter[account_id][eq]={account['id']}").json["data"]] == [made["id"]]
    assert api.patch(f"/contacts/{made['id']}", {"account_id": None}, 1).json["account_id"] is None
    assert api.call("DELETE", f"/contacts/{made['id']}", If_Match='"2"').status_code == 204


def test_a_call_is_logged_moved_and_done(api):
    account = api.account()
    made = api.post("/activities", {
        "kind": "call", "account_id": account["id"], "body": "Asked for prices", "direction": "out", "next_contact_at": "2099-05-04T10:00:00+02:00",
    }).json
    assert (made["next_contact_at"], made["next_contact_on"], made["owner_id"]) == ("2099-05-04T08:00:00.000000Z", "2099-05-04", api.get("/me").json["id"])
    path = f"/activities/{made['id']}"
    moved = api.patch(path, {"next_contact_on": "2099-06-01"}, made["version"]).json
    assert (moved["next_contact_on"], moved["next_contact_at"]) == ("2099-06-01", None)
    done = api.patch(path, {"done": True}, moved["version"]).json
    assert done["done_at"]
    assert api.patch(path, {"done": False}, done["version"]).json["done_at"] is None


def test_a_timeline_tells_what_happened_newest_first(api):
    account = api.account()
    for n in range(5):
        api.activity(account_id=account["id"], body=f"Call {n}", happened_at=f"2026-01-0{n + 1}T10:00:00Z")
    first = api.get(f"/accounts/{account['id']}/timeline?limit=4").json
    rest = api.get(f"/accounts/{account['id']}/timeline?limit=4&cursor={first['next_cursor']}").json
    entries = first["data"] + rest["data"]
    assert [entry["body"] for entry in entries if entry["type"] == "activity"] == [f"Call {n}" for n in range(4, -1, -1)]
    assert any(entry["kind"] == "account.created" for entry in entries)
    assert [entry["at"] for entry in entries] == sorted((entry["at"] for entry in entries), reverse=True)


@pytest.mark.parametrize(("body", "field"), [
    ({"kind": "call"}, "account_id"), ({"kind": "party", "account_id": "own"}, "kind"), ({"kind": "call", "account_id": "own", "direction": "up"}, "direction"),
    ({"kind": "call", "account_id": "own", "happened_at": "2199-01-01T00:00:00Z"}, "happened_at"), ({"kind": "call", "account_id": "own", "happened_at": "2026-01-01T00:00:00"}, "happened_at"),
    ({"kind": "call", "account_id": "own", "next_contact_on": "2001-01-01"}, "next_contact"), ({"kind": "call", "account_id": "unknown"}, "account_id"),
    ({"kind": "call", "contact_id": "unknown"}, "contact_id"),
])
def test_a_wrong_entry_says_what_is_wrong(api, body, field):
    keys = {"own": api.account()["id"], "unknown": str(uuid4())}
    answer = api.post("/activities", {name: keys.get(value, value) for name, value in body.items()})
    assert answer.status_code == 422 and answer.json["field"] == field, answer.json


def test_an_entry_names_a_person_of_that_account_only(api):
    account, other = api.account(), api.account()
    person = api.contact(account_id=other["id"])
    answer = api.post("/activities", {"kind": "call", "account_id": account["id"], "contact_id": person["id"], "body": "x"})
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (422, "contact_elsewhere", "contact_id")
    assert api.post("/activities", {"kind": "call", "account_id": other["id"], "contact_id": person["id"], "body": "x"}).status_code == 201


def test_a_salesperson_sees_his_own_and_everybodys(caller):
    rep, colleague, manager = caller("rep"), caller("colleague"), caller("manager")
    own, shared = rep.account(name="Own"), rep.account(name="Shared", owner_id=None)
    assert colleague.get(f"/accounts/{own['id']}").status_code == 404
    assert colleague.patch(f"/accounts/{own['id']}", {"city": "Bonn"}, 1).status_code == 404
    assert colleague.get(f"/accounts/{own['id']}/timeline").status_code == 404
    assert colleague.get(f"/accounts/{shared['id']}").status_code == manager.get(f"/accounts/{own['id']}").status_code == 200
    seen = {row["id"] for row in colleague.get("/accounts?limit=200").json["data"]}
    assert shared["id"] in seen and own["id"] not in seen


def test_a_filter_finds_nothing_that_is_not_seen(caller):
    """A list must not tell by its length what a person may not know (V8)."""
    own = caller("rep").account(name=f"Secret {uuid4().hex}", city="Hidden")
    other = caller("colleague")
    for query in (f"filter[id][eq]={own['id']}", f"filter[name][eq]={own['name']}", "filter[city][eq]=Hidden", f"filter[owner_id][eq]={own['owner_id']}", f"q={own['name']}"):
        assert other.get(f"/accounts?{query}").json["data"] == [], query


@pytest.mark.parametrize(("who", "statuses"), [("owner", (200, 201)), ("manager", (200, 201)), ("rep", (200, 201)), ("colleague", (200, 201))])
def test_the_cast_reads_and_writes_as_its_roles_say(caller, who, statuses):
    api = caller(who)
    assert (api.get("/accounts").status_code, api.post("/accounts", {"name": "A"}).status_code) == statuses
    assert api.get("/me").json["role"] == {"owner": "admin", "manager": "manager", "rep": "sales", "colleague": "sales"}[who]


@pytest.mark.parametrize("things", ["accounts", "contacts"])
def test_a_number_elsewhere_belongs_to_one_record(api, things):
    number = uuid4().hex
    first = api.post(f"/{things}", {"name": "A", "external_id": number}).json
    other = api.post(f"/{things}", {"name": "B"}).json
    taken = [api.post(f"/{things}", {"name": "C", "external_id": number}), api.patch(f"/{things}/{other['id']}", {"external_id": number}, 1)]
    assert api.call("DELETE", f"/{things}/{first['id']}", If_Match='"1"').status_code == 204
    taken.append(api.post(f"/{things}", {"name": "D", "external_id": number}))
    assert [(answer.status_code, answer.json["code"], answer.json["field"]) for answer in taken] == [(422, "external_id_taken", "external_id")] * 3


def test_of_those_who_bring_the_same_number_at_once_one_gets_it(world, api):
    token, number, found = api.client.client.environ_base["HTTP_AUTHORIZATION"], uuid4().hex, []

    def bring():
        answer = world.app.test_client().post("/api/v1/accounts", json={"name": "A", "external_id": number}, base_url=f"http://{world.acme.host}", headers={"Authorization": token})
        found.append(answer.status_code)

    threads = [threading.Thread(target=bring) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(found) == [201, 422, 422, 422]


def test_two_who_hang_each_account_under_the_other_make_no_circle_and_no_deadlock(world, api):
    """The one who comes second hears why, in words; nobody hears "busy"."""
    token, host = api.client.client.environ_base["HTTP_AUTHORIZATION"], f"http://{world.acme.host}"
    for _ in range(6):
        one, two = (api.account() for _ in range(2))
        barrier, found = threading.Barrier(2), []

        def hang(child, parent, barrier=barrier, found=found):
            barrier.wait(10)
            answer = world.app.test_client().patch(
                f"/api/v1/accounts/{child['id']}", json={"parent_id": parent["id"]}, base_url=host, headers={"Authorization": token, "If-Match": '"1"'})
            found.append((answer.status_code, answer.json.get("code")))

        threads = [threading.Thread(target=hang, args=pair) for pair in ((one, two), (two, one))]
        [thread.start() for thread in threads]
        [thread.join(20) for thread in threads]
        assert sorted(found, key=str) == [(200, None), (422, "parent_cycle")]


def test_a_timeline_of_a_person_tells_what_happened_and_to_whom_it_may(api, caller):
    contact = api.contact(name="Ana Kim")
    api.activity(contact_id=contact["id"], body="called her")
    path = f"/contacts/{contact['id']}/timeline"
    told = api.get(path).json["data"]
    assert [(entry["type"], entry["kind"]) for entry in told][-1] == ("fact", "contact.created")
    assert "called her" in [entry["body"] for entry in told]
    first = api.get(f"{path}?limit=1").json
    assert len(first["data"]) == 1 and first["next_cursor"]
    assert caller("colleague").get(path).status_code == 404
