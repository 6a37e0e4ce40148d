"""V1, sales: "The leads marketing hands over are not real buyers, and finding that out eats my day." Each says from where it came and what it
is worth, point by point; one key accepts or returns it; marketing sees what came of its sources."""

from uuid import uuid4

import pytest

from core.leads import actions, queries, scoring
from core.parties import actions as parties
from core.views.filtering import Filters
from tests.support.looking import look, opened
from tests.support.world import House

PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True, "is_mobile": True}


@pytest.fixture
def house(server, room):
    found = House(f"v01-{uuid4().hex[:6]}")
    with found.ctx() as ctx:
        parties.create_account(ctx, name="Nordlicht Optik GmbH", owner_id=None)
        ctx.session.flush()
        touch = {"utm_source": "fair", "utm_campaign": "Spring fair", "referrer": "https://fair.example/hall-4"}
        for name, company, mail in (("Ada Lace", "Nordlicht Optik", "ada@nordlicht.example"), ("Bo Berg", None, "bo@gmail.com"), ("Cy 北区", "北区门店", None)):
            actions.capture(ctx, name=name, company=company, mail=mail, interest="Forty trays" if company else None, message="We saw yours at the fair. What would forty cost?", source="form", touch=touch)
        scoring.rescore(ctx)
    return found


def state(house, name):
    with house.ctx() as ctx:
        return next(row for row in queries.leads(ctx, Filters(search=name), chosen=("state", "reason")).rows)


def judged(page, act):
    with page.expect_response(lambda answer: "/judgement" in answer.url) as found:
        act()
    return found.value.status


def test_one_key_accepts_and_one_returns_with_its_reason(person, sign_in, house):
    someone = person()
    page = opened(someone, sign_in(someone, house, "rep") + "/leads")
    page.locator("a.open").first.focus()
    assert judged(page, lambda: page.keyboard.press("a")) == 200
    someone.until("document.querySelector('#live').textContent.includes('Ada Lace is accepted')")
    assert page.locator("tr", has_text="Ada Lace").locator("td.state").first.inner_text() == "Accepted"
    page.keyboard.press("j")
    assert judged(page, lambda: page.keyboard.press("2")) == 200
    assert (state(house, "Ada").state, state(house, "Bo").state, state(house, "Bo").reason) == ("accepted", "returned", "no_budget")
    with page.expect_navigation():
        page.locator("#toasts [data-undo]").last.click()
    assert state(house, "Bo").state == "new"
    page.keyboard.press("j")


def test_the_page_says_why_and_converts_without_retyping(person, sign_in, house):
    someone = person()
    url = sign_in(someone, house, "rep")
    page = opened(someone, f"{url}/leads?q=Ada")
    page.locator("a.open").first.click()
    page.locator("#judge-h").wait_for()
    text = page.locator("main").inner_text()
    assert "Spring fair" in text and "Says what he wants" in text and "Nordlicht Optik GmbH" in text
    page.keyboard.press("a")
    page.get_by_text("Ada Lace is accepted").first.wait_for()
    page.get_by_role("link", name="Convert").first.click()
    page.locator("#conversion").wait_for()
    assert page.get_by_label("Link to Nordlicht Optik GmbH").is_checked()
    page.locator("#conversion button[data-save]").click()
    page.get_by_role("heading", name="Forty trays").wait_for()
    assert "fair.example" in page.locator("main").inner_text()


@pytest.mark.parametrize(("name", "options"), [("light", {}), ("zh", {}), ("phone-dark", PHONE)])
def test_the_pages_are_whole(person, sign_in, house, name, options):
    someone = person(**options)
    if name == "zh":
        with house.ctx() as ctx:
            ctx.session.get_one(type(house.users["owner"]), house.users["owner"].id).locale = "zh"
    url = sign_in(someone, house)
    page = opened(someone, f"{url}/leads")
    look(someone, f"list-{name}", of="leads")
    page.locator("a.open").first.click()
    page.locator(".facts").wait_for()
    look(someone, f"page-{name}", of="leads")
    key = page.url.rsplit("/", 1)[1].partition("?")[0]
    for what, path in (("form", "/leads/new"), ("conversion", f"/leads/{key}/conversion"), ("sources", "/leads/sources"), ("score", "/settings/lead-score/"), ("rule", "/settings/lead-score/new"), ("assignments", "/settings/lead-assignment/"), ("assignment", "/settings/lead-assignment/new")):
        page.goto(url + path)
        look(someone, f"{what}-{name}", of="leads")


def test_without_a_script_it_is_judged_by_its_form(person, sign_in, house):
    someone = person(java_script_enabled=False)
    url = sign_in(someone, house)
    page = someone.page
    page.goto(f"{url}/leads?q=Ada")
    page.locator("a.open").first.click()
    page.get_by_role("button", name="Wrong person").click()
    assert state(house, "Ada").reason == "wrong_person"
