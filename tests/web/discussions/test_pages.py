"""Discussions on record pages, as pages of their own, in place, and for programs."""

import re
from html import unescape
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.discussions import actions
from core.discussions.models import Comment
from core.parties import actions as parties
from core.parties.models import Account
from tests.support.statements import counted
from web.discussions.section import rendered

HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "javascript:alert(1)", "[x](javascript:alert(1))", "https://a.example/\"onmouseover=alert(1)//",
    "http://x.example/<script>alert(1)</script>", "https://x.example/?q='><svg onload=alert(1)>", "data:text/html,<script>alert(1)</script>", "{{ 7*7 }}", "{% raw %}", "&lt;b&gt;",
    "\"'><b>", "www.x.example/\"><i>", "mailto:a@b.example?subject=\"><u>", "@Rep<script>alert(1)</script>", "%(actor)s", "vbscript:msgbox(1)",
]


@pytest.fixture(scope="module")
def places(world):
    """(kind, key) of an account and of a person of the rep's."""
    with world.acme.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Nordlicht")
        ctx.session.flush()
        return [("accounts", account.id), ("contacts", parties.create_contact(ctx, name="Sofie", account_id=account.id).id)]


def say(world, who, account, body):
    with world.acme.ctx(who) as ctx:
        return actions.add_comment(ctx, ctx.session.get_one(Account, account), body).id


@pytest.mark.parametrize("n", [0, 1])
def test_a_comment_is_written_on_the_page_and_stands_there(world, places, n):
    kind, key = places[n]
    rep = world.browser("rep")
    answer = rep.post(f"/{kind}/{key}/comments", {"body": f"First line\nsee https://example.com/a?b=1&c=2. @Manager {n}"})
    assert answer.status_code == 303 and re.fullmatch(rf"/{kind}/{key}#c-[0-9a-f-]+", answer.headers["Location"])
    page = rep.get(f"/{kind}/{key}").text
    assert '<a href="https://example.com/a?b=1&amp;c=2" rel="nofollow noopener noreferrer" target="_blank">' in page
    assert '<b class="at">@Manager</b>' in page and "Followed by Manager, Rep" in page and "commented" in page


def test_in_place_the_part_alone_comes_back(world, places):
    kind, key = places[0]
    part = world.browser("rep").post(f"/{kind}/{key}/comments", {"body": "In place"}, headers={"HX-Request": "true"})
    assert part.status_code == 200 and part.text.lstrip().startswith("<section") and "In place" in part.text and part.text.count("<section") == 1


@pytest.mark.parametrize("htmx", [True, False])
def test_what_is_refused_comes_back_with_what_was_typed(world, places, htmx):
    kind, key = places[0]
    answer = world.browser("rep").post(f"/{kind}/{key}/comments", {"body": "@Colleague & co"}, headers={"HX-Request": "true"} if htmx else {})
    text = unescape(answer.text)
    assert answer.status_code == 422 and "Colleague can't see this record" in text and "@Colleague & co</textarea>" in text and 'aria-invalid="true"' in text
    assert ("<html" in text) is not htmx


@pytest.mark.parametrize("body", HOSTILE)
def test_no_text_becomes_anything_but_text_and_links(body):
    shown = str(rendered(body, ["Rep"]))
    assert set(re.findall(r"<(/?[a-z]+)", shown)) <= {"a", "/a", "b", "/b"}
    assert all(re.match(r"(https?://|mailto:)", unescape(href)) for href in re.findall(r'href="([^"]*)"', shown))
    assert not re.search(r"<[^>]*\son[a-z]+=", shown)
    assert re.sub(r"\s", "", unescape(re.sub(r"<[^>]+>", "", shown))) == re.sub(r"\s", "", body)


def test_a_text_shown_as_it_is_would_run(monkeypatch):
    """Negative control: the check of the test before sees a script."""
    from web.discussions import section

    monkeypatch.setattr(section, "urlize", lambda text, **_: text)
    shown = str(rendered(HOSTILE[0], []))
    assert not set(re.findall(r"<(/?[a-z]+)", shown)) <= {"a", "/a", "b", "/b"}


def test_a_hostile_comment_is_shown_whole_and_harmless(world, places):
    kind, key = places[0]
    body = "\n".join(HOSTILE)
    say(world, "rep", key, body)
    page = world.browser("rep").get(f"/{kind}/{key}").text
    assert "<script>alert" not in page and "onerror=alert(1)>" not in page.replace("&gt;", "") and "&lt;script&gt;alert(1)" in page


def test_one_edits_and_deletes_ones_own_with_a_way_back(world, places):
    key = say(world, "rep", places[0][1], "Before")
    rep = world.browser("rep")
    form = rep.get(f"/comments/{key}/edit").text
    assert "Before</textarea>" in form and 'name="_version" value="1"' in form
    assert rep.get(f"/comments/{key}/edit", headers={"HX-Request": "true"}).text.lstrip().startswith("<li")
    assert rep.post(f"/comments/{key}", {"body": "", "_version": "1"}).status_code == 422
    assert rep.post(f"/comments/{key}", {"body": "After", "_version": "1"}).status_code == 303
    assert rep.post(f"/comments/{key}", {"body": "Late", "_version": "1"}).status_code == 409
    page = rep.get(f"/accounts/{places[0][1]}").text
    assert "After" in page and ">edited</span>" in page
    assert rep.post(f"/comments/{key}/deletion").status_code == 303
    page = rep.get(f"/accounts/{places[0][1]}").text
    assert "After" not in page and f"/comments/{key}/restoration" in page
    assert rep.post(f"/comments/{key}/restoration").status_code == 303 and "After" in rep.get(f"/accounts/{places[0][1]}").text


