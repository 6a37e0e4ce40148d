"""Lists in a real browser: filter, columns, a saved view, and a value edited in its cell, by keyboard; without script too."""

from uuid import uuid4

import pytest

from core.parties import actions, queries
from tests.support.looking import opened
from tests.support.world import House


@pytest.fixture(scope="module")
def house(server, room):
    found = House(f"lists-{uuid4().hex[:6]}")
    with found.ctx() as ctx:
        for n, city in enumerate(("Kiel", "Bonn", "Kiel")):
            actions.create_account(ctx, name=f"Liste {n}", city=city, employees=10 * n)
    return found


def names(page):
    return page.locator("a.open").all_inner_texts()


def test_a_list_is_shaped_and_kept_under_a_name(person, sign_in, house):
    someone = person()
    page = opened(someone, sign_in(someone, house, "owner") + "/accounts")
    page.locator("[popovertarget=filters]").click()
    page.select_option("[name=add]", "employees")
    assert page.locator("[name=op] option:enabled").all_inner_texts()[0] == "is …", "only comparisons that suit a number"
    page.select_option("[name=op]", "gt")
    page.fill("[name=value]", "5")
    someone.axe(where="filter open")
    page.press("[name=value]", "Enter")
    page.locator(".chip.on", has_text="more than 5").wait_for()
    assert names(page) == ["Liste 1", "Liste 2"]
    page.locator("[popovertarget=columns]").click()
    page.check("#c-employees")
    someone.axe(where="columns open")
    page.get_by_role("button", name="Show these").click()
    page.locator("th", has_text="Employees").wait_for()
    page.locator("[popovertarget=views]").click()
    page.fill("#v-name", "Larger ones")
    someone.axe(where="views open")
    page.press("#v-name", "Enter")
    page.locator(".toast", has_text="Larger ones is saved").wait_for()
    assert names(page) == ["Liste 1", "Liste 2"] and "view=" in page.url
    page.get_by_role("link", name="Employees", exact=True).click()
    page.locator("[popovertarget=views]", has_text="changed").wait_for()
    someone.axe(where="changed view")


def test_a_value_is_edited_in_its_cell_and_a_wrong_one_stays_to_be_mended(person, sign_in, house):
    someone = person()
    page = opened(someone, sign_in(someone, house, "owner") + "/accounts?view=all&columns=city,employees,phone")
    row = page.locator("tr", has_text="Liste 1")
    row.locator("a.open").focus()
    page.keyboard.press("e")
    assert page.evaluate("document.activeElement.name") == "city"
    page.keyboard.type("Köln")
    page.keyboard.press("Tab")
    row.locator("td[data-cell=city]", has_text="Köln").wait_for()
    assert page.evaluate("document.activeElement.name") == "employees"
    page.keyboard.type("many")
    page.keyboard.press("Enter")
    wrong = row.locator("input[aria-invalid=true]")
    wrong.wait_for()
    assert wrong.input_value() == "many"
    someone.axe(where="wrong value")
    wrong.fill("77")
    wrong.press("Enter")
    row.locator("td[data-cell=employees][data-raw='77']").wait_for()
    row.locator("td[data-cell=phone]").dblclick()
    page.keyboard.type("123456")
    page.keyboard.press("Escape")
    assert row.locator("td[data-cell=phone]").inner_text() == ""
    with house.ctx() as ctx:
        found = next(row for row in queries.accounts(ctx, chosen=["city", "employees", "phone"]).rows if row.name == "Liste 1")
        assert (found.city, found.employees, found.phone) == ("Köln", 77, None)


def test_a_refusal_does_not_take_the_focus_from_whoever_types_in_the_next_cell(person, sign_in, house):
    """Or half a word would be saved there, and the rest of it would go into the cell that was refused."""
    someone = person()
    page = opened(someone, sign_in(someone, house, "owner") + "/accounts?view=all&columns=employees,city")
    row, waiting, sent = page.locator("tr", has_text="Liste 0"), [], []
    page.route("**/fields", lambda route: (sent.append(route.request.post_data), waiting.append(route)))
    row.locator("td[data-cell=employees]").dblclick()
    page.keyboard.type("many")
    page.keyboard.press("Tab")
    page.keyboard.type("New Y")
    someone.until("() => document.activeElement.name === 'city'")
    while not waiting:
        page.wait_for_timeout(20)
    waiting.pop().continue_()
    row.locator("td[data-cell=employees] input[aria-invalid=true]").wait_for()
    page.keyboard.type("ork")
    assert row.locator("td[data-cell=city] input").input_value() == "New York" and len(sent) == 1
    assert row.locator("td[data-cell=employees] input").input_value() == "many"
    someone.axe(where="a refused cell beside one that is typed in")
    page.unroute("**/fields")
    page.keyboard.press("Enter")
    row.locator("td[data-cell=city]", has_text="New York").wait_for()


