"""Bulk edits by page: rows ticked, what to do, what would happen, the yes, the way back. Plain forms, no script."""

import re
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select

from core.bulk import queries
from core.custom_fields import actions as defining
from core.parties import actions
from core.parties.models import Account, Contact
from web.bulk import saying


@pytest.fixture
def made(world):
    def make(*names, who="owner", kind="accounts", **values):
        with world.acme.ctx(who) as ctx:
            return [str((actions.create_account if kind == "accounts" else actions.create_contact)(ctx, name=name, **values).id) for name in names]

    return make


def stand(world, keys, name, model=Account):
    with world.acme.ctx() as ctx:
        found = {str(row.id): getattr(row, name) for row in ctx.session.execute(select(model).where(model.id.in_(keys))).scalars()}
    return [found[key] for key in keys]


def chosen(browser, keys, do="change", at="/accounts/selection", **more):
    answer = browser.post(at, {"id": keys, "do": do, **more})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].partition("?")[0]


def previewed(browser, keys, **wish):
    at = chosen(browser, keys, wish["operation"])
    answer = browser.post(f"{at}/preview", wish)
    assert answer.status_code == 303, answer.text
    return at


def test_the_list_has_boxes_and_a_bar(world, made):
    made("Boxed")
    text = world.browser("owner").get("/accounts").text
    assert 'aria-label="Choose Boxed"' in text and "Change a field" in text and 'action="/accounts/selection"' in text
    assert 'name="id"' not in world.browser("reader").get("/accounts").text


def test_a_field_is_changed_and_taken_back(world, made):
    keys, owner = made("North", "South", city="Kiel"), world.browser("owner")
    at = chosen(owner, keys)
    assert "2 accounts chosen" in owner.get(at).text and 'name="city"' in owner.get(f"{at}?do=change&field=city").text
    assert owner.post(f"{at}/preview", {"operation": "change", "field": "city", "city": "Ulm"}).status_code == 303
    page = owner.get(at).text
    assert "Change 2 accounts" in page and "Kiel" in page and "Ulm" in page and stand(world, keys, "city") == ["Kiel", "Kiel"]
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    assert owner.post(f"{at}/run", {"version": version}).headers["Location"].startswith("/accounts")
    toast = owner.get("/accounts").text
    assert "2 changed" in toast and f'action="{at}/undo"' in toast and stand(world, keys, "city") == ["Ulm", "Ulm"]
    assert owner.post(f"{at}/undo").status_code == 303 and stand(world, keys, "city") == ["Kiel", "Kiel"]
    assert "Taken back" in owner.get(at).text and at in owner.get("/bulk-edits").text


def test_empty_it_is_said_apart(world, made):
    keys, owner = made("Emptied", city="Kiel"), world.browser("owner")
    at = chosen(owner, keys)
    refused = owner.post(f"{at}/preview", {"operation": "change", "field": "city", "city": ""})
    assert refused.status_code == 422 and "Empty this field" in refused.text
    owner.post(f"{at}/preview", {"operation": "change", "field": "city", "city": "", "empty": "y"})
    owner.post(f"{at}/run")
    assert stand(world, keys, "city") == [None]


@pytest.mark.parametrize("field,typed,value", [("is_customer", "1", True), ("kind", "person", "person"), ("employees", "1,200", 1200), ("tags", "a, b", ["a", "b"]), ("notes", "line", "line")])
def test_each_kind_of_field(world, made, field, typed, value):
    keys, owner = made("Kinds"), world.browser("owner")
    at = chosen(owner, keys)
    assert f'name="{field}"' in owner.get(f"{at}?do=change&field={field}").text
    assert owner.post(f"{at}/preview", {"operation": "change", "field": field, field: typed}).status_code == 303
    owner.post(f"{at}/run")
    assert stand(world, keys, field) == [value]


def test_people_move_to_an_account_by_its_name(world, made):
    keys, owner = made("Ada", kind="contacts"), world.browser("owner")
    target = made("The one target")[0]
    at = chosen(owner, keys, at="/contacts/selection")
    assert 'name="account_id_text"' in owner.get(f"{at}?do=change&field=account_id").text
    owner.post(f"{at}/preview", {"operation": "change", "field": "account_id", "account_id": "", "account_id_text": "The one target"})
    owner.post(f"{at}/run")
    assert [str(key) for key in stand(world, keys, "account_id", Contact)] == [target]


@pytest.fixture
def link(world):
    """The name of an own field of accounts that names a contact."""
    with world.acme.ctx() as ctx:
        return f"custom.{defining.create_field(ctx, room='accounts', kind='contact', label='Friend here').key}"


