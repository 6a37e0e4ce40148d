"""Where a birthday is known from, and the page of date reminders, in a real browser: axe on both sizes, no scrolling sideways."""

from uuid import uuid4

import pytest

from core.parties import actions
from tests.support.looking import look, opened
from tests.support.world import House

SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 360, "height": 740}}


@pytest.mark.parametrize(("size", "scheme"), [("desk", "light"), ("phone", "dark")])
def test_a_birthday_gets_its_source_and_its_reminder(person, sign_in, server, size, scheme):
    house = House(f"dates-{size}-{uuid4().hex[:6]}")
    with house.ctx() as ctx:
        by = actions.create_contact(ctx, name="Bea Brandt").id
        key = actions.create_contact(ctx, name="Sofie Brandt", birthday=ctx.today.replace(year=1988, day=min(ctx.today.day, 28)), preferred_channel="visit", language="es", referred_by_id=by).id
    someone = person(viewport=SIZES[size], color_scheme=scheme)
    url = sign_in(someone, house)
    page = opened(someone, f"{url}/contacts/{key}/edit")
    page.locator("#known-from summary").click()
    look(someone, f"{size} form")
    page.fill("[name=birthday_source]", "Anna Gil, on the phone")
    page.fill("[name=birthday_noted_on]", "2026-03-12")
    page.locator("form[data-draft] button[data-save]").first.click()
    page.locator("#prop-birthday .note", has_text="from Anna Gil, on the phone, Mar 12, 2026").wait_for()
    look(someone, f"{size} contact")
    page = opened(someone, f"{url}/settings/date-reminders/")
    page.select_option("[name=field]", "contacts.birthday")
    page.get_by_role("button", name="Make reminder").click()
    page.locator("#reminders li", has_text="Contacts: Birthday").wait_for()
    look(someone, f"{size} reminders")
    page.locator("#reminders a", has_text="Edit").click()
    page.get_by_role("button", name="Save reminder").wait_for()
    look(someone, f"{size} one reminder")