def test_what_was_typed_into_a_cell_is_there_after_a_reload_and_meets_what_another_wrote(person, sign_in, house):
    someone = person()
    page = opened(someone, sign_in(someone, house, "owner") + "/accounts?view=all&columns=industry,city")
    cell = page.locator("tr", has_text="Liste 2").locator("td[data-cell=industry]")
    cell.dblclick()
    page.keyboard.type("Optics and l")
    page.reload()
    page.locator("html[data-ready]").wait_for(state="attached")
    assert cell.locator("input").input_value() == "Optics and l"
    someone.axe(where="a cell that stands open again")
    with house.ctx("manager") as ctx:
        found = next(row for row in queries.accounts(ctx).rows if row.name == "Liste 2")
        actions.edit_account(ctx, queries.one_account(ctx, found.id), industry="Trade")
    page.reload()
    page.locator("html[data-ready]").wait_for(state="attached")
    cell.locator("input").press("End")
    page.keyboard.type("enses")
    page.keyboard.press("Enter")
    page.locator("#modal[open] form.conflict", has_text="Trade").wait_for()
    page.get_by_role("button", name="Save these values").click()
    page.locator("#prop-industry", has_text="Optics and lenses").wait_for()  # the record, where both values were
    assert not page.evaluate("Object.keys(localStorage).some(key => key.includes(':cell:'))")


def heads(page):
    return page.locator("table.list thead th[scope=col]:visible").all_inner_texts()[1:]


def test_columns_are_put_in_order_by_buttons_and_by_the_mouse_and_a_view_keeps_it(person, sign_in, house):
    someone = person()
    page = opened(someone, sign_in(someone, house, "owner") + "/accounts?view=all&columns=city,employees,phone")
    assert heads(page) == ["City", "Employees", "Phone"]
    page.locator("[popovertarget=columns]").click()
    page.get_by_role("button", name="Move up: Phone").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert someone.focused() == "Move up: Phone", "the focus goes along"
    someone.axe(where="columns being put in order")
    page.locator("[data-order] .tick", has_text="Employees").drag_to(page.locator("[data-order] .tick", has_text="City"), target_position={"x": 40, "y": 2})
    page.check("#c-country")
    page.get_by_role("button", name="Show these").click()
    page.locator("th", has_text="Country").wait_for()
    assert heads(page) == ["Phone", "Employees", "City", "Country"]
    page.locator("[popovertarget=views]").click()
    name = f"Ordered {uuid4().hex[:6]}"
    page.fill("#v-name", name)
    page.press("#v-name", "Enter")
    page.locator(".toast", has_text="is saved").wait_for()
    page = opened(someone, page.url.split("?")[0] + "?view=all&columns=city")
    page.locator("[popovertarget=views]").click()
    page.get_by_role("link", name=name).click()
    page.locator("th", has_text="Country").wait_for()
    assert heads(page) == ["Phone", "Employees", "City", "Country"]


def test_on_a_phone_rows_are_chosen_after_select_or_a_long_press(person, sign_in, house):
    someone = person(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True, color_scheme="dark")
    page = opened(someone, sign_in(someone, house, "owner") + "/accounts?view=all")
    someone.axe(where="phone list")
    page.get_by_role("button", name="Select", exact=True).tap()
    page.locator("tr", has_text="Liste 1").tap()
    page.locator("tr", has_text="Liste 2").tap()
    bar = page.get_by_role("toolbar", name="Chosen rows")
    assert bar.locator("[data-chosen]").inner_text() == "Chosen: 2" and page.url.endswith("view=all")
    someone.axe(where="phone rows chosen")
    someone.no_sideways_scroll("phone rows chosen")
    bar.get_by_role("button", name="Choose none").tap()
    assert page.locator(".choosing").count() == 0 and not bar.is_visible()
    # A finger that stays on a row chooses it, and opens nothing.
    box = page.locator("tr", has_text="Liste 1").locator("a.open").bounding_box()
    touch, at = someone.context.new_cdp_session(page), [{"x": box["x"] + 20, "y": box["y"] + 8}]
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": at})
    page.locator(".choosing").wait_for()
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert bar.locator("[data-chosen]").inner_text() == "Chosen: 1" and page.locator("tr:has(:checked)").count() == 1
    bar.get_by_role("button", name="Tags").tap()
    page.locator("[name=add]").wait_for()
    assert "/bulk-edits/" in page.url


