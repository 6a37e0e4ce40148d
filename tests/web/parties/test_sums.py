"""Sums below a list and lists in groups, as pages show them: of the whole filter, by currency, headed once, kept in views, absent where hidden."""

import re
from html import unescape

import pytest
from sqlalchemy import delete

from core.parties import actions
from core.parties.models import Account
from core.products import rating
from core.products.rate_models import ExchangeRate
from core.views.rules import clean_query
from tests.web.parties.test_lists import names, save

COLUMNS = "columns=city,employees,annual_revenue"


@pytest.fixture(scope="module", autouse=True)
def rows(world):
    with world.acme.ctx("rep") as ctx:
        for n, (city, size, revenue, currency) in enumerate([("Kiel", 5, "1000.50", "EUR"), ("Bonn", 50, "10", "USD"), ("kiel", 500, "2000", "EUR"), (None, None, None, None)]):
            actions.create_account(ctx, name=f"Summe {n}", city=city, employees=size, annual_revenue=revenue, currency=currency, is_customer=n < 2)
        for n in range(60):
            ctx.session.add(Account(name=f"Viele {n:02}", owner_id=ctx.actor.id, industry="Odd" if n % 2 else "Even", employees=1))


def text(html):
    return " ".join(re.sub("<[^>]*>", " ", html.replace("<br>", " + ")).split())


def below(page):
    found = re.search(r"<tfoot.*?</tfoot>", page, re.S)
    return [text(row) for row in re.findall(r"<tr>.*?</tr>", found[0], re.S)] if found else []


def heads(page):
    return [text(head) for head in re.findall(r'<tr class="head">.*?</tr>', page, re.S)]


def test_sums_stand_below_the_columns_that_are_numbers(world):
    page = world.browser("rep").get(f"/accounts?q=Summe&{COLUMNS}").text
    assert below(page) == ["Sum 555 3,000.50 EUR + 10 USD", "Average 185 1,500.25 EUR + 10 USD", "Together Not added up: there is no rate for USD."]
    assert below(world.browser("rep").get("/accounts?q=Summe&columns=city,founded_year").text) == []
    assert below(world.browser("rep").get(f"/accounts?q=Nothinglikeit&{COLUMNS}").text) == []


def test_several_currencies_come_to_one_sum_at_the_rates_of_the_day(world):
    """As boards and forecasts add them up; where all is in the workspace's own there is no such line."""
    with world.acme.ctx("owner") as ctx:
        if "USD" not in rating.currencies(ctx):
            rating.add_currency(ctx, "USD")
        rating.store_rate(ctx, currency="USD", rate="1.25")
    try:
        rep = world.browser("rep")
        assert re.fullmatch(r"Together, at the rates of .+ 3,008\.50 EUR", below(rep.get(f"/accounts?q=Summe&{COLUMNS}").text)[2])
        assert len(below(rep.get(f"/accounts?q=Summe&{COLUMNS}&filter[1][city][eq]=Kiel").text)) == 2
    finally:
        with world.acme.ctx("owner") as ctx:
            ctx.session.execute(delete(ExchangeRate))


def test_they_are_of_everything_in_the_filter_and_seen_by_the_actor(world):
    rep = world.browser("rep")
    page = rep.get("/accounts?q=Viele&columns=employees").text
    assert len(names(page)) == 50 and below(page)[0] == "Sum 60"
    assert below(rep.get("/accounts?q=Viele&columns=employees&filter[1][industry][eq]=Odd&filter[2][employees][gt]=5").text)[0] == "Sum 30"
    assert below(world.browser("colleague").get("/accounts?q=Viele&columns=employees").text) == [], "he sees none of them"


def test_a_list_stands_in_groups_with_their_numbers_and_sums(world):
    rep = world.browser("rep")
    page = rep.get(f"/accounts?q=Summe&{COLUMNS}&group=city").text
    assert heads(page) == ["Bonn 1 50 10 USD", "Kiel 2 505 3,000.50 EUR", "City: empty 1"]
    assert names(page) == ["Summe 1", "Summe 0", "Summe 2", "Summe 3"] and below(page)[0] == "Sum 555 3,000.50 EUR + 10 USD"
    assert heads(rep.get("/accounts?q=Summe&group=is_customer").text) == ["Customer: No 2", "Customer: Yes 2"]
    assert heads(rep.get("/accounts?q=Summe&group=owner_id").text) == ["Rep 4"]
    month = heads(rep.get("/accounts?q=Summe&group=created_at").text)
    assert len(month) == 1 and re.fullmatch(r"[A-Z][a-z]+ 20\d\d 4", month[0])
    assert heads(rep.get("/accounts?q=Summe&group=stage").text)[0].endswith(" 4") and heads(rep.get("/contacts?group=owner_id").text) is not None


def test_a_group_that_goes_on_is_not_headed_again(world):
    rep = world.browser("rep")
    page = rep.get("/accounts?q=Viele&group=industry").text
    assert heads(page) == ["Even 30", "Odd 30"]
    more = unescape(re.search(r'hx-get="([^"]*)"', page[page.index('class="more"') :])[1])
    rest = rep.get(more).text
    assert heads(rest) == [] and len(names(rest)) == 10 and names(page) + names(rest) == [f"Viele {n:02}" for n in (*range(0, 60, 2), *range(1, 60, 2))]
    assert heads(rep.get(more.replace("&rows=1", "")).text) == ["Odd 30"], "a page of its own says where it is"


def test_a_view_keeps_the_grouping_and_an_address_takes_it_off(world):
    rep = world.browser("rep")
    where = save(rep, "By city", '{"search": "Summe", "group": "city"}').location
    page = rep.get(where).text
    assert len(heads(page)) == 3 and "Grouped by" in page and "changed</span>" not in page
    off = unescape(re.search(r'Grouped by <b>City</b><a href="([^"]*)"', page)[1])
    assert heads(rep.get(off).text) == [] and "changed</span>" in rep.get(off).text and len(names(rep.get(off).text)) == 4
    assert save(rep, "Bad group", '{"group": "phone"}').status_code == 422
    with world.acme.ctx() as ctx:
        from core.views import actions as views

        views.save_view(ctx, room="accounts", name="Gone group", audience="everyone", query=clean_query({"group": "custom.gone", "search": "Summe"}))
    key = re.search(r'href="/accounts\?view=([^"]*)">Gone group', rep.get("/accounts?view=all").text)[1]
    assert heads(rep.get(f"/accounts?view={key}").text) == [] and len(names(rep.get(f"/accounts?view={key}").text)) == 4


@pytest.mark.parametrize("group", ["phone", "evil", "name", "' OR 1=1", "custom.none"])
def test_what_does_not_group_is_refused(world, group):
    assert world.browser("rep").get(f"/accounts?group={group}").status_code == 422


def test_an_export_of_a_list_in_groups_has_its_rows(world):
    page = world.browser("owner").get("/accounts?q=Summe&group=city").text
    assert 'name="group"' not in page[page.index("/accounts/exports") :][:600]
