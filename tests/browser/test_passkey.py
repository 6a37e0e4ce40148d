"""A person makes a passkey with a real browser's own (virtual) authenticator, signs out, and comes in with it."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import update

from core.identity.models import SignIn, SignInRules
from tenants import entry
from tests.support.world import PASSWORD, House


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


def test_who_must_have_one_makes_it_before_anything_else_and_proves_it_afterwards(person, server, sign_in):
    house = House(f"must-{uuid4().hex[:6]}")
    with entry.enter(house.tenant) as session:
        session.add(SignInRules(passkey_from=entry.utcnow().date() - timedelta(days=1)))
    rep = person()
    page, cdp = rep.page, rep.context.new_cdp_session(rep.page)
    cdp.send("WebAuthn.enable")
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}})
    url = f"http://{house.host}:{server}"
    _by_password(page, url, house)
    page.wait_for_url(f"{url}/settings/passkeys/first")
    rep.axe(where="a passkey first")
    rep.no_sideways_scroll("a passkey first")
    page.get_by_label("Name of the passkey").fill("My laptop")
    page.click("text=Add passkey")
    page.click("text=Make the passkey")
    page.get_by_role("heading", name="Today").wait_for()

    rep.context.clear_cookies()
    _by_password(page, url, house)
    page.get_by_text("by your passkey alone").wait_for()
    rep.axe(where="a password alone is refused")
    page.click("text=Sign in with a passkey")
    page.get_by_role("heading", name="Today").wait_for()

    with entry.enter(house.tenant) as session:
        session.execute(update(SignIn).values(method="password"))  # as from before the rule
    page.goto(f"{url}/accounts")
    page.wait_for_url(f"{url}/settings/passkeys/first")
    rep.axe(where="prove it first")
    page.click("text=Use a passkey")
    page.get_by_role("heading", name="Today").wait_for()


def _by_password(page, url, house):
    page.goto(f"{url}/sign-in")
    page.get_by_label("Mail address").fill(house.users["rep"].mail)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_without_script_the_button_is_not_there(person, server):
    house = House(f"nokey-{uuid4().hex[:6]}")
    page = person(java_script_enabled=False).page
    page.goto(f"http://{house.host}:{server}/sign-in")
    assert not page.locator("text=Sign in with a passkey").is_visible() and page.locator("text=Forgot your password?").is_visible()
