"""Lists as people shape them: any filter, any order, columns, saved views, values edited where they stand."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from core.parties import actions, queries
from core.views.models import SavedView
from tests.support.world import Browser

HX = {"HX-Request": "true"}


@pytest.fixture(scope="module", autouse=True)
def rows(world):
    with world.acme.ctx("rep") as ctx:
        made = [actions.create_account(ctx, name=f"Liste {n}", city=city, employees=size, phone=f"+49 431 55{n:04}") for n, (city, size) in enumerate([("Kiel", 5), ("Bonn", 50), ("Kiel", 500), (None, None)])]
        ctx.session.flush()
        assert len(made) == 4


def names(text):
    return re.findall(r'class="open"[^>]*>([^<]*)<', text)


def heads(text):
    return [re.sub("<[^>]*>", "", head).strip() for head in re.findall(r"<th scope=\"col\".*?</th>", text[: text.find("</thead>")], re.S)]


def test_the_form_any_field_leads_to_an_address_that_says_it(world):
    rep = world.browser("rep")
    answer = rep.get("/accounts?q=Liste&add=city&op=contains&value=ki")
    assert answer.status_code == 303 and parse_qs(urlsplit(answer.location).query) == {"q": ["Liste"], "filter[city][contains]": ["ki"]}
    page = rep.get(answer.location).text
    assert names(page) == ["Liste 0", "Liste 2"] and "City <b>contains ki</b>" in page
    one_more = rep.get(answer.location + "&add=employees&op=gt&value=100").location
    assert names(rep.get(one_more).text) == ["Liste 2"]
    off = re.search(r'City <b>contains ki</b><a href="([^"]*)"', rep.get(one_more).text)[1].replace("&amp;", "&")
    assert names(rep.get(off).text) == ["Liste 2"] and "contains ki" not in rep.get(off).text
    assert names(rep.get("/accounts?q=Liste&filter[city][null]=true").text) == ["Liste 3"]


@pytest.mark.parametrize("asked", ["add=city&op=gt&value=5", "add=evil&op=eq&value=x", "add=employees&op=gt&value=many", "add=city&op=evil&value=x", "add=created_at&op=past&value=x"])
def test_a_filter_that_is_none_is_said_and_the_list_stays(world, asked):
    rep = world.browser("rep")
    answer = rep.get(f"/accounts?q=Liste&{asked}")
    assert answer.status_code == 303 and "filter" not in answer.location
    page = rep.get(answer.location).text
    assert "That filter can not be set" in page and len(names(page)) == 4


@pytest.mark.parametrize("asked", ["filter[evil][eq]=x", "filter[city][evil]=x", "filter[employees][gt]=x", "sort=evil", "columns=evil", "filter[city][eq]=" + "x" * 300, "&".join(f"filter[city][eq{'x' * n}]=1" for n in range(5))])
def test_a_made_up_address_is_refused_in_words(world, asked):
    answer = world.browser("rep").get(f"/accounts?{asked}")
    assert answer.status_code == 422 and "Traceback" not in answer.text


def test_a_click_on_a_heading_sorts_and_another_turns_it_round(world):
    rep = world.browser("rep")
    page = rep.get("/accounts?q=Liste&columns=city,employees").text
    up = re.search(r'<a href="([^"]*)">Employees', page)[1].replace("&amp;", "&")
    assert names(rep.get(up).text) == ["Liste 0", "Liste 1", "Liste 2", "Liste 3"]
    down = re.search(r'aria-sort="ascending"[^>]*><a href="([^"]*)">Employees', rep.get(up).text)[1].replace("&amp;", "&")
    assert names(rep.get(down).text) == ["Liste 2", "Liste 1", "Liste 0", "Liste 3"], "empty ones last both ways"


def test_columns_are_chosen_once_and_stay(world):
    reader = world.browser("reader")
    usual = heads(reader.get("/accounts").text)
    answer = reader.post("/lists/columns", {"room": "accounts", "columns": ["employees", "city"], "query": '{"search": "Liste"}'})
    assert answer.status_code == 303 and "columns" not in answer.location and "q=Liste" in answer.location
    assert heads(reader.get("/accounts").text) == ["Name", "Employees", "City"] == heads(reader.get(answer.location).text)
    assert heads(world.browser("rep").get("/accounts").text) == usual
    reader.post("/lists/columns", {"room": "accounts", "usual": "1"})
    assert heads(reader.get("/accounts").text) == usual


def save(browser, name, query, **rest):
    return browser.post("/lists/views", {"room": "accounts", "name": name, "query": query, **rest})


def test_a_view_keeps_filters_order_and_columns_and_says_when_it_was_changed(world):
    rep = world.browser("rep")
    answer = save(rep, "In Kiel", '{"search": "Liste", "sort": "-employees", "where": [["city", "eq", "Kiel"]], "columns": ["city", "employees"]}')
    assert answer.status_code == 303 and "view=" in answer.location
    page = rep.get(answer.location).text
    assert names(page) == ["Liste 2", "Liste 0"] and heads(page) == ["Name", "City", "Employees"] and "changed</span>" not in page
    turned = re.search(r'<a href="([^"]*)">Employees', page)[1].replace("&amp;", "&")
    page = rep.get(turned).text
    assert names(page) == ["Liste 0", "Liste 2"] and "changed</span>" in page and "Save changes" in page
    form = page[page.index("Save changes") - 1500 : page.index("Save changes")]
    query = re.findall(r'name="query" value="([^"]*)"', form)[-1].replace("&#34;", '"')
    action = re.findall(r'action="(/lists/views/[^"]*)"', form)[-1]
    assert rep.post(action, {"query": query}).status_code == 303
    assert names(rep.get(answer.location).text) == ["Liste 0", "Liste 2"] and "changed</span>" not in rep.get(answer.location).text


def test_a_list_opens_with_the_view_that_was_chosen_for_it(world):
    colleague = world.browser("colleague")
    with world.acme.ctx("colleague") as ctx:
        actions.create_account(ctx, name="Kollege", city="Bonn")
    key = parse_qs(urlsplit(save(colleague, "Nobody", '{"where": [["city", "eq", "Nowhere"]]}').location).query)["view"][0]
    assert colleague.post("/lists/default", {"room": "accounts", "view": key}).status_code == 303
    assert "Nothing found" in colleague.get("/accounts").text and names(colleague.get("/accounts?view=all").text) == ["Kollege"]
    assert names(colleague.get("/accounts?q=Kollege").text) == ["Kollege"], "whoever asks for something gets that"
    colleague.post("/lists/default", {"room": "accounts"})
    assert names(colleague.get("/accounts").text) == ["Kollege"]


def test_a_deleted_view_comes_back_by_undo(world):
    rep = world.browser("rep")
    where = save(rep, "To be undone", "{}").location
    key = parse_qs(urlsplit(where).query)["view"][0]
    assert rep.post(f"/lists/views/{key}/deletion").status_code == 303
    page = rep.get("/accounts").text
    assert "To be undone is deleted" in page and f"/lists/views/{key}/restoration" in page
    assert rep.post(f"/lists/views/{key}/restoration").status_code == 303 and "To be undone" in rep.get("/accounts").text


def test_a_shared_view_shows_everybody_his_own_records(world):
    where = save(world.browser("manager"), "Everyone in Kiel", '{"search": "Liste", "where": [["city", "eq", "Kiel"]]}', audience="everyone").location
    assert names(world.browser("rep").get(where).text) == ["Liste 0", "Liste 2"] and names(world.browser("colleague").get(where).text) == []
    assert "Everyone in Kiel" in world.browser("reader").get("/accounts").text
    refused = save(world.browser("rep"), "Also mine", "{}", audience="everyone")
    assert refused.status_code == 403


@pytest.mark.parametrize(("query", "room"), [('{"where": [["evil", "eq", "x"]]}', "accounts"), ("no json", "accounts"), ("[]", "accounts"), ('{"columns": ["evil"]}', "accounts"), ('{"x": 1}', "accounts"), ("{}", "users"), ("[" * 9000, "accounts")])
def test_nothing_strange_becomes_a_view(world, query, room):
    answer = world.browser("rep").post("/lists/views", {"room": room, "name": "Strange", "query": query})
    assert answer.status_code == 422
    with world.acme.ctx() as ctx:
        assert ctx.session.query(SavedView).filter_by(name="Strange").count() == 0


def test_a_name_that_is_taken_is_said_and_the_list_stays(world):
    rep = world.browser("rep")
    save(rep, "Taken", "{}")
    answer = save(rep, "taken", '{"search": "Liste"}')
    assert answer.status_code == 303 and "q=Liste" in answer.location and "You have a view of that name already" in rep.get(answer.location).text


def test_a_view_with_a_column_that_is_hidden_from_its_reader_shows_the_rest(world, app):
    from core.identity import roles

    where = save(world.browser("manager"), "Phones", '{"search": "Liste", "columns": ["phone", "city"]}', audience="everyone").location
    with world.acme.ctx() as ctx:
        roles.edit_role(ctx, roles.one_role(ctx, "reader"), hidden=["accounts.phone"])
    try:
        page = Browser(app, world.acme, "reader").get(where).text
        assert heads(page) == ["Name", "City"] and "431 55" not in page and 'value="phone"' not in page
    finally:
        with world.acme.ctx() as ctx:
            roles.reset_role(ctx, roles.one_role(ctx, "reader"))


def test_the_export_takes_what_the_list_shows(world):
    manager = world.browser("manager")
    page = manager.get("/accounts?q=Liste&filter[city][eq]=Kiel").text
    form = page[page.index("/accounts/exports"):]
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form[: form.index("</form>")]))
    fields.pop("_csrf")
    text = manager.post("/accounts/exports", fields).get_data(as_text=True)
    assert [line.split(",")[1] for line in text.splitlines()[1:]] == ["Liste 0", "Liste 2"]


# ---- values edited in the list ----


@pytest.fixture
def key(world):
    """A record of its own for each test, out of the other tests' searches."""
    with world.acme.ctx("rep") as ctx:
        return actions.create_account(ctx, name="Zelle", city="Bonn", employees=50).id


