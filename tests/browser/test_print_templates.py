"""The editor of print templates in a real browser: what is typed is seen printed, on a desk and on a phone."""

from uuid import uuid4

import pytest

from core.documents import queries
from tests.support.looking import look, opened
from tests.support.world import House


@pytest.fixture
def house(server, room):
    return House(f"paper-{uuid4().hex[:6]}")


def template(house):
    with house.ctx() as ctx:
        return queries.usual(ctx, "quote", "en")


def test_what_is_typed_is_seen_printed_and_saved_when_asked(person, sign_in, house):
    someone, row = person(), template(house)
    base = sign_in(someone, house)
    page = opened(someone, f"{base}/settings/print-templates/")
    look(someone, "list", of="print-templates")
    page = opened(someone, f"{base}/settings/print-templates/{row.id}")
    look(someone, "editor", of="print-templates")
    before = page.locator(".papers img").first.get_attribute("src")
    with page.expect_response(lambda answer: answer.url.endswith("/preview")):
        page.select_option("#layout", "modern")
    someone.until(f"document.querySelector('.papers img').getAttribute('src').length !== {len(before)}")
    assert template(house).layout == "letter"
    with page.expect_response(lambda answer: answer.url.endswith("/preview")):
        page.fill("#colour", "#eee")
    someone.until("document.querySelector('#pages [role=status]') !== null")
    page.fill("#colour", "#5b2a86")
    with page.expect_navigation():
        page.get_by_role("button", name="Save template").click()
    assert (template(house).layout, template(house).colour) == ("modern", "#5b2a86")


def test_the_editor_works_on_a_phone_in_the_dark(person, sign_in, house):
    someone, row = person(viewport={"width": 360, "height": 740}, color_scheme="dark"), template(house)
    base = sign_in(someone, house)
    for name, path in (("list", "/settings/print-templates/"), ("editor", f"/settings/print-templates/{row.id}")):
        opened(someone, base + path)
        look(someone, f"{name}-phone", of="print-templates")


def test_the_editor_works_without_a_script(person, sign_in, house):
    someone, row = person(java_script_enabled=False), template(house)
    base = sign_in(someone, house)
    someone.page.goto(f"{base}/settings/print-templates/{row.id}")
    with someone.page.expect_navigation():
        someone.page.get_by_role("button", name="Show preview").click()
    assert someone.page.locator(".papers img").count() == 3
    someone.page.select_option("#layout", "compact")
    with someone.page.expect_navigation():
        someone.page.get_by_role("button", name="Show preview").click()
    assert someone.page.locator(".papers img").count() == 2 and someone.page.locator("#layout").input_value() == "compact"
    with someone.page.expect_navigation():
        someone.page.get_by_role("button", name="Save template").click()
    assert template(house).layout == "compact"
