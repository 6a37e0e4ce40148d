"""The voices on real files: 8,800 deals of `crm-maven-sales`, customers, products and prices of `orders-northwind`. Whoever looks reads the one
won total that the files say, and of each agent what they say of him: in the list, on the board, in reports, in files and by API."""

import csv
import re
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from core.deals.models import Deal, DealLine
from core.identity.models import User
from core.parties.models import Account
from core.products.models import Product
from tests.support.looking import look, opened
from tests.support.real_trade import RealTrade

TOTAL, BEST = 10_005_534, {"Darcel Schlecht": 1_153_214, "Vicki Laflamme": 478_396, "Kary Hendrixson": 454_298}
NUMBER = r"[\d,]+(?:\.\d+)?"


@pytest.fixture(scope="module")
def house(server, room, app, data):
    found = RealTrade(app, data)
    assert sum(found.won.values()) == TOTAL and dict(Counter(found.won).most_common(3)) == BEST, "the files are not those of SOURCE.md"
    return found


@pytest.fixture
def manager(person, sign_in, house):
    """(window, address of the workspace)."""
    someone = person()
    return someone, sign_in(someone, house, "manager")


def amounts(pattern, text):
    return [Decimal(found.replace(",", "")) for found in re.findall(pattern, text)]


def day_said(day):
    found = date.fromisoformat(day)
    return f"{found:%b} {found.day}, {found.year}"


def one(house, model, name):
    with house.ctx() as ctx:
        return ctx.session.execute(select(model).where(model.name == name)).scalars().one()


def test_every_row_came_in_and_what_is_odd_in_them_was_said(house):
    assert {name: run["counts"]["created"] for name, run in house.imports.items()} == {"accounts.csv": 85, "customers.csv": 91, "products.csv": 7, "northwind.csv": 77, "sales_pipeline.csv": 8800}
    said = house.said("accounts.csv")
    assert {'"technolgy" looks like "technology". It is kept as it is.', '"Philipines" looks like "Philippines". It is kept as it is.'} <= {row["detail"] for row in said}
    assert house.said("sales_pipeline.csv") == []


def test_gtxpro_is_matched_with_the_product_that_it_is(house):
    """1,480 rows say GTXPro: their deals have the catalogue's GTX Pro, by its key, as far as they have an amount."""
    said = Counter(row["product"] for row in house.rows if row["close_value"])
    assert said["GTXPro"] > 1000 and "GTX Pro" not in said
    with house.ctx() as ctx:
        lines = select(Product.name, func.count()).join(DealLine, DealLine.product_id == Product.id).group_by(Product.name)
        assert dict(tuple(row) for row in ctx.session.execute(lines)) == {"GTX Pro" if name == "GTXPro" else name: number for name, number in said.items()}


def test_the_list_says_it_below_and_of_the_best_agents(manager, house):
    someone, url = manager
    for name, amount in {"": TOTAL, **BEST}.items():
        page = opened(someone, f"{url}/deals?filter[state][eq]=won" + (f"&owner={house.agents[name]}" if name else ""))
        assert f"{amount:,} USD" in page.locator("tfoot").inner_text(), name
    look(someone, "list", of="real")


def test_the_board_of_the_forecast_says_it(manager):
    someone, url = manager
    page = opened(someone, f"{url}/deals/forecast?period=2017-Q1")
    lanes = page.locator("section.lane header").all_inner_texts()
    assert len(lanes) == 5 and sum(sum(amounts(rf"Won ({NUMBER})", text)) for text in lanes) == TOTAL
    look(someone, "forecast", of="real")


