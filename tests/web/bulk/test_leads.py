"""Bulk edits of leads by page and by program."""

import pytest

from core.leads import actions
from core.leads.models import Lead
from tests.web.bulk.test_pages import chosen, stand
from web.api import shell

AT = "/leads/selection"


@pytest.fixture
def made(world):
    def make(*names, who="owner", **values):
        with world.acme.ctx(who) as ctx:
            return [str(actions.create_lead(ctx, name=name, **values).id) for name in names]

    return make


def test_the_list_has_boxes_and_a_bar(world, made):
    made("Boxed lead")
    text = world.browser("owner").get("/leads").text
    bar = text[text.index('class="batch"'):]
    assert 'aria-label="Choose Boxed lead"' in text and f'action="{AT}"' in text and 'formaction="/leads/selection/exports"' in bar
    assert all(f'value="{name}"' in bar for name in ("change", "owner", "tags", "delete")) and 'value="price"' not in bar
    assert 'name="id"' not in world.browser("reader").get("/leads").text


@pytest.mark.parametrize("field,typed,value,said", [("source", "Fair", "Fair", "Fair"), ("mail", "a@b.example", "a@b.example", "a@b.example"), ("phone", "+49 40 123456", "+49 40 123456", "+49"), ("country", "DE", "DE", "Germany"), ("message", "line", "line", "line")])
def test_each_kind_of_field_and_back(world, made, field, typed, value, said):
    keys, owner = made("Kinds A", "Kinds B"), world.browser("owner")
    at = chosen(owner, keys, at=AT)
    page = owner.get(f"{at}?do=change&field={field}").text
    assert "2 leads chosen" in page and f'name="{field}"' in page and 'value="state"' not in page
    owner.post(f"{at}/preview", {"operation": "change", "field": field, field: typed})
    page = owner.get(at).text
    assert "Change 2 leads" in page and said in page
    assert owner.post(f"{at}/run").headers["Location"].startswith("/leads")
    assert stand(world, keys, field, Lead) == [value] * 2
    owner.post(f"{at}/undo")
    assert stand(world, keys, field, Lead) == [None] * 2


def test_all_of_the_inbox_that_match_get_an_owner(world, made):
    keys, owner = made("Match A", "Match B", source="Matching fair", owner_id=None), world.browser("owner")
    at = chosen(owner, [], "owner", at=f"{AT}?owner=pool&filter[source][eq]=Matching+fair", everything="1")
    rep = world.acme.users["rep"]
    owner.post(f"{at}/preview", {"operation": "owner", "owner_id": str(rep.id)})
    assert rep.name in owner.get(at).text
    owner.post(f"{at}/run")
    assert stand(world, keys, "owner_id", Lead) == [rep.id] * 2


def test_they_go_into_the_bin_and_come_back(world, made):
    keys, owner = made("Gone"), world.browser("owner")
    at = chosen(owner, keys, "delete", at=AT)
    assert "Delete 1 lead" in owner.get(at).text
    owner.post(f"{at}/run")
    assert stand(world, keys, "deleted_at", Lead) != [None]
    owner.post(f"{at}/undo")
    assert stand(world, keys, "deleted_at", Lead) == [None]


def test_the_ticked_ones_alone_are_taken_out(world, made):
    keys = made("Taken out") + made("Stays here")
    answer = world.browser("owner").post("/leads/selection/exports", {"id": keys[:1]})
    assert answer.status_code == 200 and "Taken out" in answer.text and "Stays here" not in answer.text


def test_a_program_changes_leads_and_takes_it_back(world, made, monkeypatch):
    monkeypatch.setattr(shell, "BURST", 1_000_000)
    api, keys = world.api("owner"), made("By program A", "By program B", city="Kiel")
    ask = lambda **body: api.json("POST", "/api/v1/bulk-edits", {"kind": "leads", "ids": keys, **body})  # noqa: E731
    run = ask(changes={"city": "Ulm"}).json
    assert run["counts"]["changed"] == 2 and stand(world, keys, "city", Lead) == ["Ulm", "Ulm"]
    assert api.json("POST", f"/api/v1/bulk-edits/{run['id']}/undo").json["counts"]["undone"] == 2 and stand(world, keys, "city", Lead) == ["Kiel", "Kiel"]
    assert ask(changes={"state": "accepted"}).status_code == 422 and ask(add_tags=["x"]).json["counts"]["changed"] == len(keys)
