"""Messages: ten seconds, longer while somebody is at them, undone by pointer, key or without script."""

from uuid import uuid4

import pytest

from core.parties.actions import create_account
from core.parties.models import Account
from tests.support.world import House


@pytest.fixture
def house(server):
    return House(f"toast-{uuid4().hex[:6]}")


@pytest.fixture
def account(house):
    with house.ctx("rep") as ctx:
        return create_account(ctx, name="Nordlicht").id


def delete(page, url, account):
    page.goto(f"{url}/accounts/{account}")
    page.evaluate("document.querySelector('form[action$=\"/deletion\"]').requestSubmit()")
    page.locator(".toast", has_text="Nordlicht deleted").wait_for()
    page.locator("html[data-ready]").wait_for(state="attached")


def is_there(house, account) -> bool:
    with house.ctx("rep") as ctx:
        return ctx.session.get_one(Account, account).deleted_at is None


def test_a_message_stays_ten_seconds_and_longer_while_somebody_is_at_it(person, sign_in, house, account):
    someone = person(reduced_motion="reduce")
    page, url = someone.page, sign_in(someone, house, "rep")
    page.clock.install(time=0)
    page.clock.pause_at(1_000)  # it goes on by our word alone: a slow machine would use up some of the ten seconds
    delete(page, url, account)
    page.clock.run_for(9_000)
    assert page.locator(".toast").count() == 1
    page.locator(".toast").hover()
    page.clock.resume()
    someone.axe(where="a message with Undo")
    page.clock.run_for(60_000)
    assert page.locator(".toast").count() == 1
    page.mouse.move(5, 5)
    page.locator(".toast [data-undo]").focus()
    page.clock.run_for(60_000)
    assert page.locator(".toast").count() == 1
    page.locator(".toast .shut").focus()
    someone.press("Enter")
    assert page.locator(".toast").count() == 0 and page.evaluate("document.activeElement.id") == "main"


def test_nobody_at_it_lets_it_go(person, sign_in, house, account):
    someone = person(reduced_motion="reduce")
    page, url = someone.page, sign_in(someone, house, "rep")
    page.clock.install()
    delete(page, url, account)
    page.clock.run_for(11_000)
    assert page.locator(".toast").count() == 0


@pytest.mark.parametrize("way", ["pointer", "key"])
def test_what_was_done_is_undone(person, sign_in, house, account, way):
    someone = person()
    page, url = someone.page, sign_in(someone, house, "rep")
    delete(page, url, account)
    assert not is_there(house, account)
    someone.until("() => document.getElementById('live').textContent === 'Nordlicht deleted'")
    with page.expect_navigation():
        page.locator(".toast [data-undo]").click() if way == "pointer" else someone.press("Control+z")
    assert is_there(house, account)


def test_without_script_it_is_a_part_of_the_page(person, sign_in, house, account):
    someone = person(java_script_enabled=False)
    page, url = someone.page, sign_in(someone, house, "rep")
    page.goto(f"{url}/accounts/{account}")
    page.locator("form[action$='/deletion'] button").dispatch_event("click")
    page.locator(".toast", has_text="Nordlicht deleted").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url(f"**/accounts/{account}")
    assert is_there(house, account)
    someone.context.close()
    someone.close = lambda: None  # the policy is watched by a script


def test_at_most_five_are_stacked(person, sign_in, house):
    someone = person(reduced_motion="reduce")
    page, url = someone.page, sign_in(someone, house, "rep")
    page.goto(url)
    page.locator("html[data-ready]").wait_for(state="attached")
    page.evaluate("for (let n = 1; n < 8; n++) document.body.dispatchEvent(new CustomEvent('toast', { bubbles: true, detail: { text: `Message ${n}` } }))")
    assert page.locator(".toast span").all_inner_texts() == [f"Message {n}" for n in range(3, 8)]
    someone.axe(where="a stack of messages")
