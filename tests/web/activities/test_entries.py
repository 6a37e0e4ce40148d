"""An entry is put right on a page of its own and by programs; whoever may not change it is shown no way to it."""

import re

import pytest

from core.activities import actions, queries
from core.activities.correcting import correct
from core.parties import queries as parties
from tests.support.statements import counted
from tests.web.parties.conftest import records  # noqa: F401 (the same records)


@pytest.fixture
def entry(world, records):  # noqa: F811
    """A note of the representative's on his account."""
    with world.acme.ctx("rep") as ctx:
        found = actions.log_activity(ctx, kind="note", account=parties.one_account(ctx, records.account), body="Forty trays")
        ctx.session.flush()
        return found.id


def read(world, key):
    with world.acme.ctx("owner") as ctx:
        found = queries.one_activity(ctx, key)
        return found.kind, found.body, found.version


def test_from_the_timeline_to_its_form_and_back(world, records, entry):  # noqa: F811
    rep, path = world.browser("rep"), f"/accounts/{records.account}"
    assert f'href="/activities/{entry}/edit?next={path}"' in rep.get(path).text
    with counted() as statements:
        page = rep.get(f"/activities/{entry}/edit?next={path}")
    assert page.status_code == 200 and "Forty trays" in page.text and len(statements) <= 12
    shown = dict(re.findall(r'name="_was_(\w+)" value="([^"]*)"', page.text))
    version = re.search(r'name="_version" value="(\d+)"', page.text)[1]
    sent = {name: shown[name] for name in shown} | {f"_was_{name}": value for name, value in shown.items()} | {"_version": version, "next": path, "kind": "call", "body": "Fourteen <trays>"}
    answer = rep.post(f"/activities/{entry}", sent)
    assert answer.status_code == 303 and answer.location == path
    after = rep.get(path).text
    assert "Fourteen &lt;trays&gt;" in after and "Forty trays" not in after and "Entry saved" in after
    assert read(world, entry)[:2] == ("call", "Fourteen <trays>")


@pytest.mark.parametrize(("given", "field", "says"), [
    ({"happened_at": "whenever"}, "happened_at", "26/11"), ({"happened_at": "2099-01-01"}, "happened_at", "next contact"), ({"body": ""}, "body", "what was said"), ({"outcome": "x" * 201}, "outcome", "200"), ({"kind": "fax"}, "kind", ""),
])
def test_what_cannot_be_read_comes_back_with_everything_typed(world, entry, given, field, says):
    answer = world.browser("rep").post(f"/activities/{entry}", {"kind": "note", "body": "kept body", "place": "kept place"} | given)
    error = re.search(rf'id="{field}-err">.*?<span>(.*?)</span>', answer.text, re.S)
    assert answer.status_code == 422 and error and says in error[1] and "kept place" in answer.text
    assert read(world, entry)[:2] == ("note", "Forty trays")


def test_two_at_once_choose(world, entry):
    version = read(world, entry)[2]
    with world.acme.ctx("rep") as ctx:
        correct(ctx, queries.one_activity(ctx, entry), body="Fifty trays")
    answer = world.browser("rep").post(f"/activities/{entry}", {"body": "Sixty trays", "_was_body": "Forty trays", "_version": str(version)})
    assert answer.status_code == 409 and "Fifty trays" in answer.text and "Sixty trays" in answer.text
    assert read(world, entry)[1] == "Fifty trays"


def test_whoever_may_not_change_it_finds_no_way(world, records, entry):  # noqa: F811
    reader = world.browser("reader")
    assert "/edit?next=" not in re.sub(r'href="/(accounts|contacts)[^"]*"', "", reader.get(f"/accounts/{records.account}").text)
    assert reader.get(f"/activities/{entry}/edit").status_code == 403 and reader.post(f"/activities/{entry}", {"body": "Mine"}).status_code == 403
    assert world.browser("colleague").get(f"/activities/{entry}/edit").status_code == 404


def test_programs_put_it_right(world, entry):
    api = world.api("rep")
    answer = api.json("PATCH", f"/api/v1/activities/{entry}", {"body": "By phone", "kind": "call", "direction": "in"}, headers={"If-Match": f'"{read(world, entry)[2]}"'})
    assert answer.status_code == 200 and (answer.json["body"], answer.json["kind"], answer.json["direction"]) == ("By phone", "call", "in")
    refused = api.json("PATCH", f"/api/v1/activities/{entry}", {"happened_at": None}, headers={"If-Match": answer.headers["ETag"]})
    assert refused.status_code == 422 and refused.json["code"] == "required"
