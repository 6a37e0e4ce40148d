"""Columns made wider and narrower in a real browser: by pointer and by keys, kept over a reload, put back; not on a phone, not without script."""

import os
from pathlib import Path
from uuid import uuid4

import pytest

from core.parties import actions
from core.views import actions as views
from tests.support.looking import opened
from tests.support.world import House

LIST = "/accounts?view=all&columns=city,employees,phone"
KEEP = os.environ.get("TENDERO_PICTURES")


@pytest.fixture(scope="module")
def house(server, room):
    found = House(f"widths-{uuid4().hex[:6]}")
    with found.ctx() as ctx:
        for n, city in enumerate(("Kiel", "Bonn am wunderschönen Rhein in der Nähe von Köln", "Kiel")):
            actions.create_account(ctx, name=f"Breite {n}", city=city, employees=10 * n, phone="+49 431 5512")
    return found


def picture(page, name):
    if KEEP:
        page.screenshot(path=Path(KEEP) / f"{name}.png")


def width(page, name):
    return page.locator("th", has_text=name).first.bounding_box()["width"]


def kept_by(page, act):
    with page.expect_response(lambda answer: "/lists/widths" in answer.url) as found:
        act()
    assert found.value.status == 204


def drag(page, name, by):
    page.locator("[data-widths] thead").hover()  # the edges come with the first hand that goes there
    box = page.get_by_role("separator", name=f"Width of {name}").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by / 2, y, steps=3)
    page.mouse.move(x + by, y, steps=3)
    page.mouse.up()


def test_a_column_is_dragged_kept_and_put_back(person, sign_in, house):
    someone = person()
    page = opened(someone, sign_in(someone, house, "owner") + LIST)
    natural, phone = width(page, "City"), width(page, "Employees")
    picture(page, "widths-before")
    kept_by(page, lambda: drag(page, "City", -120))
    assert abs(width(page, "City") - (natural - 120)) < 3
    assert abs(width(page, "Employees") - phone) < 3, "the others stay as they are"
    someone.axe(where="dragged")
    picture(page, "widths-after")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.reload()
    page.locator("html[data-ready]").wait_for(state="attached")
    assert abs(width(page, "City") - (natural - 120)) < 3
    assert "?" in page.url and page.locator("th[aria-sort]").count() == 1, "a drag sorts nothing"
    edge = page.get_by_role("separator", name="Width of City")
    kept_by(page, edge.dblclick)
    assert abs(width(page, "City") - natural) < 3 and not page.locator("table").first.get_attribute("style")


def test_a_column_is_sized_by_keys(person, sign_in, house):
    someone = person()
    with house.ctx("rep") as ctx:
        actions.create_account(ctx, name="Schmale", city="Kiel", employees=3)
    page = opened(someone, sign_in(someone, house, "rep") + LIST)
    edge = page.get_by_role("separator", name="Width of Name")
    page.locator("[data-widths] thead a").first.focus()
    edge.wait_for()
    edge.focus()
    before = int(edge.get_attribute("aria-valuenow"))
    kept_by(page, lambda: [page.keyboard.press("ArrowLeft") for _ in range(3)])
    assert int(edge.get_attribute("aria-valuenow")) == before - 48 == round(width(page, "Name"))
    assert edge.get_attribute("aria-valuemin") == "48" and edge.get_attribute("aria-orientation") == "vertical"
    kept_by(page, lambda: page.keyboard.press("Home"))
    assert abs(width(page, "Name") - before) < 3
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.locator("[type=search]").first.fill("Schm")
    page.locator("a.open", has_text="Schmale").wait_for()
    page.get_by_role("separator", name="Width of Name").wait_for()  # the list was replaced: its edges are there again


def test_not_on_a_phone_and_not_without_script(person, sign_in, house):
    with house.ctx("manager") as ctx:
        views.set_width(ctx, "accounts", "city", 300)
    someone = person(viewport={"width": 360, "height": 740}, color_scheme="dark")
    page = opened(someone, sign_in(someone, house, "manager") + LIST)
    assert page.get_by_role("separator").count() == 0 and page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("table").first.evaluate("el => el.style.tableLayout") == ""
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("separator", name="Width of City").wait_for()
    assert abs(width(page, "City") - 300) < 3, "the window became one of a desk"
    bare = person(java_script_enabled=False)
    bare.page.goto(sign_in(bare, house, "manager") + LIST)
    assert bare.page.locator("th", has_text="City").is_visible() and bare.page.locator(".edge").count() == 0
