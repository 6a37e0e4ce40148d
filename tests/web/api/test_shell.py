"""What every route of the API does alike: types, sizes, problems, versions, pages, members, rates."""

import json

import pytest

from web.api import bodies
from web.api.idempotency import KEPT
from web.api.problems import code_of


def problem(answer, status, code, field=None):
    """The answer is a problem as RFC 9457 has it."""
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text
    assert answer.json["code"] == code and answer.json["status"] == status, answer.json
    assert answer.json["title"] and answer.json.get("field") == field, answer.json
    return answer.json


def raw(api, data, content_type="application/json", path="/accounts", method="POST"):
    return api.client._open(method, "/api/v1" + path, data=data, content_type=content_type)


# Types, sizes, depth
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/html", "application/json-patch+json", ""])
def test_another_type_of_body_is_not_read(api, kind):
    problem(raw(api, b'{"name":"A"}', kind), 415, "unsupported_type")


def test_json_with_a_charset_is_json(api):
    assert raw(api, '{"name":"Größe"}'.encode(), "application/json; charset=utf-8").status_code == 201


@pytest.mark.parametrize("body", [
    b"", b"{", b"{name: 1}", b"[1,]", b'{"name":"A"} x', b"\xff\xfe{}", b'{"name":"\xff"}', b"NaN", b'{"name":NaN}', b'{"a":Infinity}',
    b'{"name":"A","name":"B"}', b'{"name":"A' + b"\n" + b'"}', b"'a'", b"\xef\xbb\xbf{}", b"1" * 5000,
])
def test_what_is_no_json_is_refused(api, body):
    problem(raw(api, body), 400, "bad_json")


@pytest.mark.parametrize("body", [b"null", b"[]", b'"a"', b"1", b"true"])
def test_a_body_must_be_an_object(api, body):
    problem(raw(api, body), 422, "not_an_object")


@pytest.mark.parametrize("body", [b'{"name":"\\ud800"}', b'{"name":"a\\u0000b"}', b'{"\\ud800":1,"name":"A"}', b'{"name":"A","tags":["\\udfff"]}'])
def test_text_that_no_database_stores_is_refused(api, body):
    problem(raw(api, body), 400, "control_character")


def nested(depth):
    return b'{"name":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def test_twenty_levels_are_read_and_no_more():
    bodies.check_json(nested(20))
    with pytest.raises(bodies.BadRequest):
        bodies.check_json(nested(21))


@pytest.mark.parametrize("depth", [21, 500, 100_000, 400_000])
def test_deep_json_is_refused_at_any_depth(api, depth):
    problem(raw(api, nested(depth)), 400, "json_too_deep")


def test_a_megabyte_is_the_most(api):
    problem(raw(api, b'{"name":"' + b"a" * 1024 * 1024 + b'"}'), 413, "too_large_request")
    problem(raw(api, b'{"name":"' + b"a" * 1000 * 1024 + b'"}'), 422, "too_long", "name")


# Shapes
def test_every_wrong_member_is_named(api):
    told = problem(api.post("/accounts", {"employees": "many", "founded_year": 5, "tags": "a", "colour": 1}), 422, "not_a_list", "tags")
    assert {(error["field"], error["code"]) for error in told["errors"]} == {
        ("name", "required"), ("employees", "not_a_number"), ("founded_year", "out_of_range"), ("tags", "not_a_list"), ("colour", "unknown_field"),
    }


@pytest.mark.parametrize(("member", "value", "code"), [
    ("name", 5, "not_text"), ("name", "", "required"), ("name", "  ", "required"), ("name", None, "not_text"), ("name", "a" * 201, "too_long"), ("name", ["a"], "not_text"),
    ("is_customer", "yes", "not_true_or_false"), ("is_customer", 1, "not_true_or_false"), ("employees", 1.5, "not_a_number"), ("employees", True, "not_a_number"),
    ("employees", -1, "out_of_range"), ("employees", 10**30, "out_of_range"), ("owner_id", "me", "not_an_id"), ("owner_id", 7, "not_an_id"), ("parent_id", {}, "not_an_id"),
    ("tags", ["a" * 51], "too_long"), ("tags", ["a"] * 31, "too_many_items"), ("kind", "robot", "unknown_value"), ("annual_revenue", 5.5, "not_an_object"),
    ("mail", "nobody", "not_a_mail"), ("website", "javascript:alert(1)", "not_a_website"),
])
def test_a_wrong_value_is_named(api, member, value, code):
    answer = api.post("/accounts", {"name": "A", member: value})
    assert answer.json["code"] == code and answer.json["field"].split(".")[0] == member, answer.json


