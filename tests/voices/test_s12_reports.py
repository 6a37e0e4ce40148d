"""S12, manager: "What did my people do this week?" A salesperson's report is composed from what he logged; he adds a word and hands it in by one
key; the manager sees who did and who did not, reads it and comments."""

from uuid import uuid4

import pytest

from core.activities import actions as log
from core.deals import actions as deals
from core.deals import moving, pipelines
from core.parties import actions as parties
from core.reports import actions
from core.reports.rules import span_of
from tests.support.looking import look, opened
from tests.support.world import House

PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True, "is_mobile": True}


@pytest.fixture
def house(server, room):
    found = House(f"s12-{uuid4().hex[:6]}")
    with found.ctx("rep") as ctx:
        stages = {one.code: one.id for one in pipelines.ways(ctx)[0].stages}
        for name, kind, said in (("Nordlicht Gastronomie & Söhne GmbH", "visit", "Saw the new kitchen, forty trays are missing"), ("서울 광학", "call", "Wants the price list in Korean")):
            account = parties.create_account(ctx, name=name)
            log.log_activity(ctx, kind="call", account=account, body="Asked how it goes")
            log.log_activity(ctx, kind=kind, account=account, body=said, next_contact=ctx.today, next_contact_note="Send the samples", next_contact_kind="promise")
            deal = deals.create_deal(ctx, name=f"Trays for {name}", account_id=account.id, amount="4800", next_step="Measure the shelves", next_step_on=ctx.today)
        moving.move_deal(ctx, deal, stages["won"])
        found.week = span_of(ctx.today, "week").key
    with found.ctx("owner") as ctx:
        actions.change_rules(ctx, week_day=7, week_hour=23)
    return found


def test_it_is_handed_in_by_one_key_and_the_manager_comments(person, sign_in, house):
    rep = person()
    page = opened(rep, f"{sign_in(rep, house, 'rep')}/reports/compose?period={house.week}")
    assert "forty trays are missing" in page.locator("#contacts").inner_text() and "4,800" in page.locator("#deals").inner_text()
    page.locator("#said").fill("The big one is won.")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    page.get_by_text("Handed in on").wait_for()
    address = page.url
    manager = person()
    url = sign_in(manager, house, "manager")
    team = opened(manager, f"{url}/reports/team?period={house.week}")
    assert "Handed in" in team.locator("main li", has_text="Rep").inner_text() and "Not handed in" in team.locator("main li", has_text="Colleague").inner_text()
    look(manager, "team", of="reports")
    team.get_by_role("link", name="Rep", exact=True).click()
    team.get_by_text("The big one is won.").wait_for()
    team.locator("#comment").fill("Well done, both of you")
    team.keyboard.press("Control+Enter")
    team.locator("#discussion").get_by_text("Well done, both of you").wait_for()
    look(manager, "read", of="reports")
    assert "Well done, both of you" in opened(rep, address).locator("#discussion").inner_text()
    look(rep, "own", of="reports")


def test_what_was_typed_is_there_again(person, sign_in, house):
    rep = person()
    address = f"{sign_in(rep, house, 'rep')}/reports/compose?period={house.week}"
    page = opened(rep, address)
    page.locator("#said").fill("Half a sentence")
    page.wait_for_timeout(1500)
    page = opened(rep, address)
    page.wait_for_function("document.querySelector('#said').value === 'Half a sentence'")
    page.get_by_role("button", name="Save draft").click()
    page.locator("#live").get_by_text("Draft saved").wait_for()
    other = person()
    assert opened(other, f"{sign_in(other, house, 'rep')}/reports/compose?period={house.week}").locator("#said").input_value() == "Half a sentence"


@pytest.mark.parametrize(("name", "options"), [("light", {}), ("zh", {}), ("phone-dark", PHONE)])
def test_the_pages_are_whole(person, sign_in, house, name, options):
    if name == "zh":
        with house.ctx() as ctx:
            for who in ("rep", "owner"):
                ctx.session.get_one(type(house.users[who]), house.users[who].id).locale = "zh"
    someone = person(**options)
    url = sign_in(someone, house, "rep")
    opened(someone, f"{url}/reports/compose?period={house.week}")
    look(someone, f"compose-{name}", of="reports")
    opened(someone, f"{url}/reports")
    look(someone, f"index-{name}", of="reports")
    boss = person(**options)
    opened(boss, f"{sign_in(boss, house)}/settings/reports/")
    look(boss, f"rules-{name}", of="reports")


def test_it_is_written_without_a_script_and_printed_without_menus(person, sign_in, house):
    someone = person(java_script_enabled=False)
    someone.page.goto(f"{sign_in(someone, house, 'rep')}/reports/compose?period={house.week}")
    someone.page.locator("#said").fill("By hand")
    someone.page.get_by_role("button", name="Hand in").click()
    someone.page.get_by_text("Handed in on").wait_for()
    someone.page.emulate_media(media="print")
    assert someone.page.get_by_text("By hand").is_visible() and someone.page.get_by_text("forty trays are missing").is_visible()
    assert not someone.page.locator(".side").is_visible() and not someone.page.locator(".top").first.is_visible()
