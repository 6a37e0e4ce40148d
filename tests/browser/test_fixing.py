"""A workbook whose rows have problems, put right in the grid by keyboard: desk and phone, light and dark."""

import os
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
import xlsxwriter

from tests.support.world import House

SHOTS = os.environ.get("TENDERO_SHOTS")
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 360, "height": 780}}


@pytest.fixture
def house(app):
    return House(f"fx{uuid4().hex[:6]}")


def look(visitor, name):
    """Axe, no sideways scroll; a picture where one is asked for."""
    visitor.axe(where=name)
    visitor.no_sideways_scroll(name)
    if SHOTS:
        visitor.page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=False)


def workbook():
    made = BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Customers")
        rows = [["Customers of 2026"], [], ["Name", "Employees", "Mail", "City"], ["Sol", "many", "a@sol.example", "Vigo"], ["Luna", "many", "b@luna.example", "Lugo"],
                ["Mar", "few", "no mail", "Vigo"], ["Río", 7, "d@rio.example", "Lugo"]]
        for line, cells in enumerate(rows):
            sheet.write_row(line, 0, cells)
    return made.getvalue()


@pytest.mark.parametrize("size,scheme", [("desk", "light"), ("phone", "dark")])
def test_a_workbook_is_put_right_by_keyboard(person, room, sign_in, house, size, scheme):
    visitor = person(viewport=SIZES[size], color_scheme=scheme)
    page, url, tag = visitor.page, sign_in(visitor, house), f"fix-{size}-{scheme}"
    page.goto(f"{url}/imports/new")
    page.set_input_files("input[type=file]", files=[{"name": "list.xlsx", "mimeType": "application/octet-stream", "buffer": workbook()}])
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("heading", name="Columns of the file").wait_for()
    assert page.get_by_text("Sheet: Customers.").count() == 1
    look(visitor, f"{tag}-1-columns")
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("link", name="Put right").click(timeout=30_000)
    page.get_by_role("heading", name="Row by row").wait_for()
    look(visitor, f"{tag}-2-grid")
    assert page.get_by_label("City, line 4").input_value() == "Vigo", "what else stands in the row is seen"
    assert page.evaluate("document.activeElement.closest('[data-fix]') && getSelection().toString() === document.activeElement.value"), "typing replaces what stands in the cell"
    choice = page.get_by_label("What becomes of line 4")
    assert choice.evaluate("el => el.scrollWidth <= el.clientWidth && el.clientWidth >= 140")
    many = page.locator("#kinds a", has_text="Employees: ")
    counted = sum(int(text) for text in many.locator("b").all_inner_texts())
    cell = page.get_by_label("Employees, line 4")
    cell.fill("12")
    cell.press("Enter")
    page.locator("#line-4 .why").get_by_text("in order").wait_for()
    assert sum(int(text) for text in many.locator("b").all_inner_texts()) == counted - 1, "the kinds count what is left"
    assert page.locator("#left").inner_text() == "2" and page.evaluate("document.activeElement.name") == cell.get_attribute("name")
    assert page.evaluate("document.activeElement.closest('tr').id") == "line-5"
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.closest('tr').id") == "line-4"
    page.goto(f"{url}/imports")
    page.get_by_role("link", name="list.xlsx").first.click()
    page.get_by_role("link", name="Put right").click()
    page.get_by_role("link", name="Employees: ").first.click()
    page.get_by_role("heading", name="The same in all rows").wait_for()
    look(visitor, f"{tag}-3-same")
    page.locator("tr", has=page.get_by_role("rowheader", name="many")).get_by_role("button", name="Leave empty").click()
    page.get_by_role("rowheader", name="few").wait_for()
    page.get_by_role("button", name="Leave the rows out").click()
    page.get_by_role("link", name="Done").click()
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("button", name="Take the import back").wait_for(timeout=30_000)
    page.goto(f"{url}/accounts/exports/new?columns=city,phone")
    look(visitor, f"{tag}-4-export")


def test_a_row_is_put_right_without_script(person, room, sign_in, house):
    visitor = person(java_script_enabled=False)
    page, url = visitor.page, sign_in(visitor, house)
    page.goto(f"{url}/imports/new")
    page.set_input_files("input[type=file]", files=[{"name": "a.csv", "mimeType": "text/csv", "buffer": b"name,employees\nSol,many\n"}])
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("button", name="Check the file").click()
    for _ in range(100):
        if page.get_by_role("link", name="Put right").count():
            break
        page.wait_for_timeout(300)
        page.reload()
    page.get_by_role("link", name="Put right").click()
    page.get_by_label("Employees, line 2").fill("3")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Nothing to put right").wait_for()
