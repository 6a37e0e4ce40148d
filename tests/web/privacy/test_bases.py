"""What a person's data rest on, through pages and API; the ledger as a file."""

from datetime import timedelta

from sqlalchemy import update

from core.identity.models import SignIn
from tenants import entry
from tests.web.privacy.test_pages import anna, received, ticks  # noqa: F401 (a fixture)


def test_a_basis_is_set_on_the_persons_page_and_ended_in_its_history(world, anna):  # noqa: F811
    owner, place = world.browser("owner"), f"/contacts/{anna['id']}"
    assert owner.get(f"{place}/lawful-bases/new").status_code == 200
    given = {"basis": "contract", "source": "paper", "since": "2026-01-05", "note": "Contract 4711", "purpose_id": ""}
    assert owner.post(f"{place}/lawful-bases", given | {"since": ""}).status_code == 422
    assert owner.post(f"{place}/lawful-bases", given | {"since": "2999-01-01"}).status_code == 422
    assert owner.post(f"{place}/lawful-bases", given).status_code == 303
    page = owner.get(place).text
    assert "Contract 4711" in page and "For all that is kept" in page
    [row] = world.api("owner").get(f"/api/v1{place}/lawful-bases").json["data"]
    assert owner.post(f"/lawful-bases/{row['id']}/ending").headers["Location"] == f"{place}/consents"
    assert "Contract 4711" not in owner.get(place).text and "Contract 4711" in owner.get(f"{place}/consents").text


def test_programs_set_read_and_end_a_basis(world, anna):  # noqa: F811
    api, place = world.api("owner"), f"/api/v1/contacts/{anna['id']}/lawful-bases"
    made = api.json("POST", place, {"basis": "legal_duty", "source": "mail", "note": "Tax law"})
    assert made.status_code == 201 and made.json["ended_on"] is None
    assert api.json("POST", place, {"basis": "legal_duty"}).json["field"] == "source"
    assert api.json("POST", place, {"basis": "whim", "source": "mail"}).status_code == 422
    one = f"/api/v1/lawful-bases/{made.json['id']}"
    assert api.get(one).json["basis"] == "legal_duty"
    assert [api.client.delete(one, base_url=f"http://{world.acme.host}", headers=headers).status_code for headers in ({}, {"If-Match": '"99"'}, {"If-Match": '"1"'}, {"If-Match": '"2"'})] == [428, 412, 204, 422]
    assert world.api("rep").json("POST", place, {"basis": "contract", "source": "mail"}).status_code == 404


def test_it_stands_in_the_persons_archive(world, anna):  # noqa: F811
    import io
    import zipfile

    from tests.core.privacy.conftest import run_orders

    world.api("owner").json("POST", f"/api/v1/contacts/{anna['id']}/lawful-bases", {"basis": "contract", "source": "paper", "note": "Contract 4712"})
    owner, place = received(world, anna, "access")
    owner.post(f"{place}/decision", {"row": ticks(world), "identity": "Passport"})
    assert run_orders(world.acme, "privacy.take_out") == ["done"]
    with zipfile.ZipFile(io.BytesIO(owner.post(f"{place}/archive").data)) as archive:
        assert "Contract 4712" in archive.read("person.json").decode() and "Contract 4712" in archive.read("tables/lawful_basis.csv").decode()


def test_the_ledger_is_a_file_for_who_may_and_has_just_said_who_he_is(app, world, anna):  # noqa: F811
    owner = world.browser("owner")
    owner.post("/settings/consents/usual")
    purpose = world.api("owner").get("/api/v1/consent-purposes").json["data"][0]["id"]
    owner.post(f"/contacts/{anna['id']}/consents", {"purpose_id": purpose, "given": "1", "source": "form", "proof": "Form 9"})
    answer = owner.post("/settings/consents/exports")
    assert answer.mimetype == "text/csv" and anna["mail"] in answer.text and "Form 9" in answer.text and answer.headers["Cache-Control"] == "no-store"
    assert world.browser("rep").post("/settings/consents/exports").status_code == 403
    with entry.enter(world.acme.tenant) as session:
        session.execute(update(SignIn).where(SignIn.user_id == world.acme.users["owner"].id).values(confirmed_at=entry.utcnow() - timedelta(minutes=11)))
    asked = owner.post("/settings/consents/exports")
    assert asked.status_code == 403 and 'name="secret"' in asked.text