@pytest.mark.parametrize(("address", "cell"), [("/deals/forecast/table?period=2017", 2), ("/performance?period=2017", 7)], ids=["forecast", "performance"])
def test_reports_say_it_of_all_and_of_each(manager, house, address, cell):
    someone, url = manager
    page = opened(someone, url + address)
    found = {}
    for line in page.locator("main table tbody tr").all():
        name, *cells = line.locator("th, td").all_inner_texts()
        found[re.sub(r"^\d+\. ", "", name.strip())] = next(iter(amounts(rf"({NUMBER}) USD", cells[cell - 1])), Decimal(0))
    assert {name: amount for name, amount in found.items() if amount} == {**house.won, "All together": TOTAL}
    look(someone, address.partition("?")[0].strip("/").replace("/", "-"), of="real")


@pytest.mark.parametrize("kind", ["CSV", "Excel (XLSX)"])
def test_files_say_it(manager, house, kind):
    someone, url = manager
    page = opened(someone, f"{url}/deals/exports/new?filter[state][eq]=won")
    page.get_by_label(kind).check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    path = download.value.path()
    if kind == "CSV":
        with open(path, encoding="utf-8-sig", newline="") as file:
            head, *rows = csv.reader(file)
    else:
        head, *rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert by_agent(rows, head.index("Owner"), head.index("Amount")) == house.won and len(rows) == 4238


def test_the_records_behind_the_revenue_say_it(manager, house):
    someone, url = manager
    page = opened(someone, f"{url}/performance/records?measure=revenue&period=2017")
    assert f"{TOTAL:,} USD" in page.locator("main").inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    assert by_agent(rows, head.index("Who"), head.index("Share of the amount")) == house.won


def test_programs_are_told_it(house):
    names = {str(key): name for name, key in house.agents.items()}
    rows = [(names[deal["owner_id"]], deal["amount"]["amount"]) for deal in house.all_of("/api/v1/deals?filter[state][eq]=won&limit=200&sort=id")]
    assert by_agent(rows, 0, 1) == house.won
    forecast, performance = house.api.get("/api/v1/forecast?period=2017").json, house.api.get("/api/v1/performance?period=2017").json
    assert {line["name"]: Decimal(line["won"]["amount"]) for line in forecast["lines"]} == house.won and Decimal(forecast["whole"]["won"]["amount"]) == TOTAL
    told = {line["name"]: Decimal(line["now"]["revenue"]) for line in performance["lines"]}
    assert {name: amount for name, amount in told.items() if amount} == house.won and Decimal(performance["whole"]["now"]["revenue"]) == TOTAL


def by_agent(rows, name, amount):
    found = Counter()
    for row in rows:
        found[row[name]] += Decimal(str(row[amount]))
    return dict(found)


def test_a_line_of_a_quote_has_the_price_of_the_file(manager, house):
    someone, url = manager
    prices = {row["product_name"]: Decimal(row["unit_price"]) for row in house.products}
    shown = house.all_of("/api/v1/products?limit=100&sort=name")
    assert prices.items() <= {row["name"]: Decimal(row["price"]) for row in shown}.items()
    page = opened(someone, f"{url}/quotes/new?account={one(house, Account, 'Alfreds Futterkiste').id}")
    page.get_by_label("Subject").fill("Beer and wine")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/lines")
    for place, (name, quantity) in enumerate((("Côte de Blaye", 2), ("Chang", 10))):
        page.locator("html[data-ready]").wait_for(state="attached")
        page.keyboard.type(name)
        page.locator(f"#l{place}-product_id-list [role=option]", has_text=name).first.wait_for()
        for key in ("Enter", "Tab"):
            page.keyboard.press(key)
        page.keyboard.type(str(quantity))
        page.keyboard.press("Enter")
        page.locator(f"#l{place + 1}-product_id").wait_for()
        assert Decimal(page.locator(f"#l{place}-unit_price").input_value()) == prices[name]
    assert f"{2 * prices['Côte de Blaye'] + 10 * prices['Chang']:,.2f} USD" in page.locator("table.qdoc").inner_text()


