"""Changing one's own password through the page: the old one is asked for, not to be guessed, and every session ends."""

from uuid import uuid4

import pytest

from core.identity import actions
from tests.support.world import PASSWORD, Browser, House
from tests.web.test_sessions import all_refused, five_sessions

NEW = "another good password"


@pytest.fixture
def house(app):
    return House(f"p{uuid4().hex[:9]}")


def change(browser, old=PASSWORD, new=NEW):
    return browser.post("/settings/password", {"old": old, "new": new})


def signs_in(app, house, password, who="rep"):
    return Browser(app, house).post("/sign-in", {"mail": f"{who}@{house.tenant.slug}.example", "password": password}).status_code == 303


def test_a_new_password_ends_the_other_sessions_and_this_one(app, house):
    browsers = five_sessions(app, house)
    answer = change(browsers[0])
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/sign-in")
    assert "Expires=Thu, 01 Jan 1970" in answer.headers["Set-Cookie"]
    assert all_refused(browsers)
    assert signs_in(app, house, NEW) and not signs_in(app, house, PASSWORD)


def test_sessions_that_live_on_are_seen(app, house, monkeypatch):
    """Negative control."""
    monkeypatch.setattr(actions, "end_sessions", lambda ctx, user, but=None: None)
    browsers = five_sessions(app, house)
    change(browsers[0])
    assert not all_refused(browsers[1:])


def test_a_wrong_old_password_or_a_bad_new_one_changes_nothing(app, house):
    browser = Browser(app, house, "rep")
    assert [change(browser, old="wrong wrong wrong").status_code, change(browser, new="short").status_code] == [422, 422]
    assert "password" in change(browser, old="wrong wrong wrong").text and browser.get("/settings/profile").status_code == 200
    assert signs_in(app, house, PASSWORD)


def test_a_stolen_session_can_not_guess_the_old_password(app, house):
    """Five tries a minute and twenty a day, over all sessions of the person; the right one is not let in either."""
    thieves = five_sessions(app, house)
    assert [change(thieves[n % 5], old=f"wrong wrong {n}").status_code for n in range(7)] == [422] * 5 + [429] * 2
    assert change(thieves[0]).status_code == 429
    assert change(Browser(app, house, "owner"), old="wrong wrong wrong").status_code == 422  # another person has his own count
    assert signs_in(app, house, PASSWORD)
