"""A field that a role may read and not write is written by no door: form, cell, API, bulk, import, ways to reach, merge, history, tags (A1).

Each door is tried twice: by somebody from whom the fields are protected, where no record may differ afterwards, and by
somebody like him from whom nothing is, where it writes.
"""

import json
import re
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from core.parties import actions
from core.parties.models import Account, Contact
from core.parties.reach_models import Affiliation, ContactPoint, PostalAddress
from core.tags import queries as tags
from core.transfer import checking, queries, running
from tests.house.test_cast_walks import token_for
from tests.support.two_roles import reading_and_writing
from tests.support.world import Browser

PROTECTED = (
    "contacts.job_title", "contacts.mail", "contacts.phone", "contacts.birthday", "contacts.tags", "contacts.notes", "contacts.custom.size", "contacts.account_id",
    "accounts.city", "accounts.street", "accounts.industry", "accounts.tags", "accounts.mail", "accounts.tax_relief",
)
WANTED = {"job_title": "Boss", "mail": "new@doors.example", "phone": "+49 431 5550199", "birthday": "1990-02-03", "tags": "fresh", "notes": "written", "custom.size": "XL"}


@pytest.fixture(scope="module")
def house(app):
    """Two salespeople of different roles that both may everything; one of them may not write the fields."""
    with reading_and_writing("doors", ["contacts"], PROTECTED) as found:
        yield found


class Person:
    """Somebody at all doors, with records of the test's own."""

    def __init__(self, app, house, who):
        self.house, self.who = house, who
        self.page, self.api = Browser(app, house, who), Browser(app, house)
        self.api.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token_for(house, who)}"
        with house.ctx() as ctx:
            tag = f"t{uuid4().hex[:6]}"
            account = actions.create_account(ctx, name=f"House {tag}", city="Kiel", industry="Toys", tags=[tag])
            other = actions.create_account(ctx, name=f"Other {tag}")
            contact = actions.create_contact(ctx, name=f"Kim {tag}", job_title="Clerk", mail=f"{tag}@doors.example", tags=[tag], notes="before", **{"custom.size": "S"})
            empty = actions.create_contact(ctx, name=f"Lee {tag}", source="empty")
            ctx.session.flush()
            actions.edit_contact(ctx, contact, job_title="Salesman", mail=f"{tag}2@doors.example")
            self.tag, self.account, self.other, self.contact, self.empty = tag, str(account.id), str(other.id), str(contact.id), str(empty.id)

    @contextmanager
    def door(self):
        with self.house.ctx(self.who) as ctx:
            yield ctx

    def patch(self, path, body):
        version = self.api.get(path).headers["ETag"]
        return self.api.json("PATCH", path, body, headers={"If-Match": version})

    def import_(self, content, query):
        """A file through the API, its check and its run; nothing where it was refused."""
        made = self.api.client.post(f"/api/v1/imports?kind=contacts&dry_run=true&{query}", base_url=f"http://{self.house.host}", data=content.encode(), content_type="text/csv")
        if made.status_code != 201:
            return
        key = UUID(made.json["id"])
        checking.check_file(self.door, key, self._round(key))
        if self.api.json("POST", f"/api/v1/imports/{key}/run", {}).status_code == 202:
            running.run_import(self.door, key, self._round(key))

    def _round(self, key):
        with self.door() as ctx:
            return queries.one(ctx, key).round


def body_of(name, value):
    value = [value] if name == "tags" else value
    return {"custom": {name.removeprefix("custom."): value}} if name.startswith("custom.") else {name: value}


def form(one):
    for name, value in WANTED.items():
        one.page.post(f"/contacts/{one.contact}", {"name": f"Kim {one.tag}", "_was_name": f"Kim {one.tag}", name: value, f"_was_{name}": ""})
    one.page.post("/contacts", {"name": f"Made {one.tag}", **WANTED})
    one.page.post(f"/accounts/{one.account}", {"name": f"House {one.tag}", "_was_name": f"House {one.tag}", "city": "Ulm", "_was_city": "Kiel", "tax_relief": "AE", "_was_tax_relief": ""})


def cell(one):
    for name, value in WANTED.items():
        one.page.post(f"/contacts/{one.contact}/fields", {name: value})
    one.page.post(f"/accounts/{one.account}/fields", {"city": "Ulm"})
    one.page.post(f"/accounts/{one.account}/fields", {"tax_relief": "AE"})


