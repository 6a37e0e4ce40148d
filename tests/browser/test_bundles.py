"""Bundles in a real browser: parts written by keys alone, shown on the product and beneath a quote's line; axe and pictures."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from core.base.context import as_actor, system
from core.products.bundle_queries import parts_of
from core.products.models import Product
from core.quotes import drafting, lining
from tests.support.looking import look, opened
from tests.support.world import House
from workers.demo_products import stock

SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 360, "height": 740}}


def selling(slug, locale="en"):
    """A house with the demo's catalogue and its bundle on a quote."""
    house = House(f"{slug}-{uuid4().hex[:6]}")
    with house.ctx() as ctx:
        stock(as_actor(ctx, system("test")))
        ctx.session.flush()
        house.kit, house.drill, house.bit = (ctx.session.execute(select(Product.id).where(Product.code == code)).scalar_one() for code in ("KIT-START", "LZ-30", "B-HSS-6"))
        quote = drafting.create_quote(ctx, name="Workshop")
        ctx.session.flush()
        lining.save_lines(ctx, quote, [{"product_id": str(house.kit), "quantity": "2"}])
        house.quote = quote.id
        from core.identity import queries as people

        people.one_user(ctx, ctx.actor.id).locale = locale
    return house


@pytest.mark.parametrize(("size", "scheme", "locale"), [("desk", "light", "en"), ("phone", "dark", "en"), ("desk", "dark", "zh")])
def test_every_page_of_a_bundle(person, room, sign_in, size, scheme, locale):
    house, someone = selling(f"bundles-{size}", locale), person(viewport=SIZES[size], color_scheme=scheme)
    url = sign_in(someone, house)
    paths = {"product": f"/products/{house.kit}", "parts": f"/products/{house.kit}/parts", "part": f"/products/{house.bit}/parts", "quote": f"/quotes/{house.quote}", "quote lines": f"/quotes/{house.quote}/lines"}
    for name, path in paths.items():
        opened(someone, f"{url}{path}")
        look(someone, f"bundles {size} {scheme} {locale} {name}")


def test_parts_are_written_by_keys(person, room, sign_in):
    house, someone = selling("bundle-keys"), person(viewport=SIZES["desk"])
    url = sign_in(someone, house)
    page = opened(someone, f"{url}/products/{house.drill}/parts?next=1")
    for place, (code, quantity) in enumerate((("B-HSS", "2"), ("Cutting", "10"))):
        page.locator("html[data-ready]").wait_for(state="attached")
        assert page.evaluate("document.activeElement.id") == f"p{place}-product_id"
        page.keyboard.type(code)
        page.locator(f"#p{place}-product_id-list [role=option]").first.wait_for()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.type(quantity)
        page.keyboard.press("Enter")
        page.locator(f"#p{place + 1}-product_id").wait_for()
    with house.ctx() as ctx:
        assert [(one.product.code, int(one.quantity)) for one in parts_of(ctx, [house.drill])[house.drill]] == [("B-HSS-6", 2), ("OIL-1", 10)]
