"""Widths of columns on pages: said to the script, kept by a request of their own, copied into a new view, never by an attribute style."""

import json
import re
from html import unescape

import pytest

from core.identity import roles
from core.parties import actions
from tests.support.world import House
from tests.web.parties.test_lists import save


@pytest.fixture(scope="module", autouse=True)
def row(world):
    with world.acme.ctx("rep") as ctx:
        actions.create_account(ctx, name="Breite", city="Kiel")


def widths(browser, path):
    return json.loads(unescape(re.search(r'data-widths="([^"]*)"', browser.get(path).text)[1]))


def put(browser, **fields):
    return browser.post("/lists/widths", {"room": "accounts", **fields}).status_code


def test_a_list_says_the_widths_of_what_it_shows(world):
    house = House(f"widths{world.acme.tenant.slug[-6:]}")
    with house.ctx("rep") as ctx:
        actions.create_account(ctx, name="Breite", city="Kiel")
    rep = world.browser("rep", house)
    assert widths(rep, "/accounts") == {"of": {}, "room": "accounts", "view": ""}
    assert [put(rep, name="city", width="210"), put(rep, name="name", width="320"), put(rep, name="industry", width="99")] == [204] * 3
    assert widths(rep, "/accounts?columns=city")["of"] == {"name": 320, "city": 210}
    assert "style=" not in rep.get("/accounts").text and widths(rep, "/accounts?view=all")["of"]["industry"] == 99
    assert put(rep, name="city", width="") == 204 and "city" not in widths(rep, "/accounts")["of"]


def test_a_view_has_its_own_and_a_new_one_begins_with_those_that_are_shown(world):
    rep = world.browser("rep")
    put(rep, name="phone", width="140")
    where = save(rep, "Wide", '{"columns": ["phone"]}').location
    found = widths(rep, where)
    assert found["of"]["phone"] == 140 and found["view"] in where
    assert put(rep, name="phone", width="222", view=found["view"]) == 204
    assert widths(rep, where)["of"]["phone"] == 222 and widths(rep, "/accounts?view=all")["of"]["phone"] == 140
    assert put(world.browser("colleague"), name="phone", width="222", view=found["view"]) == 404
    assert put(rep, name="phone", width="222", view="x") == 404


@pytest.mark.parametrize("fields", [{"name": "evil", "width": "100"}, {"name": "city", "width": "1"}, {"name": "city", "width": "99999"}, {"name": "city", "width": "9e1"}, {"name": "city", "width": "-100"}, {"room": "evil", "name": "city", "width": "100"}, {"width": "100"}])
def test_what_is_no_width_is_refused(world, fields):
    assert put(world.browser("rep"), **fields) == 422


def test_a_hidden_column_has_no_width(world):
    """Whether there is such a column at all is not told by its width either."""
    house = House(f"wide{world.acme.tenant.slug[-6:]}")
    assert put(world.browser("rep", house), name="city", width="210") == 204
    with house.ctx() as ctx:
        roles.edit_role(ctx, roles.one_role(ctx, "sales"), hidden=["accounts.city"])
    assert put(world.browser("rep", house), name="city", width="210") == 422
    assert put(world.browser("owner", house), name="city", width="210") == 204
