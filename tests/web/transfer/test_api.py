"""Imports by API: the same files, the same counts."""

from io import BytesIO
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from core.parties.models import Account
from core.transfer import breaking, queries, running
from core.transfer.models import ImportRun
from tests.support.world import House


def post(api, content, house, mimetype="text/csv", **params):
    return api.client.post(f"/api/v1/imports?{urlencode(params)}", data=content, content_type=mimetype, base_url=f"http://{house.host}")


@pytest.fixture
def there(world):
    """(api, house) of a fresh tenant."""
    house = House(f"api{uuid4().hex[:6]}")
    return world.api("owner", house), house


def test_the_maven_file_comes_in_by_api(there, work, data):
    api, house = there
    answer = post(api, (data / "crm-maven-sales" / "accounts.csv").read_bytes(), house, scale=1000000, dry_run="false", name="accounts.csv")
    assert answer.status_code == 201 and answer.json["state"] == "checking" and answer.json["mapping"][0] == "name"
    work(house=house)
    done = api.get(f"/api/v1/imports/{answer.json['id']}").json
    assert (done["state"], done["counts"]["created"], done["rows_total"], done["rows_done"]) == ("done", 85, 85, 85)
    said = api.get(f"/api/v1/imports/{done['id']}/problems").json["data"]
    assert len(said) == 13 and {"line": 5, "column": "office_location", "stops": False}.items() <= next(p for p in said if p["line"] == 5).items()
    with house.ctx() as ctx:
        assert ctx.session.execute(select(func.count(), func.count(Account.parent_id)).select_from(Account)).one() == (85, 15)


def test_the_salesforce_files_come_in_by_api(there, work, data):
    api, house = there
    folder = data / "salesforce-dataloader"
    first = post(api, (folder / "insertAccountCsv.csv").read_bytes(), house, dry_run="false").json
    ids = [line.split(b",")[0].decode() for line in (folder / "updateAccountCsvTemplate.csv").read_bytes().splitlines()[1:]]
    post(api, "ID,NAME\n" + "".join(f"{key},before {key}\n" for key in ids), house, mode="create", key_field="external_id", dry_run="false")
    work(house=house)
    second = post(api, (folder / "updateAccountCsvTemplate.csv").read_bytes(), house, mode="update", key_field="external_id", dry_run="false").json
    work(house=house)
    assert api.get(f"/api/v1/imports/{first['id']}").json["counts"]["created"] == 100
    assert api.get(f"/api/v1/imports/{second['id']}").json["counts"]["updated"] == 100


def test_a_dry_run_waits_for_the_yes(there, work):
    api, house = there
    one = post(api, "name,employees\nA,12\nB,many\n", house).json
    work(house=house)
    checked = api.get(f"/api/v1/imports/{one['id']}").json
    assert (checked["state"], checked["counts"]["create"], checked["counts"]["problem"]) == ("checked", 1, 1)
    said = api.get(f"/api/v1/imports/{one['id']}/problems").json["data"]
    assert [(p["line"], p["column"], p["code"], p["stops"]) for p in said] == [(3, "employees", "not_whole", True)] and "whole number" in said[0]["detail"]
    assert api.json("POST", f"/api/v1/imports/{one['id']}/run").status_code == 202
    work(house=house)
    assert api.get(f"/api/v1/imports/{one['id']}").json["counts"]["created"] == 1


def test_a_mapping_is_given_by_the_columns_names(there, work):
    api, house = there
    one = post(api, "Firma;Ort\nA;Ulm\n", house, mapping='{"Firma": "name", "Ort": "city"}', dry_run="false")
    assert one.json["mapping"] == ["name", "city"]
    work(house=house)
    with house.ctx() as ctx:
        assert ctx.session.execute(select(Account.name, Account.city)).one() == ("A", "Ulm")


def test_a_form_with_a_file_is_taken_too(there):
    api, house = there
    answer = api.client.post("/api/v1/imports?kind=contacts", data={"file": (BytesIO(b"Full name\nAna\n"), "x.csv")}, base_url=f"http://{house.host}", content_type="multipart/form-data")
    assert answer.status_code == 201 and answer.json["kind"] == "contacts"