def api_change(one):
    for name, value in WANTED.items():
        one.patch(f"/api/v1/contacts/{one.contact}", body_of(name, value))
    one.patch(f"/api/v1/contacts/{one.contact}", {"account_id": one.account})
    one.patch(f"/api/v1/accounts/{one.account}", {"city": "Ulm"})
    one.patch(f"/api/v1/accounts/{one.account}", {"tax_relief": "AE"})


def api_create(one):
    for name, value in WANTED.items():
        one.api.json("POST", "/api/v1/contacts", {"name": f"Made {one.tag}"} | body_of(name, value))
    one.api.json("POST", "/api/v1/accounts", {"name": f"Made {one.tag}", "city": "Ulm"})
    one.api.json("POST", "/api/v1/accounts", {"name": f"Made {one.tag}", "tax_relief": "AE"})


def api_bulk(one):
    for name, value in WANTED.items():
        if name != "tags":
            one.api.json("POST", "/api/v1/bulk-edits", {"kind": "contacts", "ids": [one.contact], "changes": body_of(name, value)})
    one.api.json("POST", "/api/v1/bulk-edits", {"kind": "contacts", "ids": [one.contact], "add_tags": ["fresh"], "remove_tags": [one.tag]})
    one.api.json("POST", "/api/v1/bulk-edits", {"kind": "accounts", "ids": [one.account], "changes": {"city": "Ulm"}})
    one.api.json("POST", "/api/v1/bulk-edits", {"kind": "accounts", "ids": [one.account], "changes": {"tax_relief": "AE"}})


def page_bulk(one):
    for operation, field, values in (("change", "job_title", {"job_title": "Boss"}), ("change", "custom.size", {"custom.size": "XL"}), ("tags", "", {"add": "fresh"})):
        place = one.page.post("/contacts/selection", {"id": [one.contact]}).headers["Location"]
        one.page.post(f"{place.partition('?')[0]}/preview", {"operation": operation, "field": field, **values})
        one.page.post(f"{place.partition('?')[0]}/run")


LINES = "name,job_title,mail,tags,size,account,source\n{name},Boss,new@doors.example,fresh,XL,Import Ltd,list\n"


def import_new(one):
    one.import_(LINES.format(name=f"Made {one.tag}"), "mode=create&key_field=name")


def import_over(one):
    one.import_(LINES.format(name=f"Kim {one.tag}"), "mode=update&key_field=name")


def import_mapped(one):
    mapping = json.dumps({"a": "name", "b": "job_title", "c": "custom.size"})
    one.import_(f"a,b,c\nKim {one.tag},Boss,XL\n", f"mode=both&key_field=name&mapping={mapping}")


def import_of_companies(one):
    """What contacts' rows say of their company, and further ways to reach them."""
    mapping = json.dumps({"a": "name", "b": "account", "c": "account_city", "d": "mail_2", "e": "account_tax_relief"})
    one.import_(f"a,b,c,d,e\nKim {one.tag},Other {one.tag},Ulm,second@doors.example,AE\n", f"mode=both&key_field=name&fills_accounts=true&mapping={mapping}")
    one.import_(f"a,b,c\nKim {one.tag},Other {one.tag},Ulm\n", f"mode=both&key_field=name&fills_accounts=true&mapping={json.dumps({'a': 'name', 'b': 'account', 'c': 'account_city'})}")


def reach_api(one):
    for kind, value in (("mail", "further@doors.example"), ("phone", "+49 431 5550123")):
        one.api.json("POST", f"/api/v1/contacts/{one.contact}/contact-points", {"kind": kind, "value": value})
    for room, key in (("contacts", one.contact), ("accounts", one.account)):
        one.api.json("POST", f"/api/v1/{room}/{key}/addresses", {"street": "Kai 1", "city": "Ulm"})
    one.api.json("POST", f"/api/v1/contacts/{one.contact}/affiliations", {"account_id": one.other, "title": "Adviser"})


def reach_forms(one):
    for kind, value in (("mail", "further@doors.example"), ("phone", "+49 431 5550123")):
        one.page.post(f"/contacts/{one.contact}/reach", {"kind": kind, "value": value})
    for room, key in (("contacts", one.contact), ("accounts", one.account)):
        one.page.post(f"/{room}/{key}/reach/addresses", {"street": "Kai 1", "city": "Ulm"})
    one.page.post(f"/contacts/{one.contact}/affiliations", {"account_id": one.other, "account_id_text": f"Other {one.tag}", "title": "Adviser"})


