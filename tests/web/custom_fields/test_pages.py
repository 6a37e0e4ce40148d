"""Own fields on pages and in the API, at once after they were defined."""

import json
import re
from pathlib import Path
from uuid import uuid4

import pytest

from core.custom_fields import actions
from core.custom_fields.models import KINDS, CustomField
from tests.house.test_cast_walks import token_for
from tests.support.world import Browser, House
from web.api import shell

EVIL = "Status <b>x</b>"


@pytest.fixture(scope="module")
def house(app):
    found = House(f"ownw-{uuid4().hex[:6]}")
    with found.ctx() as ctx:
        status = actions.create_field(ctx, room="accounts", kind="choice", label=EVIL, key="status", options=[{"label": "Active", "colour": "green"}, {"label": "Lost <i>"}], in_list=True)
        actions.create_field(ctx, room="accounts", kind="date", label="Since", is_required=True, shown_when={"field": "custom.status", "op": "eq", "value": "active"}, section="Deal <u>")
        for kind in KINDS:
            if kind not in ("choice", "date"):
                actions.create_field(ctx, room="accounts", kind=kind, label=f"L {kind}", options=[{"label": "One"}, {"label": "Two"}] if kind == "choices" else [], labels={"es": f"E {kind}"})
        found.status = status.id
    return found


@pytest.fixture
def owner(app, house):
    return Browser(app, house, "owner")


@pytest.fixture
def api(app, house, monkeypatch):
    monkeypatch.setattr(shell, "BURST", 1_000_000)
    found = Browser(app, house)
    found.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token_for(house, 'owner')}"
    return found


def hidden(text):
    return dict(re.findall(r'name="(_was_[^"]+|_version)" value="([^"]*)"', text))


VALUES = {"custom.status": "active", "custom.since": "2026-01-02", "custom.l_amount": "12.5 USD", "custom.l_moment": "2026-05-05T10:00", "custom.l_choices": ["one", "two"], "custom.l_yes_no": "y", "custom.l_whole": "7", "custom.l_link": "a.example", "custom.l_text": "Hello"}


@pytest.fixture
def record(owner):
    answer = owner.post("/accounts", {"name": f"Acme {uuid4().hex[:6]}"} | VALUES)
    assert answer.status_code == 303, answer.text
    return answer.location


def test_the_form_has_every_field_and_says_what_is_missing(owner):
    page = owner.get("/accounts/new").text
    assert page.count("data-when=") == 1 and "Only where" in page and 'type="datetime-local"' in page and "Deal &lt;u&gt;" in page and 'href="/contacts/options"' not in page
    answer = owner.post("/accounts", {"name": "Acme", "custom.status": "active"})
    assert answer.status_code == 422 and "Fill in this field." in answer.text
    assert owner.post("/accounts", {"name": "Acme", "custom.since": "2026-01-01"}).status_code == 422


def test_no_label_or_option_is_taken_for_html(owner, record):
    for path in ("/accounts/new", record, f"{record}/edit", f"{record}/history", "/accounts", "/accounts?columns=custom.status&view=all", "/settings/fields/", f"/settings/fields/{owner_field(owner)}", "/settings/roles/", "/accounts?add=custom.status&op=eq&value=active"):
        text = owner.get(path, follow_redirects=True).text
        assert not [tag for tag in ("<b>x", "<i>", "<u>") if tag in text], path
    assert "&lt;b&gt;x" in owner.get("/accounts?columns=custom.status&view=all").text


def owner_field(owner):
    return re.search(r'/settings/fields/([0-9a-f-]{36})"', owner.get("/settings/fields/").text)[1]


