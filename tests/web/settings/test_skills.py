"""What people can do, on the page of a person and for programs; and the rules that ask for it."""

import pytest

from core.products import arranging


@pytest.fixture
def lights(world):
    with world.acme.ctx() as ctx:
        found = arranging.add_category(ctx, name=f"Lights {ctx.now.timestamp()}")
        ctx.session.flush()
        return found


def place(world, who="rep"):
    return f"/settings/members/{world.acme.users[who].id}"


def test_an_administrator_writes_them_and_colleagues_read_them(world, lights):
    owner = world.browser("owner")
    assert owner.post(f"{place(world)}/skills", {"languages": "Korean, fr、Español", "category_ids": str(lights.id), "words": "CNC, weekend service"}).status_code == 303
    page = owner.get(place(world)).text
    assert 'value="French, Korean, Spanish"' in page and 'value="CNC, weekend service"' in page and lights.name in page
    read = world.browser("manager").get(place(world)).text
    assert "weekend service" in read and lights.name in read and "Save skills" not in read
    assert world.browser("manager").post(f"{place(world)}/skills", {"words": "x"}).status_code == 403


def test_a_language_that_nobody_knows_stands_in_the_form_as_it_was_typed(world):
    answer = world.browser("owner").post(f"{place(world, 'colleague')}/skills", {"languages": "Klingonese", "words": "kept"})
    assert answer.status_code == 422 and "is no language known here" in answer.text and 'value="Klingonese"' in answer.text and 'value="kept"' in answer.text


def test_programs_read_and_change_them(world, lights):
    api, path = world.api("owner"), f"/api/v1/users/{world.acme.users['colleague'].id}/skills"
    found = api.get(path)
    changed = api.json("PATCH", path, {"languages": ["German"], "category_ids": [str(lights.id)]}, headers={"If-Match": f'"{found.json["version"]}"'})
    assert changed.status_code == 200 and (changed.json["languages"], changed.json["category_ids"], changed.json["words"]) == (["de"], [str(lights.id)], [])
    wrong = api.json("PATCH", path, {"languages": ["Klingonese"], "words": ["x"]}, headers={"If-Match": f'"{changed.json["version"]}"'})
    assert wrong.status_code == 422 and wrong.json["code"] == "language_unknown" and api.get(path).json["words"] == []
    assert world.api("rep").json("PATCH", path, {"words": ["x"]}, headers={"If-Match": '"1"'}).status_code == 403


def test_a_rule_says_whom_it_needs(world):
    owner = world.browser("owner")
    answer = owner.post("/settings/lead-assignment/", {"name": "By skill", "way": "turn", "user_ids": str(world.acme.users["rep"].id), "needs_language": "y", "needs_product": "y"})
    assert answer.status_code == 303
    page = owner.get("/settings/lead-assignment/").text
    assert "One after the other, who speaks the lead&#39;s language, who knows what it asks for" in page or "One after the other, who speaks the lead's language, who knows what it asks for" in page
