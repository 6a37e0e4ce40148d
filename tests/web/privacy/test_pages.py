"""Pages of privacy: a request from its receipt to its proof, consents on a person's page, the end of the recycle bin."""

import io
import re
import zipfile
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.consent.models import Consent
from core.parties.models import Contact
from core.privacy.models import SubjectRequest
from tests.core.privacy.conftest import run_orders


@pytest.fixture
def anna(world):
    name = f"Anna {uuid4().hex[:6]}"
    key = world.api("owner").json("POST", "/api/v1/contacts", {"name": name, "mail": f"{uuid4().hex[:8]}@people.example"}).json
    return key


def newest(world):
    with world.acme.ctx() as ctx:
        return ctx.session.execute(select(SubjectRequest).order_by(SubjectRequest.id.desc()).limit(1)).scalar_one()


def received(world, anna, kind):
    owner = world.browser("owner")
    answer = owner.post("/settings/privacy/requests", {"kind": kind, "who": anna["name"], "mail": anna["mail"]})
    assert answer.status_code == 303
    assert "being searched" in owner.get(answer.headers["Location"]).text
    assert run_orders(world.acme, "privacy.search") == ["done"]
    return owner, answer.headers["Location"]


def ticks(world):
    with world.acme.ctx() as ctx:
        from core.privacy import requests

        request = requests.one(ctx, newest(world).id)
        return [f"{hit.table_name}|{hit.row_key}" for hit in requests.hits(ctx, request)]


def test_a_person_is_found_and_erased_with_a_proof(world, anna):
    owner, place = received(world, anna, "erase")
    page = owner.get(place).text
    assert anna["name"] in page and "s own record" in page
    assert owner.post(f"{place}/decision", {"row": ticks(world), "identity": ""}).status_code == 422
    assert owner.post(f"{place}/decision", {"row": ticks(world), "identity": "Passport"}).status_code == 303
    assert run_orders(world.acme, "privacy.erase") == ["done"]
    page = owner.get(place).text
    assert 'id="proof"' in page and "Erased person" in page and anna["name"] not in page and anna["mail"] not in page
    assert anna["name"] not in owner.get("/settings/privacy/").text and anna["name"] not in owner.get("/contacts").text


def test_once_the_search_settles_the_part_that_asks_again_brings_the_decision_with_it(world, anna):
    owner = world.browser("owner")
    place = owner.post("/settings/privacy/requests", {"kind": "erase", "who": anna["name"], "mail": anna["mail"]}).headers["Location"]
    part = owner.get(place, headers={"HX-Request": "true"}).text
    assert "hx-get" in part and 'id="decision"' not in part
    assert run_orders(world.acme, "privacy.search") == ["done"]
    part = owner.get(place, headers={"HX-Request": "true"}).text
    assert "<html" not in part and "hx-get" not in part
    assert 'id="found"' in part and 'id="decision"' in part and 'id="otherwise"' in part and anna["name"] in part
    asks = re.search(r'<button class="btn danger" data-confirm="([^"]*)"', part)[1]
    assert anna["name"] in asks and "{count}" in asks


def test_an_archive_is_downloaded_once(world, anna):
    owner, place = received(world, anna, "access")
    owner.post(f"{place}/decision", {"row": ticks(world), "identity": "Passport"})
    assert run_orders(world.acme, "privacy.take_out") == ["done"]
    answer = owner.post(f"{place}/archive")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert anna["mail"] in archive.read("person.json").decode()
    assert answer.headers["Cache-Control"] == "no-store" and owner.post(f"{place}/archive").status_code == 404


def test_a_request_is_refused_or_extended_with_a_reason(world, anna):
    owner, place = received(world, anna, "correct")
    assert owner.post(f"{place}/extension", {"why": ""}).status_code == 422
    assert owner.post(f"{place}/extension", {"why": "Many"}).status_code == 303 and "extended: Many" in owner.get(place).text
    assert owner.post(f"{place}/refusal", {"why": "Not he"}).status_code == 303 and "Not he" in owner.get(place).text