def test_an_edit_of_nothing_changes_nothing_and_one_of_a_box_empties_it(house, owner, record):
    page = owner.get(f"{record}/edit").text
    was = hidden(page)
    same = {name.removeprefix("_was_"): value for name, value in was.items() if name.startswith("_was_") and value}
    answer = owner.post(record, was | same | {"custom.l_choices": ["one", "two"]})
    assert answer.status_code == 303, answer.text
    with house.ctx() as ctx:
        from core.parties.queries import one_account

        found = one_account(ctx, record.rsplit("/", 1)[1])
        assert found.version == 1 and found.custom["l_choices"] == ["one", "two"] and found.custom["l_yes_no"] is True
    del same["custom.l_yes_no"]
    assert owner.post(record, was | same | {"custom.l_choices": ["two"]}).status_code == 303
    with house.ctx() as ctx:
        found = one_account(ctx, record.rsplit("/", 1)[1])
        assert found.custom["l_choices"] == ["two"] and found.custom["l_yes_no"] is False


def test_two_people_are_asked_about_the_same_own_field(owner, record):
    was = hidden(owner.get(f"{record}/edit").text)
    assert owner.post(f"{record}/fields", {"custom.l_amount": "1 EUR"}).status_code == 303
    mine = {name.removeprefix("_was_"): value for name, value in was.items() if name.startswith("_was_") and value} | {"custom.l_choices": ["one", "two"]}
    answer = owner.post(record, was | mine | {"custom.l_amount": "2 EUR"})
    assert answer.status_code == 409 and "L amount" in answer.text and "12.50 USD" in answer.text.replace("12.5 USD", "12.50 USD") and "keep_custom.l_amount" in answer.text


def test_a_value_is_edited_where_it_stands_and_put_back_from_the_history(owner, record):
    assert "Hello" in owner.get(record).text
    assert owner.post(f"{record}/fields", {"custom.l_text": "Changed"}).status_code == 303
    refused = owner.post(f"{record}/fields", {"custom.l_whole": "x", "_cell": "1"})
    assert refused.status_code == 422 and "number in digits" in refused.text
    cell = owner.post(f"{record}/fields", {"custom.status": "lost_i", "_cell": "1", "_columns": "custom.status"})
    assert "pill" in cell.text and "Lost &lt;i&gt;" in cell.text
    history = owner.get(f"{record}/history").text
    assert "L text" in history and "Hello" in history
    entry = re.search(rf'{record}/history/([0-9a-f-]+)"(?:(?!</form>).)*?value="custom\.l_text"', history, re.S)
    assert owner.post(f"{record}/history/{entry[1]}", {"field": "custom.l_text"}).status_code == 303
    page = owner.get(record).text
    assert "Hello" in page and "L text" in owner.get(f"{record}?show=changes").text


@pytest.mark.parametrize("asked", ["filter[custom.status][eq]=active", "filter[custom.l_whole][gt]=3", "filter[custom.l_choices][has]=one", "sort=-custom.l_amount", "columns=custom.l_user,custom.l_account,custom.l_contact,custom.l_moment", "add=custom.status&op=eq&value=Active", "add=custom.since&op=past&value=9000"])
def test_a_list_is_filtered_sorted_and_shown_by_them(owner, record, asked):
    answer = owner.get(f"/accounts?{asked}", follow_redirects=True)
    assert answer.status_code == 200 and record in answer.text


def test_a_view_keeps_them(owner, record):
    query = json.dumps({"where": [["custom.status", "eq", "active"]], "sort": "custom.since", "columns": ["custom.since"]})
    made = owner.post("/lists/views", {"room": "accounts", "query": query, "name": f"V {uuid4().hex[:6]}"})
    assert made.status_code == 303 and record in owner.get(made.location).text


