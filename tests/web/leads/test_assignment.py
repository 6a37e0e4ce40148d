"""To whom leads go that come in by themselves: the rules in their order, on their page and for programs."""

import re

import pytest

RULES = "/api/v1/lead-assignment-rules"


@pytest.fixture
def api(world):
    return world.api("owner")


@pytest.fixture
def people(world):
    return [str(world.acme.users["rep"].id)]


def made(api, people, name, **given):
    answer = api.json("POST", RULES, {"name": name, "user_ids": people, "conditions": [["country", "eq", "Nowhere"]]} | given)
    assert answer.status_code == 201, answer.json
    return answer.json


def order(api, *rules):
    """In which order these stand."""
    keys = [one["id"] for one in rules]
    return [one["name"] for one in api.get(RULES).json["data"] if one["id"] in keys]


def at(rule):
    return {"If-Match": f'"{rule["version"]}"'}


def test_a_rule_is_moved_up_and_down_on_its_page(world, api, people):
    first, second = made(api, people, "Page first"), made(api, people, "Page second")
    owner = world.browser("owner")
    page = owner.get("/settings/lead-assignment/").get_data(as_text=True)
    assert f'/settings/lead-assignment/{second["id"]}/place' in page and "Move up: Page second" in page
    assert owner.post(f"/settings/lead-assignment/{second['id']}/place", {"by": "up"}).status_code == 303
    assert order(api, first, second) == ["Page second", "Page first"]
    assert owner.post(f"/settings/lead-assignment/{second['id']}/place", {"by": "down"}).status_code == 303
    assert order(api, first, second) == ["Page first", "Page second"]


def test_the_form_of_a_rule_does_not_write_over_what_another_wrote(world, api, people):
    rule, owner = made(api, people, "Typed twice"), world.browser("owner")
    form = owner.get(f"/settings/lead-assignment/{rule['id']}").get_data(as_text=True)
    version = re.search(r'name="_version" value="(\d+)"', form)[1]
    typed = {"way": "turn", "user_ids": people[0], "_version": version}
    assert owner.post(f"/settings/lead-assignment/{rule['id']}", typed | {"name": "By the first"}).status_code == 303
    assert owner.post(f"/settings/lead-assignment/{rule['id']}", typed | {"name": "By the second"}).status_code == 409
    assert api.get(f"{RULES}/{rule['id']}").json["name"] == "By the first"


def test_programs_keep_the_rules_in_their_order(api, people):
    first, second = made(api, people, "First", way="least", needs_language=True), made(api, people, "Second")
    assert (first["way"], first["needs_language"], first["user_ids"], first["conditions"]) == ("least", True, people, [["country", "eq", "Nowhere"]])
    changed = api.json("PATCH", f"{RULES}/{first['id']}", {"name": "Renamed", "needs_language": False}, headers=at(first)).json
    assert (changed["name"], changed["needs_language"], changed["way"], changed["user_ids"]) == ("Renamed", False, "least", people)
    moved = api.json("POST", f"{RULES}/{second['id']}/moves", {"by": "up"})
    assert moved.status_code == 200 and order(api, first, second) == ["Second", "Renamed"]
    assert api.json("DELETE", f"{RULES}/{second['id']}", headers=at(second)).status_code == 412, "it was moved since"
    assert api.json("DELETE", f"{RULES}/{second['id']}", headers=at(moved.json)).status_code == 204
    assert api.get(f"{RULES}/{second['id']}").status_code == 404


def test_a_change_says_which_version_it_has_seen(api, people):
    rule = made(api, people, "Seen")
    assert api.json("PATCH", f"{RULES}/{rule['id']}", {"name": "Blind"}).status_code == 428
    assert api.json("PATCH", f"{RULES}/{rule['id']}", {"name": "Late"}, headers={"If-Match": '"99"'}).status_code == 412
    assert api.json("PATCH", f"{RULES}/{rule['id']}", {}, headers=at(rule)).json["name"] == "Seen"


@pytest.mark.parametrize(("body", "code"), [
    ({"name": ""}, "required"), ({"name": "x" * 101}, None), ({"user_ids": []}, None), ({"user_ids": ["7a1f0c52-6f0e-4c0b-9d7e-3b8f2a5e9c11"]}, "owner_unknown"), ({"way": "dice"}, None), ({"conditions": [["a", "b"]]}, None),
    ({"conditions": [["nothing", "eq", "x"]]}, "unknown_field"), ({"conditions": [["chance", "gt", "1"]]}, "unknown_value"), ({"conditions": [["country", "eq", "x'; DROP TABLE lead; --"]] * 6}, None), ({"position": 0}, None),
])
def test_what_no_rule_can_be_is_refused_and_nothing_is_kept(api, people, body, code):
    before = api.get(RULES).json["data"]
    answer = api.json("POST", RULES, {"name": "Hostile", "user_ids": people} | body)
    assert answer.status_code == 422 and (code is None or answer.json["code"] == code), answer.json
    assert api.get(RULES).json["data"] == before


def test_a_move_without_a_way_is_refused(api, people):
    rule = made(api, people, "Still")
    assert api.json("POST", f"{RULES}/{rule['id']}/moves", {}).json["field"] == "by"
    assert api.json("POST", f"{RULES}/{rule['id']}/moves", {"by": "sideways"}).status_code == 422


def test_who_only_sells_neither_sees_nor_moves_rules(world, api, people):
    rule, rep = made(api, people, "Not his"), world.api("rep")
    assert rep.get(RULES).status_code == rep.json("POST", RULES, {"name": "Mine", "user_ids": people}).status_code == 403
    for method, path, body in (("GET", "", None), ("PATCH", "", {"name": "Mine"}), ("DELETE", "", None), ("POST", "/moves", {"by": "up"})):
        assert rep.json(method, f"{RULES}/{rule['id']}{path}", body, headers=at(rule)).status_code == 403
    assert world.browser("rep").post(f"/settings/lead-assignment/{rule['id']}/place", {"by": "up"}).status_code == 403
