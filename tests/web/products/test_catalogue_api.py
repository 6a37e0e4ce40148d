"""Units, categories, tax codes, their rates and currencies, for programs: what the pages of the catalogue do."""

from uuid import uuid4

import pytest

from core.products import actions

KINDS = {"product-units": {}, "product-categories": {}, "tax-codes": {"percent": "19"}}


@pytest.fixture
def api(world):
    return world.api("owner")


def made(api, path, **body):
    answer = api.json("POST", f"/api/v1/{path}", {"name": f"Made {uuid4().hex[:8]}"} | body)
    assert answer.status_code == 201, answer.json
    return answer.json


def at(record):
    return {"If-Match": f'"{record["version"]}"'}


@pytest.mark.parametrize("path", KINDS)
def test_what_products_are_described_by_is_renamed_and_what_nothing_uses_deleted(api, path):
    thing, name = made(api, path, **KINDS[path]), f"Renamed {uuid4().hex[:8]}"
    url = f"/api/v1/{path}/{thing['id']}"
    assert api.get(url).json == thing
    changed = api.json("PATCH", url, {"name": name}, headers=at(thing)).json
    assert changed == thing | {"name": name, "version": changed["version"]} and changed["version"] > thing["version"]
    assert api.json("PATCH", url, {"name": "Late"}, headers=at(thing)).status_code == 412 and api.json("PATCH", url, {"name": "Blind"}).status_code == 428
    assert api.json("PATCH", url, {}, headers=at(changed)).json == changed
    assert api.json("DELETE", url, headers=at(thing)).status_code == 412
    assert api.json("DELETE", url, headers=at(changed)).status_code == 204 and api.get(url).status_code == 404


def test_what_is_used_stays_and_can_be_retired(world, api):
    unit, code = made(api, "product-units"), made(api, "tax-codes", percent="7")
    with world.acme.ctx() as ctx:
        actions.create_product(ctx, code=f"CA-{uuid4().hex[:6]}", name="Uses both", unit_id=unit["id"], tax_code_id=code["id"])
    for path, thing in (("product-units", unit), ("tax-codes", code)):
        assert api.json("DELETE", f"/api/v1/{path}/{thing['id']}", headers=at(thing)).json["code"] == "still_used"
        assert api.json("PATCH", f"/api/v1/{path}/{thing['id']}", {"retired": True}, headers=at(thing)).json["retired"] is True


def test_a_category_is_put_below_another_and_never_below_itself(api):
    above, below = made(api, "product-categories"), made(api, "product-categories")
    moved = api.json("PATCH", f"/api/v1/product-categories/{below['id']}", {"parent_id": above["id"]}, headers=at(below)).json
    assert moved["parent_id"] == above["id"] and moved["name"] == below["name"]
    for parent, code in ((below["id"], "category_cycle"), (above["id"], "category_cycle"), (str(uuid4()), "category_unknown")):
        assert api.json("PATCH", f"/api/v1/product-categories/{above['id']}", {"parent_id": parent}, headers=at(above)).json["code"] == code
    assert api.json("PATCH", f"/api/v1/product-categories/{below['id']}", {"parent_id": None}, headers=at(moved)).json["parent_id"] is None


def test_a_tax_code_takes_another_rate_from_a_day_on(api):
    code = made(api, "tax-codes", percent="16", starts_on="2020-07-01")
    rate = api.json("POST", "/api/v1/tax-rates", {"tax_code_id": code["id"], "percent": "19", "starts_on": "2021-01-01"})
    assert rate.status_code == 201 and (rate.json["percent"], rate.json["starts_on"], rate.json["tax_code_id"]) == ("19", "2021-01-01", code["id"])
    again = api.json("POST", "/api/v1/tax-rates", {"tax_code_id": code["id"], "percent": "19.5", "starts_on": "2021-01-01"}).json
    assert again["id"] == rate.json["id"]
    assert [(one["starts_on"], one["percent"]) for one in api.get(f"/api/v1/tax-rates?filter[tax_code_id][eq]={code['id']}").json["data"]] == [("2020-07-01", "16"), ("2021-01-01", "19.5")]