@pytest.mark.parametrize("amount", [5, 5.5, "5,5", "", "x", "1e5", "NaN", "1" * 40])
def test_an_amount_is_written_in_digits(api, amount):
    answer = api.post("/accounts", {"name": "A", "annual_revenue": {"amount": amount, "currency": "EUR"}})
    assert answer.status_code == 422 and answer.json["field"].startswith("annual_revenue"), answer.json


def test_a_problem_does_not_repeat_what_was_sent(api):
    answer = api.post("/accounts", {"name": ["Canary7Zq9"], "owner_id": "Canary7Zq9"})
    assert "Canary7Zq9" not in answer.text


@pytest.mark.parametrize(("kind", "code"), [("string_too_long", "too_long"), ("uuid_parsing", "not_an_id"), ("datetime_from_date_parsing", "not_a_time"), ("never_heard", "bad_value")])
def test_complaints_of_pydantic_have_our_codes(kind, code):
    assert code_of(kind) == code


def test_problems_are_told_in_the_language_of_the_tokens_user(world, caller, monkeypatch):
    from core.identity.models import User
    from infra import i18n
    from tenants import entry

    monkeypatch.setitem(i18n.catalogue("es")._catalog, "Fill in this field.", "Rellene este campo.")
    with entry.enter(world.acme.tenant) as session:
        session.get_one(User, world.acme.users["colleague"].id).locale = "es"
    told = caller("colleague").post("/accounts", {}).json
    assert told["detail"] == told["errors"][0]["detail"] == "Rellene este campo."


# Addresses and methods
def test_an_unknown_address_is_a_problem(api):
    problem(api.get("/nothing"), 404, "not_found")


def test_a_wrong_method_is_a_problem_and_names_the_right_ones(api):
    answer = api.call("PUT", "/accounts", {})
    problem(answer, 405, "method_not_allowed")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].replace(" ", "").split(","))


def test_a_path_with_nul_leads_nowhere(api):
    answer = api.get("/accounts/%00")
    assert answer.status_code in (400, 404) and answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("key", ["x", "1", "00000000-0000-0000-0000-00000000000g", "../accounts"])
def test_a_malformed_id_is_not_there(api, key):
    assert api.get(f"/accounts/{key}").status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Basic eDp5", "Bearer tnd_wrong", "tnd_wrong", "Bearer \u00e9", "Bearer a b", "Bearer " + "x" * 5000])
