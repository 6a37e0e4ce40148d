"""Two colleagues talk about a record: by keyboard alone, and the other one hears of it without loading anything."""

from uuid import uuid4

import pytest

from core.parties.actions import create_account
from tests.support.world import House


@pytest.fixture(scope="module")
def house(server, room):
    return House(f"talk-{uuid4().hex[:6]}")


def test_a_colleague_is_mentioned_by_keyboard_and_hears_of_it(person, sign_in, house):
    with house.ctx("rep") as ctx:
        key = create_account(ctx, name="Nordlicht").id
    anna, boss = person(), person(viewport={"width": 360, "height": 740})
    url = sign_in(anna, house, "rep")
    sign_in(boss, house, "manager")
    boss.page.goto(f"{url}/accounts/{key}")
    anna.page.goto(f"{url}/accounts/{key}")
    anna.until("() => document.documentElement.dataset.ready !== undefined")
    anna.press("m")
    anna.until("() => document.activeElement.id === 'comment'")
    anna.type("See this @man")
    anna.until("() => document.querySelector('#mentions [aria-selected=true]')?.dataset.value === 'Manager'")
    anna.axe(where="with the picker open")
    anna.press("Enter")
    assert anna.page.input_value("#comment") == "See this @Manager "
    anna.type("please")
    anna.press("Control+Enter")
    anna.until("() => document.querySelector('.comment .at')?.textContent === '@Manager'")
    assert anna.page.input_value("#comment") == ""
    # Looking away and back asks at once; nobody waits twenty seconds here.
    boss.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    boss.until("() => document.querySelector('.tabbar .count')?.textContent.includes('1')")
    boss.until("() => document.querySelector('.chip.live')?.textContent.includes('Rep')")
    boss.no_sideways_scroll("with the note of a change")
    boss.axe(where="with the note of a change")
    boss.page.goto(f"{url}/notifications")
    boss.page.click(".tell")
    boss.page.wait_for_url(lambda there: f"/accounts/{key}#c-" in there)


def test_who_can_not_see_the_record_can_not_be_picked(person, sign_in, house):
    with house.ctx("rep") as ctx:
        key = create_account(ctx, name="Ours").id
    anna = person()
    anna.page.goto(f"{sign_in(anna, house, 'rep')}/accounts/{key}")
    anna.until("() => document.documentElement.dataset.ready !== undefined")
    anna.page.focus("#comment")
    anna.type("@coll")
    anna.until("() => document.querySelector('#mentions [aria-disabled=true]')")
    anna.press("ArrowDown", "Enter")
    assert anna.page.input_value("#comment") == "@coll", "Enter takes nobody who can't be mentioned"
    anna.press("Escape")
    anna.until("() => !document.querySelector('#mentions')")
