"""The board in a real browser: by pointer, by keys, by its menu, refused, undone, on a phone, and without a script."""

from uuid import uuid4

import pytest

from core.deals import actions, pipelines, queries, staging
from core.parties import actions as parties
from tests.support.looking import look, opened
from tests.support.world import House


@pytest.fixture
def house(server, room):
    found = House(f"board-{uuid4().hex[:6]}")
    with found.ctx() as ctx:
        stages = {one.code: one for one in pipelines.ways(ctx)[0].stages}
        account = parties.create_account(ctx, name="Nordlicht Optik GmbH")
        ctx.session.flush()
        for n, (name, code, due) in enumerate((("Trays", "new", "2020-01-01"), ("北区门店改造", "new", None), ("Frames", "qualified", "2099-01-01"), ("Framework agreement for the clinics in Jutland", "proposal", None))):
            actions.create_deal(ctx, name=name, stage_id=stages[code].id, amount=1000 * (n + 1), account_id=account.id, next_step="Call" if due else None, next_step_on=due)
        staging.change_stage(ctx, stages["proposal"], criteria=["source"])
    return found


def at(house, name):
    """Code of the stage in which the deal stands."""
    with house.ctx() as ctx:
        row = next(row for row in queries.deals(ctx).rows if row.name == name)
        return pipelines.stages(ctx)[row.stage_id].code


def until_saved(page, act):
    with page.expect_response(lambda answer: "/stage" in answer.url) as found:
        act()
    return found.value.status


def card(page, name):
    return page.locator(".deal", has_text=name)


def lane(page, name):
    return page.get_by_role("region", name=name)


def test_keys_walk_and_move_and_a_move_is_undone(person, sign_in, house):
    someone = person()
    page = opened(someone, sign_in(someone, house) + "/deals/board")
    card(page, "Trays").locator("h3 a").focus()
    assert until_saved(page, lambda: page.keyboard.press("]")) == 200
    assert at(house, "Trays") == "qualified" and page.evaluate("document.activeElement.closest('.deal').dataset.name") == "Trays"
    someone.until("document.querySelector('#live').textContent.includes('Trays is in Qualified now')")
    assert "3,000 EUR" not in lane(page, "Qualified").locator("header").inner_text() and "4,000 EUR" in lane(page, "Qualified").locator("header").inner_text()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.closest('.deal').dataset.name") == "北区门店改造"
    with page.expect_navigation():
        page.locator("#toasts [data-undo]").first.click()
    assert at(house, "Trays") == "new"


def test_a_card_is_dragged_and_what_is_refused_goes_back(person, sign_in, house):
    someone = person()
    page = opened(someone, sign_in(someone, house) + "/deals/board")
    assert until_saved(page, lambda: card(page, "Frames").first.drag_to(lane(page, "Quote sent"))) == 200
    assert at(house, "Frames") == "proposal"
    assert until_saved(page, lambda: card(page, "Jutland").drag_to(lane(page, "Negotiating"))) == 422
    page.get_by_text("Quote sent asks for this first: Source.").first.wait_for()
    assert lane(page, "Quote sent").locator(".deal", has_text="Jutland").count() == 1
    look(someone, "refused", of="board")


def test_the_menu_moves_and_a_loss_asks_why(person, sign_in, house):
    someone = person()
    page = opened(someone, sign_in(someone, house) + "/deals/board")
    card(page, "北区门店改造").locator("[data-move]").click()
    page.locator("#move-to [data-to]", has_text="Closed lost").click()
    page.fill("#lost-reason", "Too dear")
    assert until_saved(page, lambda: page.keyboard.press("Enter")) == 200
    assert at(house, "北区门店改造") == "lost" and card(page, "北区门店改造").count() == 0
    with page.expect_navigation():
        page.locator("#toasts [data-undo]").first.click()
    assert at(house, "北区门店改造") == "new"


@pytest.mark.parametrize(("name", "options"), [("light", {}), ("zh", {}), ("phone-dark", {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True, "is_mobile": True}), ("bare", {"java_script_enabled": False})])
def test_it_is_whole_on_a_phone_and_without_a_script(person, sign_in, house, name, options):
    someone = person(**options)
    if name == "zh":
        with house.ctx() as ctx:
            ctx.session.get_one(type(house.users["owner"]), house.users["owner"].id).locale = "zh"
    url = sign_in(someone, house)
    if name == "bare":
        page = someone.page
        page.goto(url + "/deals/board")
        card(page, "Trays").locator(".move").click()
        page.select_option("#move select", label="Qualified")
        page.locator("#move button").click()
        assert at(house, "Trays") == "qualified"
        return
    page = opened(someone, url + "/deals/board")
    look(someone, name, of="board")
    page.goto(url + "/deals")
    look(someone, f"list-{name}", of="deals")
    page.locator("a.open").first.click()
    page.locator(".facts").wait_for()
    look(someone, f"page-{name}", of="deals")
    page.goto(url + "/deals/new")
    look(someone, f"form-{name}", of="deals")
    page.goto(url + "/settings/pipelines/")
    page.locator("a.link-row").first.click()
    page.locator("#stages").wait_for()
    look(someone, f"pipeline-{name}", of="deals")


def test_a_part_of_a_lane_fits_in_its_budget(person, sign_in, house):
    """What the board loads of scripts stays below what a page may."""
    someone = person()
    sizes = []
    someone.page.on("response", lambda answer: sizes.append(int(answer.headers.get("content-length", 0))) if answer.url.split("?")[0].endswith(".js") else None)
    opened(someone, sign_in(someone, house) + "/deals/board")
    assert sum(sizes) < 45_000 and len(sizes) > 10, sizes