def test_without_a_valid_token_nobody_comes_in(world, given):
    answer = world.browser(None).get("/api/v1/me", headers={"Authorization": given.encode().decode("latin-1")} if given else {})
    problem(answer, 401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_session_cookie_does_not_open_the_api(world):
    assert world.browser("owner").get("/api/v1/me").status_code == 401


def test_a_token_ends_with_its_revocation_and_with_its_user(world):
    browser, api = world.browser("manager"), world.api("manager")
    assert api.get("/api/v1/me").status_code == 200
    key = next(row for row in _tokens(world, "manager") if row.revoked_at is None).id
    assert browser.post(f"/settings/tokens/{key}/revocation").status_code == 303
    assert api.get("/api/v1/me").status_code == 401


def _tokens(world, who):
    from sqlalchemy import select

    from core.identity.models import ApiToken

    with world.acme.ctx(who) as ctx:
        return list(ctx.session.execute(select(ApiToken).where(ApiToken.user_id == world.acme.users[who].id)).scalars())


def test_a_token_may_be_narrower_than_its_user_never_wider(world, caller):
    assert caller("owner", allowed=["accounts.read"]).post("/accounts", {"name": "A"}).status_code == 403
    assert caller("rep", allowed=["users.read"]).get("/users").status_code == 403


def test_who_lacks_the_permission_is_told_so(caller):
    problem(caller("rep").get("/users"), 403, "forbidden")


def test_a_read_only_workspace_reads_and_writes_not(world, caller):
    from sqlalchemy import update

    from tenants import entry, registry
    from tenants.models import Tenant

    def access(value):
        with entry.control() as session:
            session.execute(update(Tenant).where(Tenant.id == world.globex.tenant.id).values(access=value))
        registry.forget()

    api = caller("owner", world.globex)
    access("read_only")
    try:
        assert api.get("/accounts").status_code == 200
        problem(api.post("/accounts", {"name": "A"}), 402, "billing_read_only")
    finally:
        access("active")


# Versions
def test_a_record_carries_its_version(api):
    made = api.post("/accounts", {"name": "A"})
    assert made.headers["ETag"] == '"1"' and made.headers["Location"] == f"/api/v1/accounts/{made.json['id']}"
    assert api.get(f"/accounts/{made.json['id']}").headers["ETag"] == '"1"'
    assert api.patch(f"/accounts/{made.json['id']}", {"city": "Bonn"}, 1).headers["ETag"] == '"2"'


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize(("given", "status", "code"), [
    (None, 428, "version_missing"), ("*", 428, "version_missing"), ('"7"', 412, "version_stale"), ('"0"', 412, "version_stale"), ("1", 428, "version_missing"),
    ('W/"1"', 428, "version_missing"), ('"x"', 428, "version_missing"), ('"1", "2"', 428, "version_missing"), ('"99999999999999"', 428, "version_missing"),
])
def test_a_change_names_the_version_it_has_seen(api, method, given, status, code):
    made = api.account()
    answer = api.call(method, f"/accounts/{made['id']}", {"city": "Bonn"} if method == "PATCH" else None, **({"If_Match": given} if given else {}))
    problem(answer, status, code, "If-Match")
    assert api.get(f"/accounts/{made['id']}").json["version"] == 1


def test_of_two_who_change_at_once_one_is_told(world, caller):
    """200 races would take long; eight threads on one version are race enough."""
    import threading

    api = caller("owner")
    made, results = api.account(), []
    token = api.client.client.environ_base["HTTP_AUTHORIZATION"]

    def change(n):
        answer = world.app.test_client().patch(f"/api/v1/accounts/{made['id']}", json={"city": f"City {n}"}, base_url=f"http://{world.acme.host}",
                                               headers={"Authorization": token, "If-Match": '"1"'})
        results.append(answer.status_code)

    threads = [threading.Thread(target=change, args=(n,)) for n in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(results) == [200, 412, 412, 412] and api.get(f"/accounts/{made['id']}").json["version"] == 2


# Lists
@pytest.fixture(scope="module")
def many(world):
    """25 accounts of globex in five cities, some names equal."""
    from core.parties.actions import create_account

    with world.globex.ctx("owner") as ctx:
        for n in range(25):
            create_account(ctx, name=f"Name {n // 2:02}", city=f"City {n % 5}", employees=n, is_customer=n % 2 == 0)


def walk(api, path):
    """All pages of a list; the number of pages."""
    found, pages, cursor = [], 0, None
    while True:
        answer = api.get(path + (f"&cursor={cursor}" if cursor else ""))
        assert answer.status_code == 200, answer.text
        found, pages, cursor = found + answer.json["data"], pages + 1, answer.json["next_cursor"]
        if cursor is None:
            return found, pages


@pytest.mark.parametrize("sort", ["name", "-name", "id", "-id", "created_at", "-created_at,name", "name,-created_at", "-updated_at", "name,id"])
def test_pages_give_every_record_once_in_order(caller, world, many, sort):
    api = caller("owner", world.globex)
    whole, _ = walk(api, f"/accounts?limit=200&sort={sort}")
    paged, pages = walk(api, f"/accounts?limit=7&sort={sort}")
    assert [row["id"] for row in paged] == [row["id"] for row in whole] and (len(paged), pages) == (25, 4)
    names = [row["name"] for row in whole]
    if sort.split(",")[0] in ("name", "-name"):
        assert names == sorted(names, reverse=sort.startswith("-"))


@pytest.mark.parametrize(("query", "count"), [
    ("filter[city][eq]=City 1", 5), ("filter[city][in]=City 1,City 2", 10), ("filter[city][ne]=City 1", 20), ("filter[employees][gte]=20", 5),
    ("filter[employees][lt]=5&filter[is_customer][eq]=true", 3), ("filter[name][contains]=ame 1", 5), ("filter[name][starts]=name 0", 20),
    ("filter[industry][null]=true", 25), ("filter[industry][null]=false", 0), ("q=name", 25), ("q=name 12", 1), ("filter[name][contains]=%25", 0),
    ("filter[name][contains]=_", 0), ("filter[kind][eq]=company", 25), ("filter[created_at][gt]=2020-01-01T00:00:00Z", 25),
])
def test_a_filter_narrows(caller, world, many, query, count):
    assert len(caller("owner", world.globex).get(f"/accounts?limit=200&{query}").json["data"]) == count


@pytest.mark.parametrize(("query", "code", "field"), [
    ("limit=0", "out_of_range", "limit"), ("limit=", "out_of_range", "limit"), ("sort=", "not_sortable", "sort"), ("cursor=", "bad_cursor", "cursor"), ("limit=201", "out_of_range", "limit"), ("limit=x", "out_of_range", "limit"), ("limit=1&limit=2", "given_twice", "limit"),
    ("sort=city", "not_sortable", "sort"), ("sort=name;drop", "not_sortable", "sort"), ("sort=name,name", "bad_value", "sort"), ("sort=,", "not_sortable", "sort"),
    ("filter[secret][eq]=1", "unknown_field", "filter[secret][eq]"), ("filter[city][regex]=1", "unknown_operator", "filter[city][regex]"),
    ("filter[owner_id][eq]=me", "not_an_id", "filter[owner_id][eq]"), ("filter[employees][gt]=99999999999", "not_a_number", "filter[employees][gt]"),
    ("filter[kind][eq]=robot", "unknown_value", "filter[kind][eq]"), ("filter=1", "unknown_field", "filter"), ("filter[city]=1", "unknown_field", "filter[city]"),
    ("cursor=x", "bad_cursor", "cursor"), ("cursor=W10", "bad_cursor", "cursor"), ("fields=id,password_hash", "unknown_field", "fields"), ("page=2", "unknown_field", "page"),
    ("filter[created_at][gt]=yesterday", "not_a_time", "filter[created_at][gt]"), ("filter[created_at][ne]=0", "not_a_time", "filter[created_at][ne]"),
    ("filter[is_customer][eq]=yes", "not_true_or_false", "filter[is_customer][eq]"), ("filter[employees][eq]=1.0", "not_a_number", "filter[employees][eq]"), ("filter[city][in]=" + "a," * 101, "too_many_items", "filter[city][in]"),
])
def test_a_list_says_what_it_does_not_understand(api, query, code, field):
    answer = api.get(f"/accounts?{query}")
    assert answer.status_code in (400, 422) and (answer.json["code"], answer.json["field"]) == (code, field), answer.json


def test_a_cursor_belongs_to_its_order(caller, world, many):
    api = caller("owner", world.globex)
    cursor = api.get("/accounts?limit=5&sort=name").json["next_cursor"]
    problem(api.get(f"/accounts?limit=5&sort=-name&cursor={cursor}"), 422, "bad_cursor", "cursor")


def test_fields_picks_members(api):
    made = api.account()
    assert set(api.get(f"/accounts/{made['id']}?fields=id,name").json) == {"id", "name"}
    assert all(set(row) == {"id"} for row in api.get("/accounts?fields=id").json["data"])


def test_a_list_is_one_statement_and_one_for_what_stands_beside_its_records_however_long(caller, world, many):
    from tests.support.statements import counted

    api = caller("owner", world.globex)
    api.get("/me")  # the directory's answer is remembered, the token noted as used
    with counted() as few:
        api.get("/accounts?limit=2")
    with counted() as more:
        api.get("/accounts?limit=200")
    assert (len(few), len(more)) == (4, 4)  # who, which own fields, what, and what stands beside it


def test_answers_are_not_kept_by_anybody(api):
    assert api.get("/accounts").headers["Cache-Control"] == "no-store"


def test_keys_are_kept_a_day():
    assert KEPT.total_seconds() >= 24 * 3600


def test_text_of_every_script_comes_back_as_it_was_sent(api):
    name = "Größe Ñandú 北京 서울 Москва 🚲"
    answer = api.post("/accounts", {"name": name})
    assert json.loads(answer.data)["name"] == name and name.encode() in answer.data