def test_programs_say_in_which_currencies_the_workspace_deals(api):
    gone = api.json("POST", "/api/v1/currencies", {"code": "NOK"})
    assert gone.status_code == 201 and "NOK" in [one["code"] for one in api.get("/api/v1/currencies").json["data"]]
    assert api.json("POST", "/api/v1/exchange-rates", {"currency": "NOK", "rate": "11.5"}).status_code == 201
    assert api.json("POST", "/api/v1/currencies", {"code": "NOK"}).json["code"] == "name_taken" and api.json("POST", "/api/v1/currencies", {"code": "EUR"}).json["code"] == "currency_own"
    assert api.json("POST", f"/api/v1/currencies/{gone.json['id']}/removal", {}).status_code == 204
    assert "NOK" not in [one["code"] for one in api.get("/api/v1/currencies").json["data"]] and api.get("/api/v1/exchange-rates?filter[currency][eq]=NOK").json["data"], "its rates stay"


@pytest.mark.parametrize(("path", "body"), [
    ("tax-rates", {"tax_code_id": str(uuid4()), "percent": "5"}), ("tax-rates", {"percent": "5"}), ("currencies", {"code": "XYZ"}), ("currencies", {"code": "eur"}), ("currencies", {"code": 5}), ("currencies", {}),
])
def test_what_nothing_can_be_made_of_is_refused(api, path, body):
    assert api.json("POST", f"/api/v1/{path}", body).status_code == 422


@pytest.mark.parametrize("percent", ["101", "-1", "1e2", "NaN", "", "5.12345", 5, None])
def test_no_rate_is_no_percentage(api, percent):
    code = made(api, "tax-codes", percent="1")
    assert api.json("POST", "/api/v1/tax-rates", {"tax_code_id": code["id"], "percent": percent}).status_code == 422
    exempt = made(api, "tax-codes", category="E")
    assert api.json("POST", "/api/v1/tax-rates", {"tax_code_id": exempt["id"], "percent": "5"}).json["code"] == "tax_rate_needed"


@pytest.mark.parametrize(("path", "body"), [
    ("product-units", {"name": ""}), ("product-units", {"places": 4}), ("product-units", {"places": "1"}), ("product-units", {"retired": "yes"}), ("product-categories", {"name": "x" * 101}), ("product-categories", {"parent_id": "x"}),
    ("tax-codes", {"category": "E"}), ("tax-codes", {"percent": "5"}), ("tax-codes", {"version": 9}),
])
def test_a_change_that_nothing_can_take_is_refused_and_loses_nothing(api, path, body):
    thing = made(api, path, **KINDS[path])
    assert api.json("PATCH", f"/api/v1/{path}/{thing['id']}", body, headers=at(thing)).status_code == 422
    assert api.get(f"/api/v1/{path}/{thing['id']}").json == thing


def test_whoever_only_sells_reads_and_changes_nothing(world, api):
    rep = world.api("rep")
    for path, more in KINDS.items():
        thing = made(api, path, **more)
        assert rep.get(f"/api/v1/{path}/{thing['id']}").json == thing
        assert rep.json("PATCH", f"/api/v1/{path}/{thing['id']}", {"name": "Mine"}, headers=at(thing)).status_code == rep.json("DELETE", f"/api/v1/{path}/{thing['id']}", headers=at(thing)).status_code == 403
        if path == "tax-codes":
            assert rep.json("POST", "/api/v1/tax-rates", {"tax_code_id": thing["id"], "percent": "0"}).status_code == 403
    currency = api.json("POST", "/api/v1/currencies", {"code": "ISK"}).json
    assert rep.get("/api/v1/currencies").status_code == 200 and rep.json("POST", "/api/v1/currencies", {"code": "SEK"}).status_code == rep.json("POST", f"/api/v1/currencies/{currency['id']}/removal", {}).status_code == 403
