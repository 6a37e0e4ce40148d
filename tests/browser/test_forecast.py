"""The forecast's board in a real browser: by pointer, keys and menu, undone, on a phone; its table and what is set there."""

from datetime import date
from uuid import uuid4

import pytest

from core.deals import actions, pipelines, queries, snapshots, targets
from core.deals.periods import period_of
from core.deals.whose import Whose
from core.parties import actions as parties
from tests.support.looking import look, opened
from tests.support.world import House


@pytest.fixture
def house(server, room):
    found = House(f"forecast-{uuid4().hex[:6]}")
    with found.ctx() as ctx:
        stages = {one.code: one for one in pipelines.ways(ctx)[0].stages}
        account = parties.create_account(ctx, name="Nordlicht Optik GmbH")
        ctx.session.flush()
        this, next_ = period_of(ctx.today, "month"), period_of(ctx.today, "month").next()
        for name, code, day, own in (("Trays", "negotiation", this.last, None), ("北区门店改造", "new", next_.first, "commit"), ("Late frames", "proposal", date(2020, 1, 1), None), ("Framework agreement for the clinics in Jutland", "qualified", None, None)):
            actions.create_deal(ctx, name=name, stage_id=stages[code].id, amount=1000, account_id=account.id, closes_on=day, forecast=own)
        actions.create_deal(ctx, name="Done", stage_id=stages["won"].id, amount=400, account_id=account.id)
        targets.set_target(ctx, Whose(), this, 5000)
        targets.set_target(ctx, Whose(user_id=ctx.actor.id), this, 2500)
        targets.adjust(ctx, Whose(user_id=ctx.actor.id), this, -300, "One of them hesitates")
    return found


def closes(house, name):
    with house.ctx() as ctx:
        key = next(row.id for row in queries.deals(ctx).rows if row.name == name)
        return queries.one_deal(ctx, key).closes_on


def until_saved(page, act):
    with page.expect_response(lambda answer: "/period" in answer.url) as found:
        act()
    return found.value.status


def card(page, name):
    return page.locator(".deal", has_text=name)


def test_keys_pointer_and_menu_move_a_deal_and_a_move_is_undone(person, sign_in, house):
    someone = person()
    page = opened(someone, sign_in(someone, house) + "/deals/forecast")
    first, second = page.locator(".lane[data-stage^='20']").nth(0), page.locator(".lane[data-stage^='20']").nth(1)
    assert "1,400 EUR expected" in first.locator("header").inner_text()
    was = closes(house, "Trays")
    card(page, "Trays").locator("h3 a").focus()
    assert until_saved(page, lambda: page.keyboard.press("]")) == 200
    assert closes(house, "Trays") > was and "400 EUR expected" in first.locator("header").inner_text() and "2,000 EUR expected" in second.locator("header").inner_text()
    with page.expect_navigation():
        page.locator("#toasts [data-undo]").first.click()
    assert closes(house, "Trays") == was
    assert until_saved(page, lambda: card(page, "Late frames").drag_to(second)) == 200
    assert closes(house, "Late frames") == closes(house, "北区门店改造").replace(day=1).replace(day=closes(house, "Late frames").day)
    card(page, "Jutland").locator("[data-move]").click()
    assert until_saved(page, lambda: page.locator("#move-to [data-to]").first.click()) == 200
    assert closes(house, "Framework agreement for the clinics in Jutland") == was


@pytest.mark.parametrize(("name", "options"), [("light", {}), ("zh", {}), ("phone-dark", {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True, "is_mobile": True})])
def test_it_is_whole_on_a_phone_and_in_the_dark(person, sign_in, house, name, options):
    someone = person(**options)
    if name == "zh":
        with house.ctx() as ctx:
            ctx.session.get_one(type(house.users["owner"]), house.users["owner"].id).locale = "zh"
    url = sign_in(someone, house)
    page = opened(someone, url + "/deals/forecast")
    look(someone, f"board-{name}", of="forecast")
    page.goto(url + "/deals/forecast/table")
    look(someone, f"table-{name}", of="forecast")
    page.locator("tbody th a").first.click()
    page.locator(".facts").wait_for()
    look(someone, f"whose-{name}", of="forecast")
    with house.ctx() as ctx:
        snapshots.keep_day(ctx)
    page.goto(url + "/deals/forecast/past")
    page.locator(".facts").wait_for()
    look(someone, f"past-{name}", of="forecast")
    page.locator("tbody td a").first.click()
    look(someone, f"past-deals-{name}", of="forecast")
    page.goto(url + "/deals/stages")
    page.locator("table").wait_for()
    look(someone, f"stages-{name}", of="forecast")
    page.locator("tbody td a").first.click()
    look(someone, f"stages-deals-{name}", of="forecast")


def test_what_the_forecast_loads_of_scripts_fits_in_its_budget(person, sign_in, house):
    someone = person()
    sizes = []
    someone.page.on("response", lambda answer: sizes.append(int(answer.headers.get("content-length", 0))) if answer.url.split("?")[0].endswith(".js") else None)
    opened(someone, sign_in(someone, house) + "/deals/forecast")
    assert sum(sizes) < 45_000 and len(sizes) > 10, sizes
