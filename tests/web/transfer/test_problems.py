"""The grid of problems: what it shows, what it takes, who may."""

import re
from uuid import UUID, uuid4

import pytest

from core.parties.actions import create_account
from core.transfer import checking, queries

DIRTY = b"name,employees\nSol,many\nLuna,many\nMar,3\n"


@pytest.fixture
def checked(world):
    """A checked import of the owner's, and its address."""
    key = world.api("owner").client.post("/api/v1/imports?dry_run=true", base_url=f"http://{world.acme.host}", data=DIRTY, content_type="text/csv").json["id"]
    with world.acme.ctx("owner") as ctx:
        round_now = queries.one(ctx, key).round
    checking.check_file(lambda: world.acme.ctx("owner"), key, round_now)
    return f"/imports/{key}/problems"


def test_the_rows_with_problems_stand_there_with_their_cells(world, checked):
    text = world.browser("owner").get(checked).text
    assert text.count('value="many"') == 2 and "Write a whole number" in text and 'value="Mar"' not in text


def test_a_cell_is_put_right_and_its_row_answered(world, checked):
    answer = world.browser("owner").post(f"{checked}/rows", {"line": "2", "shown": "1", "c1": "12", "choice": ""}, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "in order" in answer.text and answer.headers["X-Left"] == "1"


def test_a_form_without_script_comes_back_to_the_grid(world, checked):
    answer = world.browser("owner").post(f"{checked}/rows", {"line": "2", "shown": "1", "c1": "12", "choice": "", "code": "not_whole", "column": "1"})
    assert answer.status_code == 303 and answer.headers["Location"].endswith(f"{checked}?code=not_whole&column=1")


def test_a_text_is_replaced_in_all_rows(world, checked):
    browser = world.browser("owner")
    assert 'name="was" value="many"' in browser.get(f"{checked}?code=not_whole&column=1").text
    answer = browser.post(checked, {"code": "not_whole", "column": "1", "was": "many", "act": "replace", "text": "5"})
    assert answer.status_code == 303 and "Nothing to put right" in browser.get(checked).text


@pytest.mark.parametrize("fields,status", [
    ({"act": "burn"}, 422), ({"act": "replace", "code": "not_whole", "column": "99", "was": "many", "text": "5"}, 422), ({"act": "replace", "code": "not_whole"}, 422),
])
def test_what_makes_no_sense_is_refused(world, checked, fields, status):
    assert world.browser("owner").post(checked, fields).status_code == status


def test_a_row_that_needs_no_look_is_none(world, checked):
    assert world.browser("owner").post(f"{checked}/rows", {"line": "77", "choice": ""}).status_code == 404


def test_others_neither_see_nor_change_it(world, checked):
    assert world.browser("rep").get(checked).status_code == 404 and world.browser("reader").post(checked, {"act": "leave_out"}).status_code in (403, 404)


@pytest.mark.parametrize("fields,mimetype,start", [
    ({"format": "xlsx"}, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"), ({"format": "csv", "fields": "view", "columns": "city,phone"}, "text/csv", b"\xef\xbb\xbfName,City,Phone"),
    ({"heads": "names"}, "text/csv", b"\xef\xbb\xbfexternal_id,name"),
])
def test_a_list_is_taken_out_as_asked(world, fields, mimetype, start):
    answer = world.browser("owner").post("/accounts/exports", fields)
    assert answer.mimetype == mimetype and answer.data.startswith(start)


def test_what_no_list_is_taken_out_as_is_refused(world):
    assert world.browser("owner").post("/accounts/exports", {"format": "vcard"}).status_code == 422
    assert world.browser("owner").post("/contacts/exports", {"fields": "view", "columns": "password_hash"}).status_code == 422


def test_one_person_is_a_card(world):
    key = world.api("owner").json("POST", "/api/v1/contacts", {"name": "Ana Card"}).json["id"]
    answer = world.browser("owner").post(f"/contacts/{key}/exports")
    assert answer.mimetype == "text/vcard" and "FN:Ana Card" in answer.text
    assert world.browser("owner").get("/contacts/exports/new?columns=mail").text.count('value="vcard"') == 1


def test_a_company_that_is_there_under_another_spelling_is_taken_by_a_click(world):
    """The button beside the note; the form that it sends, and what becomes of the row."""
    tag = f"Q{uuid4().hex[:7]}"
    with world.acme.ctx("owner") as ctx:
        known = str(create_account(ctx, name=f"{tag} GmbH").id)
    path, content = "/api/v1/imports?dry_run=true&kind=contacts&mode=create&key_field=", f"name,company\nAda,{tag} Gesellschaft mbH\n".encode()
    key = world.api("owner").client.post(path, base_url=f"http://{world.acme.host}", data=content, content_type="text/csv").json["id"]
    checking.check_file(lambda: world.acme.ctx("owner"), UUID(key), 1)
    page = world.browser("owner")
    text = page.get(f"/imports/{key}/problems").text
    assert f"Take {tag} GmbH" in text and f"/accounts/{known}" in text
    form = re.search(r'<form id="take-2".*?</form>', text, re.S)[0]
    given = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    assert page.post(f"/imports/{key}/problems", given).status_code == 303
    assert "Nothing to put right" in page.get(f"/imports/{key}/problems").text
