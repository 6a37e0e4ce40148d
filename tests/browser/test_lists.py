"""Lists in a real browser: filter, columns, a saved view, and a value edited in its cell, by keyboard; without script too."""

from uuid import uuid4

import pytest

from core.parties import actions, queries
from tests.support.world import House


@pytest.fixture(scope="module")
def house(server, room):
    found = House(f"lists-{uuid4().hex[:6]}")
    with found.ctx() as ctx:
        for n, city in enumerate(("Kiel", "Bonn", "Kiel")):
            actions.create_account(ctx, name=f"Liste {n}", city=city, employees=10 * n)
    return found


def opened(someone, url):
    someone.page.goto(url)
    someone.page.locator("html[data-ready]").wait_for(state="attached")
    return someone.page


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


def test_without_script_filters_columns_and_views_are_forms(person, sign_in, house):
    someone = person(java_script_enabled=False)
    page = someone.page
    page.goto(sign_in(someone, house, "rep") + "/contacts")
    for menu in ("filters", "columns", "views"):
        assert page.locator(f"#{menu} form").count() >= 1
    someone.context.close()
    someone.close = lambda: None
