"""Two colleagues talk about a record: by keyboard alone, and the other one hears of it without loading anything."""

from uuid import uuid4

import pytest

from core.activities.actions import log_activity
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


@pytest.mark.parametrize("size", [(1440, 520), (360, 640)], ids=["desk", "phone"])
def test_only_the_columns_of_a_record_scroll(person, sign_in, house, size):
    """To the comment by key and by address: the sheet itself stays where it is, so that nothing of the page is cut off."""
    with house.ctx("rep") as ctx:
        account = create_account(ctx, name="Tall")
        for n in range(12):
            log_activity(ctx, kind="note", account=account, body=f"Entry {n}")
        key = account.id
    anna = person(viewport={"width": size[0], "height": size[1]})
    url = sign_in(anna, house, "rep")
    held = "() => ['.app', '.sheet', '.scroll:has(> .rec)'].filter((one) => !(innerWidth < 821 && one.startsWith('.scroll'))).map((one) => document.querySelector(one).scrollTop)"
    for where in ("", "#comment", "?log=call#body"):
        anna.page.goto(f"{url}/accounts/{key}{where}")
        anna.until("() => document.documentElement.dataset.ready !== undefined")
        if not where:
            anna.press("m")
            anna.until("() => document.activeElement.id === 'comment'")
        assert not any(anna.page.evaluate(held)), f"{where or 'm'}: {anna.page.evaluate(held)}"
        assert anna.page.locator("#body" if "body" in where else "#comment").evaluate("(el) => { const box = el.getBoundingClientRect(); return box.top >= 0 && box.top < innerHeight; }")
