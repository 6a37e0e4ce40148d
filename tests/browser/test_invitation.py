"""An administrator invites by mail, the mail arrives, and whoever follows its link works here."""

import re
from uuid import uuid4

from tests.support.world import House


def test_an_invitation_goes_out_is_read_and_followed(person, server, sign_in, mails):
    house, mail = House(f"invite-{uuid4().hex[:6]}"), f"nina-{uuid4().hex[:6]}@people.example"
    owner = person()
    url = sign_in(owner, house)
    page = owner.page
    page.goto(f"{url}/settings/members")
    page.locator("html[data-ready]").wait_for()
    page.fill("#invite-mail", mail)
    page.fill("#invite-name", "Nina Ng")
    page.select_option("#invite-role", "manager")
    page.click("text=Send invitation")
    page.locator("#invited", has_text=mail).wait_for()
    owner.axe()
    owner.no_sideways_scroll("people")
    owner.buttons_are_whole("people")
    letter = mails(mail)[0]
    assert "Owner invites you" in letter["subject"] and house.tenant.name in letter["text"]
    link = re.search(r"http://\S+/invitation/\S+", letter["text"])[0]

    nina = person(viewport={"width": 360, "height": 740})
    page = nina.page
    page.goto(link)
    assert page.input_value("[name=name]") == "Nina Ng" and mail in page.inner_text("main")
    nina.axe()
    nina.no_sideways_scroll("joining")
    page.fill("[name=password]", "short")
    page.click("main button[type=submit]")
    page.locator("#password[aria-invalid=true]").wait_for()
    page.fill("[name=password]", "a sentence that is long")
    page.click("main button[type=submit]")
    page.wait_for_url(f"{url}/")
    assert page.get_by_role("heading", name="Today").is_visible()

    again = person(java_script_enabled=False).page
    again.goto(link)
    assert "no longer valid" in again.inner_text("main")
    owner.page.reload()
    assert owner.page.locator("#people", has_text="Nina Ng").is_visible() and owner.page.locator("#invited").count() == 0


def test_whoever_has_no_script_joins_too(person, server, sign_in, mails):
    house, mail = House(f"plain-{uuid4().hex[:6]}"), f"ana-{uuid4().hex[:6]}@people.example"
    owner = person(java_script_enabled=False)
    url = sign_in(owner, house)
    owner.page.goto(f"{url}/settings/members")
    owner.page.fill("#invite-mail", mail)
    owner.page.click("text=Send invitation")
    page = person(java_script_enabled=False).page
    page.goto(re.search(r"http://\S+/invitation/\S+", mails(mail)[0]["text"])[0])
    page.fill("[name=name]", "Ana")
    page.fill("[name=password]", "a sentence that is long")
    page.click("main button[type=submit]")
    page.wait_for_url(f"{url}/")
