"""Lists of further rooms through the pages and the API of imports: what may be brought in, by whom, and where it is found afterwards."""

import re
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.identity.models import Role
from core.products import actions, price_lists
from core.products.models import Product
from tenants import rooms
from tests.support.world import House


@pytest.fixture
def tag():
    return f"x{uuid4().hex[:8]}"


def kinds_offered(browser):
    return re.findall(r'<input[^>]*name="kind"[^>]*value="([^"]+)"', browser.get("/imports/new").text)


def through(browser, place, work, who="owner"):
    """From the columns to the result."""
    from tests.web.transfer.test_pages import chosen

    assert browser.post(f"{place}/check", chosen(browser.get(place).text)).status_code == 303
    work(who)
    text = browser.get(place).text
    assert browser.post(f"{place}/run", {"version": re.search(r'name="version" value="(\d+)"', text)[1]}).status_code == 303, text
    work(who)
    return browser.get(place).text


def test_products_come_in_by_the_pages_and_are_listed(world, upload, work, tag):
    browser = world.browser("owner")
    place = upload(f"SKU,Name,Unit price,Shelf\nA{tag},Tea {tag},12.50,7\n", kind="products")
    text = through(browser, place, work)
    assert "/products?import=" in text and "Take the import back" in text
    listed = browser.get(re.search(r'href="(/products\?import=[^"]+)"', text)[1]).text
    assert f"Tea {tag}" in listed and "From the import" in listed
    with world.acme.ctx() as ctx:
        assert ctx.session.execute(select(Product.custom["shelf"].astext).where(Product.code == f"A{tag}")).scalar_one() == "7"


def test_what_would_change_is_said_in_words(world, upload, work, tag):
    browser = world.browser("owner")
    through(browser, upload(f"SKU,Name,Unit price\nB{tag},Tea {tag},12.50\n", kind="products"), work)
    place = upload(f"SKU,Name,Unit price,State\nB{tag},Tea {tag},12.5,Retired\n", kind="products")
    from tests.web.transfer.test_pages import chosen

    browser.post(f"{place}/check", chosen(browser.get(place).text) | {"mode": "update"})
    work()
    text = browser.get(place).text
    assert re.search(r"State</td><td[^>]*>Active</td><td>Retired", text) and "12.5" not in re.sub(r"(?s).*The first changes", "", text)


def test_leads_come_in_by_the_pages_and_not_while_their_room_is_off(world, upload, work, tag):
    browser = world.browser("rep")
    place = upload(f"Name,Email\nLead {tag},lead@{tag}.example\n", "rep", kind="leads")
    text = through(browser, place, work, "rep")
    assert "/leads?import=" in text and f"Lead {tag}" in browser.get(re.search(r'href="(/leads\?import=[^"]+)"', text)[1]).text
    with world.acme.ctx() as ctx:
        rooms.switch_rooms(ctx, off=["leads"])
    try:
        assert "leads" not in kinds_offered(browser)
        upload("name\nA\n", "rep", kind="leads", status=422)
    finally:
        with world.acme.ctx() as ctx:
            rooms.switch_rooms(ctx, on=["leads"])


def test_only_what_one_may_write_is_offered(world, tag):
    assert kinds_offered(world.browser("rep")) == [kind for kind in kinds_offered(world.browser("owner")) if kind not in ("products", "price_lines")]
    assert "products" in kinds_offered(world.browser("owner"))
    with world.acme.ctx() as ctx:
        assert "products.edit" not in ctx.session.execute(select(Role.permissions).where(Role.code == "sales")).scalar_one()


def test_products_come_in_by_api(world, work, tag):
    house = House(f"pk{uuid4().hex[:6]}")
    api = world.api("owner", house)
    made = api.client.post(f"/api/v1/imports?{urlencode({'kind': 'products', 'dry_run': 'false'})}", data=f"code,name,price\n{tag},Tea,5\nB,,6\n", content_type="text/csv", base_url=f"http://{house.host}")
    assert made.status_code == 201 and made.json["kind"] == "products" and made.json["key_field"] == "code"
    work(house=house)
    key = made.json["id"]
    assert api.get(f"/api/v1/imports/{key}").json["counts"] == {"accounts": 0, "created": 1, "failed": 1}
    first, second = api.get(f"/api/v1/imports/{key}/rows").json["data"]
    assert first["url"].endswith(f"/products/{first['record_id']}") and (second["outcome"], second["reason"]) == ("failed", "name: Fill in this field.")


def test_prices_of_a_list_come_in_by_the_pages_and_go_out_again(world, upload, work, tag):
    browser = world.browser("owner")
    with world.acme.ctx() as ctx:
        actions.create_product(ctx, code=f"P{tag}", name=f"Tea {tag}", price="5")
        book = price_lists.add_list(ctx, name=f"List {tag}")
    assert 'href="/imports/new?kind=price_lines"' in browser.get(f"/settings/price-lists/{book.id}").text
    content = f"Price list,SKU,Price,From quantity,Remarks\nList {tag},P{tag},4.50,10,x\nList {tag},P{tag},4.40,10,\nList {tag},none,1,,\n"
    place = upload(content, kind="price_lines")
    text = browser.get(place).text
    assert "Its list, product, quantity and first day" in text and "Keep as an extra value" not in text
    text = through(browser, place, work)
    assert 'href="/settings/price-lists/"' in text and "Take the import back" in text and "Twice in the file" in text and "There is no such product" in text
    shown = browser.get(f"/settings/price-lists/{book.id}").text
    assert f"P{tag}" in shown and "4.50" in shown
    file = browser.post(f"/settings/price-lists/{book.id}/exports", {"format": "csv"})
    assert file.status_code == 200 and file.data.decode("utf-8-sig").splitlines()[1].startswith(f"List {tag},P{tag},Tea {tag},,One product,A price,4.5,EUR,10,")
    assert browser.post(f"{place}/undo", {}).status_code == 303
    work()
    assert "Taken back" in browser.get(place).text and f"P{tag}" not in browser.get(f"/settings/price-lists/{book.id}").text


def test_prices_come_in_by_api(world, work, tag):
    house = House(f"pp{uuid4().hex[:6]}")
    with house.ctx() as ctx:
        actions.create_product(ctx, code="T", name="Tea", price="5")
        price_lists.add_list(ctx, name="Wholesale")
    api = world.api("owner", house)
    made = api.client.post(f"/api/v1/imports?{urlencode({'kind': 'price_lines', 'mode': 'both', 'dry_run': 'false'})}", data="price list,sku,price\nwholesale,t,4\nwholesale,u,4\n", content_type="text/csv", base_url=f"http://{house.host}")
    assert made.status_code == 201 and made.json["key_field"] == "place"
    work(house=house)
    first, second = api.get(f"/api/v1/imports/{made.json['id']}/rows").json["data"]
    assert first["url"].endswith("/settings/price-lists/") and first["outcome"] == "created" and second["outcome"] == "failed"
    assert [one["code"] for one in api.get(f"/api/v1/imports/{made.json['id']}/problems").json["data"]] == ["product_unknown"]
