"""A person makes a passkey with a real browser's own (virtual) authenticator, signs out, and comes in with it."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import update

from core.identity.models import SignIn
from tenants import entry
from tests.support.world import House


def test_a_passkey_is_made_and_signs_in(person, server, sign_in):
    house = House(f"key-{uuid4().hex[:6]}")
    rep = person()
    url, page = sign_in(rep, house, "rep"), rep.page
    cdp = rep.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}})
    page.goto(f"{url}/settings/passkeys/")
    page.locator("html[data-ready]").wait_for()
    rep.axe()
    page.fill("#passkey-name", "My laptop")
    page.click("text=Add passkey")
    rep.axe(where="making a passkey")
    page.click("text=Make the passkey")
    page.locator("#passkeys", has_text="My laptop").wait_for()
    rep.axe(where="one passkey")
    rep.no_sideways_scroll("passkeys")

    rep.context.clear_cookies()
    page.goto(f"{url}/sign-in")
    page.click("text=Sign in with a passkey")
    page.wait_for_url(f"{url}/")
    assert page.get_by_role("heading", name="Today").is_visible()

    with entry.enter(house.tenant) as session:
        session.execute(update(SignIn).values(confirmed_at=entry.utcnow() - timedelta(minutes=11)))
    page.goto(f"{url}/settings/passkeys/")
    page.fill("#passkey-name", "Another")
    page.click("text=Add passkey")
    page.get_by_role("heading", name="Confirm that it is you").wait_for()
    rep.axe(where="confirmation by passkey")
    page.click("text=Use a passkey")
    page.locator("[data-passkey-new]").wait_for()


def test_without_script_the_button_is_not_there(person, server):
    house = House(f"nokey-{uuid4().hex[:6]}")
    page = person(java_script_enabled=False).page
    page.goto(f"http://{house.host}:{server}/sign-in")
    assert not page.locator("text=Sign in with a passkey").is_visible() and page.locator("text=Forgot your password?").is_visible()
