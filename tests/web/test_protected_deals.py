"""A field of a deal that a role may read and not write is written by no door: form, cell, API, products, bulk, import, moves, board and calendar, history (A1).

As in test_protected_fields each door is tried twice: by somebody from whom the fields are protected, where no deal may differ
afterwards, and by somebody like him from whom nothing is, where it writes.
"""

import json
import re
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from core.deals import actions, pipelines
from core.deals.models import Deal, DealLine
from core.parties import actions as parties
from core.transfer import checking, queries, running
from tests.house.test_cast_walks import token_for
from tests.support.two_roles import reading_and_writing
from tests.support.world import Browser

WANTED = {
    "amount": "777", "currency": "CHF", "probability": "77", "forecast": "commit", "closes_on": "2031-03-07", "next_step": "Written", "next_step_on": "2031-03-08", "source": "written", "loss_reason": "written", "notes": "written", "external_id": "W-1",
    "custom.size": "XL",
}
PROTECTED = [f"deals.{name}" for name in (*WANTED, "account_id", "contact_id")]


@pytest.fixture(scope="module")
def house(app):
    """Two salespeople of different roles that both may everything; one of them may not write the fields."""
    with reading_and_writing("sells", ["deals"], PROTECTED) as found:
        yield found


class Seller:
    """Somebody at all doors, with a deal of the test's own."""

    def __init__(self, app, house, who):
        self.house, self.who, self.app = house, who, app
        self.page, self.api = Browser(app, house, who), Browser(app, house)
        self.api.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token_for(house, who)}"
        with house.ctx() as ctx:
            self.tag = f"t{uuid4().hex[:6]}"
            account = parties.create_account(ctx, name=f"House {self.tag}")
            deal = actions.create_deal(ctx, name=f"Deal {self.tag}", owner_id=house.users[who].id, amount="100", probability="10", closes_on="2030-01-02", source="before", notes="before", next_step="Before", next_step_on="2030-01-01", **{"custom.size": "S"})
            ctx.session.flush()
            actions.edit_deal(ctx, deal, source="after", amount="200")
            way = pipelines.working(ctx)[0]
            self.lost, self.first = (str(next(stage.id for stage in way.stages if stage.kind == kind)) for kind in ("lost", "open"))
            self.id, self.account, self.version = str(deal.id), str(account.id), deal.version

    @contextmanager
    def door(self):
        with self.house.ctx(self.who) as ctx:
            yield ctx

    def patch(self, body):
        path = f"/api/v1/deals/{self.id}"
        return self.api.json("PATCH", path, body, headers={"If-Match": self.api.get(path).headers["ETag"]})

    def import_(self, content, query):
        """A file through the API, its check and its run; nothing where it was refused."""
        made = self.api.client.post(f"/api/v1/imports?kind=deals&dry_run=true&{query}", base_url=f"http://{self.house.host}", data=content.encode(), content_type="text/csv")
        if made.status_code != 201:
            return
        key = UUID(made.json["id"])
        checking.check_file(self.door, key, self._round(key))
        if self.api.json("POST", f"/api/v1/imports/{key}/run", {}).status_code == 202:
            running.run_import(self.door, key, self._round(key))

    def _round(self, key):
        with self.door() as ctx:
            return queries.one(ctx, key).round


def bodies():
    """Each field by itself, as the API takes it."""
    for name, value in WANTED.items():
        if name == "amount":
            yield {"amount": {"amount": value, "currency": "EUR"}}
        elif name.startswith("custom."):
            yield {"custom": {"size": value}}
        elif name != "currency":
            yield {name: int(value) if name == "probability" else value}


def form(one):
    for name, value in WANTED.items():
        one.page.post(f"/deals/{one.id}", {"name": f"Deal {one.tag}", "_was_name": f"Deal {one.tag}", name: value, f"_was_{name}": ""})


def new_form(one):
    one.page.post("/deals", {"name": f"Made {one.tag}", **WANTED})


def cell(one):
    for name, value in WANTED.items():
        one.page.post(f"/deals/{one.id}/fields", {name: value})


def api_change(one):
    for body in (*bodies(), {"account_id": one.account}):
        one.patch(body)


def api_create(one):
    for body in (*bodies(), {"account_id": one.account}):
        one.api.json("POST", "/api/v1/deals", {"name": f"Made {one.tag}"} | body)


def products(one):
    one.page.post(f"/deals/{one.id}/lines", {"_version": str(one.version), "rows": "1", "l0-product_id_text": "Lamp", "l0-quantity": "1", "l0-unit_price": "777"})
    etag = one.api.get(f"/api/v1/deals/{one.id}").headers["ETag"]
    one.api.json("PUT", f"/api/v1/deals/{one.id}/lines", {"lines": [{"name": "Lamp", "quantity": "1", "unit_price": "777"}]}, headers={"If-Match": etag})


