"""A real file comes in through the browser: columns recognised, dirty words named, parents linked, taken back as a whole."""

import re
from uuid import uuid4

from sqlalchemy import func, select

from core.parties.models import Account
from tests.support.world import House


def counted(house):
    with house.ctx() as ctx:
        alive = select(func.count()).select_from(Account).where(Account.deleted_at.is_(None))
        return ctx.session.execute(alive).scalar_one(), ctx.session.execute(alive.where(Account.parent_id.is_not(None))).scalar_one()


def test_the_accounts_of_a_real_crm_come_in_and_go_again(person, server, sign_in, data):
    house = House(f"import-{uuid4().hex[:6]}")
    someone = person()
    url, page = sign_in(someone, house), someone.page
    page.goto(f"{url}/imports/new")
    page.locator("html[data-ready]").wait_for(state="attached")
    page.set_input_files("[name=file]", data / "crm-maven-sales" / "accounts.csv")
    page.click("text=Look at the file")
    page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}"))
    assert page.get_by_label("account", exact=True).input_value() == "name"
    assert "Acme Corporation" in page.locator("#columns").inner_text()
    someone.axe(where="columns")
    page.click("text=Check the file")
    page.get_by_role("button", name="Import", exact=True).wait_for(timeout=60_000)
    text = page.locator("#content").inner_text()
    assert "85" in text and "technolgy" in text and "Philipines" in text
    someone.axe(where="check")
    someone.no_sideways_scroll("check")
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("Take the import back").wait_for(timeout=60_000)
    assert counted(house) == (85, 15)
    someone.axe(where="result")
    page.click("text=Show the list")
    page.get_by_text("Acme Corporation").first.wait_for()
    page.go_back()
    page.get_by_text("Take the import back").click()
    page.locator("dialog[open] button.primary, dialog[open] button.danger").first.click()
    page.locator(".top").get_by_text("Taken back", exact=True).wait_for(timeout=60_000)
    assert counted(house) == (0, 0)


def test_what_is_no_table_is_refused_with_the_reason_under_the_field(person, server, sign_in, tmp_path):
    house = House(f"import-{uuid4().hex[:6]}")
    someone = person()
    url, page = sign_in(someone, house), someone.page
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
    page.goto(f"{url}/imports/new")
    page.set_input_files("[name=file]", tmp_path / "picture.csv")
    page.click("text=Look at the file")
    page.locator("#file-err:not([hidden]), [data-errors]").first.wait_for()
    someone.axe()
