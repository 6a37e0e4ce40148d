"""V3, sales: "An old customer again: should I quote him?" One line with its reasons, and a price to propose, on the account's page and beside the lines."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from core.parties import actions as parties
from core.products import actions as products
from core.quotes import answering, drafting, lining, sending
from tests.support.looking import look, opened
from tests.support.world import House

PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True, "is_mobile": True}


@pytest.fixture
def house(server):
    found = House(f"v03-{uuid4().hex[:6]}")
    with found.ctx("owner") as ctx:
        tray = products.create_product(ctx, code="TRAY", name="Steel tray", price="100", cost="60").id
    with found.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Nordlicht Optik GmbH")
        ctx.session.flush()
        found.account = account.id
    for price, accepted, days in (("90", True, 40), ("97", False, 5)):
        with found.ctx("rep", now=datetime.now(UTC) - timedelta(days=days)) as ctx:
            quote = drafting.create_quote(ctx, name=f"Trays for {price}", account_id=found.account)
            lining.save_lines(ctx, quote, [{"product_id": tray, "quantity": "10", "unit_price": price}])
            sending.send_quote(ctx, quote)
            (answering.note_accepted if accepted else answering.note_declined)(ctx, quote, name="Sofie")
    with found.ctx("rep") as ctx:
        again = drafting.create_quote(ctx, name="Forty trays", account_id=found.account)
        lining.save_lines(ctx, again, [{"product_id": tray, "quantity": "40"}])
        found.quote = again.id
    return found


@pytest.mark.parametrize(("name", "options"), [("light", {}), ("phone-dark", PHONE), ("zh", {})])
def test_the_account_says_whether_and_at_which_price(person, sign_in, house, name, options):
    if name == "zh":
        with house.ctx() as ctx:
            ctx.session.get_one(type(house.users["rep"]), house.users["rep"].id).locale = "zh"
    someone = person(**options)
    url = sign_in(someone, house, "rep")
    page = opened(someone, f"{url}/accounts/{house.account}")
    page.locator("#advice .pill").first.wait_for()
    text = page.locator("#advice").inner_text()
    if name != "zh":
        assert "Yes, quote" in text and "They bought 1 times: 900.00 EUR so far." in text and "90.00 to 96.99 EUR" in text and "They declined 97.00 EUR." in text
    page.locator("#advice").scroll_into_view_if_needed()
    look(someone, f"account-{name}", of="advice")


def test_beside_the_lines_it_says_the_same_of_what_is_in_them(person, sign_in, house):
    someone = person()
    url = sign_in(someone, house, "rep")
    page = opened(someone, f"{url}/quotes/{house.quote}/lines")
    page.locator("#advice .pill").first.wait_for()
    assert "90.00 to 96.99 EUR" in page.locator("#advice").inner_text()
    page.locator("#advice").scroll_into_view_if_needed()
    look(someone, "lines", of="advice")


def test_without_a_script_its_link_leads_there(person, sign_in, house):
    someone = person(java_script_enabled=False)
    url = sign_in(someone, house, "rep")
    page = someone.page
    page.goto(f"{url}/accounts/{house.account}")
    page.get_by_role("link", name="Ask what speaks for it").click()
    assert "Yes, quote" in page.locator("main").inner_text()
