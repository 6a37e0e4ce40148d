"""How an account stands, in a real browser: set by keyboard, looked at in both widths and themes."""

from uuid import uuid4

import pytest

from core.parties.actions import create_account
from core.products import price_lists
from tests.support.looking import look, opened
from tests.support.world import House


@pytest.fixture(scope="module")
def house(server, room):
    return House(f"standing-{uuid4().hex[:6]}")


@pytest.fixture(scope="module")
def him(house):
    with house.ctx("owner") as ctx:
        price_lists.set_tier(ctx, tier="Gold", percent="4")
        return create_account(ctx, name="Nordlicht Optik").id


def test_a_grade_is_set_and_stands_in_the_header_of_the_account(person, sign_in, house, him):
    someone = person()
    url = sign_in(someone, house, "owner")
    page = opened(someone, f"{url}/accounts/{him}/standing")
    page.select_option("#grade", "big_good")
    page.fill("#limit_amount", "12500")
    page.fill("#grade-reason", "Paid every invoice within ten days, for six years")
    page.press("#grade-reason", "Tab")
    page.keyboard.press("Enter")
    page.locator("#credit .pill", has_text="Big, pays well").first.wait_for()
    page.select_option("#tier", label="Gold")
    page.fill("#tier-reason", "A customer since 2016")
    page.get_by_role("button", name="Set tier").click()
    page.locator("#loyalty .pill", has_text="Gold").first.wait_for()
    look(someone, "standing")
    page = opened(someone, f"{url}/accounts/{him}")
    page.locator(".hero .pill", has_text="Big, pays well").wait_for()
    look(someone, "account-standing")
    page = opened(someone, f"{url}/settings/credit/")
    look(someone, "credit-rules")


def test_on_a_phone_in_the_dark_in_chinese(person, sign_in, house, him):
    someone = person(viewport={"width": 360, "height": 760}, color_scheme="dark")
    url = sign_in(someone, house, "owner")
    for name, path in (("standing", f"/accounts/{him}/standing?lang=zh"), ("credit-rules", "/settings/credit/?lang=zh")):
        opened(someone, url + path)
        look(someone, name, of="phone")
