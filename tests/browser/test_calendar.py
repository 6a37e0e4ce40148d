"""The calendar in a real browser: an entry moved by keys and by its menu, undone, looked at in both widths and themes."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.activities import actions as log
from core.deals import actions as deals
from core.parties import actions as parties
from tests.support.looking import look, opened
from tests.support.world import House


@pytest.fixture(scope="module")
def house(server, room):
    return House(f"calendar-{uuid4().hex[:6]}")


@pytest.fixture(scope="module")
def monday(house):
    with house.ctx("owner") as ctx:
        him = parties.create_account(ctx, name="Nordlicht Optik")
        ctx.session.flush()
        first = ctx.today - timedelta(days=ctx.today.weekday()) + timedelta(days=7)
        log.log_activity(ctx, kind="note", account=him, body="x", next_contact=f"{first} 14:30", next_contact_note="Ask for the quantity")
        log.log_activity(ctx, kind="visit", account=him, body="x", next_contact=first + timedelta(days=2), next_contact_note="Look at the new shop in the harbour, and take the catalogue along")
        deals.create_deal(ctx, name="Frames for spring", account_id=him.id, next_step="Send drawings", next_step_on=first + timedelta(days=2))
        return first


def lane(page, day):
    return page.locator(f'.lane[data-stage="{day.isoformat()}"]')


def test_an_entry_goes_to_the_next_day_by_key_by_menu_and_back(person, sign_in, house, monday):
    someone = person()
    page = opened(someone, f"{sign_in(someone, house, 'owner')}/calendar/?day={monday}")
    look(someone, "calendar-week")
    card = page.locator(".deal", has_text="Ask for the quantity")
    card.locator("h3 a").focus()
    someone.press("]")
    lane(page, monday + timedelta(days=1)).locator(".deal", has_text="Ask for the quantity").wait_for()
    page.locator(".toast", has_text="is on").get_by_role("button", name="Undo").click()
    lane(page, monday).locator(".deal", has_text="Ask for the quantity").wait_for()
    page.locator(".deal", has_text="Send drawings").locator("[data-move]").click()
    page.locator(f'#move-to [data-to="{(monday + timedelta(days=4)).isoformat()}"]').click()
    lane(page, monday + timedelta(days=4)).locator(".deal", has_text="Send drawings").wait_for()
    page.locator(".toast", has_text="Send drawings").wait_for()  # the server has it
    page.reload()
    assert lane(page, monday + timedelta(days=4)).locator(".deal").count() == 1
    page = opened(someone, f"{page.url.split('?')[0]}?view=month&day={monday}")
    look(someone, "calendar-month")
    opened(someone, f"{page.url.split('?')[0]}feed")
    look(someone, "calendar-feed")


def test_on_a_phone_in_the_dark(person, sign_in, house, monday):
    someone = person(viewport={"width": 360, "height": 760}, color_scheme="dark")
    url = sign_in(someone, house, "owner")
    for view in ("week", "month"):
        opened(someone, f"{url}/calendar/?day={monday}&view={view}")
        look(someone, f"calendar-{view}", of="phone")
