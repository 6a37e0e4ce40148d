"""Products in a real browser: a price is changed in the list, a product is made by keys; axe and pictures of every page, in light and dark,
wide and narrow, in English and Chinese."""

from uuid import uuid4

import pytest

from core.base.context import as_actor, system
from tests.support.looking import look, opened
from tests.support.world import House
from workers.demo_products import stock

SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 360, "height": 740}}


def stocked(slug, locale="en"):
    house = House(f"{slug}-{uuid4().hex[:6]}")
    with house.ctx() as ctx:
        assert stock(as_actor(ctx, system("test"))) == 8
        from core.identity import queries

        queries.one_user(ctx, ctx.actor.id).locale = locale
    return house


@pytest.mark.parametrize(("size", "scheme", "locale"), [("desk", "light", "en"), ("phone", "dark", "en"), ("desk", "dark", "zh")])
def test_every_page_of_products(person, room, sign_in, size, scheme, locale):
    someone = person(viewport=SIZES[size], color_scheme=scheme)
    url = sign_in(someone, stocked(f"goods-{size}", locale))
    page, of = opened(someone, f"{url}/products"), f"{size} {scheme} {locale}"
    look(someone, f"{of} list")
    page.locator("a.open").first.click()
    page.wait_for_url("**/products/*")
    address = page.url
    opened(someone, f"{url}/products?q=set of 19")
    page.locator("a.open").first.click()
    page.wait_for_url("**/products/*-*")
    varied = page.url
    for name, path in (("product with variants", varied), ("variants", f"{varied}/variants"), ("relations", f"{address}/relations"), ("variants to come", f"{address}/variants"), ("record", address), ("form", f"{address}/edit"), ("history", f"{address}/history"), ("new", f"{url}/products/new"), ("catalogue", f"{url}/settings/catalogue/"), ("rates", f"{url}/settings/currencies/"), ("price lists", f"{url}/settings/price-lists/"), ("price check", f"{url}/products/price-check?product_id_text=LZ-30&quantity=10&currency=USD&tier=gold"),
                       ("groups", f"{url}/products?group=category_id&columns=code,cost,price,tax_code_id,state")):
        opened(someone, path)
        look(someone, f"{of} {name}")


def test_a_price_is_changed_in_its_cell_and_a_product_made_by_keys(person, room, sign_in):
    someone = person(viewport=SIZES["desk"])
    url = sign_in(someone, stocked("cells"))
    page = opened(someone, f"{url}/products")
    cell = page.locator("tr", has_text="Cutting oil").locator("td[data-cell=price]")
    cell.dblclick()
    cell.locator("input").fill("15.90")
    cell.locator("input").press("Enter")
    page.locator("td[data-cell=price]", has_text="15.90 EUR").wait_for()
    category = page.locator("tr", has_text="Cutting oil").locator("td[data-cell=category_id]")
    category.dblclick()
    category.locator("select").select_option(label="Services")
    page.locator("tr", has_text="Cutting oil").locator("td", has_text="Services").wait_for()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("n")
    page.wait_for_url("**/products/new")
    page.locator("html[data-ready]").wait_for(state="attached")
    page.keyboard.type("GT-300")
    page.locator("[name=name]").fill("Bench drill GT 300")
    page.keyboard.press("Control+Enter")
    page.locator(".hero", has_text="Bench drill GT 300").wait_for()
