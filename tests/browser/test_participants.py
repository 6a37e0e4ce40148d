"""Who takes part, in a real browser: found by a few letters in the composer, on a page of its own, in the calendar."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.activities import actions as log
from core.activities import participants
from core.parties import actions as parties
from tests.support.every_page import speak
from tests.support.looking import look, opened
from tests.support.world import House


@pytest.fixture(scope="module")
def house(server, room):
    return House(f"together-{uuid4().hex[:6]}")


@pytest.fixture(scope="module")
def firm(house):
    """(account, person, day of a meeting, its key): two customers' people and a colleague take part in it."""
    with house.ctx("owner") as ctx:
        him = parties.create_account(ctx, name="Nordlicht Optik")
        ctx.session.flush()
        sofie, zoe = parties.create_contact(ctx, name="Sofie Brandt", account_id=him.id), parties.create_contact(ctx, name="Zoë Lindqvist")
        ctx.session.flush()
        day = ctx.today - timedelta(days=ctx.today.weekday()) + timedelta(days=7)
        made = log.log_activity(ctx, kind="meeting", contact=sofie, body="x", next_contact=f"{day} 10:00", next_contact_note="Spring frames", next_contact_minutes=90, place="Quay 7")
        ctx.session.flush()
        participants.add(ctx, made, contact_id=zoe.id)
        participants.add(ctx, made, user_id=house.users["colleague"].id)
        return him.id, sofie.id, day, made.id


def test_a_person_is_found_in_the_composer_by_a_few_letters_and_takes_part(person, sign_in, house, firm):
    speak(house, "en")
    someone = person()
    url = sign_in(someone, house, "owner")
    page = opened(someone, f"{url}/accounts/{firm[0]}")
    page.locator(".compose .tab", has_text="Meeting").click()
    page.locator("#body").fill("Showed the frames")
    page.locator("#who").press_sequentially("lindq")
    page.locator("#who-list [role=option]", has_text="Zoë Lindqvist").click()
    page.locator(".compose [data-save]").click()
    page.locator(".feed .ev", has_text="Showed the frames").locator("text=Zoë Lindqvist").wait_for()
    look(someone, "participants-timeline")
    opened(someone, f"{url}/activities/{firm[3]}/participants?next=/accounts/{firm[0]}")
    look(someone, "participants-page")
    opened(someone, f"{url}/calendar/?view=day&day={firm[2]}")
    look(someone, "participants-day")


def test_on_a_phone_in_the_dark_and_in_chinese(person, sign_in, house, firm):
    speak(house, "zh")
    someone = person(viewport={"width": 360, "height": 760}, color_scheme="dark")
    url = sign_in(someone, house, "owner")
    for name, path in (("page", f"/activities/{firm[3]}/participants"), ("timeline", f"/accounts/{firm[0]}"), ("day", f"/calendar/?view=day&day={firm[2]}")):
        opened(someone, f"{url}{path}")
        look(someone, f"participants-{name}", of="phone")
