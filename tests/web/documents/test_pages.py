"""The pages of print templates and their API."""

import base64
import io
import re

import pypdf
import pytest
from sqlalchemy import delete

from core.documents import queries, starter
from core.documents.models import COLUMNS, PrintTemplate
from core.documents.samples import RECORDS, Records, sample
from tests.core.documents.test_templates import picture
from web.documents.forms import PLAIN, TICKS

HOME = "/settings/print-templates/"


@pytest.fixture(autouse=True)
def anew(world):
    with world.acme.ctx() as ctx:
        ctx.session.execute(delete(PrintTemplate))
        starter.make_starter(ctx.session)


def english(world):
    with world.acme.ctx() as ctx:
        return queries.usual(ctx, "quote", "en")


def sent(row, **other):
    """The form of a template as a browser sends it."""
    values = {name: "1" if getattr(row, name) else None for name in TICKS} | {name: getattr(row, name) or "" for name in PLAIN if name not in TICKS}
    places = {f"place_{name}": str(row.columns.index(name) + 1) if name in row.columns else "" for name in COLUMNS}
    headings = {f"heading_{name}": row.headings.get(name, "") for name in COLUMNS}
    return {name: value for name, value in (values | places | headings | {"_version": str(row.version)} | other).items() if value is not None}


def test_a_template_is_made_changed_preferred_deleted_and_brought_back(world):
    browser, first = world.browser("owner"), english(world)
    assert "Commercial" not in browser.get(HOME).text
    made = browser.post(HOME, {"name": "Commercial", "language": "en", "layout": "modern"})
    assert made.status_code == 303
    path = made.headers["Location"].removeprefix(f"http://{world.acme.host}")
    row = world.api("owner").get(f"/api/v1/print-templates/{path.split('/')[-1]}").json
    assert (row["layout"], row["is_default"], row["columns"]) == ("modern", False, list(COLUMNS))
    with world.acme.ctx() as ctx:
        stands = ctx.session.get(PrintTemplate, row["id"])
        form = sent(stands, colour="#7a1f1f", place_sku="", place_amount="1", place_name="2", heading_amount="Worth", terms="Paid within 14 days, {customer}.", show_code=None)
    assert browser.post(path, form).status_code == 303
    row = world.api("owner").get(f"/api/v1/print-templates/{row['id']}").json
    assert row["colour"] == "#7a1f1f" and row["columns"][:2] == ["amount", "position"] and "sku" not in row["columns"]
    assert (row["headings"], row["show_code"], row["terms"]) == ({"amount": "Worth"}, False, "Paid within 14 days, {customer}.")
    assert browser.post(f"{path}/preference").status_code == 303
    assert english(world).name == "Commercial"
    assert browser.post(f"{HOME}{first.id}/deletion").status_code == 303 and "Undo" in browser.get(HOME).text
    assert browser.post(f"{HOME}{first.id}/restoration").status_code == 303 and str(first.id) in browser.get(HOME).text
    assert "Print template" in browser.get("/settings/audit/?table=print_template").text


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(world):
    row = english(world)
    answer = world.browser("owner").post(f"{HOME}{row.id}", sent(row, colour="#ffff00", margin_top="99", intro="Dear {password}", closing="See you"))
    assert answer.status_code == 422 and "too pale" in answer.text and "from 8 to 60" in answer.text and "{password}" in answer.text and "See you" in answer.text
    assert english(world).colour == row.colour


def test_two_who_save_at_once_do_not_overwrite_each_other(world):
    row = english(world)
    assert world.browser("owner").post(f"{HOME}{row.id}", sent(row, title="First")).status_code == 303
    assert world.browser("manager").post(f"{HOME}{row.id}", sent(row, title="Second")).status_code == 409
    assert english(world).title == "First"


def pages(text):
    return [base64.b64decode(one) for one in re.findall(r'src="data:image/png;base64,([^"]+)"', text)]


def test_the_preview_is_the_document_and_saves_nothing(world):
    browser, row = world.browser("owner"), english(world)
    assert pages(browser.get(f"{HOME}{row.id}").text) == [], "the form does not wait for the printer"
    before = pages(browser.post(f"{HOME}{row.id}/preview", sent(row)).text)
    assert len(before) == 3 and all(one.startswith(b"\x89PNG") for one in before)
    whole = browser.post(f"{HOME}{row.id}/preview", sent(row, layout="compact", terms_on_new_page=None))
    part = browser.post(f"{HOME}{row.id}/preview", sent(row, layout="compact", terms_on_new_page=None), headers={"HX-Request": "true"})
    assert len(pages(whole.text)) == 1 and "<form" in whole.text and 'value="compact" selected' in whole.text.replace("selected value=\"compact\"", 'value="compact" selected')
    assert pages(part.text) == pages(whole.text) and "<form" not in part.text
    assert english(world).layout == "letter"
    printed = browser.get(f"{HOME}{row.id}/sample.pdf")
    assert printed.mimetype == "application/pdf" and len(pypdf.PdfReader(io.BytesIO(printed.data)).pages) == len(before)


def test_a_preview_of_wrong_values_says_which_and_shows_the_others(world):
    browser, row = world.browser("owner"), english(world)
    answer = browser.post(f"{HOME}{row.id}/preview", sent(row, colour="#1f4", layout="compact"), headers={"HX-Request": "true"})
    assert "Colour: Write the colour" in answer.text and len(pages(answer.text)) == 2