def test_many_records_name_one_in_an_own_field_by_its_name_or_key(world, made, link):
    keys, (named,), owner = made("Knows one", "Knows one too"), made("Olga Freund", kind="contacts"), world.browser("owner")
    at = chosen(owner, keys)
    page = owner.get(f"{at}?do=change&field={link}").text
    assert "Friend here" in page and f'name="{link}_text"' in page and 'data-combo="/contacts/options"' in page
    wrong = owner.post(f"{at}/preview", {"operation": "change", "field": link, f"{link}_text": "Nobody of that name"})
    assert wrong.status_code == 422 and 'value="Nobody of that name"' in wrong.text and "aria-invalid" in wrong.text, "what was typed stays, and says what is wrong"
    assert owner.post(f"{at}/preview", {"operation": "change", "field": link, f"{link}_text": "olga freund"}).status_code == 303
    page = owner.get(at).text
    assert "Friend here" in page and "Olga Freund" in page and "Change 2 accounts" in page
    assert owner.post(f"{at}/run").status_code == 303 and stand(world, keys, "custom") == [{link[7:]: named}] * 2
    again = chosen(owner, keys)
    assert owner.post(f"{again}/preview", {"operation": "change", "field": link, "empty": "1"}).status_code == 303
    assert owner.post(f"{again}/run").status_code == 303 and stand(world, keys, "custom") == [{}, {}]
    assert owner.post(f"{again}/undo").status_code == 303 and stand(world, keys, "custom") == [{link[7:]: named}] * 2


def test_a_preview_of_tags_is_read_by_whoever_may_not_write_them(world, made):
    """Who sees all sees everybody's bulk edits; he is not asked for what he does not do."""
    at = previewed(world.browser("owner"), made("Seen by readers"), operation="tags", add="fair, new")
    with world.acme.ctx() as ctx:
        reader = replace(ctx, actor=replace(ctx.actor, permissions=frozenset({"bulk_edits.read", "accounts.read"})))
        (line,) = saying.examples(reader, queries.one(reader, UUID(at.rpartition("/")[2])))
    assert line["name"] == "Seen by readers" and line["lines"] == [("Tags", saying.EMPTY, "fair, new")]


def test_owner_tags_and_deletion(world, made):
    keys, owner = made("One", "Two"), world.browser("owner")
    rep = world.acme.users["rep"].id
    owner.post(f"{previewed(owner, keys, operation='owner', owner_id=str(rep))}/run")
    owner.post(f"{previewed(owner, keys, operation='tags', add='fair, vip', remove='')}/run")
    assert stand(world, keys, "owner_id") == [rep, rep] and stand(world, keys, "tags") == [["fair", "vip"]] * 2
    at = chosen(owner, keys, "delete")
    assert "Delete 2 accounts" in owner.get(at).text
    owner.post(f"{at}/run")
    assert None not in stand(world, keys, "deleted_at")
    owner.post(f"{at}/undo")
    assert stand(world, keys, "deleted_at") == [None, None]


def test_everything_that_matches_the_filter_is_taken(world, made):
    made("Match A", "Match B", tags=["matching"])
    owner = world.browser("owner")
    at = owner.post("/accounts/selection?tag=matching", {"everything": "1", "do": "tags"}).headers["Location"].partition("?")[0]
    assert "2 accounts chosen" in owner.get(at).text
    owner.post(f"{at}/preview", {"operation": "tags", "add": "", "remove": "Matching"})
    assert owner.post(f"{at}/run").headers["Location"] == "/accounts?tag=matching"


def test_what_was_changed_since_the_preview_is_said(world, made):
    keys, owner = made("Raced", "Free"), world.browser("owner")
    at = previewed(owner, keys, operation="change", field="city", city="Ulm")
    with world.acme.ctx() as ctx:
        actions.edit_account(ctx, ctx.session.get(Account, keys[0]), city="Bonn")
    assert owner.post(f"{at}/run").headers["Location"] == at
    assert "Changed by somebody since the preview: 1" in owner.get(at).text and stand(world, keys, "city") == ["Bonn", "Ulm"]


def test_those_ticked_are_exported_alone(world, made):
    keys = made("Taken out", "Left in")
    text = world.browser("owner").post("/accounts/selection/exports", {"id": keys[:1]}).get_data(as_text=True)
    assert "Taken out" in text and "Left in" not in text
    assert world.browser("reader").post("/accounts/selection/exports", {"id": keys[:1]}).status_code == 403


def test_strange_input_is_refused_or_names_nothing(world, made):
    keys, owner = made("Strange"), world.browser("owner")
    for data in ({}, {"id": "abc"}, {"id": ["x'; drop", "00000000-0000-0000-0000-000000000000"]}):
        answer = owner.post("/accounts/selection", data)
        assert answer.status_code == 303 and answer.headers["Location"] == "/accounts"
    at = chosen(owner, keys)
    for wish in ({}, {"operation": "drop"}, {"operation": "change", "field": "deleted_at", "deleted_at": "x"}, {"operation": "change", "field": "offer"}, {"operation": "owner", "owner_id": "abc"}, {"operation": "change", "field": "city", "city": "x" * 201}):
        assert owner.post(f"{at}/preview", wish).status_code == 422, wish
    assert owner.get(f"{at}?do=zz&field=offer").status_code == 200
    foreign = world.browser("owner", world.globex).post("/accounts/selection", {"id": keys})
    assert foreign.headers["Location"] == "/accounts" and world.browser("owner", world.globex).get(at).status_code == 404
    assert world.browser("rep").get(at).status_code == 404
