"""Requests of persons through the API: received, looked at, ticked, decided, fetched once."""

import io
import zipfile
from uuid import uuid4

import pytest

from tests.core.privacy.conftest import run_orders

PLACE = "/api/v1/subject-requests"


@pytest.fixture
def anna(world):
    return world.api("owner").json("POST", "/api/v1/contacts", {"name": f"Anna {uuid4().hex[:6]}", "mail": f"{uuid4().hex[:8]}@people.example"}).json


def received(world, anna, kind):
    api = world.api("owner")
    made = api.json("POST", PLACE, {"kind": kind, "who": anna["name"], "mail": anna["mail"], "also": ["+49 171 5550000"]})
    assert made.status_code == 201 and made.json["state"] == "searching" and made.headers["Location"] == f"{PLACE}/{made.json['id']}"
    assert run_orders(world.acme, "privacy.search") == ["done"]
    return api, f"{PLACE}/{made.json['id']}"


def act(api, world, place, what, body=None, version=None):
    headers = {"If-Match": f'"{version or api.get(place).json["version"]}"'}
    return api.client.post(f"{place}/{what}", base_url=f"http://{world.acme.host}", json=body, headers=headers)


def tick(api, place):
    rows = api.get(f"{place}/hits").json["data"]
    assert {row["why"] for row in rows} >= {"record"}
    assert api.json("POST", f"{place}/ticks", {"rows": [{name: row[name] for name in ("table_name", "row_key")} for row in rows]}).status_code == 204


def test_an_archive_is_taken_out_and_fetched_once(world, anna):
    api, place = received(world, anna, "access")
    tick(api, place)
    assert act(api, world, place, "decision", {"identity": "Passport"}).json["state"] == "working"
    assert run_orders(world.acme, "privacy.take_out") == ["done"]
    assert api.get(place).json["has_archive"] is True
    answer = api.json("POST", f"{place}/archive", None)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert anna["mail"] in archive.read("person.json").decode()
    assert answer.headers["Cache-Control"] == "no-store"
    assert api.json("POST", f"{place}/archive", None).status_code == 404 and api.get(place).json["has_archive"] is False


def test_a_person_is_erased_and_the_request_forgets_him(world, anna):
    api, place = received(world, anna, "erase")
    assert act(api, world, place, "decision", {"identity": ""}).status_code == 422
    tick(api, place)
    act(api, world, place, "decision", {"identity": "Passport", "outcome": "Done"})
    assert run_orders(world.acme, "privacy.erase") == ["done"]
    done = api.get(place).json
    assert (done["state"], done["who"], done["mail"], done["also"]) == ("done", None, None, []) and done["proof"]["tables"]
    assert anna["mail"] not in str(api.get(PLACE).json) and api.get(f"{place}/hits").json["data"] == []


@pytest.mark.parametrize("kind", ["restrict", "object"])
def test_restricting_and_objecting_are_done_at_once(world, anna, kind):
    api, place = received(world, anna, kind)
    tick(api, place)
    assert act(api, world, place, "decision", {"identity": "Passport"}).json["state"] == "done"
    assert kind == "object" or api.json("PATCH", f"/api/v1/contacts/{anna['id']}", {"name": "Anne"}).status_code in (409, 422, 428)


def test_it_is_extended_once_refused_with_a_reason_and_at_the_version_that_was_seen(world, anna):
    api, place = received(world, anna, "correct")
    assert act(api, world, place, "extension", {"why": "Many"}, version=99).status_code == 412
    assert api.json("POST", f"{place}/extension", {"why": "Many"}).status_code == 428
    assert act(api, world, place, "extension", {"why": "Many"}).json["extended_why"] == "Many"
    assert act(api, world, place, "extension", {"why": "More"}).json["code"] == "request_extended"
    refused = act(api, world, place, "refusal", {"why": "Not he"})
    assert (refused.json["state"], refused.json["who"]) == ("refused", None)
    assert act(api, world, place, "stop").json["code"] == "request_not_so"


@pytest.mark.parametrize("body", [{}, {"kind": "whim", "who": "A"}, {"kind": "access"}, {"kind": "access", "who": ""}, {"kind": "access", "who": "A", "mail": "x"}, {"kind": "access", "who": "A", "received_on": "2999-01-01"}, {"kind": "access", "who": "A", "more": 1}], ids=str)
def test_what_is_wrong_is_refused(world, body):
    assert 400 <= world.api("owner").json("POST", PLACE, body).status_code < 500


def test_it_takes_the_permission(world, anna):
    _, place = received(world, anna, "access")
    rep = world.api("rep")
    assert [rep.get(one).status_code for one in (PLACE, place, f"{place}/hits")] == [403] * 3
    assert [rep.json("POST", one, {"kind": "access", "who": "A"}).status_code for one in (PLACE, f"{place}/archive")] == [403] * 2
