"""Step-up through the pages: asked after ten minutes, nothing typed is lost, and a stolen session can't guess its way."""

import html
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from core.identity import confirming, queries
from core.identity.models import ApiToken, SignIn
from tenants import entry
from tests.core.identity.test_second_step import set_up
from tests.support.world import PASSWORD, Browser, House


@pytest.fixture
def house(app):
    return House(f"cf-{uuid4().hex[:8]}")


def age(house, minutes=11):
    """Everybody's last proof lies that far back."""
    with entry.enter(house.tenant) as session:
        session.execute(update(SignIn).values(confirmed_at=entry.utcnow() - timedelta(minutes=minutes)))


def carried(page):
    return html.unescape(re.search(r'name="_carried" value="([^"]*)"', page)[1])


def tokens(house):
    with entry.enter(house.tenant) as session:
        return session.execute(select(ApiToken.name)).scalars().all()


FORM = {"name": "Web shop", "reach": "read", "days": "90"}


def test_a_session_just_opened_is_not_asked(app, house):
    assert Browser(app, house, "owner").post("/settings/tokens/", FORM).status_code == 201


def test_after_ten_minutes_it_is_and_goes_on_with_what_was_typed(app, house):
    owner = Browser(app, house, "owner")
    age(house, 9)
    assert owner.post("/settings/tokens/", FORM | {"name": "Nine"}).status_code == 201
    age(house)
    asked = owner.post("/settings/tokens/", FORM)
    assert asked.status_code == 403 and 'action="/settings/tokens/"' in asked.text and tokens(house) == ["Nine"]
    assert "Web shop" not in asked.text, "what was typed is sealed, a password among it too"
    wrong = owner.post("/settings/tokens/", {"_confirm": "1", "_carried": carried(asked.text), "secret": "wrong wrong wrong"})
    assert wrong.status_code == 422 and tokens(house) == ["Nine"]
    done = owner.post("/settings/tokens/", {"_confirm": "1", "_carried": carried(wrong.text), "secret": PASSWORD})
    assert done.status_code == 201 and "Web shop" in tokens(house)
    assert owner.post("/settings/tokens/", FORM | {"name": "Third"}).status_code == 201, "it holds for the next ten minutes"


def test_a_confirmed_download_leaves_no_password_behind_and_leads_back(app, house):
    """The page after the confirmation holds no password; it, not the form with the password, gets the file, and the place the person came from is told."""
    owner = Browser(app, house, "owner")
    age(house)
    came = f"http://{house.host}/accounts/exports/new?q=x"
    asked = owner.post("/accounts/exports", {"format": "csv"}, headers={"Referer": came})
    assert asked.status_code == 403 and 'href="/accounts/exports/new?q=x">Cancel' in asked.text
    kept = {"_confirm": "1", "_carried": carried(asked.text), "_back": "/accounts/exports/new?q=x"}
    wrong = owner.post("/accounts/exports", kept | {"secret": "wrong wrong wrong"})
    assert wrong.status_code == 422 and 'value="/accounts/exports/new?q=x"' in wrong.text
    ready = owner.post("/accounts/exports", kept | {"secret": PASSWORD})
    assert ready.status_code == 200 and "Content-Disposition" not in ready.headers and 'name="secret"' not in ready.text and "_confirm" not in ready.text
    file = owner.post("/accounts/exports", {"_carried": carried(ready.text), "_back": "/accounts/exports/new?q=x"})
    assert "attachment" in file.headers["Content-Disposition"] and "fetched=1" in file.headers["Set-Cookie"]
    assert "The file is downloaded" in owner.get("/accounts/exports/new?q=x").text
    again = owner.post("/accounts/exports", {"format": "csv"})
    assert "attachment" in again.headers["Content-Disposition"] and "fetched" not in str(again.headers), "whoever is not asked gets it at once"
    age(house)
    late = owner.post("/accounts/exports", {"_carried": carried(ready.text), "_back": "/"})
    assert late.status_code == 403 and carried(late.text) == carried(ready.text), "what was typed is not lost by waiting"


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "/accounts/selection/exports", "/nowhere/at/all"])
def test_the_way_back_is_a_page_of_ours_that_opens(app, house, back):
    owner = Browser(app, house, "owner")
    age(house)
    asked = owner.post("/accounts/exports", {"format": "csv", "_back": back})
    assert asked.status_code == 403 and 'name="_back" value="/"' in asked.text and back not in asked.text


