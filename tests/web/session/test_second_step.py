"""Signing in with a second step through the pages: nothing opens before it is passed, and it can't be guessed (fault 56)."""

import html
import re
from datetime import timedelta
from uuid import uuid4

import pyotp
import pytest
from sqlalchemy import select

from core.identity import second_step, sign_in_rules, stepping
from core.identity.models import SignIn
from infra import limits
from tenants import entry
from tests.core.identity.test_second_step import set_up
from tests.support.world import PASSWORD, Browser, House
from web import door


@pytest.fixture
def house(app):
    return House(f"cs-{uuid4().hex[:8]}")


@pytest.fixture
def visitor(app, house):
    return Browser(app, house)


def first_step(visitor, who="rep", **extra):
    return visitor.post("/sign-in", {"mail": f"{who}@{visitor.house.tenant.slug}.example", "password": PASSWORD, **extra})


def second(visitor, code):
    return visitor.post("/sign-in/code", {"code": code})


def cookie(visitor, name=None):
    found = visitor.client.get_cookie(name or door.cookie_name(), domain=visitor.house.host)
    return found.value if found else None


def inside(visitor):
    return visitor.get("/settings/profile").status_code == 200


def test_the_password_alone_gives_no_session(visitor, house):
    set_up(house)
    answer = first_step(visitor)
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/sign-in/code")
    assert cookie(visitor) is None and not inside(visitor)
    step = cookie(visitor, door.step_cookie_name())
    visitor.client.set_cookie(door.cookie_name(), step, domain=house.host)
    assert not inside(visitor), "what is held between the steps is no session"


def test_the_right_code_opens_a_new_one_that_has_passed_both_and_goes_where_it_was_asked(visitor, house):
    authenticator, _ = set_up(house)
    visitor.client.set_cookie(door.cookie_name(), "planted-by-a-stranger", domain=house.host)
    first_step(visitor, next="/accounts?q=x")
    answer = second(visitor, authenticator.now())
    assert answer.status_code == 303 and answer.headers["Location"] == "/accounts?q=x"
    assert inside(visitor) and cookie(visitor) not in ("planted-by-a-stranger", None) and cookie(visitor, door.step_cookie_name()) is None
    with entry.enter(house.tenant) as session:
        row = session.execute(select(SignIn).order_by(SignIn.created_at.desc())).scalars().first()
        assert row.second_step_at and row.confirmed_at


def test_a_recovery_code_opens_one_once(visitor, house, app):
    _, made = set_up(house)
    first_step(visitor)
    assert second(visitor, made[3]).status_code == 303 and inside(visitor)
    again = Browser(app, house)
    first_step(again)
    assert second(again, made[3]).status_code == 422 and not inside(again)


def test_a_code_seen_over_the_shoulder_opens_nothing_more(visitor, house, app):
    authenticator, _ = set_up(house)
    code = authenticator.now()
    thief = Browser(app, house)
    first_step(visitor), first_step(thief)
    assert second(visitor, code).status_code == 303
    assert second(thief, code).status_code == 422 and not inside(thief)


def test_the_second_step_without_the_first_is_none(visitor, house):
    authenticator, _ = set_up(house)
    assert visitor.get("/sign-in/code").headers["Location"].endswith("/sign-in")
    assert second(visitor, authenticator.now()).headers["Location"].endswith("/sign-in") and not inside(visitor)


def test_five_wrong_codes_end_the_step_and_the_count_of_the_person_goes_on(visitor, house, app):
    authenticator, _ = set_up(house)
    first_step(visitor)
    assert [second(visitor, "000 000").status_code for _ in range(5)] == [422] * 5
    assert second(visitor, authenticator.now()).headers["Location"].endswith("/sign-in"), "the step is over"
    again = Browser(app, house)
    first_step(again)
    assert second(again, authenticator.now()).status_code == 429, "another first step is no way around the person's count"
    assert not inside(visitor) and not inside(again)


def test_without_the_counts_codes_could_be_guessed(visitor, house, monkeypatch):
    """Negative control: as many as one likes."""
    set_up(house)
    monkeypatch.setattr(stepping, "TRIES", 10**6)
    monkeypatch.setattr("web.session.views.check_code_limit", lambda *_: None)
    first_step(visitor)
    assert [second(visitor, "000 000").status_code for _ in range(30)] == [422] * 30


def test_ten_thousand_guesses_are_sixty_tries_a_day(house):
    """The limit itself, with the clock in hand: whoever guesses all day has looked at 60 codes of a million."""
    passed, now = 0, 1_000_000.0
    for n in range(10_000):
        try:
            for name, limit, seconds in (("code", 5, 60), ("code_hour", 20, 3600), ("code_daily", 60, 86_400)):
                limits.hit(f"{name}_trial", str(house.tenant.id), limit, seconds, closed=True, now=now + n * 8.64)
            passed += 1
        except limits.TooOften:
            pass
    assert passed <= 61


def test_a_disabled_persons_step_is_over(visitor, house):
    from core.identity import actions, queries

    authenticator, _ = set_up(house)
    first_step(visitor)
    with house.ctx() as ctx:
        actions.disable_user(ctx, queries.one_user(ctx, house.users["rep"].id))
    assert second(visitor, authenticator.now()).status_code in (303, 422) and not inside(visitor)


# ---- setting it up in the profile ----