def test_consent_is_recorded_on_the_persons_page_and_stands_there(world, anna):
    owner, place = world.browser("owner"), f"/contacts/{anna['id']}"
    owner.post("/settings/consents/usual")
    api = world.api("owner")
    purposes = api.json("GET", "/api/v1/consent-purposes").json["data"]
    news = next(one for one in purposes if one["name"] == "Newsletter")
    assert owner.get(f"{place}/consents/new?purpose={news['id']}").status_code == 200
    assert owner.post(f"{place}/consents", {"purpose_id": news["id"], "given": "1", "source": "paper", "proof": "Form 12"}).status_code == 303
    assert "Given" in owner.get(place).text and "Form 12" in owner.get(f"{place}/consents").text
    assert owner.post(f"{place}/consents", {"purpose_id": str(uuid4()), "given": "1", "source": "paper"}).status_code == 422
    answer = api.json("POST", f"/api/v1/contacts/{anna['id']}/consents", {"purpose_id": news["id"], "agreed": False, "source": "phone"})
    assert answer.status_code == 201 and answer.json["agreed"] is False
    lines = api.json("GET", f"/api/v1/contacts/{anna['id']}/consents").json["data"]
    assert [line["agreed"] for line in lines] == [False, True] and "Withdrawn" in owner.get(place).text


def test_purposes_are_worded_and_ended(world):
    owner, name = world.browser("owner"), f"Fair {uuid4().hex[:6]}"
    assert owner.post("/settings/consents/", {"name": name, "basis": "consent", "said": "May we?"}).status_code == 303
    assert owner.post("/settings/consents/", {"name": name, "basis": "consent"}).status_code == 422
    key = next(one["id"] for one in world.api("owner").json("GET", "/api/v1/consent-purposes?limit=100").json["data"] if one["name"] == name)
    assert owner.post(f"/settings/consents/{key}/wordings", {"lang": "en", "said": "May we really?"}).status_code == 303
    assert "version 2" in owner.get(f"/settings/consents/{key}").text
    owner.post(f"/settings/consents/{key}/ending")
    assert "Use again" in owner.get(f"/settings/consents/{key}").text


def test_a_restricted_person_says_so_and_is_not_edited(world, anna):
    owner, place = world.browser("owner"), f"/contacts/{anna['id']}"
    assert owner.post(f"{place}/restriction", {"why": "Disputed"}).status_code == 303
    assert 'id="restricted"' in owner.get(place).text
    assert owner.post(f"{place}/fields", {"phone": "12345678"}).status_code == 422
    assert owner.post(f"{place}/restriction/lifting").status_code == 303 and owner.post(f"{place}/fields", {"phone": "12345678"}).status_code in (200, 303)


def test_the_bin_says_when_it_goes_and_deletes_for_good_what_is_typed(world, anna):
    owner = world.browser("owner")
    owner.post(f"/contacts/{anna['id']}/deletion")
    assert f"/recycle-bin/contacts/{anna['id']}" in owner.get("/recycle-bin/contacts").text
    assert owner.get(f"/recycle-bin/contacts/{anna['id']}").status_code == 200
    assert owner.post(f"/recycle-bin/contacts/{anna['id']}", {"typed": "Somebody"}).status_code == 422
    assert owner.post(f"/recycle-bin/contacts/{anna['id']}", {"typed": anna["name"]}).status_code == 303
    with world.acme.ctx() as ctx:
        assert ctx.session.get(Contact, anna["id"]) is None and ctx.session.execute(select(Consent).where(Consent.contact_id == anna["id"])).first() is None


def test_how_long_things_are_kept_is_shown_and_set(world):
    owner = world.browser("owner")
    assert "90 days" in owner.get("/settings/retention/").text
    assert owner.post("/settings/retention/", {"bin_days": "3"}).status_code == 422
    assert owner.post("/settings/retention/", {"bin_days": "60"}).status_code == 303 and "60 days" in owner.get("/settings/retention/").text


@pytest.mark.parametrize("path", ["/settings/privacy/", "/settings/retention/", "/settings/consents/"])
def test_only_who_may_comes_in(world, path):
    assert [world.browser(who).get(path).status_code for who in ("owner", "manager", "rep", "reader")] == [200, 403, 403, 403]
