"""V26, employee: "The boss agreed the terms and blamed me." What was agreed stands in the boss's name, with what he was shown, wherever one decides."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from core.credit import actions as credit
from core.parties import actions as parties
from core.parties.queries import one_account
from core.products import actions as products
from core.quotes import drafting, lining
from tests.support.looking import look, opened
from tests.support.world import House

PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True, "is_mobile": True}
SOON = (datetime.now(UTC) + timedelta(days=60)).date()


@pytest.fixture
def house(server):
    found = House(f"v26-{uuid4().hex[:6]}")
    with found.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Nordlicht Optik GmbH")
        ctx.session.flush()
        found.account = account.id
    with found.ctx("owner") as ctx:
        tray = products.create_product(ctx, code="TRAY", name="Steel tray", price="100").id
        credit.set_grade(ctx, one_account(ctx, found.account), grade="small_bad", reason="Paid late twice", until_on=SOON)
    with found.ctx("rep") as ctx:
        quote = drafting.create_quote(ctx, name="Forty trays", account_id=found.account)
        lining.save_lines(ctx, quote, [{"product_id": tray, "quantity": "40", "unit_price": "88"}])
        found.quote = quote.id
    return found


def test_the_boss_agrees_knowing_what_he_is_shown_and_the_rep_can_point_to_it(person, sign_in, house):
    boss = person()
    url = sign_in(boss, house, "owner")
    page = opened(boss, f"{url}/accounts/{house.account}")
    page.get_by_role("link", name="Agree on terms").click()
    page.get_by_role("heading", name="What is known of their credit now").wait_for()
    assert "Paid late twice" in page.locator("main").inner_text()
    page.get_by_label("Days to pay").fill("60")
    page.get_by_label("Discount in percent").fill("12")
    page.get_by_label("What else was agreed").fill("Freight is ours")
    look(boss, "form", of="terms")
    page.get_by_role("button", name="Agree in my name").click()
    page.get_by_text("Agreed in your name").first.wait_for()
    page.get_by_text("What was known then").click()
    look(boss, "light", of="terms")
    with house.ctx("owner") as ctx:  # what is known now is not what he was shown
        credit.set_grade(ctx, one_account(ctx, house.account), grade="big_good", reason="Pays since", until_on=SOON)
    rep = person(**PHONE)
    sign_in(rep, house, "rep")
    page = opened(rep, f"{url}/quotes/{house.quote}/lines")
    text = page.locator("main").inner_text()
    assert text.count("agreed by Owner on") >= 2 and "60 days to pay · 12 % off · Freight is ours" in text
    look(rep, "lines-phone-dark", of="terms")
    page = opened(rep, f"{url}/accounts/{house.account}/terms")
    page.get_by_text("What was known then").click()
    text = page.locator("main").inner_text()
    assert "Paid late twice" in text and "Pays since" not in text and "Agree in my name" not in text
    look(rep, "phone-dark", of="terms")


def test_it_is_taken_back_with_a_reason_and_without_a_script(person, sign_in, house):
    someone = person(java_script_enabled=False)
    url = sign_in(someone, house, "owner")
    page = someone.page
    page.goto(f"{url}/accounts/{house.account}/terms")
    page.get_by_label("Discount in percent").fill("5")
    page.get_by_role("button", name="Agree in my name").click()
    page.get_by_role("link", name="Take it back").click()
    page.get_by_label("Why it is taken back").fill("He ordered half of it")
    page.get_by_role("button", name="Take it back in my name").click()
    text = page.locator("main").inner_text()
    assert "He ordered half of it" in text and "Nothing was agreed with this customer, or it no longer holds." in text
