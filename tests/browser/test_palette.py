"""The palette and the keys: everything by keyboard, on a slow line too; letters can be turned off."""

import re
import time
from uuid import uuid4

import pytest

from core.parties.actions import create_account, create_contact
from tests.support.looking import opened
from tests.support.world import House


@pytest.fixture(scope="module")
def house(server):
    house = House(f"pal-{uuid4().hex[:6]}")
    with house.ctx("rep") as ctx:
        account = create_account(ctx, name="Nordlicht Optik", city="Kiel")
        create_contact(ctx, name="Nora Brandt", account_id=account.id)
    return house


def options(page) -> list[str]:
    return page.locator("#palette [role=option]:visible .grow").all_inner_texts()


def chosen(page) -> str:
    """What the input says is chosen, through ARIA."""
    return page.evaluate("document.getElementById(document.querySelector('#palette input').getAttribute('aria-activedescendant'))?.querySelector('.grow').textContent ?? ''")


def ask(someone, text):
    someone.press("Control+k")
    someone.page.locator("#palette[open]").wait_for()
    someone.type(text)


def test_an_account_is_created_by_its_command(person, sign_in, house):
    someone = person(reduced_motion="reduce")
    page = opened(someone, sign_in(someone, house, "rep"))
    ask(someone, "create acc")
    assert options(page)[0] == chosen(page) == "Create account"
    someone.axe(where="palette with a command")
    someone.press("Enter")
    page.wait_for_url("**/accounts/new")


def test_a_call_is_logged_for_whom_one_names(person, sign_in, house):
    someone = person(reduced_motion="reduce")
    page = opened(someone, sign_in(someone, house, "rep"))
    ask(someone, "log")
    someone.press("Enter")
    someone.until("() => document.querySelector('#palette input').placeholder === 'For whom?'")
    someone.type("nora")
    page.locator("#palette [data-found]", has_text="Nora Brandt").wait_for()
    someone.axe(where="palette asks for whom")
    someone.press("Enter")
    page.wait_for_url("**log=call**")
    page.locator("#body:focus").wait_for()
    assert page.is_checked("[name=kind][value=call]") and page.locator("h1", has_text="Nora Brandt").is_visible()
    ask(someone, "")  # and from here on she is among what was seen
    someone.press("Escape")
    page = opened(someone, page.url.split("/contacts")[0])
    ask(someone, "")
    assert options(page)[0] == "Nora Brandt" and page.locator("#palette .group:visible").first.inner_text() == "Recently seen"


def test_escape_leaves_the_second_question_before_it_leaves_the_palette(person, sign_in, house):
    someone = person()
    page = opened(someone, sign_in(someone, house, "rep"))
    ask(someone, "log")
    someone.press("Enter", "Escape")
    someone.until("() => document.querySelector('#palette input').placeholder === 'Search or type a command'")
    assert page.locator("#palette[open]").is_visible()
    someone.press("Escape")
    page.locator("#palette").wait_for(state="hidden")


def test_enter_before_the_answer_means_what_will_be_found(person, sign_in, house):
    """A line with 200 ms and more: who types fast is not sent anywhere else, and superseded questions are cancelled."""
    someone = person()
    page = opened(someone, sign_in(someone, house, "rep"))
    held, cancelled = [], []
    page.route("**/palette?*", lambda route: (held.append(route.request.url), time.sleep(0.3), route.continue_()))
    page.on("requestfailed", lambda request: cancelled.append(request.url) if "/palette" in request.url else None)
    ask(someone, "nordl")
    someone.until("() => document.querySelector('#palette .none').textContent.startsWith('Searching')")
    someone.press("Enter")
    page.wait_for_url(re.compile(r"/accounts/[0-9a-f-]{36}$"))
    assert page.locator("h1", has_text="Nordlicht Optik").is_visible() and len(held) == 1  # five letters, one question


def test_own_entries_stand_still_when_the_answer_comes(person, sign_in, house):
    someone = person()
    page = opened(someone, sign_in(someone, house, "rep"))
    ask(someone, "con")
    before = options(page)
    assert before[0] in ("Create contact", "Contacts")
    someone.until("() => !document.querySelector('#palette .none').textContent.startsWith('Searching')")
    assert options(page)[: len(before)] == before and chosen(page) == before[0]


def test_only_what_one_may_do_is_offered(person, sign_in, house):
    texts = {}
    for who in ("owner", "rep", "reader"):
        someone = person()
        page = opened(someone, sign_in(someone, house, who))
        texts[who] = page.locator("#palette [role=option] .grow").all_text_contents()
    assert "Invite a colleague" in texts["owner"] and "Invite a colleague" not in texts["rep"]
    assert "Create account" in texts["rep"] and "Create account" not in texts["reader"] and "Log a call for …" not in texts["reader"]
    assert "Roles" in texts["owner"] and "Audit" not in texts["rep"]


def test_theme_language_and_leaving_go_by_keyboard(person, sign_in, house):
    someone = person()
    page = opened(someone, sign_in(someone, house, "manager"))
    ask(someone, "dark")
    someone.press("Enter")
    someone.until("() => document.documentElement.dataset.theme === 'dark'")
    ask(someone, "espa")
    someone.press("Enter")
    page.locator("html[lang=es][data-ready]").wait_for(state="attached")
    ask(someone, "english")
    someone.press("Enter")
    page.locator("html[lang=en][data-ready]").wait_for(state="attached")
    ask(someone, "sign out")
    someone.press("Enter")
    page.wait_for_url("**/sign-in")


def test_the_key_help_is_the_table_of_keys(person, sign_in, house):
    from web.keys import CAPS, KEYS

    someone = person(reduced_motion="reduce")
    page = opened(someone, sign_in(someone, house, "owner") + "/accounts")
    someone.press("?")
    page.locator("#keys[open]").wait_for()
    someone.axe(where="key help")
    shown = dict(zip(page.locator("#keys kbd").all_inner_texts(), page.locator("#keys dd").all_inner_texts(), strict=True))
    assert {CAPS.get(key.press, key.press): key.text for key in KEYS}.items() <= shown.items()
    assert shown["g a"] == "Accounts"


def test_letters_do_nothing_in_a_field_and_nothing_at_all_once_turned_off(person, sign_in, house):
    someone = person(reduced_motion="reduce")
    url = sign_in(someone, house, "reader")
    page = opened(someone, f"{url}/accounts")
    page.fill(".find-in [type=search]", "")
    page.focus(".find-in [type=search]")
    someone.type("n?jx")
    assert page.url.split("?")[0].endswith("/accounts") and not page.locator("#keys").is_visible()
    page = opened(someone, f"{url}/settings/profile")
    page.uncheck("#letter_keys")
    page.locator("#profile [data-save]").click()
    page.locator(".toast", has_text="Profile saved").wait_for()
    page = opened(someone, f"{url}/accounts")
    page.evaluate("() => { window.fired = []; document.addEventListener('hotkey-fire', event => window.fired.push(event.detail.path.join(' ')), true) }")
    someone.press("n", "?", "j", "g", "c")
    assert page.evaluate("window.fired") == [] and page.url.endswith("/accounts") and not page.locator("#keys").is_visible() and page.locator("tr.cur").count() == 0
    eye = page.locator(".eye").first
    eye.focus()  # the drawer stays within reach: by Tab
    someone.press("Enter")
    page.locator("#peek:not([hidden]) h2").first.wait_for()
    someone.press("Control+k")  # no letter alone
    page.locator("#palette[open]").wait_for()