def test_it_is_set_up_confirmed_and_the_session_gets_a_new_token(app, house):
    rep, other = Browser(app, house, "rep"), Browser(app, house, "rep")
    assert "second-step" in rep.get("/settings/profile").text
    assert rep.post("/settings/second-step/").status_code == 303
    page = rep.get("/settings/second-step/")
    secret = re.search(r'id="secret">([A-Z2-7 ]+)<', page.text)[1].replace(" ", "")
    assert 'src="data:image/svg+xml' in page.text and page.headers["Cache-Control"] == "no-store"
    before = cookie(rep)
    answer = rep.post("/settings/second-step/confirmation", {"code": pyotp.TOTP(secret).now()})
    made = re.findall(r"<li><code>([0-9a-f-]{23})</code>", answer.text)
    assert answer.status_code == 201 and len(made) == 10 and answer.headers["Cache-Control"] == "no-store"
    assert made[0] in html.unescape(answer.text).partition('href="data:text/plain')[2]
    assert cookie(rep) != before and inside(rep) and not inside(other)
    old = Browser(app, house)
    old.client.set_cookie(door.cookie_name(), before, domain=house.host)
    assert not inside(old), "the token from before is worthless"
    with house.ctx("rep") as ctx:
        assert second_step.of(ctx.session, ctx.actor.id) is not None


def test_whoever_looks_through_anothers_eyes_does_not_see_his_secret(app, house):
    rep = Browser(app, house, "rep")
    rep.post("/settings/second-step/")
    assert 'id="secret"' in rep.get("/settings/second-step/").text
    owner = Browser(app, house, "owner")
    assert owner.post(f"/settings/members/{house.users['rep'].id}/eyes").status_code == 303
    page = owner.get("/settings/second-step/")
    assert page.status_code == 200 and 'id="secret"' not in page.text and "otpauth" not in page.text and "data:image" not in page.text


def test_a_wrong_code_turns_nothing_on(app, house):
    rep = Browser(app, house, "rep")
    rep.post("/settings/second-step/")
    assert rep.post("/settings/second-step/confirmation", {"code": "12"}).status_code == 422
    with house.ctx("rep") as ctx:
        assert second_step.of(ctx.session, ctx.actor.id) is None


def test_the_owner_sees_who_has_one_and_takes_it_away(app, house):
    set_up(house)
    owner, rep = Browser(app, house, "owner"), house.users["rep"].id
    assert "second-step-reset" in owner.get(f"/settings/members/{rep}").text
    assert owner.post(f"/settings/members/{rep}/second-step-reset").status_code == 303
    assert "second-step-reset" not in owner.get(f"/settings/members/{rep}").text
    assert Browser(app, house, "manager").post(f"/settings/members/{rep}/second-step-reset").status_code == 403


# ---- demanded by the workspace ----

@pytest.fixture
def demanding(house):
    with house.ctx() as ctx:
        sign_in_rules.change_rules(ctx, second_step_from=ctx.today)
    return house


def test_who_has_none_sets_it_up_before_anything_else(app, demanding):
    rep = Browser(app, demanding, "rep")
    for path in ("/", "/accounts", "/settings/profile", "/palette?q=a"):
        answer = rep.get(path)
        assert answer.status_code == 303 and answer.headers["Location"] == "/settings/second-step/", path
    assert rep.post("/accounts", {"name": "Sly"}).headers["Location"] == "/settings/second-step/"
    assert rep.get("/accounts", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/settings/second-step/"
    assert "Set yours up now" in rep.get("/settings/second-step/").text
    rep.post("/settings/second-step/")
    secret = re.search(r'id="secret">([A-Z2-7 ]+)<', rep.get("/settings/second-step/").text)[1].replace(" ", "")
    assert rep.post("/settings/second-step/confirmation", {"code": pyotp.TOTP(secret).now()}).status_code == 201
    assert rep.get("/accounts").status_code == 200


def test_he_can_leave_too(app, demanding):
    assert Browser(app, demanding, "rep").post("/sign-out").status_code == 303


def test_without_the_doors_question_he_would_walk_in(app, demanding, monkeypatch):
    """Negative control."""
    monkeypatch.setattr(sign_in_rules, "asks_for_second_step", lambda *_: False)
    assert Browser(app, demanding, "rep").get("/accounts").status_code == 200


def test_a_key_of_the_api_works_on(world, demanding):
    assert world.api("rep", demanding).get("/api/v1/me").status_code == 200


def test_the_rules_are_set_on_their_page_by_administrators_only(app, house):
    owner = Browser(app, house, "owner")
    assert "0 of 5 people" in owner.get("/settings/signing-in/").text
    day = (entry.utcnow() + timedelta(days=30)).date().isoformat()
    assert owner.post("/settings/signing-in/", {"second_step_from": day, "second_step_roles": ["admin", "manager"]}).status_code == 303
    page = owner.get("/settings/signing-in/").text
    assert day in page and page.count("checked") == 2
    with house.ctx() as ctx:
        assert sign_in_rules.rules_of(ctx).second_step_roles == ["admin", "manager"]
    assert owner.post("/settings/signing-in/", {"second_step_from": "soon"}).status_code == 422
    assert Browser(app, house, "manager").get("/settings/signing-in/").status_code == 403


def test_two_administrators_at_once_meet(app, house):
    owner = Browser(app, house, "owner")
    from tests.support.forms import hidden_of

    day = lambda n: (entry.utcnow() + timedelta(days=n)).date().isoformat()  # noqa: E731
    owner.post("/settings/signing-in/", {"second_step_from": day(5)})
    loaded = hidden_of(owner.get("/settings/signing-in/").text, "/settings/signing-in/")
    owner.post("/settings/signing-in/", {**loaded, "second_step_from": day(7)})
    answer = owner.post("/settings/signing-in/", {**loaded, "second_step_from": day(9)})
    assert answer.status_code == 409 and day(7) in answer.text and day(9) in answer.text
