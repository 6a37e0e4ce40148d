"""Bulk edits of deals by page and by program."""

import re
from uuid import uuid4

import pytest

from core.deals import actions
from core.deals.models import Deal
from core.parties import actions as parties
from tests.web.bulk.test_pages import chosen, stand
from web.api import shell

AT = "/deals/selection"


@pytest.fixture
def made(world):
    def make(*names, who="owner", **values):
        with world.acme.ctx(who) as ctx:
            return [str(actions.create_deal(ctx, name=name, **values).id) for name in names]

    return make


def test_the_list_has_boxes_and_a_bar(world, made):
    made("Boxed deal")
    text = world.browser("owner").get("/deals").text
    bar = text[text.index('class="batch"'):]
    assert 'aria-label="Choose Boxed deal"' in text and f'action="{AT}"' in text and 'formaction="/deals/selection/exports"' in bar
    assert all(f'value="{name}"' in bar for name in ("change", "owner", "tags", "delete")) and 'value="price"' not in bar
    assert 'name="id"' not in world.browser("reader").get("/deals").text


def test_a_day_is_changed_and_taken_back(world, made):
    keys, owner = made("North", "South", closes_on="2030-01-01"), world.browser("owner")
    at = chosen(owner, keys, at=AT)
    page = owner.get(f"{at}?do=change&field=closes_on").text
    assert "2 deals chosen" in page and 'type="date"' in page and 'value="stage_id"' not in page and 'value="external_id"' not in page
    assert owner.post(f"{at}/preview", {"operation": "change", "field": "closes_on", "closes_on": "2031-02-03"}).status_code == 303
    page = owner.get(at).text
    assert "Change 2 deals" in page and "Jan 1, 2030" in page and "Feb 3, 2031" in page
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    assert owner.post(f"{at}/run", {"version": version}).headers["Location"].startswith("/deals")
    assert f'action="{at}/undo"' in owner.get("/deals").text and [str(day) for day in stand(world, keys, "closes_on", Deal)] == ["2031-02-03"] * 2
    assert owner.post(f"{at}/undo").status_code == 303 and [str(day) for day in stand(world, keys, "closes_on", Deal)] == ["2030-01-01"] * 2
    assert "Deals" in owner.get("/bulk-edits").text


@pytest.mark.parametrize("field,typed,value,said", [
    ("forecast", "commit", "commit", "Commit"), ("amount", "1,200.50", 1200.5, "1,200.5"), ("probability", "40", 40, "40"), ("currency", "chf", "CHF", "CHF"), ("notes", "line", "line", "line"),
])
def test_each_kind_of_field(world, made, field, typed, value, said):
    keys, owner = made("Kinds"), world.browser("owner")
    at = chosen(owner, keys, at=AT)
    assert f'name="{field}"' in owner.get(f"{at}?do=change&field={field}").text
    owner.post(f"{at}/preview", {"operation": "change", "field": field, field: typed})
    assert said in owner.get(at).text
    owner.post(f"{at}/run")
    assert stand(world, keys, field, Deal) == [value]


def test_another_account_is_chosen_by_its_name(world, made):
    with world.acme.ctx() as ctx:
        account = parties.create_account(ctx, name="Only Mill")
        person = parties.create_contact(ctx, name="Only Miller")
        ctx.session.flush()
        wanted = {"account_id": account.id, "contact_id": person.id}
    keys, owner = made("Moved"), world.browser("owner")
    for field, name in (("account_id", "Only Mill"), ("contact_id", "Only Miller")):
        at = chosen(owner, keys, at=AT)
        assert owner.post(f"{at}/preview", {"operation": "change", "field": field, field: "", f"{field}_text": name}).status_code == 303
        assert name in owner.get(at).text
        owner.post(f"{at}/run")
        assert stand(world, keys, field, Deal) == [wanted[field]]


def test_all_that_match_get_another_owner(world, made):
    keys, owner = made("Match A", "Match B", source="Matching fair"), world.browser("owner")
    at = chosen(owner, [], "owner", at=f"{AT}?filter[source][eq]=Matching+fair", everything="1")
    rep = world.acme.users["rep"]
    owner.post(f"{at}/preview", {"operation": "owner", "owner_id": str(rep.id)})
    assert rep.name in owner.get(at).text
    owner.post(f"{at}/run")
    assert stand(world, keys, "owner_id", Deal) == [rep.id] * 2


def test_they_go_into_the_bin_and_come_back(world, made):
    keys, owner = made("Gone"), world.browser("owner")
    at = chosen(owner, keys, "delete", at=AT)
    assert "Delete 1 deal" in owner.get(at).text
    owner.post(f"{at}/run")
    assert stand(world, keys, "deleted_at", Deal) != [None]
    owner.post(f"{at}/undo")
    assert stand(world, keys, "deleted_at", Deal) == [None]


def test_a_step_without_its_day_is_left_out_and_said(world, made):
    owner = world.browser("owner")
    keys = made("Dated", next_step="Call", next_step_on="2030-01-01") + made("Bare")
    at = previewed_deals(owner, keys, operation="change", field="next_step", next_step="Write")
    page = owner.get(at).text
    assert "Change 1 deal" in page and "Would not go with what else stands in them: 1" in page


def previewed_deals(browser, keys, **wish):
    at = chosen(browser, keys, wish["operation"], at=AT)
    assert browser.post(f"{at}/preview", wish).status_code == 303
    return at


def test_the_ticked_ones_alone_are_taken_out(world, made):
    keys = made("Taken out") + made("Stays here")
    answer = world.browser("owner").post("/deals/selection/exports", {"id": keys[:1]})
    assert answer.status_code == 200 and "Taken out" in answer.text and "Stays here" not in answer.text


def test_a_program_changes_deals_and_takes_it_back(world, made, monkeypatch):
    monkeypatch.setattr(shell, "BURST", 1_000_000)
    api, keys = world.api("owner"), made("By program A", "By program B", amount="5")
    ask = lambda **body: api.json("POST", "/api/v1/bulk-edits", {"kind": "deals", "ids": keys, **body})  # noqa: E731
    run = ask(changes={"amount": {"amount": "7.50", "currency": "USD"}}).json
    assert run["counts"]["changed"] == 2 and [str(one) for one in stand(world, keys, "amount", Deal)] == ["7.50", "7.50"] and stand(world, keys, "currency", Deal) == ["USD", "USD"]
    assert api.json("POST", f"/api/v1/bulk-edits/{run['id']}/undo").json["counts"]["undone"] == 2 and [str(one) for one in stand(world, keys, "amount", Deal)] == ["5.00", "5.00"]
    assert ask(changes={"stage_id": str(uuid4())}).status_code == 422 and ask(add_tags=["x"]).json["counts"]["changed"] == len(keys)
    by_filter = api.json("POST", "/api/v1/bulk-edits", {"kind": "deals", "filter": {"where": [["amount", "eq", "5"]]}, "changes": {"source": "Fair"}, "dry_run": True}).json
    assert by_filter["counts"]["due"] >= 2
    assert api.json("POST", "/api/v1/bulk-edits", {"kind": "deals", "filter": {"kind": "company"}, "delete": True}).status_code == 422
