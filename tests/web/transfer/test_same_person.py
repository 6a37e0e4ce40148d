"""The same person at every entrance (FEATURES 2.3): the form, the import and the API say so before there are two of them; whoever does
not see the record hears that there is one, and neither its name nor its key."""

import json
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest

from core.parties import actions
from core.transfer import checking


@pytest.fixture
def anna(world):
    """Anna Meier at Meier GmbH, the colleague's; and how somebody would write her in again."""
    tag = "Q" + "".join(chr(ord("a") + int(digit, 16)) for digit in uuid4().hex[:9])  # a name of its own: like nobody of another test
    with world.acme.ctx("owner") as ctx:
        owner = world.acme.users["colleague"].id
        account = actions.create_account(ctx, name=f"Meier {tag} GmbH", owner_id=owner, source="before")
        ctx.session.flush()
        contact = actions.create_contact(ctx, name=f"Anna {tag} Meier", mail=f"anna@{tag.lower()}.example", account_id=account.id, owner_id=owner, source="before")
        ctx.session.flush()
        return {"name": contact.name, "id": str(contact.id), "again": f"Meier, Anna {tag}", "mail": contact.mail}


def by_form(world, who, anna):
    """What stands below the fields while she is typed in."""
    return world.browser(who).get(f"/contacts/duplicates?name={anna['again']}&mail={anna['mail']}").text


def by_import(world, who, anna):
    """The grid of an import that was checked; what programs hear of it is the same."""
    path, content = "/api/v1/imports?dry_run=true&kind=contacts&mode=create&key_field=", f'name,mail\n"{anna["again"]}",{anna["mail"]}\n'
    key = world.api(who).client.post(path, base_url=f"http://{world.acme.host}", data=content.encode(), content_type="text/csv").json["id"]

    @contextmanager
    def door():
        with world.acme.ctx(who) as ctx:
            yield ctx

    checking.check_file(door, UUID(key), 1)
    said = world.api(who).get(f"/api/v1/imports/{key}/problems").json["data"]
    return world.browser(who).get(f"/imports/{key}/problems").text + json.dumps(said, ensure_ascii=False)


def by_api(world, who, anna):
    answer = world.api(who).json("POST", "/api/v1/contacts", {"name": anna["again"], "mail": anna["mail"]})
    assert answer.status_code == 201 and len(answer.json["duplicates"]) < 2
    world.api("owner")._open("DELETE", f"/api/v1/contacts/{answer.json['id']}", headers={"If-Match": answer.headers["ETag"]})
    return json.dumps(answer.json["duplicates"], ensure_ascii=False, sort_keys=True)


DOORS = [by_form, by_import, by_api]
HIDDEN = {"by_form": "A record of a colleague that you have no access to", "by_import": "another team owns", "by_api": '[{"id": null, "name": null, "reasons": [], "score": null}]'}


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_the_same_person_is_met_at_every_entrance(world, anna, door):
    said = door(world, "owner", anna)
    assert anna["name"] in said and anna["id"] in said


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_of_a_record_of_another_team_it_is_said_that_it_exists(world, anna, door):
    said = door(world, "rep", anna)
    assert HIDDEN[door.__name__] in said and anna["name"] not in said and anna["id"] not in said


def test_a_record_that_is_new_is_none(world, anna):
    """Negative control: nobody like her is there."""
    new = anna | {"again": f"Quentin {uuid4().hex[:8]}", "mail": f"{uuid4().hex[:8]}@nowhere.example"}
    assert by_api(world, "owner", new) == "[]" and "a colleague" not in by_form(world, "rep", new)
    assert "who is there already" not in by_import(world, "owner", new)
