"""A field of a lead or quote that a role may read and not write is written by no door: form, cell, API, bulk, import, calendar, history (A1).

Each door is tried twice, as in test_protected_deals.
"""

import re
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from core.leads import actions as leads
from core.leads.models import Lead
from core.quotes import drafting
from core.quotes.models import Quote
from core.transfer import checking, running
from tests.house.test_cast_walks import token_for
from tests.support.two_roles import reading_and_writing
from tests.support.world import Browser
from tests.web.test_protected_deals import Seller as Doors

LEAD = {
    "company": "Written Ltd", "job_title": "written", "mail": "written@doors.example", "phone": "+49 431 5550199", "language": "fr", "postcode": "24103", "city": "written", "country": "FR", "interest": "written", "message": "written", "source": "written",
    "campaign": "written", "next_step": "Written", "next_step_on": "2031-03-08", "notes": "written", "external_id": "W-2", "custom.size": "XL",
}
QUOTE = {"notes": "written", "custom.size": "XL"}
WANTED = {"leads": LEAD, "quotes": QUOTE}
PROTECTED = [f"{room}.{name}" for room, values in WANTED.items() for name in values]


@pytest.fixture(scope="module")
def house(app):
    """Two salespeople of different roles that both may everything; one of them may not write the fields."""
    with reading_and_writing("leads", WANTED, PROTECTED) as found:
        yield found


class Person:
    """Somebody at all doors, with a lead and a quote of the test's own."""

    door, _round = Doors.door, Doors._round

    def __init__(self, app, house, who):
        self.house, self.who, self.app = house, who, app
        self.page, self.api = Browser(app, house, who), Browser(app, house)
        self.api.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token_for(house, who)}"
        with house.ctx() as ctx:
            self.tag = f"t{uuid4().hex[:6]}"
            lead = leads.create_lead(ctx, name=f"Lead {self.tag}", owner_id=house.users[who].id, mail=f"{self.tag}@doors.example", source="before", next_step="Before", next_step_on="2030-01-01")
            quote = drafting.create_quote(ctx, name=f"Quote {self.tag}", notes="before")
            ctx.session.flush()
            leads.edit_lead(ctx, lead, source="after")
            drafting.edit_quote(ctx, quote, notes="after")
            self.keys, self.versions = {"leads": str(lead.id), "quotes": str(quote.id)}, {"leads": lead.version, "quotes": quote.version}

    def import_(self, content, query):
        made = self.api.client.post(f"/api/v1/imports?kind=leads&dry_run=true&{query}", base_url=f"http://{self.house.host}", data=content.encode(), content_type="text/csv")
        if made.status_code != 201:
            return
        key = UUID(made.json["id"])
        checking.check_file(self.door, key, self._round(key))
        if self.api.json("POST", f"/api/v1/imports/{key}/run", {}).status_code == 202:
            running.run_import(self.door, key, self._round(key))


def each():
    for room, values in WANTED.items():
        for name, value in values.items():
            yield room, name, value


def body_of(name, value):
    return {"custom": {"size": value}} if name.startswith("custom.") else {name: value}


def form(one):
    for room, name, value in each():
        called = f"{room[:-1].capitalize()} {one.tag}"
        one.page.post(f"/{room}/{one.keys[room]}", {"name": called, "_was_name": called, name: value, f"_was_{name}": ""})


def new_form(one):
    for room, values in WANTED.items():
        one.page.post(f"/{room}", {"name": f"Made {one.tag}", **values})


def cell(one):
    for room, name, value in each():
        one.page.post(f"/{room}/{one.keys[room]}/fields", {name: value})


def api_change(one):
    for room, name, value in each():
        path = f"/api/v1/{room}/{one.keys[room]}"
        one.api.json("PATCH", path, body_of(name, value), headers={"If-Match": one.api.get(path).headers["ETag"]})


def api_create(one):
    for room, name, value in each():
        one.api.json("POST", f"/api/v1/{room}", {"name": f"Made {one.tag}"} | body_of(name, value))


def api_bulk(one):
    for name, value in LEAD.items():
        one.api.json("POST", "/api/v1/bulk-edits", {"kind": "leads", "ids": [one.keys["leads"]], "changes": body_of(name, value)})


def page_bulk(one):
    for name in ("city", "source", "custom.size"):
        place = one.page.post("/leads/selection", {"id": [one.keys["leads"]]}).headers["Location"].partition("?")[0]
        one.page.post(f"{place}/preview", {"operation": "change", "field": name, name: LEAD[name]})
        one.page.post(f"{place}/run")


def import_new(one):
    one.import_(f"name,mail,phone,city,source,size\nMade {one.tag},made{one.tag}@doors.example,+49 431 5550199,written,written,XL\n", "mode=create&key_field=mail")


def import_over(one):
    one.import_(f"mail,phone,city,source,size\n{one.tag}@doors.example,+49 431 5550199,written,written,XL\n", "mode=both&key_field=mail")


def move_in_calendar(one):
    one.page.post(f"/calendar/leads/{one.keys['leads']}/day", {"stage_id": "2031-03-08", "version": str(one.versions["leads"])})


def put_back(one):
    """An earlier value from the history."""
    for room, name in (("leads", "source"), ("quotes", "notes")):
        path = f"/{room}/{one.keys[room]}/history"
        text = Browser(one.app, one.house, "owner").get(path).text
        for entry in dict.fromkeys(re.findall(rf"{path}/([0-9a-f-]{{36}})", text)):
            one.page.post(f"{path}/{entry}", {"field": name})


DOORS = [form, new_form, cell, api_change, api_create, api_bulk, page_bulk, import_new, import_over, move_in_calendar, put_back]


def written(house, before=None):
    """What stands in protected fields; or, with what stood before, what differs now."""
    now = {}
    with house.ctx() as ctx:
        for model in (Lead, Quote):
            for record in ctx.session.execute(select(model)).scalars():
                for name in WANTED[model.ROOM]:
                    value = record.custom.get("size") if name == "custom.size" else getattr(record, name)
                    if value is not None and (name, value) not in (("source", "api"), ("source", "import"), ("source", "self")):
                        now[record.id, name] = value
    return now if before is None else {key: value for key, value in now.items() if before.get(key) != value}


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_no_door_writes_what_may_only_be_read(app, house, door):
    one = Person(app, house, "reading")
    before = written(house)
    door(one)
    assert written(house, before) == {}


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_every_door_writes_it_for_whoever_may(app, house, door):
    """Negative control: the doors are open, and what they write is seen."""
    one = Person(app, house, "writing")
    before = written(house)
    door(one)
    assert written(house, before) != {}