def cell(browser, key, name, value, was, version, **rest):
    fields = {name: value, f"_was_{name}": was, "_version": str(version), "_cell": "1", "_columns": "role,city,industry"} | rest
    return browser.post(f"/accounts/{key}/fields", fields, headers=HX)


def test_a_cell_is_edited_where_it_stands(world, key):
    rep = world.browser("rep")
    page = rep.get("/accounts?q=Zelle&columns=role,city").text
    assert '<td class="key" data-cell="city" data-kind="text" data-raw="Bonn">Bonn</td>' in page
    answer = cell(rep, key, "city", "Köln", "Bonn", 1)
    assert answer.status_code == 200 and answer.text == '<td class="key" data-cell="city" data-kind="text" data-raw="Köln">Köln</td>'
    assert answer.headers["X-Version"] == "2"
    assert cell(rep, key, "tags", "fair, VIP", "", 2).text.count("pill") == 2
    assert cell(rep, key, "employees", "1,234", "50", 3).text.endswith('data-raw="1234">1,234</td>')


def test_a_value_that_is_none_is_said_and_nothing_is_written(world, key):
    answer = cell(world.browser("rep"), key, "employees", "many", "50", 1)
    assert answer.status_code == 422 and answer.mimetype == "text/plain" and "whole number" in answer.text
    with world.acme.ctx() as ctx:
        assert queries.one_account(ctx, key).employees == 50