def test_an_answer_nests_them_and_a_patch_changes_one_key(api, record):
    key = record.rsplit("/", 1)[1]
    found = api.get(f"/api/v1/accounts/{key}").json
    assert found["custom"]["l_amount"] == {"amount": "12.50", "currency": "USD"} and found["custom"]["l_moment"] == "2026-05-05T10:00:00Z" and found["custom"]["l_user"] is None
    changed = api.json("PATCH", f"/api/v1/accounts/{key}", {"custom": {"l_whole": 8, "l_text": None}}, headers={"If-Match": f'"{found["version"]}"'})
    assert changed.status_code == 200 and changed.json["custom"]["l_whole"] == 8 and changed.json["custom"]["l_text"] is None and changed.json["custom"]["since"] == "2026-01-02"
    for sent, member in (({"l_whole": "x"}, "custom.l_whole"), ({"since": None}, "custom.since")):
        refused = api.json("PATCH", f"/api/v1/accounts/{key}", {"custom": sent}, headers={"If-Match": changed.headers["ETag"]})
        assert refused.status_code == 422 and refused.json["field"] == member, refused.json
    unknown = api.json("PATCH", f"/api/v1/accounts/{key}", {"custom": {"nothing": 1}}, headers={"If-Match": changed.headers["ETag"]})
    assert (unknown.status_code, unknown.json["code"]) == (422, "unknown_field") and "custom.nothing" in unknown.json["detail"]
    assert api.get(f"/api/v1/accounts/{key}?fields=id,custom").json.keys() == {"id", "custom"}


def test_a_program_filters_and_sorts_by_them(api, record):
    key = record.rsplit("/", 1)[1]
    for asked in ("filter[custom.l_whole][eq]=7", "filter[custom.status][in]=active", "sort=custom.since", "filter[custom.l_choices][has]=two&sort=-custom.l_amount,name", "filter[custom.l_link][contains]=EXAMPLE"):
        answer = api.get(f"/api/v1/accounts?limit=200&{asked}")
        assert answer.status_code == 200 and key in [one["id"] for one in answer.json["data"]], answer.json
    for asked in ("filter[custom.nothing][eq]=1", "filter[custom.status][eq]=pink", "sort=custom.l_choices", "filter[custom.l_whole][contains]=1"):
        assert api.get(f"/api/v1/accounts?{asked}").status_code == 422


def test_the_description_tells_them_to_whoever_shows_a_token_and_to_nobody_else(api, house, app):
    told = api.get("/api/v1/openapi.json")
    custom = told.json["components"]["schemas"]["AccountOut"]["properties"]["custom"]["properties"]
    assert custom["status"]["enum"] == ["active", "lost_i", None] and custom["l_whole"]["type"] == ["integer", "null"] and custom["since"]["format"] == "date" and told.headers["Cache-Control"] == "private, no-store"
    assert "filter[custom.l_whole][gte]" in [one["name"] for one in told.json["paths"]["/api/v1/accounts"]["get"]["parameters"]]
    plain = Browser(app, house).get("/api/v1/openapi.json")
    assert plain.status_code == 200 and "l_whole" not in plain.text and "l_whole" not in app.test_client().get("/api/v1/openapi.json", base_url=f"http://{house.host}").text


def test_definitions_have_a_life_in_the_api(api):
    made = api.json("POST", "/api/v1/custom-fields", {"room": "contacts", "kind": "choice", "label": "Shirt", "options": [{"label": "S"}, {"label": "L", "colour": "blue"}], "preset": "l"})
    assert made.status_code == 201 and made.json["key"] == "shirt" and made.json["preset"] == "l", made.json
    place = f"/api/v1/custom-fields/{made.json['id']}"
    assert api.json("PATCH", place, {"help": "x"}).status_code == 428
    changed = api.json("PATCH", place, {"help": "Worn at fairs", "kind": "choices"}, headers={"If-Match": made.headers["ETag"]})
    assert changed.status_code == 200 and (changed.json["kind"], changed.json["preset"]) == ("choices", ["l"])
    assert api.json("PATCH", place, {"help": "y"}, headers={"If-Match": made.headers["ETag"]}).status_code == 412
    assert api.json("POST", "/api/v1/contacts", {"name": "Ada"}).json["custom"]["shirt"] == ["l"]
    assert api.client.delete(place, base_url=f"http://{api.house.host}", headers={"If-Match": changed.headers["ETag"]}).status_code == 204
    assert "shirt" not in api.json("POST", "/api/v1/contacts", {"name": "Ada"}).json["custom"]
    assert [one["key"] for one in api.get("/api/v1/custom-fields?filter[archived_at][null]=false").json["data"]] == ["shirt"]
    assert api.json("POST", f"{place}/restoration", {}).status_code == 200
    assert api.json("POST", f"{place}/erasure", {"label": "Shirt"}).status_code == 422  # it is back


