"""V22, manager: "A big deal: whom do I give it to?" People ranked with reasons: who wins deals of this size, knows the products, has time,
speaks the customer's language; one key gives it, and why is remembered."""

from uuid import uuid4

import pytest

from core.deals import actions as deals
from core.deals import pipelines
from core.parties import actions as parties
from tests.support.looking import look, opened
from tests.support.world import House

PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True, "is_mobile": True}


@pytest.fixture
def house(server, room):
    found = House(f"v22-{uuid4().hex[:6]}")
    with found.ctx("manager") as ctx:
        stages = {one.code: one.id for one in pipelines.ways(ctx)[0].stages}
        account = parties.create_account(ctx, name="Seoul Optics 서울", country="KR", industry="Optics", owner_id=found.users["colleague"].id)
        kim = parties.create_contact(ctx, name="Kim", language="ko", account_id=account.id)
        for who, won, lost in (("rep", 4, 1), ("colleague", 1, 5)):
            for number in range(won + lost):
                end = {"stage_id": stages["won"]} if number < won else {"stage_id": stages["lost"], "loss_reason": "Price"}
                deals.create_deal(ctx, name=f"Earlier {number}", owner_id=found.users[who].id, amount="48000", account_id=account.id if who == "rep" else None, contact_id=kim.id if who == "rep" else None, **end)
        found.deal = deals.create_deal(ctx, name="The big one", amount="52000", account_id=account.id, contact_id=kim.id, owner_id=found.users["manager"].id).id
    return found


def owner(house):
    from core.deals.models import Deal

    with house.ctx() as ctx:
        return ctx.session.get(Deal, house.deal).owner_id


def test_the_manager_reads_why_and_gives_it_by_one_key(person, sign_in, house):
    someone = person()
    url = sign_in(someone, house, "manager")
    page = opened(someone, f"{url}/deals/{house.deal}")
    page.locator("button[popovertarget=more]").click()
    page.get_by_role("link", name="Whom to give it to").click()
    page.locator("ol.plain h2").first.wait_for()
    assert page.locator("ol.plain h2").first.inner_text() == "Rep"
    first = page.locator("ol.plain > li").first.inner_text()
    assert "Won 4 of 5 similar deals" in first and "won 4 deals with people who speak the customer's (Korean)" in first
    with page.expect_navigation():
        page.keyboard.press("w")
    assert owner(house) == house.users["rep"].id
    told = page.locator("main").inner_text()  # by whoever reads the deal: who has it now, not how colleagues compare
    assert "gave the deal The big one to Rep" in told and "place 1 of 4" not in told
    page.goto(f"{url}/rankings/deals/{house.deal}")
    page.locator("summary", has_text="Given to Rep by Manager").click()
    assert "Won 4 of 5 similar deals" in page.locator("details").inner_text()


@pytest.mark.parametrize(("name", "options"), [("light", {}), ("zh", {}), ("phone-dark", PHONE)])
def test_the_page_is_whole(person, sign_in, house, name, options):
    if name == "zh":
        with house.ctx() as ctx:
            ctx.session.get_one(type(house.users["owner"]), house.users["owner"].id).locale = "zh"
    someone = person(**options)
    opened(someone, f"{sign_in(someone, house)}/rankings/deals/{house.deal}")
    look(someone, f"page-{name}", of="ranking")


def test_without_a_script_it_is_given_by_its_button(person, sign_in, house):
    someone = person(java_script_enabled=False)
    url = sign_in(someone, house)
    someone.page.goto(f"{url}/rankings/deals/{house.deal}")
    someone.page.get_by_role("button", name="Give it to Colleague").click()
    assert owner(house) == house.users["colleague"].id