def test_a_preview_shows_a_real_record_where_a_room_offers_some(world, monkeypatch):
    from uuid import uuid4

    key, asked = uuid4(), []
    records = Records(lambda ctx: [(key, "Q-77 for Globex")], lambda ctx, id: asked.append(id) or sample(ctx, "quote", "en", "draft"))
    monkeypatch.setitem(RECORDS, "quote", records)
    browser, row = world.browser("owner"), english(world)
    assert "Q-77 for Globex" in browser.get(f"{HOME}{row.id}").text
    assert len(pages(browser.post(f"{HOME}{row.id}/preview", sent(row) | {"with": str(key)}, headers={"HX-Request": "true"}).text)) == 3 and asked == [key]


def test_a_logo_is_put_on_shown_and_taken_off(world):
    browser, row = world.browser("owner"), english(world)
    assert browser.post(f"{HOME}{row.id}/logo", {"file": (io.BytesIO(b"no picture"), "logo.png")}, content_type="multipart/form-data").status_code == 422
    assert browser.post(f"{HOME}{row.id}/logo", {"file": (io.BytesIO(picture()), "logo.png")}, content_type="multipart/form-data").status_code == 303
    shown = browser.get(f"{HOME}{row.id}/logo.png")
    assert shown.mimetype == "image/png" and shown.headers["X-Content-Type-Options"] == "nosniff" and "The logo as it is printed" in browser.get(f"{HOME}{row.id}").text
    assert browser.post(f"{HOME}{row.id}/logo", {"remove": "1"}).status_code == 303 and browser.get(f"{HOME}{row.id}/logo.png").status_code == 404


def test_the_sample_is_a_workbook_too(world):
    answer = world.browser("rep").get(f"{HOME}{english(world).id}/sample.xlsx")
    assert answer.status_code == 200 and answer.data.startswith(b"PK") and "attachment" in answer.headers["Content-Disposition"]
    assert world.browser("rep").get(f"{HOME}{english(world).id}/sample.exe").status_code == 404


def test_whoever_may_only_look_sees_the_list_and_no_editor(world):
    browser, row = world.browser("rep"), english(world)
    text = browser.get(HOME).text
    assert row.name in text and 'id="new-template"' not in text and "Delete" not in text
    assert browser.get(f"{HOME}{row.id}").status_code == 403 and browser.post(f"{HOME}{row.id}", sent(row)).status_code == 403


def test_without_the_fonts_a_worker_is_asked_to_bring_them(world, monkeypatch, tmp_path):
    from core.base.outbox import Order
    from infra.config import settings

    monkeypatch.setenv("FONTS_DIR", str(tmp_path))
    settings.cache_clear()
    try:
        with world.acme.ctx() as ctx:
            korean = queries.usual(ctx, "quote", "ko")
        browser = world.browser("owner")
        assert "being fetched" in browser.post(f"{HOME}{korean.id}/preview", sent(korean)).text
        assert browser.get(f"{HOME}{korean.id}/sample.pdf").status_code == 303
        with world.acme.ctx() as ctx:
            assert ctx.session.query(Order).filter(Order.name == "documents.fonts").count() >= 1
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_the_api_makes_changes_and_lists(world):
    api = world.api("owner")
    made = api.json("POST", "/api/v1/print-templates", {"name": "From a program", "language": "es", "headings": {"name": "Qué"}, "title": "Oferta {number}"})
    assert made.status_code == 201 and made.json["headings"] == {"name": "Qué"} and made.json["is_default"] is False
    url = f"/api/v1/print-templates/{made.json['id']}"
    assert [one["name"] for one in api.get("/api/v1/print-templates?filter[language][eq]=es&sort=name").json["data"]] == ["From a program", "Presupuesto"]
    changed = api.json("PATCH", url, {"colour": "#224466"}, headers={"If-Match": f'"{made.json["version"]}"'})
    assert changed.status_code == 200 and changed.json["colour"] == "#224466"
    assert api.json("PATCH", url, {"colour": "#224467"}, headers={"If-Match": f'"{made.json["version"]}"'}).status_code == 412
    wrong = api.json("PATCH", url, {"colour": "#ffffff", "title": "{nobody}"}, headers={"If-Match": f'"{changed.json["version"]}"'})
    assert wrong.status_code == 422 and {one["field"] for one in wrong.json["errors"]} == {"colour", "title"}
    at = lambda: {"If-Match": api.get(url).headers["ETag"]}  # noqa: E731
    logo = api.json("PUT", f"{url}/logo", {"picture": base64.b64encode(picture()).decode()}, headers=at())
    assert logo.status_code == 200 and logo.json["logo_id"] and api.get(f"{url}/logo").data.startswith(b"\x89PNG")
    for wrong in ("no base64!", base64.b64encode(b"no picture").decode()):
        assert api.json("PUT", f"{url}/logo", {"picture": wrong}, headers=at()).json["errors"][0]["field"] == "picture"
    assert api.json("PUT", f"{url}/logo", {"picture": None}, headers=at()).json["logo_id"] is None and api.get(f"{url}/logo").status_code == 404
    assert api.json("POST", f"{url}/preference", None).json["is_default"] is True
    stands = api.get(url)
    assert api.delete(url, headers={"If-Match": stands.headers["ETag"]}).status_code == 204 and api.get(url).status_code == 404
