"""The description is the truth: drawn from the declarations, open to all, the same everywhere."""

import json
import re

import pytest

from web.api import openapi


@pytest.fixture(scope="module")
def spec(app, world):
    return world.browser(None).get("/api/v1/openapi.json").json


def test_it_is_read_without_signing_in_on_every_kind_of_host(world, spec):
    apex = world.app.test_client().get("/api/v1/openapi.json", headers={"Host": "localhost"})
    assert apex.status_code == 200 and apex.json == spec and apex.mimetype == "application/json"
    assert spec["openapi"].startswith("3.1.")


def test_every_call_is_in_it_and_nothing_else(app, spec):
    declared = {(openapi.path_of(rule), method.lower()) for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/") and hasattr(app.view_functions[rule.endpoint], "operation") for method in rule.methods - {"HEAD", "OPTIONS"}}
    assert {(path, method) for path, methods in spec["paths"].items() for method in methods} == declared
    assert {"/api/v1/accounts", "/api/v1/contacts/{id}", "/api/v1/activities", "/api/v1/accounts/{id}/timeline", "/api/v1/me", "/api/v1/users"} <= set(spec["paths"])


def test_every_reference_leads_somewhere(spec):
    for name in set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(spec))):
        assert name in spec["components"]["schemas"], name


def operations(spec):
    return [(path, method, operation) for path, methods in spec["paths"].items() for method, operation in methods.items()]


def test_every_call_says_what_it_does_and_what_may_go_wrong(spec):
    ids = [operation["operationId"] for _, _, operation in operations(spec)]
    assert len(ids) == len(set(ids))
    for path, method, operation in operations(spec):
        assert operation["summary"] and "Permission" in operation["description"], path
        assert {"401", "403", "422", "429"} <= set(operation["responses"]), path
        assert {name for name in re.findall(r"{(\w+)}", path)} == {p["name"] for p in operation["parameters"] if p["in"] == "path"}
        if method == "post":
            assert any(p["name"] == "Idempotency-Key" for p in operation["parameters"]), path


def test_a_change_of_a_record_demands_its_version(spec):
    for path, method, operation in operations(spec):
        if method in ("patch", "put", "delete"):
            assert any(p["name"] == "If-Match" and p["required"] for p in operation["parameters"]), (method, path)
            assert {"412", "428"} <= set(operation["responses"])


def test_bodies_take_nothing_beyond_what_is_said(spec):
    for name, schema in spec["components"]["schemas"].items():
        if name.endswith(("In", "Patch", "Price")):
            assert schema["additionalProperties"] is False, name


def test_an_answer_holds_exactly_what_is_said(api, spec):
    made, schemas = api.account(), spec["components"]["schemas"]
    assert set(made) == set(schemas["NewAccountOut"]["properties"]) == {*schemas["AccountOut"]["properties"], "duplicates"}
    assert set(api.get(f"/accounts/{made['id']}").json) == set(schemas["AccountOut"]["properties"])


def test_it_names_no_host_of_a_tenant(world, spec):
    assert world.acme.tenant.slug not in json.dumps(spec) and "{workspace}." in spec["servers"][0]["url"]


def test_people_read_it_too(world, spec):
    for host in (world.acme.host, "localhost"):
        answer = world.app.test_client().get("/api/docs", headers={"Host": host})
        text = answer.get_data(as_text=True)
        assert answer.status_code == 200 and all(path in text for path in spec["paths"])
        assert "<script" not in text


def test_the_page_of_tokens_shows_a_token_once(world):
    browser = world.browser("rep")
    made = browser.post("/settings/tokens/", {"name": "Web shop", "reach": "read", "days": "30"})
    secret = re.search(r"tnd_[\w-]{40,}", made.get_data(as_text=True))[0]
    assert made.status_code == 201 and made.headers["Cache-Control"] == "no-store"
    assert secret not in browser.get("/settings/tokens/").get_data(as_text=True) and "Web shop" in browser.get("/settings/tokens/").get_data(as_text=True)
    client = world.browser(None)
    assert client.get("/api/v1/accounts", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert client.json("POST", "/api/v1/accounts", {"name": "A"}, headers={"Authorization": f"Bearer {secret}"}).status_code == 403


def test_a_token_needs_a_name_and_a_known_reach(world):
    browser = world.browser("rep")
    for wrong in ({"name": "", "reach": "read", "days": "30"}, {"name": "A", "reach": "god", "days": "30"}, {"name": "A", "reach": "read", "days": "100000"}):
        assert browser.post("/settings/tokens/", wrong).status_code == 422


def test_nobody_revokes_anothers_token(world):
    from sqlalchemy import select

    from core.identity.models import ApiToken

    world.api("colleague")
    with world.acme.ctx("colleague") as ctx:
        theirs = ctx.session.execute(select(ApiToken.id).where(ApiToken.user_id == world.acme.users["colleague"].id)).scalars().first()
    assert world.browser("rep").post(f"/settings/tokens/{theirs}/revocation").status_code == 404
