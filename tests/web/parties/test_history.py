"""A record's history, one value put back; and the recycle bin."""

import re

import pytest

from core.identity import roles
from core.parties import actions, queries
from tests.support.world import Browser


@pytest.fixture
def account(world):
    with world.acme.ctx("rep") as ctx:
        made = actions.create_account(ctx, name="Historia", city="Kiel", employees=5, tags=["fair"], phone="+49 431 123")
        key = made.id
    for who, change in (("rep", {"city": "Bonn", "employees": 50}), ("manager", {"city": "Ulm", "tags": ["fair", "VIP"]}), ("owner", {"owner_id": str(world.acme.users["colleague"].id)})):
        with world.acme.ctx(who) as ctx:
            actions.edit_account(ctx, queries.one_account(ctx, key), **change)
    with world.acme.ctx("owner") as ctx:
        actions.change_owner(ctx, queries.one_account(ctx, key), world.acme.users["rep"].id)
    return key


def backs(page):
    """(address, field) of every "Put back", the newest change first."""
    return re.findall(r'action="([^"]*/history/[^"]*)".*?name="field" value="([^"]*)"', page, re.S)


def test_the_history_says_who_changed_what_from_what_to_what(world, account):
    page = world.browser("manager").get(f"/accounts/{account}/history").text
    text = " ".join(re.sub("<[^>]*>", " ", page[page.index('id="history"'):]).split())
    assert re.search(r"Owner .*Owner Colleague Put back|Owner Rep", text) and "City Bonn" in text and "Ulm" in text and "Tags fair" in text and "fair, VIP" in text
    assert "Employees 5" in text and "Added" in text and "version" not in text and "updated at" not in text
    assert str(world.acme.users["colleague"].id) not in text, "people have names"


def test_a_value_is_put_back_and_nothing_else(world, account):
    rep = world.browser("rep")
    address, _ = next(one for one in backs(rep.get(f"/accounts/{account}/history").text) if one[1] == "employees")
    answer = rep.post(address, {"field": "employees"})
    assert answer.status_code == 303 and "Employees is 5 again" in rep.get(answer.location).text
    with world.acme.ctx() as ctx:
        found = queries.one_account(ctx, account)
        assert (found.employees, found.city, found.tags) == (5, "Ulm", ["fair", "VIP"])
    for field, before in (("tags", ["fair"]), ("city", "Bonn")):
        address, _ = next(one for one in backs(rep.get(f"/accounts/{account}/history").text) if one[1] == field)
        rep.post(address, {"field": field})
        with world.acme.ctx() as ctx:
            assert getattr(queries.one_account(ctx, account), field) == before


@pytest.mark.parametrize("field", ["name", "version", "deleted_at", "evil", "", "mail"])
def test_only_what_was_changed_there_is_put_back(world, account, field):
    rep = world.browser("rep")
    address = backs(rep.get(f"/accounts/{account}/history").text)[0][0]
    assert rep.post(address, {"field": field}).status_code == 422


def test_a_change_of_another_record_is_not_found(world, account):
    rep = world.browser("rep")
    entry = backs(rep.get(f"/accounts/{account}/history").text)[0][0].rsplit("/", 1)[1]
    with world.acme.ctx("rep") as ctx:
        other = actions.create_account(ctx, name="Other one").id
    assert rep.post(f"/accounts/{other}/history/{entry}", {"field": "city"}).status_code == 404
    assert world.browser("colleague").get(f"/accounts/{account}/history").status_code == 404


def test_the_reader_reads_it_and_puts_nothing_back(world, account):
    reader = world.browser("reader")
    page = reader.get(f"/accounts/{account}/history").text
    assert "Ulm" in page and not backs(page)
    entry = backs(world.browser("rep").get(f"/accounts/{account}/history").text)[0][0]
    assert reader.post(entry, {"field": "city"}).status_code == 403


