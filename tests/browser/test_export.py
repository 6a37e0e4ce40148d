"""A long list taken out in the background, in a real browser: asked for, waited for, fetched once; and the changes that an import shows."""

import os
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import insert

from core.identity.models import User
from core.parties.models import Account
from tests.support.world import House

SHOTS = os.environ.get("TENDERO_SHOTS")
ROWS = 6_000


@pytest.fixture
def house(app):
    found = House(f"be{uuid4().hex[:6]}")
    with found.ctx() as ctx:
        ctx.session.execute(insert(Account), [{"name": f"Company {n:05d}", "city": "Kiel", "owner_id": ctx.actor.id} for n in range(ROWS)])
    return found


def look(visitor, name):
    visitor.axe(where=name)
    visitor.no_sideways_scroll(name)
    if SHOTS:
        visitor.page.screenshot(path=str(Path(SHOTS) / f"export-{name}.png"))


def test_a_long_list_is_waited_for_and_fetched_once(person, room, sign_in, house):
    visitor = person()
    page, url = visitor.page, sign_in(visitor, house)
    page.goto(f"{url}/accounts/exports/new")
    look(visitor, "1-as-what")
    page.get_by_role("button", name="Export").click()
    page.wait_for_url("**/exports/*")
    look(visitor, "2-progress")
    page.get_by_role("button", name="Download").wait_for(timeout=60_000)
    look(visitor, "3-ready")
    with page.expect_download() as given:
        page.get_by_role("button", name="Download").click()
    content = Path(given.value.path()).read_text(encoding="utf-8-sig")
    assert content.count("Company ") == ROWS and given.value.suggested_filename.endswith(".csv")
    page.reload()
    page.get_by_text("Downloaded on").wait_for()
    look(visitor, "4-fetched")
    page.goto(f"{url}/exports")
    look(visitor, "5-all")


@pytest.mark.parametrize(("size", "light", "lang"), [((1440, 900), "dark", "zh"), ((360, 780), "light", "en")], ids=["desk", "phone"])
def test_an_import_shows_what_it_would_change(person, room, sign_in, house, size, light, lang):
    with house.ctx() as ctx:
        ctx.session.get_one(User, ctx.actor.id).locale = lang
    visitor = person(viewport={"width": size[0], "height": size[1]}, color_scheme=light)
    page, url = visitor.page, sign_in(visitor, house)
    page.goto(f"{url}/imports/new")
    page.set_input_files("input[type=file]", files=[{"name": "list.csv", "mimeType": "text/csv", "buffer": b"Name,City,Mail 2\nCompany 00001,Ulm,x@y.example\nCompany 00002,Bonn,\n"}])
    page.locator("form:has(input[type=file]) button[type=submit]").click()
    page.locator("#columns").wait_for()
    page.locator("input[name=mode][value=both]").check()
    page.locator("select[name=key_field]").select_option("name")
    page.locator("#columns button[type=submit]").click()
    page.locator("th[scope=rowgroup]").first.wait_for(timeout=60_000)
    assert page.get_by_text("Ulm").count() == 1 and page.get_by_text("Bonn").count() == 1
    look(visitor, f"6-changes-{size[0]}")