def merge_chosen(one):
    choices = {name: one.contact for name in WANTED}
    for part in ({name: key} for name, key in choices.items()):
        one.api.json("POST", "/api/v1/merges", {"kind": "contact", "survivor_id": one.empty, "ids": [one.contact], "choices": part})


def merge_filled(one):
    one.page.post("/merges", {"kind": "contact", "id": [one.empty, one.contact], "survivor": one.empty, "choice.job_title": one.contact})
    one.api.json("POST", "/api/v1/merges", {"kind": "contact", "survivor_id": one.empty, "ids": [one.contact]})


def put_back(one):
    """An earlier value from the history."""
    text = Browser(one.page.client.application, one.house, "owner").get(f"/contacts/{one.contact}/history").text
    for entry in dict.fromkeys(re.findall(rf"/contacts/{one.contact}/history/([0-9a-f-]{{36}})", text)):
        for name in ("job_title", "mail"):
            one.page.post(f"/contacts/{one.contact}/history/{entry}", {"field": name})


def rename_tag(one):
    """In all records; and away with it."""
    with one.house.ctx() as ctx:
        found = next(tag for tag in tags.tags(ctx) if tag.name == one.tag)
        key, version = found.id, found.version
    if one.page.post(f"/settings/tags/{key}", {"name": f"{one.tag} renamed", "_version": str(version)}).status_code == 303:
        return  # the records have it under its new name
    one.patch(f"/api/v1/tags/{key}", {"name": f"{one.tag} again"})
    one.page.post(f"/settings/tags/{key}/deletion")
    with one.door() as ctx:
        assert tags.under_way(ctx) is None


DOORS = [form, cell, api_change, api_create, api_bulk, page_bulk, import_new, import_over, import_mapped, import_of_companies, reach_api, reach_forms, merge_chosen, merge_filled, put_back, rename_tag]


def written(house, before=None):
    """What stands in protected fields of living records, and beside them; or, with what stood before, what differs now."""
    now = {}
    with house.ctx() as ctx:
        for model in (Contact, Account):
            fields = [name.removeprefix(f"{model.ROOM}.") for name in PROTECTED if name.startswith(model.ROOM)]
            for record in ctx.session.execute(select(model).where(model.deleted_at.is_(None))).scalars():
                for name in fields:
                    value = (record.custom or {}).get("size") if name == "custom.size" else getattr(record, name)
                    if value not in (None, "", []):
                        now[record.id, name] = value
        for model in (ContactPoint, PostalAddress, Affiliation):
            for row in ctx.session.execute(select(model).where(model.deleted_at.is_(None))).scalars():
                now[row.id, model.__tablename__] = getattr(row, "value", None) or getattr(row, "street", None) or getattr(row, "title", "")
    return now if before is None else {key: value for key, value in now.items() if before.get(key) != value}


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_no_door_writes_what_may_only_be_read(app, house, door):
    one = Person(app, house, "reading")
    before = written(house)
    door(one)
    found = written(house, before)
    if door in (merge_chosen, merge_filled):  # nothing that somebody can be reached by is lost with the record that goes
        found = {key: value for key, value in found.items() if key[1] != "contact_point"}
    assert found == {}


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_every_door_writes_it_for_whoever_may(app, house, door):
    """Negative control: the doors are open, and what they write is seen."""
    one = Person(app, house, "writing")
    before = written(house)
    door(one)
    assert written(house, before) != {}


def test_a_field_to_read_only_stands_in_the_form_as_text(app, house):
    one = Person(app, house, "reading")
    text = one.page.get(f"/contacts/{one.contact}/edit").text
    assert 'name="job_title"' not in text and '<p class="locked">Salesman</p>' in text and 'name="mobile"' in text
    shown = one.page.get(f"/contacts/{one.contact}").text
    assert f"{one.tag}2@doors.example" in shown and 'data-name="mail"' not in shown and 'data-name="mobile"' in shown
    assert one.page.post(f"/contacts/{one.contact}", {"name": f"Kim {one.tag}", "_was_name": f"Kim {one.tag}", "source": "met", "_was_source": ""}).status_code == 303
    assert one.page.post(f"/contacts/{one.contact}/fields", {"job_title": "Boss"}).status_code == 422
    found = one.api.get(f"/api/v1/contacts/{one.contact}").json
    assert (found["job_title"], found["source"], found["mail"]) == ("Salesman", "met", f"{one.tag}2@doors.example")
