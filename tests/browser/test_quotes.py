"""A quote in a real browser: from a deal by keys alone in less than half a minute; axe and pictures of every page, and the customer's way without script."""

import re
import time
from uuid import uuid4

import pytest

from core.base.context import as_actor, system
from core.deals import actions as deals
from core.parties import actions as parties
from core.quotes import queries
from core.quotes.models import Quote
from tests.support.looking import look, opened
from tests.support.world import House
from workers.demo_products import stock
from workers.demo_quotes import offer

SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 360, "height": 740}}


def offering(slug, locale="en"):
    """A house with products, quotes of each kind, and a deal with its account."""
    house = House(f"{slug}-{uuid4().hex[:6]}")
    with house.ctx() as ctx:
        assert stock(as_actor(ctx, system("test"))) == 8
        account = parties.create_account(ctx, name="Nordlicht Optik GmbH", street="Kai 3", postcode="24103", city="Kiel", country="DE")
        ctx.session.flush()
        house.deal = deals.create_deal(ctx, name="Drills for the new hall", account_id=account.id).id
        assert offer(ctx) == 4
        from core.identity import queries as people

        people.one_user(ctx, ctx.actor.id).locale = locale
    return house


def sent(house):
    with house.ctx() as ctx:
        found = ctx.session.query(Quote).filter(Quote.state == "sent").order_by(Quote.name).all()
        return [(one.id, queries.newest(ctx, one).token, queries.newest(ctx, one).proof) for one in found]


@pytest.mark.parametrize(("size", "scheme", "locale"), [("desk", "light", "en"), ("phone", "dark", "en"), ("desk", "dark", "zh")])
def test_every_page_of_quotes(person, room, sign_in, size, scheme, locale):
    house, someone = offering(f"quotes-{size}", locale), person(viewport=SIZES[size], color_scheme=scheme)
    url, of = sign_in(someone, house), f"quotes {size} {scheme} {locale}"
    opened(someone, f"{url}/quotes")
    look(someone, f"{of} list")
    (key, token, proof), *_ = sent(house)
    with house.ctx() as ctx:
        draft = ctx.session.query(Quote).filter(Quote.state == "draft").one().id
        account = ctx.session.query(Quote).filter(Quote.state == "draft").one().account_id
    pages = {
        "record": f"/quotes/{key}", "draft": f"/quotes/{draft}", "lines": f"/quotes/{draft}/lines", "form": f"/quotes/{draft}/edit", "new": f"/quotes/new?deal={house.deal}", "history": f"/quotes/{key}/history",
        "customer": f"/quote/{token}", "check": f"/quote/check/{proof}", "bin": "/recycle-bin/quotes", "deal": f"/deals/{house.deal}", "account": f"/accounts/{account}",
    }
    for name, path in pages.items():
        someone.page.goto(f"{url}{path}") if name in ("customer", "check") else opened(someone, f"{url}{path}")
        look(someone, f"{of} {name}")


def test_a_quote_from_a_deal_by_keys_in_half_a_minute(person, room, sign_in):
    house, someone = offering("keys"), person(viewport=SIZES["desk"])
    url = sign_in(someone, house)
    page = opened(someone, f"{url}/deals/{house.deal}")
    began = time.monotonic()
    page.keyboard.press("o")
    page.wait_for_url("**/quotes/new?deal=*")
    page.locator("html[data-ready]").wait_for(state="attached")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/lines")
    for place, (code, quantity) in enumerate((("LZ-30", "2"), ("Cutting", "10"))):
        page.locator("html[data-ready]").wait_for(state="attached")
        assert page.evaluate("document.activeElement.id") == f"l{place}-product_id"
        page.keyboard.type(code)
        page.locator(f"#l{place}-product_id-list [role=option]").first.wait_for()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.type(quantity)
        page.keyboard.press("Enter")
        page.locator(f"#l{place + 1}-product_id").wait_for()
    assert time.monotonic() - began < 30
    with house.ctx() as ctx:
        quote = ctx.session.query(Quote).filter(Quote.deal_id == house.deal).one()
        lines = queries.lines_of(ctx, queries.newest(ctx, quote))
        assert [(one.product_id is not None, int(one.quantity)) for one in lines] == [(True, 2), (True, 10)] and quote.total > 0 and quote.account_id


def test_the_customer_accepts_without_script(person, room, sign_in):
    house = offering("noscript")
    owner = person(viewport=SIZES["desk"])
    url = sign_in(owner, house)
    (key, token, _), *_ = sent(house)
    customer = person(viewport=SIZES["phone"], java_script_enabled=False)
    page = customer.page
    page.goto(f"{url}/quote/{token}")
    page.locator("[name=option]").first.check()
    page.get_by_role("button", name=re.compile("Show the total")).click()
    assert page.locator("[name=option]").first.is_checked()
    page.locator("[name=name]").fill("Inga Beck")
    page.get_by_role("button", name="Accept this quote").click()
    page.get_by_text("Accepted by Inga Beck").wait_for()
    with house.ctx() as ctx:
        quote = queries.one_quote(ctx, key)
        assert quote.state == "accepted" and len(queries.newest(ctx, quote).chosen) == 1
