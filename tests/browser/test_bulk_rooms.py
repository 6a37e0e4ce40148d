"""Deals and leads changed many at once in a real browser: on a desk, and on a phone by "Select"."""

from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.deals import actions
from core.deals.models import Deal
from core.leads import actions as leads
from core.leads.models import Lead
from tests.support import looking
from tests.support.world import House

look = partial(looking.look, of="bulk-rooms")
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 360, "height": 780}}


@pytest.fixture
def house(app):
    found = House(f"bd{uuid4().hex[:6]}")
    with found.ctx() as ctx:
        for n in range(6):
            actions.create_deal(ctx, name=f"Ovens for bakery {n}", amount="1200.50", closes_on="2030-01-01")
    return found


def days(house):
    with house.ctx() as ctx:
        return [str(day) for day in ctx.session.execute(select(Deal.closes_on).order_by(Deal.name)).scalars()]


@pytest.mark.parametrize("size,scheme", [("desk", "light"), ("phone", "dark")])
def test_a_day_for_two_of_them_and_back(person, room, sign_in, house, size, scheme):
    visitor = person(color_scheme=scheme)
    page, url = visitor.page, sign_in(visitor, house)
    page.set_viewport_size(SIZES[size])
    page.goto(f"{url}/deals")
    if size == "phone":
        page.get_by_role("button", name="Select", exact=True).click()
    for n in (0, 1):
        page.locator("tbody [name=id]").nth(n).check()
    visitor.until("() => document.querySelector('[data-chosen]').textContent.includes('2')")
    look(visitor, f"{size}-1-chosen")
    page.get_by_role("button", name="Change a field").click()
    page.get_by_label("Field to change").select_option("closes_on")
    page.get_by_label("Empty this field").wait_for()
    page.locator("#closes_on").fill("2031-02-03")
    look(visitor, f"{size}-2-value")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Change 2 deals").wait_for()
    look(visitor, f"{size}-3-preview")
    page.get_by_role("button", name="Change 2 deals").click()
    page.get_by_role("button", name="Undo").wait_for()
    assert days(house) == ["2031-02-03"] * 2 + ["2030-01-01"] * 4
    page.get_by_role("button", name="Undo").click()
    page.locator("td", has_text="Feb 3, 2031").first.wait_for(state="detached")
    look(visitor, f"{size}-4-undone")
    assert days(house) == ["2030-01-01"] * 6


@pytest.mark.parametrize("size,scheme", [("desk", "dark"), ("phone", "light")])
def test_leads_in_chinese(person, room, sign_in, house, size, scheme):
    with house.ctx() as ctx:
        ctx.session.get_one(type(house.users["owner"]), house.users["owner"].id).locale = "zh"
        for n in range(3):
            leads.create_lead(ctx, name=f"王小明 {n}", company="北京明视", source="展会")
    visitor = person(color_scheme=scheme)
    page, url = visitor.page, sign_in(visitor, house)
    page.set_viewport_size(SIZES[size])
    page.goto(f"{url}/leads")
    if size == "phone":
        page.locator("[data-choosing]").click()
    for n in (0, 1):
        page.locator("tbody [name=id]").nth(n).check()
    look(visitor, f"{size}-zh-1-chosen")
    page.locator("button[name=do][value=change]").click()
    page.locator("#field").select_option("city")
    page.locator("#city").fill("上海")
    look(visitor, f"{size}-zh-2-value")
    page.locator("[data-save]").click()
    page.get_by_role("button", name="修改 2 条线索").wait_for()
    look(visitor, f"{size}-zh-3-preview")
    page.get_by_role("button", name="修改 2 条线索").click()
    page.wait_for_url("**/leads*")
    with house.ctx() as ctx:
        assert sorted(ctx.session.execute(select(Lead.city)).scalars(), key=str) == [None, "上海", "上海"]
