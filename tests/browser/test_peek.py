"""The drawer: a record beside its list, by key and by pointer, with an address of its own, and things to do inside."""

import re
from uuid import uuid4

import pytest

from core.activities import actions as log
from core.parties.actions import create_account, create_contact
from tests.support.looking import opened
from tests.support.world import House

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def house(server):
    house = House(f"drawer-{uuid4().hex[:6]}")
    with house.ctx("rep") as ctx:
        for name in ("Alpha Optik", "Beta Bäckerei", "Gamma Garten"):
            account = create_account(ctx, name=name, phone="+49 40 5557 0142", city="Kiel")
            create_contact(ctx, name=f"Sofie of {name}", account_id=account.id, mobile="+49 170 5557014")
            log.log_activity(ctx, kind="call", account=account, body=f"Spoke with {name}", next_contact="tomorrow 10:00", next_contact_note=f"Send {name} the offer")
    return house


def shown(page, name):
    page.locator("#peek:not([hidden]) h2", has_text=name).first.wait_for()


def test_by_keys_alone_one_walks_from_record_to_record_and_back(person, sign_in, house):
    someone = person(reduced_motion="reduce")
    page = opened(someone, sign_in(someone, house, "rep") + "/accounts")
    someone.press("j", "Space")
    shown(page, "Alpha Optik")
    someone.axe(where="drawer wide")
    assert page.evaluate("document.activeElement.closest('#peek') !== null") and re.search(r"\?peek=%2Faccounts%2F[0-9a-f-]{36}$", page.url)
    someone.press("j")
    shown(page, "Beta Bäckerei")
    someone.press("j", "k", "j")  # faster than the answers come: the last one counts
    shown(page, "Gamma Garten")
    assert page.locator("tr.cur .open").inner_text() == "Gamma Garten"
    someone.press("Escape")
    page.locator("#peek").wait_for(state="hidden")
    someone.until("() => document.activeElement.innerText === 'Gamma Garten'")
    assert "peek" not in page.url
    someone.press("Space")
    shown(page, "Gamma Garten")
    someone.press("Enter")
    page.wait_for_url(re.compile(r"/accounts/[0-9a-f-]{36}$"))
    assert page.locator("h1", has_text="Gamma Garten").is_visible()


def test_an_answer_that_comes_late_does_not_replace_what_was_asked_after_it(person, sign_in, house):
    someone = person()
    page = opened(someone, sign_in(someone, house, "rep") + "/accounts")
    held, cancelled, path = [], [], page.locator("td .open", has_text="Beta").get_attribute("href")
    page.route(f"**{path}", lambda route: held.append(route))
    page.on("requestfailed", lambda request: cancelled.append(request.url))
    someone.press("j", "Space")
    shown(page, "Alpha Optik")
    someone.press("j")
    someone.until("path => location.search.includes(encodeURIComponent(path))", path)
    someone.press("j")
    shown(page, "Gamma Garten")
    assert len(held) == 1 and [url for url in cancelled if url.endswith(path)], "the answer that nobody waits for is not waited for"
    page.unroute_all(behavior="ignoreErrors")


def test_reload_and_back_show_what_was_shown(person, sign_in, house):
    someone = person()
    page = opened(someone, sign_in(someone, house, "rep") + "/accounts?sort=changed")
    row = page.locator("tr", has_text="Beta Bäckerei")
    row.hover()
    row.locator(".eye").click()
    shown(page, "Beta Bäckerei")
    page.reload()
    shown(page, "Beta Bäckerei")
    page.locator("#peek [data-whole]").click()
    page.wait_for_url(re.compile(r"/accounts/[0-9a-f-]{36}$"))
    page.go_back()
    shown(page, "Beta Bäckerei")
    page.go_back()
    page.locator("#peek").wait_for(state="hidden")
    assert page.url.endswith("/accounts?sort=changed")
    page.go_forward()
    shown(page, "Beta Bäckerei")


def test_a_call_is_logged_and_a_next_step_is_done_inside(person, sign_in, house):
    someone = person(reduced_motion="reduce")
    page = opened(someone, sign_in(someone, house, "rep") + "/accounts")
    someone.press("j", "Space")
    shown(page, "Alpha Optik")
    someone.press("c")
    page.locator("#peek #body:focus").wait_for()
    assert page.is_checked("#peek [name=kind][value=call]")
    someone.type("Wants the blue frames")
    page.fill("#peek #next_contact", "fri")
    page.fill("#peek #next_contact_note", "Call about the frames")
    someone.press("Control+Enter")
    page.locator("#peek .body", has_text="Wants the blue frames").wait_for()
    page.locator(".toast", has_text="Logged").wait_for()
    someone.axe(where="drawer after a call")
    assert "/accounts?peek=" in page.url and page.input_value("#peek #body") == ""
    page.locator("#peek .ev.next", has_text="Call about the frames").get_by_role("button", name="Done").click()
    page.locator("#peek .ev.next", has_text="Call about the frames").wait_for(state="detached")
    page.locator(".toast", has_text="Done").wait_for()
    assert page.locator("table.list").is_visible()


def test_a_record_that_is_gone_is_said_and_the_list_stays(person, sign_in, house):
    someone = person()
    url = sign_in(someone, house, "rep")
    page = opened(someone, f"{url}/accounts?peek=/accounts/{uuid4()}")
    page.locator(".toast.error").wait_for()
    assert not page.locator("#peek").is_visible() and page.locator("table.list").is_visible()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page = opened(someone, f"{url}/accounts?peek=/settings/profile")  # only records are shown beside a list
    assert not [one for one in asked if one.split("?")[0].endswith("/settings/profile")] and not page.locator("#peek").is_visible()


def test_contacts_search_and_today_have_it_too(person, sign_in, house):
    someone = person(reduced_motion="reduce")
    url = sign_in(someone, house, "rep")
    page = opened(someone, f"{url}/contacts")
    someone.press("j", "Space")
    shown(page, "Sofie of Alpha Optik")
    someone.axe(where="drawer of a contact")
    page = opened(someone, f"{url}/search?q=gamma")
    someone.press("j", "Space")
    shown(page, "Gamma Garten")
    someone.axe(where="drawer in the search")
    page = opened(someone, url)
    someone.press("j", "Space")
    page.locator("#peek:not([hidden]) h2").first.wait_for()


def test_on_a_phone_it_is_the_whole_page(person, sign_in, house):
    someone = person(reduced_motion="reduce", **PHONE)
    url = sign_in(someone, house, "rep")
    page = opened(someone, f"{url}/accounts")
    path = page.locator("td .open").first.get_attribute("href")
    page = opened(someone, f"{url}/accounts?peek={path}")
    shown(page, "Alpha Optik")
    someone.until("() => !document.getElementById('peek').getAnimations().length")  # it has come in
    box = page.locator("#peek").bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 360, 740)
    assert page.locator("#content").get_attribute("inert") is not None  # nobody gets behind it by Tab
    someone.axe(where="drawer on a phone")
    someone.no_sideways_scroll("drawer on a phone")
    someone.buttons_are_whole("drawer on a phone")
    page.locator("[data-close-peek]").click()
    page.locator("#peek").wait_for(state="hidden")
    assert page.locator("#content").get_attribute("inert") is None