def test_without_the_guards_question_an_old_session_does_everything(app, house, monkeypatch):
    """Negative control."""
    monkeypatch.setattr(confirming, "FRESH", timedelta(days=1000))
    owner = Browser(app, house, "owner")
    age(house)
    assert owner.post("/settings/tokens/", FORM).status_code == 201


def test_several_values_of_one_name_and_a_second_step_come_through(app, house):
    authenticator, _ = set_up(house, "owner")
    owner, rep = Browser(app, house, "owner"), house.users["rep"].id
    age(house)
    asked = owner.post(f"/settings/members/{rep}/roles", {"further": ["marketing", "service"]})
    done = owner.post(f"/settings/members/{rep}/roles", {"_confirm": "1", "_carried": carried(asked.text), "secret": authenticator.now()})
    assert done.status_code == 303
    with house.ctx() as ctx:
        from core.identity import roles

        assert {role.code for role in roles.further_roles(ctx, queries.one_user(ctx, rep))} == {"marketing", "service"}


def test_what_another_session_carried_or_nobody_sealed_is_not_taken(app, house):
    owner, second = Browser(app, house, "owner"), Browser(app, house, "owner")
    age(house)
    asked = second.post("/settings/tokens/", FORM)
    for forged in (carried(asked.text), "x", ""):
        answer = owner.post("/settings/tokens/", {"_confirm": "1", "_carried": forged, "secret": PASSWORD})
        assert answer.status_code == 422
    assert tokens(house) == []


def test_a_stolen_session_that_guesses_ends(app, house, monkeypatch):
    monkeypatch.setattr("web.confirming.check_confirming", lambda *_: None)
    owner = Browser(app, house, "owner")
    age(house)
    given = {"_confirm": "1", "_carried": carried(owner.post("/settings/tokens/", FORM).text)}
    assert [owner.post("/settings/tokens/", {**given, "secret": f"wrong wrong {n}"}).status_code for n in range(6)] == [422] * 6
    assert owner.get("/settings/profile").status_code == 303


def test_five_a_minute_are_looked_at(app, house):
    owner = Browser(app, house, "owner")
    age(house)
    given = {"_confirm": "1", "_carried": carried(owner.post("/settings/tokens/", FORM).text)}
    assert [owner.post("/settings/tokens/", {**given, "secret": f"wrong {n}"}).status_code for n in range(6)][-1] == 429
    assert owner.post("/settings/tokens/", {**given, "secret": PASSWORD}).status_code == 429


def test_who_may_not_is_told_so_before_he_is_asked(app, house):
    rep = Browser(app, house, "reader")
    age(house)
    answer = rep.post("/settings/members", {"name": "X"})
    assert answer.status_code == 403 and "_carried" not in answer.text


def test_a_passkey_of_ones_own_confirms_and_anothers_does_not(app, house):
    from tests.web.session.test_passkeys import add

    owner, rep = Browser(app, house, "owner"), Browser(app, house, "rep")
    (_, mine), (_, his) = add(owner), add(rep)
    age(house)
    page = owner.post("/settings/tokens/", FORM).text
    assert "data-passkey-confirm" in page
    given = {"_confirm": "1", "_carried": carried(page), "secret": ""}
    assert owner.post("/settings/tokens/", {**given, "answer": his.answer(owner.post("/sign-in/passkey/challenge").json)}).status_code == 422
    assert owner.post("/settings/tokens/", {**given, "answer": mine.answer(owner.post("/sign-in/passkey/challenge").json, verified=False)}).status_code == 422
    assert tokens(house) == []
    assert owner.post("/settings/tokens/", {**given, "answer": mine.answer(owner.post("/sign-in/passkey/challenge").json)}).status_code == 201
    assert tokens(house) == ["Web shop"]
