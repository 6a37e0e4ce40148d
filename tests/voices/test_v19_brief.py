"""V19, manager: "The client comes in 30 minutes and his rep has resigned." One key opens all that one must know, and one sheet of it."""

import io
from uuid import uuid4

import pypdf
import pytest

from core.identity import actions as people
from core.products import actions as products
from core.quotes import drafting, lining, sending
from tests.core.briefs.conftest import fill
from tests.support.looking import look, opened
from tests.support.world import House

PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True, "is_mobile": True}


@pytest.fixture
def house(server):
    found = House(f"v19-{uuid4().hex[:6]}")
    with found.ctx("rep") as ctx:
        account, person, deal = fill(ctx, "Nordlicht Optik GmbH")
        found.account, found.person = account.id, person.id
    with found.ctx("owner") as ctx:
        products.create_product(ctx, code="TRAY", name="Steel tray", price="119")
    with found.ctx("rep") as ctx:
        quote = drafting.create_quote(ctx, name="Forty steel trays", account_id=found.account)
        lining.save_lines(ctx, quote, [{"name": "Steel tray", "quantity": "40", "unit_price": "119"}])
        sending.send_quote(ctx, quote)
    with found.ctx("owner") as ctx:
        people.disable_user(ctx, ctx.session.get_one(type(found.users["rep"]), found.users["rep"].id))
    return found


def test_the_manager_has_it_all_by_one_key_and_takes_one_sheet_along(person, sign_in, house):
    someone = person()
    url = sign_in(someone, house, "manager")
    page = opened(someone, f"{url}/accounts/{house.account}")
    with page.expect_navigation():
        page.keyboard.press("b")
    page.get_by_role("heading", name="What to say next").wait_for()
    text = page.locator("main").inner_text()
    for told in ("Apologise, and say when it comes: Send the samples", "Rep promised it for", "Sofie Brandt", "sofie@nordlicht.example", "Call about the drawing", "Too dear", "works here no more", "4,760.00 EUR", "Steel tray"):
        assert told in text, told
    look(someone, "light", of="brief")
    sheet = page.evaluate("async path => Array.from(new Uint8Array(await (await fetch(path)).arrayBuffer()))", f"/accounts/{house.account}/brief.pdf")
    pdf = pypdf.PdfReader(io.BytesIO(bytes(sheet)))
    assert len(pdf.pages) == 1 and "Send the samples" in " ".join(pdf.pages[0].extract_text().split())
    page.get_by_role("link", name="Sofie Brandt").click()
    page.locator(".hero").wait_for()
    page.get_by_role("link", name="Brief").click()
    page.get_by_text("Head of purchasing").first.wait_for()


@pytest.mark.parametrize(("name", "options"), [("zh", {}), ("phone-dark", PHONE)])
def test_it_reads_well_on_the_way_and_in_other_scripts(person, sign_in, house, name, options):
    someone = person(**options)
    if name == "zh":
        with house.ctx() as ctx:
            ctx.session.get_one(type(house.users["owner"]), house.users["owner"].id).locale = "zh"
    url = sign_in(someone, house)
    opened(someone, f"{url}/accounts/{house.account}/brief")
    look(someone, name, of="brief")


def test_paper_from_the_browser_shows_the_brief_alone(person, sign_in, house):
    someone = person()
    url = sign_in(someone, house)
    page = opened(someone, f"{url}/accounts/{house.account}/brief")
    printed = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4")))
    text = " ".join(" ".join(one.extract_text() for one in printed.pages).split())
    assert len(printed.pages) == 1 and "Send the samples" in text and "Search or jump to" not in text


def test_without_a_script_it_is_the_same_page(person, sign_in, house):
    someone = person(java_script_enabled=False)
    url = sign_in(someone, house)
    someone.page.goto(f"{url}/contacts/{house.person}/brief")
    assert "Head of purchasing" in someone.page.locator("main").inner_text()