def test_columns_are_put_in_order_without_script(person, sign_in, house):
    someone = person(java_script_enabled=False)
    page = someone.page
    page.goto(sign_in(someone, house, "owner") + "/accounts?view=all&columns=city,employees,phone")
    page.locator("[popovertarget=columns]").click()
    with page.expect_navigation():
        page.locator("button[name=up][value=phone]").click()
    assert heads(page) == ["City", "Phone", "Employees"]
    someone.context.close()
    someone.close = lambda: None


def test_without_script_filters_columns_and_views_are_forms(person, sign_in, house):
    someone = person(java_script_enabled=False)
    page = someone.page
    page.goto(sign_in(someone, house, "rep") + "/contacts")
    for menu in ("filters", "columns", "views"):
        assert page.locator(f"#{menu} form").count() >= 1
    someone.context.close()
    someone.close = lambda: None


def test_a_record_shows_its_place_in_the_list_and_leads_to_its_neighbours(person, sign_in, house):
    someone = person()
    page = opened(someone, sign_in(someone, house, "owner") + "/accounts?view=all&sort=-name")
    assert names(page) == ["Liste 2", "Liste 1", "Liste 0"]
    page.get_by_role("link", name="Liste 2").click()
    way = page.get_by_role("navigation", name="In the list")
    way.get_by_text("1 of 3").wait_for()
    someone.axe(where="place in the list")
    assert way.get_by_role("link", name="Previous in the list").get_attribute("aria-disabled") == "true"
    way.get_by_role("link", name="Next in the list").click()
    page.get_by_role("heading", name="Liste 1", level=1).wait_for()
    way.get_by_text("2 of 3").wait_for()
    page.keyboard.press("j")
    page.get_by_role("heading", name="Liste 0", level=1).wait_for()
    way.get_by_text("3 of 3").wait_for()
    page.keyboard.press("k")
    page.get_by_role("heading", name="Liste 1", level=1).wait_for()


def test_a_record_that_no_list_led_to_shows_no_place(person, sign_in, house):
    someone = person()
    with house.ctx() as ctx:
        key = queries.accounts(ctx).rows[0].id
    page = opened(someone, sign_in(someone, house, "owner") + f"/accounts/{key}")
    assert page.get_by_role("navigation", name="In the list").count() == 0


def test_a_refused_cell_keeps_its_width_says_so_after_a_reload_and_can_be_thrown_away(person, sign_in, house):
    someone = person()
    url = sign_in(someone, house, "owner") + "/accounts?view=all&columns=city,employees,phone"
    page = opened(someone, url)
    widths = "[...document.querySelectorAll('thead th')].map((th) => th.offsetWidth)"
    before = page.evaluate(widths)
    cell = page.locator("tr", has_text="Liste 0").locator("td[data-cell=employees]")
    shown = cell.inner_text()
    cell.dblclick()
    assert page.evaluate(widths) == before, "the columns jump while a cell is edited"
    page.keyboard.type("many")
    page.keyboard.press("Enter")
    cell.locator("input[aria-invalid=true]").wait_for()
    page = opened(someone, url)
    held = cell.locator("input[aria-invalid=true]")
    assert held.input_value() == "many" and held.get_attribute("title") and page.evaluate(widths) == before
    page.locator(".toast", has_text="Not saved:").wait_for()
    someone.axe(where="a refused cell after a reload")
    page.locator("tr", has_text="Liste 0").locator("a.open").focus()
    page.keyboard.press("e")
    assert page.evaluate("document.activeElement.value") == "many", "keys lead to the cell that is not saved"
    page.locator(".toast [data-undo]").first.click()
    assert cell.inner_text() == shown and cell.locator("input").count() == 0
    page = opened(someone, url)
    assert page.locator("td[data-cell] input").count() == 0


def test_the_columns_are_chosen_on_a_phone(person, sign_in, house):
    someone = person(viewport={"width": 360, "height": 740}, color_scheme="dark")
    page = opened(someone, sign_in(someone, house, "owner") + "/accounts?view=all")
    page.locator("[popovertarget=columns]").click()
    box = page.locator("#columns").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360 and box["y"] >= 0 and box["y"] + box["height"] <= 740, box
    narrow = "[...document.querySelectorAll('#columns label')].map((label) => label.offsetWidth)"
    assert min(page.evaluate(narrow)) >= 120, "labels break letter by letter"
    someone.axe(where="columns on a phone")