def test_an_import_is_taken_back_by_api(there, work):
    api, house = there
    one = post(api, "name\nA\nB\n", house, dry_run="false").json
    work(house=house)
    assert api.json("POST", f"/api/v1/imports/{one['id']}/undo").status_code == 202
    work(house=house)
    assert api.get(f"/api/v1/imports/{one['id']}").json["counts"]["undone"] == 2
    assert api.json("POST", f"/api/v1/imports/{one['id']}/undo").json["code"] == "import_not_now"


@pytest.mark.parametrize("content,params,status,code,field", [
    (b"", {}, 422, "file_empty", "file"), (b"PK\x03\x04" + b"\0" * 99, {}, 422, "file_damaged", "file"), (b"name\nA\0\n", {}, 422, "file_nul_bytes", "file"),
    (b"a," * 1_000_000, {}, 422, "file_line_too_long", "file"), (b"name\nA\n", {"kind": "users"}, 422, "unknown_value", "kind"),
    (b"name\nA\n", {"mapping": '{"name": "id"}'}, 422, "unknown_value", "mapping"), (b"name\nA\n", {"mapping": "[1"}, 422, "bad_json", "mapping"),
    (b"name\nA\n", {"mapping": '{"nome": "name"}'}, 422, "unknown_field", "mapping"), (b"city\nA\n", {}, 422, "import_needs_name", "mapping"),
    (b"name\nA\n", {"encoding": "rot13"}, 422, "unknown_value", "encoding"), (b"name\nA\n", {"owner_id": "x"}, 422, "unknown_field", "owner_id"),
])
def test_what_can_t_be_taken_is_a_problem_with_code_and_field(there, content, params, status, code, field):
    api, house = there
    answer = post(api, content, house, **params)
    assert (answer.status_code, answer.mimetype, answer.json["code"], answer.json["field"]) == (status, "application/problem+json", code, field)
    with house.ctx() as ctx:
        from infra.storage import storage

        assert list(storage().keys(ctx.tenant.id)) == []


def test_more_than_25_mb_is_refused(there):
    api, house = there
    assert post(api, b"name\n" + b"x" * (25 * 1024 * 1024), house).status_code == 413


def test_another_tenants_and_another_salespersons_import_is_not_there(world, there):
    api, house = there
    one = post(api, "name\nA\n", house).json["id"]
    assert world.api("owner").get(f"/api/v1/imports/{one}").status_code == 404
    theirs = post(world.api("colleague"), "name\nA\n", world.acme).json["id"]
    for verb in ("run", "cancellation", "undo", "resumption"):
        assert world.api("rep").json("POST", f"/api/v1/imports/{theirs}/{verb}").status_code == 404
    assert [run["id"] for run in world.api("rep").get("/api/v1/imports").json["data"]] == []


@pytest.mark.parametrize("params,more,status", [
    ({"dry_run": "false"}, [], 403), ({"dry_run": "false"}, ["accounts.edit"], 403), ({"dry_run": "false"}, ["accounts.create"], 201),
    ({"dry_run": "false", "mode": "both"}, ["accounts.create"], 403), ({"dry_run": "false", "mode": "update"}, ["accounts.create"], 403),
    ({"dry_run": "false", "mode": "update"}, ["accounts.edit"], 201), ({"dry_run": "false", "kind": "contacts"}, ["accounts.create"], 403),
    ({"dry_run": "false", "kind": "contacts"}, ["contacts.create"], 403), ({"dry_run": "false", "kind": "contacts"}, ["contacts.create", "accounts.create"], 201),
    ({}, [], 403), ({}, ["contacts.create"], 403), ({}, ["accounts.edit"], 201), ({}, ["accounts.create"], 201),
])
def test_a_narrowed_token_imports_only_what_it_may_write(there, world, params, more, status):
    """The job acts with the person's whole role, so the token is asked when the yes is given."""
    _, house = there
    blind, narrow = (world.api("owner", house, allowed=["imports.read", "imports.run", *reads, *more]) for reads in ((), ("accounts.read", "contacts.read")))
    assert post(blind, "name\nA\n", house, **params).status_code == 403, "who sees none of such records has none looked up"
    answer = post(narrow, "name,account\nA,B\n" if "kind" in params else "name\nA\n", house, **params)
    assert answer.status_code == status, answer.json
    with house.ctx() as ctx:
        assert ctx.session.execute(select(func.count()).select_from(ImportRun)).scalar_one() == (status == 201), "a refused one leaves nothing behind"


