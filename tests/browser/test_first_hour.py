"""From the front page to the first call logged, by keyboard alone; the same without JavaScript; nothing typed is lost."""

import re
from uuid import uuid4

from core.base.facts import Fact
from tests.support.world import House


def test_sign_up_to_the_first_call_by_keyboard_alone(person, room, server):
    tag = uuid4().hex[:6]
    someone = person(locale="en-US", timezone_id="Europe/Madrid")
    page = someone.page
    page.goto(f"http://localhost:{server}/")
    someone.tab_to("Start free")
    someone.press("Enter")
    page.wait_for_url("**/sign-up")
    someone.type(f"Nordlicht {tag}")
    someone.press("Tab")
    someone.until("document.getElementById('slug').value.startsWith('nordlicht')")
    assert page.input_value("#slug") == f"nordlicht-{tag}" and page.input_value("#timezone") == "Europe/Madrid"
    someone.tab_to("Your name")
    someone.type("Sofie Brandt")
    someone.press("Tab")
    someone.type(f"sofie@{tag}.example")
    someone.press("Tab")
    someone.type("a sentence that is long")
    someone.tab_to("Fill it with sample data")
    someone.press("Space")
    someone.tab_to("Create workspace")
    someone.press("Enter")
    page.wait_for_url(f"http://nordlicht-{tag}.localhost:{server}/")
    assert page.get_by_role("heading", name="Today").is_visible()
    someone.tab_to("Accounts")
    someone.press("Enter")
    page.wait_for_url("**/accounts")
    page.locator("html[data-ready]").wait_for()
    someone.press("n")
    page.wait_for_url("**/accounts/new")
    page.locator("html[data-ready]").wait_for()
    someone.type("Café 'Ёж' & 女儿")
    someone.press("Enter")
    page.wait_for_url(re.compile(r"/accounts/[0-9a-f-]{36}$"))
    page.locator("html[data-ready]").wait_for()
    someone.press("c")
    page.wait_for_url("**log=call**")
    page.locator("html[data-ready]").wait_for()
    page.locator("#body:focus").wait_for()
    someone.type("Wants two deliveries")
    someone.tab_to("Next contact")
    someone.type("tomorrow 10:00")
    someone.tab_to("About")
    someone.type("Say when the second one comes")
    someone.press("Control+Enter")
    page.locator(".feed .body", has_text="Wants two deliveries").wait_for()
    feed = page.locator(".feed").inner_text()
    assert "Say when the second one comes" in feed and "Sofie Brandt" in feed
    someone.axe()


def test_everything_of_the_first_hour_works_without_javascript(person, room, server):
    tag = uuid4().hex[:6]
    page = person(java_script_enabled=False).page
    page.goto(f"http://localhost:{server}/sign-up")
    for name, value in (("company", f"Plain {tag}"), ("name", "Ana"), ("mail", f"ana@{tag}.example"), ("password", "a sentence that is long")):
        page.fill(f"[name={name}]", value)
    page.uncheck("[name=sample_data]")
    page.click("text=Create workspace")
    page.click(f"text=Open Plain {tag}")
    page.wait_for_url(f"http://plain-{tag}.localhost:{server}/")
    page.goto(f"http://plain-{tag}.localhost:{server}/accounts/new")
    page.fill("[name=name]", "Bakery")
    page.click("text=Save account")
    page.fill("textarea[name=body]", "Rang, will come on Friday")
    page.fill("[name=next_contact]", "tomorrow")
    page.click("text=Save entry")
    assert "Rang, will come on Friday" in page.locator(".feed").inner_text()


def test_a_refused_sign_up_keeps_the_typing_and_leads_to_the_first_error(person, room, server):
    someone = person()
    page = someone.page
    page.goto(f"http://localhost:{server}/sign-up")
    for name, value in (("company", "Nordlicht"), ("slug", "admin"), ("name", "Ana"), ("mail", "ana@x.example"), ("password", "short")):
        page.fill(f"[name={name}]", value)
    page.click("text=Create workspace")
    page.locator("#slug[aria-invalid=true]").wait_for()
    assert page.input_value("[name=company]") == "Nordlicht" and page.input_value("[name=mail]") == "ana@x.example"
    assert page.evaluate("document.activeElement.id") == "slug" and page.input_value("[name=password]") == ""
    someone.axe()


def test_a_draft_survives_a_reload_and_goes_when_it_is_saved(person, server, sign_in):
    someone, house = person(), House(f"draft-{uuid4().hex[:6]}")
    url = sign_in(someone, house, "rep")
    page = someone.page
    page.goto(f"{url}/accounts/new")
    page.locator("html[data-ready]").wait_for()
    page.fill("[name=name]", "Half an account")
    page.fill("[name=notes]", "A long thought")
    page.reload()
    page.locator("html[data-ready]").wait_for()
    assert page.input_value("[name=name]") == "Half an account" and page.input_value("[name=notes]") == "A long thought"
    page.click("text=Save account")
    page.wait_for_url(re.compile(r"/accounts/[0-9a-f-]{36}$"))
    page.goto(f"{url}/accounts/new")
    page.locator("html[data-ready]").wait_for()
    assert page.input_value("[name=name]") == ""


def test_the_reminder_of_a_next_contact_arrives_by_mail(server, mails):
    from datetime import timedelta

    from core.activities import actions
    from core.parties.actions import create_account
    from tenants import entry

    house = House(f"remind-{uuid4().hex[:6]}")
    with house.ctx("rep") as ctx:
        account = create_account(ctx, name="Nordlicht <Optik>")
        actions.log_activity(ctx, kind="call", account=account, body="Rang", next_contact=entry.utcnow() + timedelta(seconds=2), next_contact_note="Say the date")
    mail = mails(house.users["rep"].mail)[0]
    assert "Say the date" in mail["text"] and "Nordlicht <Optik>" in mail["text"] and "<Optik>" not in mail["html"]
    with house.ctx("rep") as ctx:
        assert ctx.session.query(Fact).count() >= 1
