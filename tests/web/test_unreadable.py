"""Text that PostgreSQL does not store, in every filter and every field: refused by name, never a mistake of ours."""

from io import BytesIO
from uuid import uuid4

import pytest

from web import readable

NUL = "a\x00b"
# (path, the names in its query that reach the database)
FILTERS = (
    ("/mailings/", ("q", "state", "before")), ("/mailings/reach", ("tags", "audience")), ("/settings/audit/", ("table", "person", "before")),
    ("/accounts", ("q", "owner", "tag", "kind", "sort", "after")), ("/contacts", ("q", "owner", "tag", "role", "after")), ("/search", ("q",)), ("/palette", ("q",)), ("/imports/new", ("kind",)),
)
FORMS = (
    ("/mailings/", ("subject", "name", "body", "from_name", "reply_to", "audience", "tags", "version")), ("/mailings/preview", ("subject", "body")),
    ("/accounts", ("name", "city", "tags", "owner_id", "notes")), ("/contacts", ("name", "mail", "account_id", "account_id_text")),
    ("/settings/members", ("name", "mail", "role", "password")), ("/settings/members/{user}/role", ("role",)), ("/settings/tokens/", ("name", "days", "reach")),
    ("/settings/profile", ("name", "locale", "timezone")), ("/settings/workspace/", ("name", "hue")), ("/accounts/{account}/fields", ("name", "city", "_version", "_was_city")),
    ("/accounts/{account}/activities", ("kind", "body", "next_contact", "next_contact_note")), ("/imports", ("kind",)), ("/subscription/orders", ("legal_name", "plan", "key")),
    ("/accounts/exports", ("q", "tag")), ("/contacts/exports", ("q", "tag")), ("/activities/exports", ("owner", "since", "until", "account_id")), ("/sign-in", ("mail", "password", "next")),
)


@pytest.fixture(scope="module")
def keys(world):
    from core.parties.actions import create_account

    with world.acme.ctx() as ctx:
        account = create_account(ctx, name="Nordlicht")
        ctx.session.flush()
        return {"account": account.id, "user": world.acme.users["rep"].id}


@pytest.mark.parametrize(("path", "name"), [(path, name) for path, names in FILTERS for name in names])
def test_no_filter_takes_nul(world, path, name):
    answer = world.browser("owner").get(path, query_string={name: NUL, "audience": "any"} if name != "audience" else {name: NUL})
    assert answer.status_code == 400 and "control characters" in answer.text


@pytest.mark.parametrize(("path", "name"), [(path, name) for path, names in FORMS for name in names])
def test_no_field_takes_nul(world, keys, path, name):
    form = {"name": "X", "subject": "X", "body": "X", "kind": "call", "audience": "any", name: NUL}
    answer = world.browser("owner").post(path.format(**keys), form, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 400 and "control characters" in answer.text


def test_every_page_of_a_tenant_refuses_nul_in_its_query(app, world):
    """Also the pages that nobody thought of: each rule without a key in it, whatever it makes of its query."""
    browser, wrong = world.browser("owner"), []
    rules = [rule for rule in app.url_map.iter_rules() if not rule.arguments and "tenant" in app.places_of(rule) and "GET" in rule.methods and not rule.rule.startswith("/api/")]
    for rule in rules:
        status = browser.get(rule.rule, query_string={"q": NUL}).status_code
        if status != 400:
            wrong.append((rule.rule, status))
    assert wrong == [] and len(rules) > 20


def test_a_name_of_a_field_a_path_and_a_files_name_are_text_too(world):
    browser = world.browser("owner")
    assert browser.get("/accounts?%00=1").status_code == 400
    assert browser.get("/static/%00").status_code == 400
    assert browser.post("/accounts", {NUL: "x"}).status_code == 400
    body = b'--b\r\nContent-Disposition: form-data; name="_csrf"\r\n\r\n%s\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a\x00.csv"\r\n\r\nName\nA\n\r\n--b--\r\n' % browser.csrf.encode()
    answer = browser._open("POST", "/imports", data=body, content_type="multipart/form-data; boundary=b")
    assert answer.status_code in (400, 422)
    for inside in (b"Name\nA\x00B\n", b"Name\n\x00\n"):  # what is in a file is not the door's
        assert browser.post("/imports", {"kind": "accounts", "file": (BytesIO(inside), "list.csv")}, content_type="multipart/form-data").status_code in (303, 422)


@pytest.mark.parametrize("half", ["\ud800", "a\udfff"])
def test_half_a_surrogate_pair_is_refused(app, half):
    from web.api.problems import BadRequest

    with app.test_request_context("/"), pytest.raises(BadRequest, match="control_character"):
        readable.check_values(app.request_class.parameter_storage_class([("q", half)]))


def test_a_stranger_makes_nobody_read_his_form(world, monkeypatch):
    """It is looked at when a view asks for it: who is not signed in is sent away before."""
    looked = []
    monkeypatch.setattr(readable, "check_values", lambda values: looked.append(len(values)))
    world.browser(None).post("/accounts", {"name": "X"})
    assert looked == [0]  # the query alone


def test_negative_control_what_the_door_lets_through_is_a_mistake_of_ours(world, monkeypatch):
    monkeypatch.setattr(readable, "check_text", lambda text, field=None: text)
    assert world.browser("owner").get("/mailings/", query_string={"q": NUL}).status_code == 500


@pytest.mark.parametrize("version", ["abc", "²", "-1", "9" * 40, "1.5", "١"])
@pytest.mark.parametrize("step", ["run", "check", "format"])
def test_a_version_that_is_no_number_is_no_version(world, step, version):
    browser = world.browser("owner")
    place = browser.post("/imports", {"kind": "accounts", "file": (BytesIO(f"Company\nA {uuid4().hex}\n".encode()), "list.csv")}, content_type="multipart/form-data").location
    assert 400 <= browser.post(f"{place}/{step}", {"version": version, "encoding": "utf-8", "delimiter": ","}).status_code < 500


@pytest.mark.parametrize("after", ["²", "x", "9" * 40])
def test_a_place_in_the_troubles_that_is_no_number_is_the_front(world, after):
    browser = world.browser("owner")
    place = browser.post("/imports", {"kind": "accounts", "file": (BytesIO(b"Company\nA\n"), "list.csv")}, content_type="multipart/form-data").location
    assert browser.get(place, query_string={"after": after}).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_field_without_a_line_of_its_own_is_refused_plainly(world, keys, headers):
    browser, path = world.browser("owner"), f"/accounts/{keys['account']}/fields"
    assert browser.post(path, {"name": ""}, headers=headers).status_code == 422
    assert browser.post(path, {"name": "Nordlicht Optik"}, headers=headers).status_code == 303
