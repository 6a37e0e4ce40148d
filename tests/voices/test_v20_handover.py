"""V20, manager: "He left. Who takes over what?" Everything the user owns goes over by rule or by hand in one step, with a list for each
successor of what to do first; audited, and taken back whole."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.activities import actions as log
from core.deals import actions as deals
from core.handover import giving, planning
from core.parties import actions as parties
from core.parties.models import Account
from core.quotes import drafting
from tests.support.looking import look, opened
from tests.support.world import House

PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True, "is_mobile": True}


@pytest.fixture
def house(server, room):
    found = House(f"v20-{uuid4().hex[:6]}")
    rep = found.users["rep"].id
    with found.ctx("rep") as ctx:
        for name, country in (("Nordlicht Optik GmbH", "DE"), ("Hafen Brillen", "DE"), ("서울 광학", "KR"), ("Óptica Sol", "ES")):
            account = parties.create_account(ctx, name=name, country=country, owner_id=rep)
            deals.create_deal(ctx, name=f"Frames for {name}", account_id=account.id, owner_id=rep, amount="4800")
        late = log.log_activity(ctx, kind="visit", account=account, body="He wants the sample.", next_contact=str(ctx.today + timedelta(days=2)))
        late.next_contact_on, late.next_contact_kind, late.next_contact_note = ctx.today - timedelta(days=2), "promise", "Send the sample"
        drafting.create_quote(ctx, name="Trays", account_id=account.id, owner_id=rep)
    return found


def owners(house):
    with house.ctx() as ctx:
        names = {user.id: who for who, user in house.users.items()}
        return {row.name: names[row.owner_id] for row in ctx.session.query(Account)}


def test_by_rule_in_one_step_and_back(person, sign_in, house):
    someone = person()
    url = sign_in(someone, house, "manager")
    page = opened(someone, f"{url}/handing-over")
    page.keyboard.press("n")
    page.locator("#handover").wait_for()
    page.get_by_label("Whose records").select_option(label="Rep")
    page.get_by_label("In which way").select_option("rules")
    page.get_by_label("Manager", exact=True).check()
    page.locator("#field0").select_option("country")
    page.locator("#op0").select_option("eq")
    page.locator("#value0").fill("DE")
    page.locator("#to0").select_option(label="Colleague")
    page.get_by_role("button", name="Show the preview").click()
    page.get_by_role("button", name="Hand over 10 records").wait_for()
    assert owners(house) == dict.fromkeys(("Nordlicht Optik GmbH", "Hafen Brillen", "서울 광학", "Óptica Sol"), "rep")
    page.get_by_role("button", name="Hand over 10 records").click()
    page.get_by_text("Handed over").first.wait_for()
    assert owners(house) == {"Nordlicht Optik GmbH": "colleague", "Hafen Brillen": "colleague", "서울 광학": "manager", "Óptica Sol": "manager"}
    other = person()
    other_page = opened(other, sign_in(other, house, "colleague") + "/notifications?show=all")
    other_page.get_by_text("over to you").first.click()
    other_page.wait_for_url("**/taken-over/*")
    other_page.locator("h1", has_text="What you took over").wait_for()
    assert "Hafen Brillen" in other_page.locator("main").inner_text() and "서울 광학" not in other_page.locator("main").inner_text()
    page.get_by_role("button", name="Take it back").click()
    page.get_by_text("Taken back").first.wait_for()
    assert set(owners(house).values()) == {"rep"}


def test_by_hand_account_by_account_without_a_script(person, sign_in, house):
    someone = person(java_script_enabled=False)
    page = someone.page
    page.goto(f"{sign_in(someone, house, 'manager')}/handing-over/new")
    page.get_by_label("Whose records").select_option(label="Rep")
    page.get_by_label("In which way").select_option("hand")
    page.get_by_label("Colleague", exact=True).check()
    page.get_by_role("button", name="Show the preview").click()
    page.get_by_label("To whom: 서울 광학").select_option(label="Manager")
    page.get_by_role("button", name="Save choices").click()
    page.get_by_role("button", name="Hand over 10 records").click()
    assert owners(house) == {"Nordlicht Optik GmbH": "colleague", "Hafen Brillen": "colleague", "서울 광학": "manager", "Óptica Sol": "colleague"}


@pytest.mark.parametrize(("name", "options"), [("light", {}), ("zh", {}), ("phone-dark", PHONE)])
def test_the_pages_are_whole(person, sign_in, house, name, options):
    keys = {who: user.id for who, user in house.users.items()}
    with house.ctx() as ctx:
        if name == "zh":
            ctx.session.get_one(type(house.users["owner"]), keys["owner"]).locale = "zh"
        given = giving.start(ctx, planning.plan(ctx, keys["rep"], way="turn", people_=[keys["owner"], keys["colleague"]])).id
        rules = [{"to": keys["manager"], "conditions": [("country", "eq", "KR")]}]
        planned = planning.plan(ctx, keys["colleague"], way="rules", people_=[keys["owner"]], rules=rules).id
        by_hand = planning.plan(ctx, keys["colleague"], way="hand", people_=[keys["owner"]], until=ctx.today + timedelta(days=9)).id
    someone = person(**options)
    url = sign_in(someone, house)
    for what, path in (("list", "/handing-over"), ("new", "/handing-over/new"), ("done", f"/handing-over/{given}"), ("plan", f"/handing-over/{planned}"), ("hand", f"/handing-over/{by_hand}"), ("taken", f"/taken-over/{given}")):
        opened(someone, url + path)
        look(someone, f"{what}-{name}", of="handover")
