"""Somebody moves to another mail address by its own letter; the old one could have stopped it."""

import re
from uuid import uuid4

from tests.support.world import PASSWORD, House


def test_a_person_moves_to_another_address_and_signs_in_with_it(person, server, sign_in, mails):
    house, new = House(f"moves-{uuid4().hex[:6]}"), f"olivia-{uuid4().hex[:6]}@people.example"
    owner, old = person(), house.users["owner"].mail
    url, page = sign_in(owner, house), owner.page
    page.goto(f"{url}/settings/profile")
    page.locator("html[data-ready]").wait_for()
    page.click("text=Change mail address")
    page.fill("[name=mail]", new)
    page.click("text=Send the letter")
    page.locator("#mail-address", has_text=new).wait_for()
    owner.axe()
    owner.no_sideways_scroll("mail address")
    owner.buttons_are_whole("mail address")

    link = re.search(r"http://\S+/settings/mail-address/\S+", mails(new)[0]["text"])[0]
    warning = re.search(r"http://\S+/mail-address/\S+", mails(old)[0]["text"])[0]
    phone = person(viewport={"width": 360, "height": 740}, color_scheme="dark")
    phone.page.goto(warning)
    assert new in phone.page.inner_text("main")
    phone.axe()
    phone.no_sideways_scroll("it was not me")
    phone.buttons_are_whole("it was not me")

    page.goto(link)
    owner.axe()
    page.click(f"text=Use {new}")
    page.wait_for_url(re.compile("/sign-in"))
    assert page.get_by_text("Your mail address is changed").is_visible()
    page.fill("[name=mail]", new)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(f"{url}/")
    assert "was changed" in mails(old, 2)[0]["subject"]


def test_whoever_has_no_script_stops_it_from_the_old_address(person, server, sign_in, mails):
    house, new = House(f"stops-{uuid4().hex[:6]}"), f"thief-{uuid4().hex[:6]}@people.example"
    thief, old = person(java_script_enabled=False), house.users["owner"].mail
    url = sign_in(thief, house)
    thief.page.goto(f"{url}/settings/mail-address/")
    thief.page.fill("[name=mail]", new)
    thief.page.click("text=Send the letter")
    page = person(java_script_enabled=False).page
    page.goto(re.search(r"http://\S+/mail-address/\S+", mails(old)[0]["text"])[0])
    page.click("main button[type=submit]")
    assert old in page.inner_text("main")
    thief.page.goto(f"{url}/settings/profile")
    assert "/sign-in" in thief.page.url and "new password" in mails(old, 2)[0]["subject"]
