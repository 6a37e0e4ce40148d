"""Tags of deals, leads and products on pages and in the API, as accounts have them."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.base.policy import has
from core.deals import actions as deals
from core.identity import roles
from core.leads import actions as leads
from core.products import actions as products
from core.tagging.models import Tag
from core.tags import actions as tags
from tests.house.test_cast_walks import token_for
from tests.support.world import Browser, House
from web.api import shell

MAKE = {"deals": deals.create_deal, "leads": leads.create_lead, "products": lambda ctx, **given: products.create_product(ctx, code=uuid4().hex[:8], **given)}


@pytest.fixture(scope="module")
def house(app):
    return House(f"tagm-{uuid4().hex[:6]}")


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
    return f"Fair {uuid4().hex[:6]}"


def made(house, room, *words, name="Nordlicht"):
    with house.ctx() as ctx:
        one = MAKE[room](ctx, name=name, tags=list(words))
        ctx.session.flush()
        return one.id


def coloured(house, word, colour="amber"):
    with house.ctx() as ctx:
        tags.edit_tag(ctx, ctx.session.execute(select(Tag).where(Tag.name == word)).scalar_one(), colour=colour)


@pytest.mark.parametrize("room", MAKE)
def test_a_record_is_tagged_in_its_form_its_details_and_its_cell(house, owner, word, room):
    key = made(house, room)
    form = owner.get(f"/{room}/{key}/edit").text
    assert re.search(r'<input[^>]*data-tags[^>]*name="tags"|<input[^>]*name="tags"[^>]*data-tags', form)
    version = re.search(r'name="_version" value="(\d+)"', form)[1]
    answer = owner.post(f"/{room}/{key}/fields", {"tags": f"{word}, two {word}", "_version": version})
    assert answer.status_code == 303
    coloured(house, word)
    pill = f'<span class="pill h-amber">{word}</span>'
    page, drawer, shown = owner.get(f"/{room}/{key}").text, owner.get(f"/{room}/{key}", headers={"HX-Request": "true", "HX-Target": "list-peek"}).text, owner.get(f"/{room}?columns=tags&tag={word.upper()}").text
    assert pill in page and f'href="/{room}?tag=' in page and pill in drawer
    assert pill in shown and 'data-cell="tags"' in shown and f'id="f-tag" name="tag" value="{word.upper()}"' in shown
    assert pill in owner.get(f"/{room}?columns=tags&group=tags&tag={word}").text.split('<tr class="head">')[1]


@pytest.mark.parametrize("room", MAKE)
def test_a_condition_names_several_tags_as_one_reads_them(house, owner, word, room):
    made(house, room, word, name=f"{word} A")
    made(house, room, f"b {word}", name=f"{word} B")
    answer = owner.get(f"/{room}?filter[tags][any]={word},b {word}").text
    assert f"has any of {word}, b {word}" in answer and f"{word} A" in answer and f"{word} B" in answer
    assert f"{word} B" not in owner.get(f"/{room}?filter[tags][all]={word}&q={word}").text.split("<tbody")[1]


@pytest.mark.parametrize("room", MAKE)
def test_programs_read_write_and_filter_tags(house, api, word, room):
    body = {"name": "By API", "tags": [word]} | ({"code": uuid4().hex[:8]} if room == "products" else {"mail": f"{uuid4().hex[:6]}@example.org"} if room == "leads" else {})
    one = api.json("POST", f"/api/v1/{room}", body)
    assert one.status_code == 201 and one.json["tags"] == [word]
    back = api.json("PATCH", f"/api/v1/{room}/{one.json['id']}", {"tags": [word.upper(), "more"]}, headers={"If-Match": f'"{one.json["version"]}"'})
    assert back.json["tags"] == [word, "more"]
    for asked in (f"tag={word}", f"filter[tags][has]={word}", f"filter[tags][all]={word},more", f"filter[tags][any]={word},nothing"):
        assert [row["id"] for row in api.get(f"/api/v1/{room}?{asked}").json["data"]] == [one.json["id"]], asked
    assert api.get(f"/api/v1/{room}?filter[tags][none]={word}&filter[name][eq]=By API&tag={word}").json["data"] == []
    assert api.json("PATCH", f"/api/v1/{room}/{one.json['id']}", {"tags": ["x" * 51]}, headers={"If-Match": f'"{back.json["version"]}"'}).status_code == 422
    assert api.json("PATCH", f"/api/v1/{room}/{one.json['id']}", {"tags": [str(n) for n in range(31)]}, headers={"If-Match": f'"{back.json["version"]}"'}).status_code == 422


def test_the_page_of_tags_counts_by_room_and_leads_there(house, owner, api, word):
    for room in MAKE:
        made(house, room, word)
    page = owner.get("/settings/tags/").text
    row = next(part for part in page.split('<li class="row wrap">') if word in part)
    assert re.findall(r'href="/(\w+)\?tag=[^"]*">([^<]*)<', row) == [("deals", "1 deal"), ("leads", "1 lead"), ("products", "1 product")]
    found = next(one for one in api.get("/api/v1/tags?limit=100").json["data"] if one["name"] == word)
    assert [found[name] for name in ("accounts", "contacts", "deals", "leads", "products")] == [0, 0, 1, 1, 1]


def test_the_board_shows_tags_and_is_narrowed_by_one(house, owner, word):
    made(house, "deals", word, "b", "c", "d", name=f"Tagged {word}")
    made(house, "deals", name=f"Plain {word}")
    coloured(house, word, "red")
    page = owner.get("/deals/board").text
    assert f'<span class="pill h-red">{word}</span>' in page and f"Plain {word}" in page and "+1" in page and 'popovertarget="by-tag"' in page
    page = owner.get(f"/deals/board?tag={word}").text
    assert f"Tagged {word}" in page and f"Plain {word}" not in page and "Remove filter Tag" in page
    assert f"tag={word.replace(' ', '+')}" in page.split('aria-label="Shown as"')[1].split("</nav>")[0], "the list goes on with it"


def test_from_whom_the_tags_of_products_are_hidden_all_words_are(house, app, word):
    key = made(house, "products", word)
    with house.ctx() as ctx:
        roles.edit_role(ctx, roles.one_role(ctx, "sales"), hidden=["products.tags"])
    try:
        rep = Browser(app, house, "rep")
        assert word not in rep.get(f"/products/{key}").text and word not in rep.get("/products").text
        assert rep.get("/products?columns=tags").status_code == 200 and word not in rep.get("/products?columns=tags").text
        assert rep.get(f"/products?tag={word}").status_code == 403 and rep.get("/settings/tags/").status_code == 403
        with house.ctx("rep") as ctx:
            assert has(ctx, "tags.read")
    finally:
        with house.ctx() as ctx:
            roles.edit_role(ctx, roles.one_role(ctx, "sales"), hidden=[])


def test_a_condition_on_the_owner_says_his_name(house, owner, app):
    made(house, "deals")
    key = house.users["rep"].id
    for room in ("deals", "leads", "accounts", "contacts"):
        assert "is <b>" not in (page := owner.get(f"/{room}?filter[owner_id][eq]={key}").text) and f"<b>is {house.users['rep'].name}</b>" in page, room
        assert f"<b>is one of {house.users['rep'].name}, one out of your sight</b>" in owner.get(f"/{room}?filter[owner_id][in]={key},{uuid4()}").text