def test_settings_define_change_arrange_archive_and_bring_back(owner, house):
    label = f"Door {uuid4().hex[:6]}"
    made = owner.post("/settings/fields/", {"room": "contacts", "kind": "choice", "label": label, "when_op": "eq", "opt-0-label": "B", "opt-0-place": "2", "opt-1-label": "A", "opt-1-place": "1", "opt-2-label": ""})
    assert made.status_code == 303, made.text
    with house.ctx() as ctx:
        row = next(row for row in ctx.session.query(CustomField) if row.label == label)
        assert [one["label"] for one in row.options] == ["A", "B"]
        key, place = row.id, f"/settings/fields/{row.id}"
    was = hidden(owner.get(place).text)
    form = was | {"kind": "choice", "label": label, "help": "Which door", "is_required": "y", "when_op": "eq", "opt-0-key": "a", "opt-0-label": "Front", "opt-0-colour": "red", "opt-1-key": "b", "opt-1-label": "B", "opt-1-archived": "1", "preset": "Front"}
    assert owner.post(place, form).status_code == 303
    with house.ctx() as ctx:
        row = ctx.session.get(CustomField, key)
        assert (row.help, row.is_required, row.preset) == ("Which door", True, {"value": "a"}) and row.options[1]["archived"]
    refused = owner.post(place, hidden(owner.get(place).text) | {"kind": "choice", "label": "", "when_op": "eq"})
    assert refused.status_code == 422
    assert owner.post(f"{place}/place", {"step": "up"}).status_code == 303
    assert owner.post(f"{place}/archiving", {}).status_code == 303
    assert label in owner.get("/settings/fields/").text and "This field is archived" in owner.get(place).text
    assert owner.post(f"{place}/restoration", {}).status_code == 303
    assert owner.post(f"{place}/kind", {"kind": "choices"}).status_code == 303
    assert owner.post(f"{place}/kind", {"kind": "date"}).status_code == 422


def test_a_role_hides_an_own_field_by_its_name(app, house, owner):
    with house.ctx() as ctx:
        from core.identity import roles

        key = roles.one_role(ctx, "reader").id
    page = owner.get(f"/settings/roles/{key}").text
    assert 'value="accounts.custom.l_text"' in page and "L text" in page and "<b>x" not in page


def test_a_label_stands_in_the_readers_language(house):
    with house.ctx(locale="es") as ctx:
        from core.parties.columns import columns_of

        assert columns_of(ctx, "accounts")["custom.l_text"].label == "E text"


def test_values_stand_as_people_write_them_and_lead_where_they_point(app, house, owner):
    sent = {"custom.l_amount": "99.90 EUR", "custom.l_mail": "ada@a.example", "custom.l_phone": "040 / 55 50-1234", "custom.l_link": "a.example/x", "custom.l_long_text": "First\nSecond", "custom.l_moment": "2026-05-05T18:00"}
    record = owner.post("/accounts", {"name": f"Shown {uuid4().hex[:6]}", "country": "DE"} | sent).location
    text = owner.get(record).text
    assert "99.90 EUR" in text and "6:00\u202fPM" in text and "6:00:00" not in text
    for href in ("mailto:ada@a.example", "tel:04055501234"):
        assert f'href="{href}"' in text
    assert 'href="https://a.example/x" target="_blank" rel="noopener noreferrer"' in text
    assert ">First\nSecond<" in text and "white-space: pre-line" in (Path(__file__).parents[3] / "web/ui/static/css/components.css").read_text().split(".edit {")[1].split("}")[0]
    row = owner.get("/accounts?columns=custom.l_mail,custom.l_phone,custom.l_amount&view=all").text
    assert 'href="mailto:ada@a.example"' in row and "99.90 EUR" in row