def test_others_words_are_not_ones_own(world, places):
    key = say(world, "rep", places[0][1], "Mine")
    manager, owner = world.browser("manager"), world.browser("owner")
    for who in (manager, owner):
        assert who.get(f"/comments/{key}/edit").status_code == 403 and who.post(f"/comments/{key}", {"body": "x"}).status_code == 403
    assert manager.post(f"/comments/{key}/deletion").status_code == 403
    assert f"/comments/{key}/deletion" not in manager.get(f"/accounts/{places[0][1]}").text
    assert f"/comments/{key}/deletion" in owner.get(f"/accounts/{places[0][1]}").text
    assert owner.post(f"/comments/{key}/deletion").status_code == 303


def test_who_does_not_see_the_record_sees_nothing_of_it(world, places):
    kind, key = places[0]
    comment = say(world, "rep", key, "Between us")
    colleague, globex = world.browser("colleague"), world.browser("owner", world.globex)
    for who in (colleague, globex):
        for path in (f"/{kind}/{key}/comments", f"/{kind}/{key}/colleagues", f"/comments/{comment}/edit"):
            assert who.get(path).status_code == 404
        for path in (f"/{kind}/{key}/comments", f"/{kind}/{key}/following", f"/{kind}/{key}/unfollowing", f"/comments/{comment}", f"/comments/{comment}/deletion"):
            assert who.post(path, {"body": "x"}).status_code == 404, path


def test_a_reader_follows_and_does_not_write(world, places):
    kind, key = places[0]
    reader = world.browser("reader")
    page = reader.get(f"/{kind}/{key}").text
    assert 'id="comment"' not in page and "Discussion" in page
    assert reader.post(f"/{kind}/{key}/following").status_code == 303 and ">Unfollow<" in reader.get(f"/{kind}/{key}").text
    assert reader.post(f"/{kind}/{key}/unfollowing").status_code == 303 and ">Follow<" in reader.get(f"/{kind}/{key}").text
    assert reader.post(f"/{kind}/{key}/comments", {"body": "x"}).status_code == 403


def test_the_picker_says_who_can_not_be_mentioned(world, places):
    kind, key = places[0]
    options = world.browser("rep").get(f"/{kind}/{key}/colleagues?q=").text
    assert re.search(r'data-value="Manager" aria-selected="false">', options)
    assert re.search(r'data-value="Colleague"[^>]*aria-disabled="true"', options) and "can't see this record" in unescape(options)
    assert "Nobody of that name" in world.browser("rep").get(f"/{kind}/{key}/colleagues?q=zzz").text


def test_more_comments_send_no_more_statements(world, places):
    rep, path = world.browser("rep"), f"/accounts/{places[0][1]}"
    rep.get(path)
    with counted() as few:
        rep.get(path)
    for n in range(5):
        say(world, "rep", places[0][1], f"@Manager n{n}")
    rep.get(path)
    with counted() as more:
        rep.get(path)
    assert len(more) == len(few)


def test_earlier_comments_are_a_click_away_with_script_and_without(world):
    with world.acme.ctx("rep") as ctx:
        key = parties.create_account(ctx, name="Talkative").id
    for n in range(23):
        say(world, "rep", key, f"number {n:02}.")
    rep = world.browser("rep")
    page = rep.get(f"/accounts/{key}").text
    assert "number 22." in page and "number 02." not in page
    earlier = unescape(re.search(r'href="([^"]*/comments\?before=[^"]*)"', page)[1])
    assert "number 02." in rep.get(earlier).text
    part = rep.get(earlier, headers={"HX-Request": "true"}).text
    assert "number 02." in part and "<html" not in part and "number 22." not in part
    assert rep.get(f"/accounts/{key}/comments?before=x").status_code == 422


def test_programs_comment_too(world, places):
    api = world.api("rep")
    made = api.json("POST", "/api/v1/comments", {"record_kind": "account", "record_id": str(places[0][1]), "body": "From a program"})
    assert made.status_code == 201 and made.json["author_id"] == str(world.acme.users["rep"].id)
    path = f"/api/v1/comments/{made.json['id']}"
    assert api.json("PATCH", path, {"body": "Changed"}, headers={"If-Match": '"1"'}).json["version"] == 2
    assert api.json("PATCH", path, {"body": "Late"}, headers={"If-Match": '"1"'}).status_code == 412
    assert world.api("manager").json("PATCH", path, {"body": "Yours"}, headers={"If-Match": '"2"'}).status_code == 403
    assert made.json["id"] in {one["id"] for one in world.api("manager").get(f"/api/v1/comments?filter[record_id][eq]={places[0][1]}").json["data"]}
    assert world.api("colleague").get("/api/v1/comments").json["data"] == [] and world.api("colleague").get(path).status_code == 404
    assert api.json("DELETE", path, headers={"If-Match": '"2"'}).status_code == 204 and api.get(path).status_code == 404
    for wrong in ({"record_kind": "app_user"}, {"record_kind": "x"}, {"record_id": str(uuid4())}, {"body": ""}):
        answer = api.json("POST", "/api/v1/comments", {"record_kind": "account", "record_id": str(places[0][1]), "body": "x"} | wrong)
        assert answer.status_code == 422 and answer.json["field"] == next(iter(wrong))
    with world.acme.ctx("owner") as ctx:
        assert ctx.session.execute(select(Comment.body).where(Comment.id == made.json["id"])).scalar_one() == "Changed"