def test_two_who_edit_one_cell_are_asked(world, key):
    manager = world.browser("manager")
    assert cell(manager, key, "city", "Ulm", "Bonn", 1).status_code == 200
    met = cell(world.browser("rep"), key, "city", "Trier", "Bonn", 1)
    assert met.status_code == 409 and "Ulm" in met.text and "Trier" in met.text
    assert cell(world.browser("rep"), key, "industry", "Optics", "", 1).status_code == 200, "another field of it never meets"


def test_whoever_may_not_change_gets_no_cells_to_edit(world, key):
    assert "data-cell" not in world.browser("reader").get("/accounts?q=Zelle").text
    assert cell(world.browser("reader"), key, "city", "Ulm", "Bonn", 1).status_code == 403
    assert cell(world.browser("colleague"), key, "city", "Ulm", "Bonn", 1).status_code == 404


def test_hostile_values_are_text_in_cells_and_chips(world):
    hostile = '"><script>alert(1)</script>'
    with world.acme.ctx("rep") as ctx:
        actions.create_account(ctx, name="Hostil", city=hostile, tags=[hostile[:40]], source=hostile)
    page = world.browser("rep").get("/accounts", query_string={"q": "Hostil", "columns": "city,tags,source", "filter[city][eq]": hostile}).text
    assert names(page) == ["Hostil"] and "<script>alert" not in page
