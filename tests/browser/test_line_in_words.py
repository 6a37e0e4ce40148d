"""A line in words from Today and from the palette, in the browser."""

from uuid import uuid4

import pytest

from core.parties import actions as parties
from tests.support.world import House


@pytest.fixture(scope="module")
def house(app):
    found = House(f"line-{uuid4().hex[:6]}")
    with found.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Alpha Optik")
        parties.create_contact(ctx, name="Sofie Brandt", account_id=account.id)
        for n in (1, 2):
            parties.create_contact(ctx, name=f"Ann Twin {n}", account_id=account.id)
    return found


def test_a_line_typed_into_the_palette_is_shown_and_saved_by_keys(person, sign_in, house):
    someone = person(reduced_motion="reduce")
    page, url = someone.page, sign_in(someone, house, "rep")
    page.goto(f"{url}/accounts")
    someone.press("Control+k")
    someone.type("call Sofie tomorrow 10:00 for 30 min: the frames")
    page.locator("#palette [data-href*='line=']").wait_for()
    someone.press("Enter")
    page.locator("#understood").wait_for()
    assert page.input_value("#next_contact_minutes") == "30" and page.locator("[name=who]").is_checked()
    someone.axe(where="a line in words")
    page.get_by_role("button", name="Save entry").click()
    page.locator(".ev.next", has_text="the frames").wait_for()
    assert "30 min" in page.locator(".ev.next").inner_text()


@pytest.mark.parametrize("options", [{}, {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}], ids=["wide", "narrow"])
def test_of_several_one_is_chosen_and_what_is_wrong_is_said_in_place(person, sign_in, house, options):
    someone = person(reduced_motion="reduce", **options)
    page, url = someone.page, sign_in(someone, house, "rep")
    page.goto(f"{url}/activities/new?line=visit Twin in 3 days")
    ground = "el => getComputedStyle(el).backgroundColor"
    assert page.locator("[name=who]").first.evaluate(ground) != page.locator("[name=was]:checked").evaluate(ground), "none looks chosen"
    page.get_by_role("button", name="Save entry").click()
    page.locator("#who-err, [role=alert]").first.wait_for()
    someone.axe(where="a line in words, refused")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Ann Twin 2").check()
    page.get_by_role("button", name="Save entry").click()
    page.locator(".ev.next").first.wait_for()
