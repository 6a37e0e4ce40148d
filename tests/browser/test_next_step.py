"""Done asks for the next step in the place of the line that is done."""

from uuid import uuid4

import pytest

from core.activities import actions as log
from core.parties import actions as parties
from tests.support.world import House


@pytest.fixture(scope="module")
def house(app):
    found = House(f"next-{uuid4().hex[:6]}")
    with found.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Alpha Optik")
        person = parties.create_contact(ctx, name="Sofie Brandt", account_id=account.id)
        for n in range(3):
            log.log_activity(ctx, kind="call", contact=person, next_contact="today", next_contact_note=f"Ask {n}")
    return found


@pytest.mark.parametrize("options", [{}, {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}], ids=["wide", "narrow"])
def test_the_next_step_is_planned_on_today_by_keys_and_by_a_press(person, sign_in, house, options):
    someone = person(reduced_motion="reduce", **options)
    page, url = someone.page, sign_in(someone, house, "rep")
    page.goto(f"{url}/")
    rows = page.locator(".rel.due", has_text="Ask").count()
    page.get_by_role("button", name="Done").first.click()
    page.locator("form.step input:focus").wait_for()
    page.locator(".toast", has_text="Done").wait_for()
    someone.axe(where="next step on Today")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".rel.due", has_text="Ask").count() == rows - 1
    someone.type("+3d 9:15")
    someone.press("Enter")
    page.locator(".toast", has_text="Logged; next contact on").wait_for()
    assert page.locator("form.step").count() == 0
    if options:
        return
    page.get_by_role("button", name="Done").first.click()
    page.get_by_role("button", name="In a week").click()
    page.locator(".toast", has_text="Logged; next contact on").wait_for()
    assert page.locator(".rel.due", has_text="Ask").count() == rows - 2


def test_undo_puts_it_back_and_a_record_asks_in_its_timeline(person, sign_in, house):
    someone = person(reduced_motion="reduce")
    page, url = someone.page, sign_in(someone, house, "rep")
    with house.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Beta Optik")
        log.log_activity(ctx, kind="call", account=account, next_contact="today", next_contact_note="Ask Beta")
        key = account.id
    page.goto(f"{url}/accounts/{key}")
    page.locator(".ev.next").get_by_role("button", name="Done").click()
    page.locator(".ev.next form.step input:focus").wait_for()
    someone.axe(where="next step on a record")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    page.locator(".ev.next", has_text="Ask Beta").get_by_role("button", name="Done").wait_for()