def test_v3_what_an_old_customer_bought_speaks_for_a_quote(manager, house):
    someone, url = manager
    won = [Decimal(row["close_value"]) for row in house.rows if row["account"] == "Isdom" and row["deal_stage"] == "Won"]
    page = opened(someone, f"{url}/accounts/{one(house, Account, 'Isdom').id}")
    page.locator("#advice .pill").first.wait_for()
    text = page.locator("#advice").inner_text()
    assert "Yes, quote" in text and f"They bought {len(won)} times: {sum(won):,.2f} USD so far." in text


def test_v19_the_brief_of_a_customer_whose_agents_are_many(manager, house):
    someone, url = manager
    page = opened(someone, f"{url}/accounts/{one(house, Account, 'Isdom').id}")
    with page.expect_navigation():
        page.keyboard.press("b")
    page.get_by_role("heading", name="What to say next").wait_for()
    text = page.locator("main").inner_text()
    mine = [row for row in house.rows if row["account"] == "Isdom"]
    opening = [row for row in mine if row["deal_stage"] in ("Engaging", "Prospecting")]
    assert Counter(re.findall(r"(?:Engaging|Prospecting) · No next step · (.+)", text)) == Counter(row["sales_agent"] for row in opening)
    last = sorted((row for row in mine if row["deal_stage"] == "Lost"), key=lambda row: row["close_date"])[-1]
    assert f"{last['product'].replace('GTXPro', 'GTX Pro')}\nNot said · {day_said(last['close_date'])}" in text
    look(someone, "brief", of="real")


def test_v22_whom_a_deal_is_given_to_by_what_each_really_won(manager, house):
    someone, url = manager
    row = next(row for row in house.rows if row["account"] == "Ganjaflex" and row["deal_stage"] == "Engaging" and row["sales_agent"] != "Hayden Neloms")
    with house.ctx() as ctx:
        deal = ctx.session.execute(select(Deal.id).where(Deal.external_id == row["opportunity_id"])).scalar_one()
    page = opened(someone, f"{url}/rankings/deals/{deal}")
    ended = [row for row in house.rows if row["deal_stage"] in ("Won", "Lost")]
    won, closed = Counter(row["sales_agent"] for row in ended if row["deal_stage"] == "Won"), Counter(row["sales_agent"] for row in ended)
    told = {item.locator("h2").inner_text(): item.inner_text() for item in page.locator("ol.plain > li").all()}
    assert all(f"Won {won[name]} of {closed[name]} similar deals" in told[name] for name in house.won)
    page.get_by_role("button", name="Give it to Hayden Neloms").click()
    page.get_by_text("gave the deal").first.wait_for()
    with house.ctx() as ctx:
        assert ctx.session.get(User, ctx.session.get(Deal, deal).owner_id).name == "Hayden Neloms"
    look(someone, "given", of="real")


def test_v20_all_that_an_agent_has_open_goes_over_and_comes_back(manager, house):
    someone, url = manager
    mine = Counter(row["deal_stage"] for row in house.rows if row["sales_agent"] == "Violet Mclelland")
    number = mine["Engaging"] + mine["Prospecting"]
    page = opened(someone, f"{url}/handing-over/new")
    page.get_by_label("Whose records").select_option(label="Violet Mclelland")
    page.get_by_label("In which way").select_option("turn")
    page.get_by_label("Rosie Papadopoulos", exact=True).check()
    page.get_by_role("button", name="Show the preview").click()
    page.get_by_role("button", name=f"Hand over {number} records").click()
    page.get_by_text("Handed over").first.wait_for()
    assert open_deals(house, "Violet Mclelland") == 0
    page.get_by_role("button", name="Take it back").click()
    page.get_by_text("Taken back").first.wait_for()
    assert open_deals(house, "Violet Mclelland") == number
    look(someone, "handed", of="real")


def open_deals(house, name):
    with house.ctx() as ctx:
        return ctx.session.execute(select(func.count()).select_from(Deal).where(Deal.owner_id == house.agents[name], Deal.state == "open")).scalar_one()
