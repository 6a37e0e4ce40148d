"""The room of tags on pages and in the API: made, coloured, renamed, merged, deleted, and kept from whom they are hidden."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.base.policy import permissions
from core.identity import roles
from core.parties import actions
from core.parties.models import Account
from core.tagging.models import Tag
from core.tags import queries
from tests.house.test_cast_walks import token_for
from tests.support.world import Browser, House
from web.api import shell


@pytest.fixture(scope="module")
def house(app):
    return House(f"tagw-{uuid4().hex[:6]}")


@pytest.fixture
def owner(app, house):
    return Browser(app, house, "owner")


@pytest.fixture
def api(app, house, monkeypatch):
    monkeypatch.setattr(shell, "BURST", 1_000_000)
    found = Browser(app, house)
    found.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token_for(house, 'owner')}"
    return found


@pytest.fixture
def word():
    return f"Fair {uuid4().hex[:6]} <b>"


def tagged(house, *words, who="owner"):
    with house.ctx(who) as ctx:
        return actions.create_account(ctx, name="Nordlicht", tags=list(words)).id


def tag_id(house, word):
    with house.ctx() as ctx:
        return ctx.session.execute(select(Tag.id).where(Tag.name == word)).scalar_one()


def tags_of(house, key):
    with house.ctx() as ctx:
        return ctx.session.execute(select(Account.tags).where(Account.id == key)).scalar_one()


def test_a_tag_gets_its_colour_and_every_list_record_and_picker_shows_it(house, owner, word):
    key = tagged(house, word)
    page = owner.get("/settings/tags/").text
    assert "Fair" in page and "1 account" in page and word not in page
    answer = owner.post(f"/settings/tags/{tag_id(house, word)}", {"name": word, "colour": "amber", "description": "Met there"})
    assert answer.status_code == 303
    shown = word.replace("<", "&lt;").replace(">", "&gt;")
    assert f'<span class="pill h-amber">{shown}</span>' in owner.get("/accounts?columns=tags").text
    assert f'>{shown}</a>' in owner.get(f"/accounts/{key}").text and f'<span class="pill h-amber">{shown}</span>' in owner.get(f"/accounts/{key}").text
    assert f'<span class="pill h-amber">{shown}</span>' in owner.get(f"/tags/options?q={word[:11].upper()}").text
    assert f"/settings/tags/{tag_id(house, word)}" in owner.get(f"/palette?q={word[:11]}").text


def test_a_list_that_ends_before_the_last_tag_says_so(owner, house, word, monkeypatch):
    tagged(house, word, f"{word} 2")
    assert "the search finds the others" not in owner.get("/settings/tags/").text
    monkeypatch.setattr(queries, "MOST", 1)
    assert "The first 1 tags are listed; the search finds the others." in owner.get("/settings/tags/").text


def test_a_refused_tag_keeps_what_was_typed(owner, house, word):
    tagged(house, word)
    answer = owner.post("/settings/tags/", {"name": word.upper(), "colour": "green", "description": "kept text"})
    assert answer.status_code == 422 and "There is a tag of this name already" in answer.text and "kept text" in answer.text
    assert owner.post("/settings/tags/", {"name": "", "colour": "mauve"}).status_code == 422


def test_a_tag_is_renamed_merged_and_deleted_and_each_is_taken_back(owner, house, word):
    key = tagged(house, word, f"{word} 2")
    answer = owner.post(f"/settings/tags/{tag_id(house, word)}", {"name": f"{word} new", "colour": "grey", "description": ""})
    assert answer.status_code == 303 and tags_of(house, key) == [f"{word} new", f"{word} 2"]
    page = owner.get("/settings/tags/").text
    undo = re.search(r'action="(/settings/tags/changes/[^"]+/undo)"', page)[1]
    assert owner.post(undo).status_code == 303 and tags_of(house, key) == [word, f"{word} 2"]
    assert owner.post(f"/settings/tags/{tag_id(house, word)}/merge", {"into_id": str(tag_id(house, f"{word} 2"))}).status_code == 303
    assert tags_of(house, key) == [f"{word} 2"]
    assert owner.post(f"/settings/tags/{tag_id(house, f'{word} 2')}/merge", {"into_id": "x"}).status_code == 422
    assert owner.post(f"/settings/tags/{tag_id(house, f'{word} 2')}/deletion").status_code == 303 and tags_of(house, key) == []
    change = re.search(r'href="(/settings/tags/changes/[^"]+)"', owner.get("/settings/tags/").text)[1]
    assert "deleted" in owner.get(change).text and owner.post(f"{change}/undo").status_code == 303 and tags_of(house, key) == [f"{word} 2"]


def test_programs_list_change_and_merge_tags(api, house, word):
    key = tagged(house, word)
    made = api.json("POST", "/api/v1/tags", {"name": f"{word} 2", "colour": "blue"})
    assert made.status_code == 201 and made.json["accounts"] == 0 and made.headers["ETag"] == '"1"'
    assert api.json("POST", "/api/v1/tags", {"name": f"{word} 2".upper()}).json["code"] == "tag_exists"
    listed = api.get(f"/api/v1/tags?filter[name][starts]={word[:11]}").json["data"]
    assert [(one["colour"], one["accounts"], one["contacts"]) for one in listed] == [("grey", 1, 0), ("blue", 0, 0)]
    path = f"/api/v1/tags/{listed[0]['id']}"
    assert api.json("PATCH", path, {"colour": "red"}).status_code == 428
    changed = api.json("PATCH", path, {"name": f"{word} 3"}, headers={"If-Match": f'"{listed[0]["version"]}"'})
    assert changed.status_code == 200 and tags_of(house, key) == [f"{word} 3"]
    run = api.get(f"/api/v1/tag-changes/{changed.json['change_id']}").json
    assert (run["state"], run["changed"], run["tag_name"]) == ("done", 1, word)
    assert api.json("PATCH", path, {"colour": "red"}, headers={"If-Match": f'"{listed[0]["version"]}"'}).status_code == 412
    merged = api.json("POST", f"{path}/merge", {"into_id": made.json["id"]})
    assert merged.status_code == 202 and tags_of(house, key) == [f"{word} 2"]
    assert api.json("POST", f"/api/v1/tag-changes/{merged.json['id']}/undo").json["state"] == "undone" and tags_of(house, key) == [f"{word} 3"]


def test_programs_find_by_a_tag_however_it_is_typed(api, house, word):
    key = str(tagged(house, word))
    for query in (f"tag={word.upper()}", f"filter[tags][has]={word.upper()}"):
        assert [one["id"] for one in api.get(f"/api/v1/accounts?{query}").json["data"]] == [key], query


def test_whom_tags_are_hidden_from_learns_no_name_and_no_number(app, house, word, monkeypatch):
    """In one of the rooms is enough: a name tells."""
    monkeypatch.setattr(shell, "BURST", 1_000_000)
    tagged(house, word, who="rep")
    with house.ctx() as ctx:
        role = roles.one_role(ctx, "sales")
        before = list(role.permissions)
        roles.edit_role(ctx, role, permissions=list(permissions()), hidden=["contacts.tags"])
    rep, program = Browser(app, house, "rep"), Browser(app, house)
    program.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token_for(house, 'rep')}"
    try:
        for path in ("/settings/tags/", f"/settings/tags/{tag_id(house, word)}", "/tags/options?q=fair"):
            answer = rep.get(path)
            assert word[:11] not in answer.text and (answer.status_code == 403 or not answer.text.strip())
        assert word[:11] not in rep.get(f"/palette?q={word[:11]}").text and "/settings/tags/" not in rep.get("/settings/").text
        assert program.get("/api/v1/tags").status_code == 403 and program.get("/api/v1/tag-changes").status_code == 403
        assert word[:11] in rep.get("/accounts?columns=tags").text, "the accounts' own tags are not hidden"
        assert word[:11] not in rep.get("/settings/audit/?table=tag").text.split("<table")[-1]
    finally:
        with house.ctx() as ctx:
            roles.edit_role(ctx, roles.one_role(ctx, "sales"), permissions=before, hidden=[])
