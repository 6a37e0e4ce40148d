"""Guests of a meeting in a real browser: asked from the record after a look at who gets what, stopped, told; one of them answers on his page without script."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.activities import actions as log
from core.activities import participants
from core.activities.models import Guest
from core.mail import answering, inviting
from core.parties import actions as parties
from tests.support.every_page import speak
from tests.support.looking import look, opened
from tests.support.world import House


@pytest.fixture(scope="module")
def house(server, room):
    return House(f"guests-{uuid4().hex[:6]}")


@pytest.fixture
def meeting(house):
    """(account, day of the meeting, its key)."""
    with house.ctx("owner") as ctx:
        him = parties.create_account(ctx, name="Nordlicht Optik")
        ctx.session.flush()
        sofie, zoe = parties.create_contact(ctx, name="Sofie Brandt", account_id=him.id, mail="sofie@nordlicht.example", language="es"), parties.create_contact(ctx, name="Zoë Lindqvist")
        ctx.session.flush()
        day = ctx.today - timedelta(days=ctx.today.weekday()) + timedelta(days=7)
        made = log.log_activity(ctx, kind="meeting", contact=sofie, body="x", next_contact=f"{day} 10:00", next_contact_note="Spring frames", next_contact_minutes=90, place="Quay 7")
        ctx.session.flush()
        participants.add(ctx, made, contact_id=zoe.id)
        participants.add(ctx, made, user_id=house.users["colleague"].id)
        return him.id, day, made.id


def go(house, key):
    """The seconds are over; the link of the first guest."""
    with house.ctx("owner") as ctx:
        inviting.send_due(replace(ctx, now=ctx.now + timedelta(minutes=3)), key)
        guest = ctx.session.execute(select(Guest).where(Guest.activity_id == key, Guest.contact_id.is_not(None))).scalar_one()
        return answering.link_of(ctx, guest, "es").partition("/meeting/")[2]


def test_guests_are_asked_stopped_and_told_and_one_answers_without_script(person, sign_in, house, meeting):
    speak(house, "en")
    firm, day, key = meeting
    someone = person()
    url = sign_in(someone, house, "owner")
    page = opened(someone, f"{url}/accounts/{firm}")
    page.locator("a", has_text="Invite by mail").click()
    page.locator("text=Has no address").wait_for()
    look(someone, "guests-ask")
    page.locator("button", has_text="Send 2 mails").click()
    page.locator("main button", has_text="Stop it").click()
    page.locator("button", has_text="Send 2 mails").click()
    page.locator("text=The mail goes at").first.wait_for()
    look(someone, "guests-wait")
    link = go(house, key)
    guest = person(java_script_enabled=False)
    hers = guest.page
    hers.goto(f"{url}/meeting/{link}")
    guest.no_sideways_scroll("guests-answer")
    hers.locator("button[value=accepted]").click()
    assert "said=1" in hers.url and "Gracias" in hers.locator("main").inner_text()
    opened(someone, f"{url}/accounts/{firm}")
    page.locator(".feed .pill", has_text="Accepted").wait_for()
    look(someone, "guests-timeline")
    page.locator("a", has_text="Move").first.click()
    page.locator("#when").fill(f"{day} 14:00")
    page.locator("button[data-save]", has_text="Move").click()
    page.locator("text=Is told of the change").first.wait_for()
    look(someone, "guests-moved")
    opened(someone, f"{url}/calendar/?view=day&day={day}")
    page.locator(".entry .pill", has_text="Guests know otherwise").wait_for()
    look(someone, "guests-day")


def test_on_a_phone_in_the_dark_and_in_chinese(person, sign_in, house, meeting):
    speak(house, "zh")
    firm, day, key = meeting
    someone = person(viewport={"width": 360, "height": 760}, color_scheme="dark")
    url = sign_in(someone, house, "owner")
    opened(someone, f"{url}/activities/{key}/guests?next=/accounts/{firm}")
    look(someone, "guests-ask", of="phone")
    with house.ctx("owner") as ctx:
        inviting.tell(ctx, participants.one_activity(ctx, key))
    link = go(house, key)
    for name, path in (("guests", f"/activities/{key}/guests"), ("timeline", f"/accounts/{firm}"), ("day", f"/calendar/?view=day&day={day}"), ("answer", f"/meeting/{link.partition('?')[0]}?lang=zh")):
        if name == "answer":  # a page without script
            someone.page.goto(f"{url}{path}")
        else:
            opened(someone, f"{url}{path}")
        look(someone, f"guests-{name}", of="phone")
