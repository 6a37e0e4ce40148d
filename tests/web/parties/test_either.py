"""Alternatives on pages and for programs: set in the filter's form, carried by the address, kept in views, taken out, edited, refused."""

import csv
import io
import json
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from core.parties import actions
from tests.web.parties.test_lists import names, save

ROWS = [("Kiel", 5), ("Bonn", 50), ("Kiel", 500), (None, None)]
# (Kiel and more than 100) or Bonn
EITHER = "filter[1][city][eq]=Kiel&filter[1][employees][gt]=100&filter[2][city][eq]=Bonn"


@pytest.fixture(scope="module", autouse=True)
def rows(world):
    with world.acme.ctx("rep") as ctx:
        for n, (city, size) in enumerate(ROWS):
            actions.create_account(ctx, name=f"Either {n}", city=city, employees=size)


def filters(where):
    return {name: value for name, (value,) in parse_qs(urlsplit(where).query).items() if name.startswith("filter")}


def chips(text):
    return [re.sub("<[^>]*>", "", one).strip() for one in re.findall(r'<span class="chip on">.*?</span>|<span class="mute">(?:either|or)</span>', text, re.S)]


def test_or_else_makes_what_was_set_the_first_alternative(world):
    rep = world.browser("rep")
    assert 'name="into"' not in rep.get("/accounts?q=Either").text, "nothing to be an alternative to"
    first = rep.get("/accounts?q=Either&add=city&op=eq&value=Kiel&into=or").location
    assert filters(first) == {"filter[city][eq]": "Kiel"}
    assert "Or else, as another alternative" in rep.get(first).text
    more = rep.get(f"{first}&add=employees&op=gt&value=100").location
    either = rep.get(f"{more}&add=city&op=eq&value=Bonn&into=or").location
    assert filters(either) == {"filter[1][city][eq]": "Kiel", "filter[1][employees][gt]": "100", "filter[2][city][eq]": "Bonn"}
    page = rep.get(either).text
    assert names(page) == ["Either 1", "Either 2"]
    assert chips(page) == ["either", "City is Kiel", "Employees more than 100", "or", "City is Bonn"]
    within = rep.get(f"{either}&add=employees&op=gt&value=60&into=2").location
    assert names(rep.get(within).text) == ["Either 2"] and "Within alternative 2" in page
    too = rep.get(f"{either}&add=employees&op=lt&value=60").location
    assert names(rep.get(too).text) == ["Either 1"] and filters(too)["filter[employees][lt]"] == "60"


def test_a_cross_takes_one_condition_out_and_a_single_alternative_is_none(world):
    rep = world.browser("rep")
    page = rep.get(f"/accounts?q=Either&{EITHER}").text
    off = {re.sub("<[^>]*>", "", text): unescape(url) for text, url in re.findall(r'<span class="chip on">(.*?)<a href="([^"]*)"', page)}
    assert filters(off["City is Bonn"]) == {"filter[city][eq]": "Kiel", "filter[employees][gt]": "100"}
    assert filters(off["City is Kiel"]) == {"filter[1][employees][gt]": "100", "filter[2][city][eq]": "Bonn"}
    assert chips(rep.get(off["City is Bonn"]).text) == ["City is Kiel", "Employees more than 100"]


def test_the_rest_of_the_page_keeps_them(world):
    rep = world.browser("rep")
    page = rep.get(f"/accounts?q=Either&{EITHER}").text
    up = unescape(re.search(r'<a href="([^"]*)">Name', page)[1])
    assert filters(up) == filters("?" + EITHER) and names(rep.get(up).text) == ["Either 2", "Either 1"]
    hidden = dict(re.findall(r'<input type="hidden" name="(filter[^"]*)" value="([^"]*)"', page[page.index('role="search"') :]))
    assert hidden == filters("?" + EITHER), "a search goes on with them"


def test_a_view_keeps_them(world):
    rep = world.browser("rep")
    query = {"search": "Either", "either": [[["city", "eq", "Kiel"], ["employees", "gt", "100"]], [["city", "eq", "Bonn"]]]}
    page = rep.get(save(rep, "Either of them", json.dumps(query)).location).text
    assert names(page) == ["Either 1", "Either 2"] and chips(page)[0] == "either" and "changed</span>" not in page
    for bad in ([[["city", "eq"]]], [["city", "eq", "x"]], [[["city", "eq", "x"]]] * 11, "x", [[["city", "eq", "x" * 201]]], [[["evil", "eq", "x"]]], {"1": []}):
        assert save(rep, "Bad", json.dumps({"either": bad})).status_code == 422, bad
    assert "Bad</a>" not in rep.get("/accounts?view=all").text


def test_they_are_taken_out_and_edited_as_the_list_shows_them(world):
    owner = world.browser("owner")
    fields = {"q": "Either"} | filters("?" + EITHER)
    assert [row["Name"] for row in csv.DictReader(io.StringIO(owner.post("/accounts/exports", fields).data.decode("utf-8-sig")))] == ["Either 1", "Either 2"]
    run = owner.post(f"/accounts/selection?q=Either&{EITHER}", {"everything": "1"}).location
    assert "2 accounts chosen" in owner.get(run).text


@pytest.mark.parametrize("asked", ["filter[11][city][eq]=x", "filter[1][2][city][eq]=x", "filter[1][evil][eq]=x", "filter[1][city][evil]=x", "&".join(f"filter[{n}][city][{op}]=1" for n in range(1, 11) for op in ("eq", "ne", "contains"))])
@pytest.mark.parametrize("path", ["/accounts", "/api/v1/accounts"])
def test_made_up_ones_are_refused_in_words(world, path, asked):
    client = world.browser("rep") if path == "/accounts" else world.api("rep")
    answer = client.get(f"{path}?{asked}")
    assert answer.status_code == 422 and "Traceback" not in answer.text


def test_programs_ask_for_them(world):
    api = world.api("rep")
    found = api.get(f"/api/v1/accounts?filter[name][starts]=Either&{EITHER}")
    assert [row["name"] for row in found.json["data"]] == ["Either 1", "Either 2"]
    description = api.get("/api/v1/openapi.json").json
    assert "filter[1][name][contains]" in description["paths"]["/api/v1/accounts"]["get"]["description"]