def test_a_narrowed_token_cannot_say_yes_to_what_it_may_not_write(there, world, work):
    api, house = there
    one = post(api, "name\nA\n", house).json["id"]
    work(house=house)
    assert world.api("owner", house, allowed=["imports.run"]).json("POST", f"/api/v1/imports/{one}/run").status_code == 403
    work(house=house)
    assert api.get(f"/api/v1/imports/{one}").json["state"] == "checked"
    assert world.api("owner", house, allowed=["imports.run", "accounts.create"]).json("POST", f"/api/v1/imports/{one}/run").status_code == 202


def test_an_import_that_broke_off_says_so_and_goes_on(there, work, monkeypatch):
    api, house = there
    monkeypatch.setattr(running, "CHUNK", 2)
    one = post(api, "name\nA\nB\nC\n", house, dry_run="true", mode="create").json["id"]
    work(house=house)
    api.json("POST", f"/api/v1/imports/{one}/run")
    with house.ctx() as ctx:
        breaking.end_given_up(ctx, UUID(one), queries.one(ctx, UUID(one)).round)
    answer = api.get(f"/api/v1/imports/{one}").json
    assert (answer["state"], answer["failure"]) == ("failed", {"code": "import_broke_off", "params": {}, "while": "running"})
    assert api.json("POST", f"/api/v1/imports/{one}/resumption").status_code == 202
    assert api.json("POST", f"/api/v1/imports/{one}/resumption").status_code == 422, "it is under way already"
    work(house=house)
    assert api.get(f"/api/v1/imports/{one}").json["counts"]["created"] == 3


def test_the_same_key_makes_one_import(there):
    api, house = there
    keyed = {"Idempotency-Key": uuid4().hex}
    answers = [api.client.post("/api/v1/imports", data=b"name\nA\n", content_type="text/csv", headers=keyed, base_url=f"http://{house.host}") for _ in range(2)]
    assert answers[0].json["id"] == answers[1].json["id"]
    assert len(api.get("/api/v1/imports").json["data"]) == 1


def test_what_became_of_each_row_page_by_page(there, work):
    api, house = there
    one = post(api, "name,employees\n=A,12\nB,many\nC,7\n", house, dry_run="false", on_problem="skip").json
    assert {row["outcome"] for row in api.get(f"/api/v1/imports/{one['id']}/rows").json["data"]} == {"waiting"}
    work(house=house)
    place = f"/api/v1/imports/{one['id']}/rows"
    first = api.get(f"{place}?limit=2").json
    assert [(row["line"], row["outcome"], row["cells"]) for row in first["data"]] == [(2, "created", ["=A", "12"]), (3, "failed", ["B", "many"])]
    assert first["next_after"] == 3 and first["data"][1]["reason"].startswith("employees: Write a whole number") and first["data"][1]["record_id"] is None
    assert api.get(f"{place}?limit=2&after=3").json["data"][0]["line"] == 4 and [row["line"] for row in api.get(f"{place}?only=failed").json["data"]] == [3]
    key = first["data"][0]["record_id"]
    assert first["data"][0]["url"].endswith(f"/accounts/{key}") and api.get(f"/api/v1/accounts/{key}").json["name"] == "=A"
    api.post(f"/api/v1/imports/{one['id']}/undo")
    work(house=house)
    assert [(row["outcome"], row["url"]) for row in api.get(place).json["data"]] == [("undone", None), ("failed", None), ("undone", None)]