def api_bulk(one):
    for body in bodies():
        one.api.json("POST", "/api/v1/bulk-edits", {"kind": "deals", "ids": [one.id], "changes": body})


def page_bulk(one):
    for field in ("source", "probability", "custom.size"):
        place = one.page.post("/deals/selection", {"id": [one.id]}).headers["Location"]
        one.page.post(f"{place.partition('?')[0]}/preview", {"operation": "change", "field": field, field: WANTED[field]})
        one.page.post(f"{place.partition('?')[0]}/run")


LINES = "name,amount,probability,close date,source,size\n{name},777,77,2031-03-07,written,XL\n"


def import_new(one):
    one.import_(LINES.format(name=f"Made {one.tag}"), "mode=create&key_field=name")


def import_over(one):
    one.import_(LINES.format(name=f"Deal {one.tag}"), "mode=update&key_field=name")


def import_mapped(one):
    one.import_(f"a,b,c\nDeal {one.tag},777,XL\n", f"mode=both&key_field=name&mapping={json.dumps({'a': 'name', 'b': 'amount', 'c': 'custom.size'})}")


def move_with_reason(one):
    one.page.post(f"/deals/{one.id}/stage", {"stage_id": one.lost, "loss_reason": "written"})
    one.page.post(f"/deals/board/{one.id}/stage", {"stage_id": one.lost, "loss_reason": "written"})
    one.api.json("POST", f"/api/v1/deals/{one.id}/moves", {"stage_id": one.lost, "loss_reason": "written"})


def move_in_forecast(one):
    one.page.post(f"/deals/forecast/{one.id}/period", {"stage_id": "2031-03", "version": str(one.version)})


def move_in_calendar(one):
    one.page.post(f"/calendar/deals/{one.id}/day", {"stage_id": "2031-03-08", "version": str(one.version)})


def put_back(one):
    """An earlier value from the history."""
    text = Browser(one.app, one.house, "owner").get(f"/deals/{one.id}/history").text
    for entry in dict.fromkeys(re.findall(rf"/deals/{one.id}/history/([0-9a-f-]{{36}})", text)):
        for name in ("source", "amount"):
            one.page.post(f"/deals/{one.id}/history/{entry}", {"field": name})


DOORS = [form, new_form, cell, api_change, api_create, products, api_bulk, page_bulk, import_new, import_over, import_mapped, move_with_reason, move_in_forecast, move_in_calendar, put_back]


def written(house, before=None):
    """What stands in protected fields of deals; or, with what stood before, what differs now."""
    now = {}
    with house.ctx() as ctx:
        for deal in ctx.session.execute(select(Deal)).scalars():
            for name in (*(one.removeprefix("deals.") for one in PROTECTED),):
                value = deal.custom.get("size") if name == "custom.size" else getattr(deal, name)
                if value is not None and (name, value) != ("currency", ctx.tenant.currency):
                    now[deal.id, name] = value
        now |= {(line.id, "line"): line.amount for line in ctx.session.execute(select(DealLine)).scalars()}
    return now if before is None else {key: value for key, value in now.items() if before.get(key) != value}


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_no_door_writes_what_may_only_be_read(app, house, door):
    one = Seller(app, house, "reading")
    before = written(house)
    door(one)
    assert written(house, before) == {}


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_every_door_writes_it_for_whoever_may(app, house, door):
    """Negative control: the doors are open, and what they write is seen."""
    one = Seller(app, house, "writing")
    before = written(house)
    door(one)
    assert written(house, before) != {}


def test_a_field_to_read_only_stands_on_the_page_and_in_the_form_as_text(app, house):
    one = Seller(app, house, "reading")
    text = one.page.get(f"/deals/{one.id}/edit").text
    assert re.findall(r'.{60} name="amount".{20}', text) == [] and '<p class="locked">200' in text and 'name="name"' in text
    shown = one.page.get(f"/deals/{one.id}").text
    assert "200 EUR" in shown and 'data-name="amount"' not in shown and "/lines" not in shown and 'name="loss_reason"' not in shown
    assert one.page.get(f"/deals/{one.id}/lines").status_code == 403


def test_who_may_not_say_why_a_deal_is_lost_is_told_so(app, house):
    one = Seller(app, house, "reading")
    answer = one.page.post(f"/deals/{one.id}/stage", {"stage_id": one.lost})
    assert answer.status_code == 422 and "your role does not write that" in answer.text
    assert one.api.json("POST", f"/api/v1/deals/{one.id}/moves", {"stage_id": one.lost}).json["code"] == "loss_reason_not_yours"
