"""The cast walks every page of accounts, contacts, contact log, Today and search (HOUSE 28; RELIABILITY X7, X19)."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from core.activities.models import Activity
from core.parties.models import Account, Contact

READS = ["/accounts", "/accounts/new", "/accounts/{account}", "/accounts/{account}/edit", "/contacts", "/contacts/new", "/contacts/{contact}", "/contacts/{contact}/edit",
         "/accounts/options?q=nord", "/accounts/duplicates?name=Nordlicht", "/contacts/duplicates?name=Sofie", "/activities/{activity}/rescheduling", "/", "/new", "/palette?q=nord", "/search?q=nord"]
OF_A_RECORD = [path for path in READS if "{" in path]
WRITES = [
    ("/accounts", {"name": "New"}), ("/accounts/{account}", {"name": "Changed"}), ("/accounts/{account}/fields", {"city": "Kiel"}), ("/accounts/{account}/deletion", {}),
    ("/contacts", {"name": "New"}), ("/contacts/{contact}", {"name": "Changed"}), ("/contacts/{contact}/fields", {"job_title": "Buyer"}), ("/contacts/{contact}/deletion", {}),
    ("/accounts/{account}/activities", {"kind": "call", "body": "x"}), ("/contacts/{contact}/activities", {"kind": "call", "body": "x"}),
    ("/activities/{activity}/completion", {}), ("/activities/{activity}/rescheduling", {"when": "+3d"}), ("/activities/{activity}/rescheduling/undo?on=2026-01-01", {}), ("/activities/{activity}/reopening", {}), ("/activities/{activity}/deletion", {}),
]
WRITES_TO_A_RECORD = [(path, data) for path, data in WRITES if "{" in path]


def at(path, records, foreign=False):
    prefix = "foreign_" if foreign else ""
    return path.format(**{kind: getattr(records, prefix + kind) for kind in ("account", "contact", "activity")})


def kept(house):
    """Everything that a write could have changed."""
    with house.ctx() as ctx:
        rows = [ctx.session.execute(select(model.__table__).order_by(model.id)).all() for model in (Account, Contact, Activity)]
        return [[tuple(row) for row in found] for found in rows]


@pytest.mark.parametrize("path", READS)
def test_owner_manager_and_rep_open_every_page(world, records, path):
    for who in ("owner", "manager", "rep"):
        assert world.browser(who).get(at(path, records)).status_code == 200, who


@pytest.mark.parametrize(("path", "data"), WRITES)
def test_the_rep_may_write_each(world, records, path, data):
    assert world.browser("rep").post(at(path, records), data).status_code == 303


@pytest.mark.parametrize("path", READS)
def test_a_stranger_and_who_has_left_must_sign_in(world, records, path):
    for browser in (world.browser(), world.browser("ex")):
        answer = browser.get(at(path, records))
        assert (answer.status_code, answer.location.split("?")[0]) == (303, "/sign-in") and b"Optik" not in answer.data


@pytest.mark.parametrize(("path", "data"), WRITES)
def test_a_stranger_and_who_has_left_write_nothing(world, records, path, data):
    before = kept(world.acme)
    for browser in (world.browser(), world.browser("ex")):
        assert browser.post(at(path, records), data).status_code == 303
    assert kept(world.acme) == before


@pytest.mark.parametrize("path", OF_A_RECORD)
def test_a_colleague_finds_nothing_of_the_reps(world, records, path):
    browser = world.browser("colleague")
    answer, random = browser.get(at(path, records)), browser.get(path.format(account=uuid4(), contact=uuid4(), activity=uuid4()))
    assert answer.status_code == random.status_code == 404 and b"Nordlicht" not in answer.data


@pytest.mark.parametrize(("path", "data"), WRITES_TO_A_RECORD)
def test_a_colleague_writes_nothing_of_the_reps(world, records, path, data):
    before = kept(world.acme)
    assert world.browser("colleague").post(at(path, records), data).status_code == 404
    assert kept(world.acme) == before


@pytest.mark.parametrize("path", OF_A_RECORD)
def test_another_tenants_record_is_not_there(world, records, path):
    assert world.browser("owner").get(at(path, records, foreign=True)).status_code == 404


@pytest.mark.parametrize(("path", "data"), WRITES_TO_A_RECORD)
def test_another_tenants_record_is_not_written(world, records, path, data):
    before = kept(world.globex)
    assert world.browser("owner").post(at(path, records, foreign=True), data).status_code == 404
    assert kept(world.globex) == before


@pytest.mark.parametrize(("path", "data"), WRITES)
def test_the_reader_reads_and_writes_nothing(world, records, path, data):
    before, browser = kept(world.acme), world.browser("reader")
    assert browser.get(at("/accounts/{account}", records)).status_code == 200
    assert browser.post(at(path, records), data).status_code == 403
    assert kept(world.acme) == before


@pytest.mark.parametrize("path", ["/accounts/new", "/contacts/new", "/accounts/{account}/edit", "/contacts/{contact}/edit", "/activities/{activity}/rescheduling"])
def test_the_reader_gets_no_form_and_no_button(world, records, path):
    browser = world.browser("reader")
    assert browser.get(at(path, records)).status_code == 403
    page = browser.get(at("/accounts/{account}", records)).text
    assert "data-edit=" not in page and "/deletion" not in page and 'class="compose"' not in page and "/completion" not in page


@pytest.mark.parametrize(("path", "data"), WRITES)
def test_without_the_forms_token_nothing_is_written(world, records, path, data):
    before = kept(world.acme)
    assert world.browser("rep").post(at(path, records), {**data, "_csrf": "wrong"}).status_code == 422
    assert kept(world.acme) == before


@pytest.mark.parametrize(("path", "data"), WRITES)
def test_a_page_is_only_read_by_get(world, records, path, data):
    before = kept(world.acme)
    world.browser("rep").get(at(path, records))
    assert kept(world.acme) == before


def test_lists_and_searches_show_a_colleague_nothing_of_the_reps(world, records):
    browser = world.browser("colleague")
    for path in ("/accounts", "/contacts", "/accounts?q=nordlicht", "/contacts?q=sofie", "/palette?q=nord", "/search?q=sofie", "/accounts/options?q=nord", "/", "/accounts?tag=fair", "/accounts?sort=changed"):
        assert b"Nordlicht Optik" not in browser.get(path).data and b"Sofie" not in browser.get(path).data, path


@pytest.mark.parametrize("column", ["foreign_account", "account"])
def test_a_key_in_the_body_that_one_does_not_see_is_not_there(world, records, column):
    """A foreign or hidden account in a form: refused as a random key is, with the same words."""
    browser, answers = world.browser("colleague"), []
    for key in (getattr(records, column), uuid4()):
        answer = browser.post("/contacts", {"name": "X", "account_id": str(key)})
        assert answer.status_code == 422
        answers.append(answer.text.replace(str(key), "").replace("Nordlicht", "N!"))
    strip = [part.split('id="account_id-err"')[1][:300] for part in answers]
    assert strip[0] == strip[1] and "N!" not in answers[0] and "no such account" in strip[0]


def test_a_person_of_another_account_is_not_logged_with(world, records):
    other = world.browser("rep").post("/contacts", {"name": "Of nobody"}).location.rsplit("/", 1)[1]
    for key in (other, records.foreign_contact, uuid4(), "x"):
        answer = world.browser("rep").post(f"/accounts/{records.account}/activities", {"kind": "call", "body": "kept text", "contact_id": str(key)})
        assert answer.status_code == 422 and "kept text" in answer.text


EXTRA = {"id": str(uuid4()), "created_at": "2000-01-01", "created_by": str(uuid4()), "deleted_at": "2000-01-01", "version": "99", "name_fold": "zzz", "custom": "{}", "external_id": "E1", "is_admin": "1", "tenant_id": "x", "role": "admin"}


def test_fields_that_no_form_has_are_ignored(world, records):
    browser = world.browser("rep")
    key = browser.post("/accounts", {"name": "Plain", **EXTRA}).location.rsplit("/", 1)[1]
    browser.post(f"/accounts/{records.account}", {"city": "Kiel", **EXTRA})
    with world.acme.ctx() as ctx:
        made, changed = ctx.session.get(Account, key), ctx.session.get(Account, records.account)
        assert str(made.id) != EXTRA["id"] and made.created_by == world.acme.users["rep"].id and (made.deleted_at, made.external_id, made.version) == (None, None, 1)
        assert (changed.city, changed.name, changed.deleted_at, changed.external_id, changed.version) == ("Kiel", "Nordlicht Optik", None, None, 2)


def test_a_rep_makes_nothing_for_somebody_else(world):
    owner = str(world.acme.users["owner"].id)
    answer = world.browser("rep").post("/accounts", {"name": "Foisted", "owner_id": owner})
    assert answer.status_code == 422 and "Foisted" in answer.text
