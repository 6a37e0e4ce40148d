"""What belongs to a deal in a real browser: its products by keys alone, its team and competitors; axe and pictures."""

from uuid import uuid4

import pytest

from core.base.context import as_actor, system
from core.deals import actions as deals
from core.deals import competitors, lines, queries
from core.parties import actions as parties
from tests.support.looking import look, opened
from tests.support.world import House
from workers.demo_deals import equip
from workers.demo_products import stock

SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 360, "height": 740}}


def selling(slug, locale="en"):
    """A house with products and two deals, one of them equipped."""
    house = House(f"{slug}-{uuid4().hex[:6]}")
    with house.ctx() as ctx:
        stock(as_actor(ctx, system("test")))
        account = parties.create_account(ctx, name="Nordlicht Optik GmbH")
        ctx.session.flush()
        house.deal = deals.create_deal(ctx, name="Drills for the new hall", account_id=account.id, amount="100").id
        deals.create_deal(ctx, name="Lathes", account_id=account.id)
        from core.identity import queries as people

        people.one_user(ctx, ctx.actor.id).locale = locale
    return house


@pytest.mark.parametrize(("size", "scheme", "locale"), [("desk", "light", "en"), ("phone", "dark", "en"), ("desk", "dark", "zh")])
def test_every_page_of_what_belongs_to_a_deal(person, room, sign_in, size, scheme, locale):
    house, someone = selling(f"parts-{size}", locale), person(viewport=SIZES[size], color_scheme=scheme)
    with house.ctx() as ctx:
        assert equip(ctx) == 2
        them = competitors.all_competitors(ctx)[0].id
    url, of = sign_in(someone, house), f"deal parts {size} {scheme} {locale}"
    for name, path in {"deal": f"/deals/{house.deal}", "lines": f"/deals/{house.deal}/lines", "competitors": "/competitors/", "competitor": f"/competitors/{them}"}.items():
        page = opened(someone, f"{url}{path}")
        look(someone, f"{of} {name}")
        if name == "deal":
            for summary in page.locator("#team summary, #rivals summary").all():
                summary.click()
            look(someone, f"{of} deal open")


def test_products_are_written_by_keys_and_make_the_amount(person, room, sign_in):
    house, someone = selling("part-keys"), person(viewport=SIZES["desk"])
    url = sign_in(someone, house)
    page = opened(someone, f"{url}/deals/{house.deal}/lines")
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
    with house.ctx() as ctx:
        deal = queries.one_deal(ctx, house.deal)
        kept = lines.lines_of(ctx, deal)
        assert [(one.product_id is not None, int(one.quantity)) for one in kept] == [(True, 2), (True, 10)]
        assert deal.amount == sum(one.amount for one in kept) > 100
