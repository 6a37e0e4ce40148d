"""An import in a real browser, with real workers: file, columns, check, run, result; on desk and phone, light and dark."""

import os
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.world import House

SHOTS = os.environ.get("TENDERO_SHOTS")
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
def house(app):
    return House(f"br{uuid4().hex[:6]}")


def look(visitor, name):
    """Axe, no sideways scroll; a picture where one is asked for."""
    visitor.axe(where=name)
    visitor.no_sideways_scroll(name)
    if SHOTS:
        visitor.page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=False)


@pytest.mark.parametrize("size,scheme", [("desk", "light"), ("phone", "dark"), ("desk", "dark"), ("phone", "light")])
def test_a_list_comes_in_by_hand(person, room, sign_in, house, data, size, scheme):
    visitor = person(viewport=SIZES[size], color_scheme=scheme)
    page, url, tag = visitor.page, sign_in(visitor, house), f"{size}-{scheme}"
    page.goto(f"{url}/imports")
    look(visitor, f"{tag}-1-none")
    page.goto(f"{url}/imports/new")
    look(visitor, f"{tag}-2-file")
    dirty = (data / "crm-maven-sales" / "accounts.csv").read_text() + "Nobody,retail,1990,12.5,many,Spain,\n,retail,,,,,\n"
    page.set_input_files("input[type=file]", files=[{"name": "accounts.csv", "mimeType": "text/csv", "buffer": dirty.encode()}])
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("heading", name="Columns of the file").wait_for()
    look(visitor, f"{tag}-3-columns")
    page.get_by_label("Amounts are written").select_option("1000000")
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Import", exact=True).wait_for(timeout=30_000)
    assert page.get_by_text("Write a whole number").count() == 1
    look(visitor, f"{tag}-4-checked")
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("button", name="Take the import back").wait_for(timeout=30_000)
    look(visitor, f"{tag}-5-done")
    with page.expect_download() as got:
        page.get_by_role("button", name="Only the rows that failed: CSV").click()
    assert "Failed" in Path(got.value.path()).read_text("utf-8-sig")
    page.goto(f"{url}/imports")
    look(visitor, f"{tag}-6-list")
    page.goto(f"{url}/accounts?q=Dalttech")
    page.get_by_text("Dalttechnology").first.wait_for()


@pytest.mark.parametrize("size,scheme", [("desk", "light"), ("phone", "dark")])
def test_a_list_of_deals_comes_in_by_hand(person, room, sign_in, house, size, scheme):
    visitor = person(viewport=SIZES[size], color_scheme=scheme)
    page, url, tag = visitor.page, sign_in(visitor, house), f"deals-{size}-{scheme}"
    page.goto(f"{url}/imports/new?kind=deals")
    look(visitor, f"{tag}-1-file")
    rows = "Opportunity,Customer,Stage,Amount,Close date\nDrills,,Qualified,1200.50 USD,2027-01-31\nSaws,,Won,10,2025-03-01\nNails,Nobody Ltd,Nowhere,many,\n"
    page.set_input_files("input[type=file]", files=[{"name": "deals.csv", "mimeType": "text/csv", "buffer": rows.encode()}])
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("heading", name="Columns of the file").wait_for()
    look(visitor, f"{tag}-2-columns")
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Import", exact=True).wait_for(timeout=30_000)
    look(visitor, f"{tag}-3-checked")
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("button", name="Take the import back").wait_for(timeout=30_000)
    look(visitor, f"{tag}-4-done")
    page.get_by_role("link", name="Show the list").click()
    page.get_by_text("Saws").first.wait_for()
    assert page.get_by_text("From the import").count() and page.get_by_text("Nails").count() == 0
    look(visitor, f"{tag}-5-list")


def test_it_works_without_script(person, room, sign_in, house):
    visitor = person(java_script_enabled=False)
    page, url = visitor.page, sign_in(visitor, house)
    page.goto(f"{url}/imports/new")
    page.set_input_files("input[type=file]", files=[{"name": "a.csv", "mimeType": "text/csv", "buffer": b"name\nSol\nLuna\n"}])
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("button", name="Check the file").click()
    for _ in range(100):
        if page.get_by_role("button", name="Import", exact=True).count():
            break
        page.wait_for_timeout(300)
        page.reload()
    page.get_by_role("button", name="Import", exact=True).click()
    for _ in range(100):
        if page.get_by_role("button", name="Take the import back").count():
            break
        page.wait_for_timeout(300)
        page.reload()
    assert page.get_by_text("2", exact=True).count() >= 1
