"""A secret that is shown this one time is copied by a button, or selected by hand where there is no script."""

import os
from uuid import uuid4

import pytest

from tests.support.world import House


@pytest.fixture(scope="module")
def house(app):
    return House(f"copy-{uuid4().hex[:6]}")


def make(page, url, where):
    page.goto(f"{url}/settings/{where}/")
    page.fill("[name=name]", f"Website {uuid4().hex[:6]}")
    if where == "programs":
        page.select_option("[name=role]", "sales")
    page.click("main form button.primary")
    page.locator("#new-token").wait_for()
    return page.input_value("#new-token")


@pytest.mark.parametrize("where", ["tokens", "programs"])
def test_the_button_copies_and_says_so(person, sign_in, house, where):
    owner = person(permissions=["clipboard-read", "clipboard-write"])
    url, page = sign_in(owner, house), owner.page
    secret = make(page, url, where)
    page.click("[data-copy]")
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    owner.until("document.querySelector('[aria-live]').textContent.includes('Copied')")
    owner.axe()
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/copy-{where}.png")


def test_where_the_browser_refuses_it_is_chosen_for_the_keys(person, sign_in, house):
    owner = person()
    url, page = sign_in(owner, house), owner.page
    secret = make(page, url, "tokens")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: {writeText: () => Promise.reject()}})")
    page.click("[data-copy]")
    owner.until("secret => getSelection().toString() === secret || document.activeElement.selectionEnd === secret.length", secret)
    assert page.get_by_role("button", name="Copied").count() == 0


def test_without_script_it_is_text_to_be_selected(person, sign_in, house):
    owner = person(viewport={"width": 360, "height": 740}, color_scheme="dark", java_script_enabled=False)
    url, page = sign_in(owner, house), owner.page
    assert make(page, url, "tokens") and page.locator("[data-copy]").is_hidden()
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/copy-noscript.png")
