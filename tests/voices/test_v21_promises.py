"""V21, manager: "Three reps talked to this client. What did they promise?" Promises are written down with what was said, stand on the account with
who and until when, are reminded of, and are reported when they were not kept."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.activities import actions as log
from core.activities.models import Activity
from core.identity import teams
from core.notifications.models import Notification
from core.parties import actions as parties
from core.parties.queries import one_account
from tests.support.looking import look, opened
from tests.support.world import CAST, House
from tests.support.zones import FIXED

PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True, "is_mobile": True}
PROMISED = (("rep", "Asked for samples", "Send the samples"), ("colleague", "Wants it cheaper", "Five percent from forty trays on"), ("third", "样品已到", "Train his two shops"))


@pytest.fixture
def house(server, room):
    found = House(f"v21-{uuid4().hex[:6]}", CAST | {"third": "sales"})
    with found.ctx() as ctx:
        account = parties.create_account(ctx, name="Nordlicht Gastronomie & Söhne GmbH", owner_id=None)
        ctx.session.flush()
        found.account, found.today = account.id, ctx.today
        team = teams.create_team(ctx, name="North")
        ctx.session.flush()
        for who in ("rep", "colleague", "third"):
            teams.put_member(ctx, team, found.users[who].id)
        teams.put_member(ctx, team, found.users["manager"].id, leads=True)
    return found


def promise(house, who, said, what, *, ago=0, after=3, kept=False, zone="UTC"):
    """What was promised so many days ago, for so many days after; kept: at once."""
    with house.ctx() as ctx:
        then = ctx.now - timedelta(days=ago)
    with house.ctx(who, now=then, timezone=zone) as ctx:
        made = log.log_activity(ctx, kind="call", account=one_account(ctx, house.account), body=said, next_contact=ctx.today + timedelta(days=after), next_contact_note=what, next_contact_kind="promise")
        ctx.session.flush()
        if kept:
            log.complete_next_contact(ctx, made)
        return made.id


def told(house, who, step, seconds=75):
    """What the workers told somebody of a promise, waited for."""
    end = time.monotonic() + seconds
    while True:
        with house.ctx() as ctx:
            query = select(Notification.params).where(Notification.user_id == house.users[who].id, Notification.dedupe_key.startswith(f"promise.{step}:"))
            found = [params["what"] for params in ctx.session.execute(query).scalars()]
        if found or time.monotonic() > end:
            return found
        time.sleep(0.5)


def test_three_promise_and_the_manager_reads_who_what_and_until_when(person, sign_in, house):
    until = house.today + timedelta(days=3)
    for who, said, what in PROMISED:
        someone = person()
        page = opened(someone, f"{sign_in(someone, house, who)}/accounts/{house.account}")
        page.locator("#body").fill(said)
        page.locator("#next_contact").fill("+3d")
        page.locator("#next_contact_note").fill(what)
        page.locator("#next_contact_kind").select_option("promise")
        page.locator("#body").press("Control+Enter")
        page.locator(".ev.next", has_text=what).wait_for()
    manager = person()
    url = sign_in(manager, house, "manager")
    page = opened(manager, f"{url}/accounts/{house.account}")
    for who, _, what in PROMISED:
        line = page.locator(".ev.next", has_text=what).inner_text()
        assert "Promise" in line and who.capitalize() in line
        assert page.locator(".ev.next", has_text=what).locator("time").get_attribute("datetime") == until.isoformat()
    with page.expect_navigation():
        page.keyboard.press("g")
        page.keyboard.press("k")
    page.get_by_role("heading", name="Promises").wait_for()
    for who, _, what in PROMISED:
        line = page.locator(".rel.due", has_text=what).inner_text()
        assert "Nordlicht Gastronomie" in line and who.capitalize() in line
    rep = person()
    page = opened(rep, f"{sign_in(rep, house, 'rep')}/promises")
    page.locator(".rel.due", has_text="Send the samples").get_by_role("button", name="Done").click()
    page.locator(".toast", has_text="Done").wait_for()
    page = opened(manager, f"{url}/promises?state=kept")
    assert page.locator(".rel.due").count() == 1 and "Send the samples" in page.locator(".rel.due").inner_text()


def test_who_did_not_keep_it_and_who_leads_him_are_told_once_and_nobody_else(person, sign_in, house):
    key = promise(house, "rep", "Asked for samples", "Send the samples", ago=4, after=2)
    promise(house, "colleague", "Wants it cheaper", "Five percent", ago=4, after=2, kept=True)
    assert told(house, "manager", "broken") == told(house, "rep", "broken") == ["Send the samples"] and told(house, "colleague", "broken", seconds=0) == told(house, "third", "broken", seconds=0) == []
    manager = person()
    url = sign_in(manager, house, "manager")
    page = opened(manager, f"{url}/notifications")
    assert "Promised by Rep and not kept: Send the samples" in page.locator("main").inner_text()
    page = opened(manager, f"{url}/promises?state=broken")
    line = page.locator(".rel.due", has_text="Send the samples").inner_text()
    assert page.locator(".rel.due").count() == 1 and "Rep" in line
    with house.ctx("rep") as ctx:
        log.complete_next_contact(ctx, ctx.session.get_one(Activity, key))
    page = opened(manager, f"{url}/promises?state=broken")
    assert "kept on" in page.locator(".rel.due", has_text="Send the samples").inner_text(), "kept too late stays not kept"


def test_its_owner_is_reminded_the_day_before(person, sign_in, house):
    with house.ctx() as ctx:  # he sits where it is between noon and one
        zone = FIXED[11 + 12 - ctx.now.hour]
        ctx.session.get_one(type(house.users["rep"]), house.users["rep"].id).timezone = zone
    promise(house, "rep", "Asked for samples", "Send the samples", ago=2, after=3, zone=zone)
    assert told(house, "rep", "soon") == ["Send the samples"] and told(house, "manager", "soon", seconds=0) == []
    rep = person()
    page = opened(rep, f"{sign_in(rep, house, 'rep')}/notifications")
    assert "Promised for tomorrow: Send the samples" in page.locator("main").inner_text()


@pytest.mark.parametrize(("name", "options"), [("light", {}), ("zh", {}), ("phone-dark", PHONE)])
def test_the_pages_are_whole(person, sign_in, house, name, options):
    for who, said, what in PROMISED:
        promise(house, who, said, what)
    promise(house, "rep", "Asked for the drawing", "Send the drawing of the counter with all its measures", ago=9, after=2)
    promise(house, "third", "Asked for a date", "Say when we come", ago=9, after=1, kept=True)
    if name == "zh":
        with house.ctx() as ctx:
            ctx.session.get_one(type(house.users["owner"]), house.users["owner"].id).locale = "zh"
    someone = person(**options)
    url = sign_in(someone, house)
    for what, path in (("open", "/promises"), ("broken", "/promises?state=broken"), ("kept", "/promises?state=kept"), ("account", f"/accounts/{house.account}")):
        opened(someone, url + path)
        look(someone, f"{what}-{name}", of="promises")


def test_without_a_script_it_is_kept_by_its_button(person, sign_in, house):
    promise(house, "rep", "Asked for samples", "Send the samples")
    someone = person(java_script_enabled=False)
    url = sign_in(someone, house, "rep")
    someone.page.goto(f"{url}/promises")
    someone.page.locator(".rel.due", has_text="Send the samples").get_by_role("button", name="Done").click()
    someone.page.goto(f"{url}/promises?state=kept")
    assert "Send the samples" in someone.page.locator(".rel.due").inner_text()
