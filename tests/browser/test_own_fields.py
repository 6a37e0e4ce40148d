"""Own fields in a real browser: a choice and a date that hangs on it, defined and used at once everywhere; axe on both sizes."""

import json
from uuid import uuid4

import pytest

from core.parties import actions, queries
from tests.support.looking import look, opened
from tests.support.world import House

SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 360, "height": 740}}


@pytest.mark.parametrize(("size", "scheme"), [("desk", "light"), ("phone", "dark")])
def test_a_field_is_there_at_once(person, room, sign_in, size, scheme):
    house = House(f"own-{size}-{uuid4().hex[:6]}")
    with house.ctx() as ctx:
        actions.create_account(ctx, name="Bestand AG")
    someone = person(viewport=SIZES[size], color_scheme=scheme)
    url = sign_in(someone, house)
    # A choice, with the preview of what it will look like.
    page = opened(someone, f"{url}/settings/fields/new?room=accounts")
    page.fill("[name=label]", "Status")
    page.select_option("[name=kind]", "choice")
    page.fill("[name=opt-0-label]", "Active")
    page.select_option("[name=opt-0-colour]", "green")
    page.fill("[name=opt-1-label]", "Lost")
    assert page.locator("[data-preview] option").all_inner_texts() == ["", "Active", "Lost"]
    assert not page.locator("[name=is_unique]").is_visible(), "a choice is never unique"
    look(someone, f"{size} new field")
    page.check("[name=in_list]")
    page.get_by_role("button", name="Add field").click()
    page.locator(".toast", has_text="Status is there").wait_for()
    look(someone, f"{size} fields")
    # A date that must be filled in where the choice says so.
    page = opened(someone, f"{url}/settings/fields/new?room=accounts")
    page.fill("[name=label]", "Contract until")
    page.select_option("[name=kind]", "date")
    page.check("[name=is_required]")
    page.select_option("[name=when_field]", "custom.status")
    page.fill("[name=when_value]", "Active")
    page.get_by_role("button", name="Add field").click()
    page.locator("li.row", has_text="Only where Status is Active").wait_for()
    # The form shows it only then, and asks for it.
    page = opened(someone, f"{url}/accounts/new")
    page.fill("[name=name]", "Neukunde GmbH")
    date = page.locator("[name='custom.contract_until']")
    assert not date.is_visible()
    page.select_option("[name='custom.status']", "active")
    assert date.is_visible()
    look(someone, f"{size} form")
    page.get_by_role("button", name="Save account").click()
    page.locator("[name='custom.contract_until'][aria-invalid=true]").wait_for()
    page.fill("[name='custom.contract_until']", "2027-03-31")
    page.get_by_role("button", name="Save account").click()
    page.locator(".prop", has_text="Contract until").first.wait_for()
    look(someone, f"{size} record")
    # Column, filter, and (with a pointer) a cell.
    page = opened(someone, f"{url}/accounts?view=all")
    assert page.locator("td .pill", has_text="Active").count() == 1
    page.locator("[popovertarget=filters]").click()
    page.select_option("[name=add]", "custom.status")
    assert page.locator("select[name=value] option").all_inner_texts() == ["Active", "Lost"]
    look(someone, f"{size} filter")
    page.get_by_role("button", name="Show", exact=True).click()
    page.locator(".chip.on", has_text="Status").wait_for()
    assert page.locator("a.open").all_inner_texts() == ["Neukunde GmbH"]
    if size == "desk":
        page = opened(someone, f"{url}/accounts?view=all&columns=custom.status")
        cell = page.locator("tr", has_text="Bestand AG").locator("td[data-cell='custom.status']")
        cell.dblclick()
        page.locator("td select.inp").select_option("lost")
        page.keyboard.press("Enter")
        page.locator("tr", has_text="Bestand AG").locator(".pill", has_text="Lost").wait_for()
        with house.ctx() as ctx:
            assert {row.name: getattr(row, "custom.status") for row in queries.accounts(ctx, chosen=["custom.status"]).rows} == {"Bestand AG": "lost", "Neukunde GmbH": "active"}
        # A file in, and a file out.
        page.goto(f"{url}/imports/new")
        page.set_input_files("input[type=file]", files=[{"name": "a.csv", "mimeType": "text/csv", "buffer": b"name,Status,Contract until\nAus Datei,active,31.12.2027\nOhne,active,\n"}])
        page.get_by_role("button", name="Look at the file").click()
        page.get_by_role("button", name="Check the file").click()
        page.get_by_role("button", name="Import", exact=True).wait_for(timeout=30_000)
        assert page.get_by_text("Fill in this field").count() == 1
        page.get_by_role("button", name="Import", exact=True).click()
        page.get_by_role("button", name="Take the import back").wait_for(timeout=30_000)
        page = opened(someone, f"{url}/accounts?filter[custom.contract_until][gte]=2027-12-01")
        assert page.locator("a.open").all_inner_texts() == ["Aus Datei"]
        with page.expect_download() as download:
            page.get_by_role("button", name="Export").click()
        assert "Contract until" in download.value.path().read_text(encoding="utf-8-sig").splitlines()[0]
        answer = page.evaluate("fetch('/api/v1/openapi.json').then((r) => r.text())")
        assert "contract_until" not in answer and json.loads(answer)["openapi"] == "3.1.0", "strangers learn nothing of own fields"


def test_without_script_a_condition_is_said_and_kept(person, sign_in, house_with_fields):
    someone = person(java_script_enabled=False)
    page = someone.page
    page.goto(sign_in(someone, house_with_fields) + "/accounts/new")
    assert page.get_by_text("Only where Status is Active").count() == 1 and page.locator("[name='custom.since']").is_visible()
    page.fill("[name=name]", "Ohne Skript")
    page.select_option("[name='custom.status']", "active")
    page.get_by_role("button", name="Save account").click()
    assert page.locator("[name='custom.since'][aria-invalid=true]").count() == 1
    page.fill("[name='custom.since']", "2027-01-01")
    page.get_by_role("button", name="Save account").click()
    page.get_by_role("heading", name="Ohne Skript").wait_for()
    page.goto(page.url.partition("/accounts")[0] + "/settings/fields/")
    page.get_by_role("button", name="Move Since up").click()
    assert page.locator("ol.own li .b").all_inner_texts() == ["Since", "Status"]
    someone.context.close()
    someone.close = lambda: None


@pytest.fixture
def house_with_fields(server):
    from core.custom_fields import actions as defining

    found = House(f"own-plain-{uuid4().hex[:6]}")
    with found.ctx() as ctx:
        defining.create_field(ctx, room="accounts", kind="choice", label="Status", options=[{"label": "Active"}, {"label": "Lost"}])
        defining.create_field(ctx, room="accounts", kind="date", label="Since", is_required=True, shown_when={"field": "custom.status", "op": "eq", "value": "active"})
    return found
