"""Many records changed and put back by keyboard, in a real browser; on desk and phone, light and dark; and without script."""

from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.parties import actions
from core.parties.models import Account
from tests.support import looking
from tests.support.world import House

look = partial(looking.look, of="bulk")
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 360, "height": 780}}


@pytest.fixture
def house(app):
    found = House(f"bb{uuid4().hex[:6]}")
    with found.ctx() as ctx:
        for n in range(8):
            actions.create_account(ctx, name=f"Company {n}", city="Kiel")
    return found


def cities(house):
    with house.ctx() as ctx:
        return sorted(ctx.session.execute(select(Account.city)).scalars())


def to_list(visitor, url):
    """The list, once its keys are there: the script that listens comes after the page."""
    visitor.page.goto(f"{url}/accounts")
    for _ in range(100):
        visitor.press("j")
        if visitor.page.locator("tr.cur").count():
            return
        visitor.page.wait_for_timeout(50)
    raise AssertionError("j does not walk")


def test_select_change_and_undo_by_keyboard(person, room, sign_in, house):
    visitor = person()
    page, url = visitor.page, sign_in(visitor, house)
    to_list(visitor, url)
    visitor.press("k", "k", "k", "x", "j", "j", "Shift+X")
    visitor.until("() => document.querySelector('[data-chosen]').textContent.includes('3')")
    look(visitor, "keys-1-chosen")
    visitor.tab_to("Change a field")
    visitor.press("Enter")
    page.get_by_label("Field to change").wait_for()
    look(visitor, "keys-2-choose")
    page.get_by_label("Field to change").focus()
    page.get_by_label("Field to change").select_option("city")
    page.get_by_label("Empty this field").wait_for()
    page.locator("#city").focus()
    visitor.type("Ulm")
    look(visitor, "keys-3-value")
    visitor.press("Enter")
    page.get_by_role("button", name="Change 3 accounts").wait_for()
    look(visitor, "keys-4-preview")
    visitor.tab_to("Change 3 accounts")
    visitor.press("Enter")
    page.get_by_text("3 changed").first.wait_for()
    assert cities(house) == ["Kiel"] * 5 + ["Ulm"] * 3
    visitor.tab_to("Undo")
    visitor.press("Enter")
    page.locator("td", has_text="Ulm").first.wait_for(state="detached")
    assert cities(house) == ["Kiel"] * 8
    page.goto(f"{url}/bulk-edits")
    page.get_by_role("link", name="City").click()
    page.get_by_role("link", name="Show the list").wait_for()
    look(visitor, "keys-5-undone")


def test_an_undo_from_the_notice_names_what_it_kept(person, room, sign_in, house):
    visitor = person()
    page, url = visitor.page, sign_in(visitor, house)
    page.goto(f"{url}/accounts")
    for n in (0, 1):
        page.locator("tbody [name=id]").nth(n).check()
    page.get_by_role("button", name="Tags").click()
    page.get_by_label("Tags to add").fill("fair")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Change 2 accounts").click()
    page.get_by_role("button", name="Undo").wait_for()
    with house.ctx() as ctx:
        actions.edit_account(ctx, ctx.session.execute(select(Account).where(Account.name == "Company 1")).scalar_one(), phone="123456")
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("heading", name="Kept because they were changed since").wait_for()
    assert page.get_by_role("link", name="Company 1").count() == 1
    look(visitor, "kept")


def test_ctrl_a_takes_all_rows_shown(person, room, sign_in, house):
    visitor = person()
    to_list(visitor, sign_in(visitor, house))
    visitor.press("Control+a")
    visitor.until("() => document.querySelectorAll('[name=id]:checked').length === 8")


@pytest.mark.parametrize("size,scheme", [("desk", "dark"), ("phone", "light"), ("phone", "dark")])
def test_every_page_of_it(person, room, sign_in, house, size, scheme):
    visitor = person(color_scheme=scheme)
    page, url, tag = visitor.page, sign_in(visitor, house), f"{size}-{scheme}"
    page.goto(f"{url}/accounts")
    page.locator("tbody [name=id]").first.check()
    if size == "desk":  # on a phone the list has no boxes
        look(visitor, f"{tag}-1-chosen")
    page.get_by_role("button", name="Tags").click()
    page.set_viewport_size(SIZES[size])
    page.get_by_label("Tags to add").fill("fair")
    look(visitor, f"{tag}-2-tags")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Change 1 account").wait_for()
    look(visitor, f"{tag}-3-preview")
    page.get_by_role("button", name="Change 1 account").click()
    page.goto(f"{url}/bulk-edits")
    look(visitor, f"{tag}-4-list")


def test_it_works_without_script(person, room, sign_in, house):
    visitor = person(java_script_enabled=False)
    page, url = visitor.page, sign_in(visitor, house)
    page.goto(f"{url}/accounts")
    page.locator("tbody [name=id]").nth(0).check()
    page.locator("tbody [name=id]").nth(1).check()
    page.get_by_role("button", name="Change a field").click()
    page.get_by_label("Field to change").select_option("city")
    page.get_by_role("button", name="Next").click()
    page.locator("#city").fill("Ulm")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Change 2 accounts").click()
    assert cities(house) == ["Kiel"] * 6 + ["Ulm"] * 2
    page.get_by_role("button", name="Undo").click()
    assert cities(house) == ["Kiel"] * 8