def test_a_hidden_field_has_no_history_and_a_protected_one_no_way_back(world, account):
    with world.acme.ctx() as ctx:
        roles.edit_role(ctx, roles.one_role(ctx, "manager"), hidden=["accounts.employees"], protected=["accounts.city"])
    try:
        page = Browser(world.app, world.acme, "manager").get(f"/accounts/{account}/history").text
        assert "Employees" not in page and "Ulm" in page and {field for _, field in backs(page)} == {"tags", "owner_id"}
        entry = next(address for address, field in backs(world.browser("owner").get(f"/accounts/{account}/history").text) if field == "employees")
        assert Browser(world.app, world.acme, "manager").post(entry, {"field": "employees"}).status_code == 422
    finally:
        with world.acme.ctx() as ctx:
            roles.reset_role(ctx, roles.one_role(ctx, "manager"))


def test_a_value_that_no_form_would_take_any_more_is_said(world):
    with world.acme.ctx("rep") as ctx:
        key = actions.create_account(ctx, name="Strange past").id
    with world.acme.ctx() as ctx:
        queries.one_account(ctx, key).phone = "none"  # as an import of earlier days may have left it
    with world.acme.ctx() as ctx:
        queries.one_account(ctx, key).phone = "+49 431 5"
    rep = world.browser("rep")
    address = backs(rep.get(f"/accounts/{key}/history").text)[0][0]
    assert "was not put back" in rep.get(rep.post(address, {"field": "phone"}).location).text


# ---- the recycle bin ----


def put_in(world, who="rep", **values):
    with world.acme.ctx(who) as ctx:
        made = actions.create_account(ctx, **values)
        ctx.session.flush()
        actions.delete_account(ctx, made)
        return made.id


def test_what_was_deleted_lies_in_the_bin_and_comes_back(world):
    keys = [put_in(world, name=f"Gone {n}") for n in range(3)]
    rep = world.browser("rep")
    page = rep.get("/recycle-bin/accounts").text
    assert all(f"Gone {n}" in page for n in range(3)) and page.index("Gone 2") < page.index("Gone 0") and ">Rep<" in page
    answer = rep.post("/recycle-bin/accounts", {"id": [str(keys[0]), str(keys[2])]})
    assert answer.status_code == 303
    page = rep.get(answer.location).text
    assert "2 records are back" in page and "Gone 1" in page and 'value="' + str(keys[0]) not in page
    assert rep.get(f"/accounts/{keys[0]}").status_code == 200 and rep.get(f"/accounts/{keys[1]}").status_code == 404


def test_nobody_sees_or_brings_back_what_is_not_his(world):
    key = put_in(world, name="Only of rep")
    assert "Only of rep" not in world.browser("colleague").get("/recycle-bin/accounts").text
    colleague = world.browser("colleague")
    assert "Not everything came back" in colleague.get(colleague.post("/recycle-bin/accounts", {"id": str(key)}).location).text
    assert world.browser("reader").post("/recycle-bin/accounts", {"id": str(key)}).status_code == 403
    page = world.browser("reader").get("/recycle-bin/accounts").text
    assert "Only of rep" in page and 'name="id"' not in page
    with world.acme.ctx() as ctx:
        assert queries.one_account(ctx, key, deleted=True)


@pytest.mark.parametrize("ids", [["x"], ["1' OR '1'='1"], ["00000000-0000-0000-0000-00000000000g"]])
def test_made_up_keys_are_refused(world, ids):
    assert world.browser("rep").post("/recycle-bin/accounts", {"id": ids}).status_code == 422


def test_a_long_bin_goes_by_pages(world, monkeypatch):
    from web.parties import bin as recycle_bin

    monkeypatch.setattr(recycle_bin, "SHOWN", 2)
    [put_in(world, "colleague", name=f"Page {n}") for n in range(5)]
    colleague, seen, where = world.browser("colleague"), [], "/recycle-bin/accounts"
    for _ in range(9):
        page = colleague.get(where).text
        seen += re.findall(r">(Page \d)<", page)
        older = re.search(r'href="([^"]*)" rel="next"', page)
        if not older:
            break
        where = older[1].replace("&amp;", "&")
    assert seen == [f"Page {n}" for n in (4, 3, 2, 1, 0)]
