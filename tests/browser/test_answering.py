"""A customer's mail answered where it is read: by key, with room for more one step away, nothing typed lost."""

from uuid import uuid4

import pytest

from core.base.context import as_actor, system
from core.mail.taking import take
from infra.incoming import Incoming, Mailed
from tests.support.every_page import speak
from tests.support.looking import look, opened
from tests.support.world import House


@pytest.fixture(scope="module")
def house(server, room):
    made = House(f"answers-{uuid4().hex[:6]}", {"owner": "admin"})
    with made.ctx() as ctx:
        mail = Incoming(sender=Mailed("sofie@customer.example", "Sofie Brandt"), to=(Mailed(made.users["owner"].mail), Mailed("carl@customer.example", "Carl Maier")), cc=(), subject="Two lamps", message_id="lamps@x", text="Can you bring two lamps on Friday?", proven=True)
        made.thread = take(as_actor(ctx, system("mailbox")), mail, owner_id=made.users["owner"].id, raw=b"raw").thread_id
    return made


def test_an_answer_begins_with_one_key_and_goes_on_in_the_composer(person, sign_in, house):
    speak(house, "en")
    someone = person()
    page = opened(someone, f"{sign_in(someone, house, 'owner')}/mail/{house.thread}")
    look(someone, "conversation", of="answers")
    page.keyboard.press("a")
    page.keyboard.type("Yes, both.")
    assert page.locator("#answer textarea").input_value() == "Yes, both."
    page.get_by_role("link", name="Files, copies, later").click()
    page.wait_for_url("**/mail/new?**")
    someone.until("document.querySelector('#mail textarea')?.value.startsWith('Yes, both.')")
    page.go_back()
    someone.until("document.querySelector('#answer textarea')?.value === 'Yes, both.'")
    page.get_by_role("button", name="Send to all").click()
    page.locator("li.mail", has_text="Yes, both.").locator(".pill", has_text="Waits").wait_for()
    assert "Carl Maier" in page.locator("li.mail", has_text="Yes, both.").inner_text()
    assert page.locator("#answer textarea").input_value() == ""
    someone.axe(where="answered")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_on_a_phone_in_the_dark(person, sign_in, house, language):
    speak(house, language)
    someone = person(viewport={"width": 360, "height": 740}, color_scheme="dark")
    opened(someone, f"{sign_in(someone, house, 'owner')}/mail/{house.thread}")
    look(someone, f"phone-{language}", of="answers")
    someone.buttons_are_whole("answers")
