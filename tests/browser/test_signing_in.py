"""A person's way in: a forgotten password, a second step, a confirmation, the list of workspaces; with script and without."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pyotp
import pytest
from sqlalchemy import update

from core.identity.models import SignIn
from core.parties.actions import create_account
from tenants import entry
from tests.support.world import PASSWORD, House

NEW = "a sentence that is long"


def seen(person, where):
    person.axe(where=where)
    person.no_sideways_scroll(where)
    person.buttons_are_whole(where)


def test_a_forgotten_password_and_a_second_step(person, server, mails):
    house = House(f"way-{uuid4().hex[:6]}", {"owner": "admin", "rep": "sales"})
    mail, url = house.users["rep"].mail, f"http://{house.host}:{server}"
    rep = person(viewport={"width": 360, "height": 740}, color_scheme="dark")
    page = rep.page
    page.goto(f"{url}/sign-in")
    page.click("text=Forgot your password?")
    seen(rep, "forgotten")
    page.fill("[name=mail]", mail)
    page.click("main button[type=submit]")
    page.locator("main", has_text="is on its way").wait_for()
    seen(rep, "letter ordered")
    page.goto(re.search(r"http://\S+/password/\S+", mails(mail)[0]["text"])[0])
    seen(rep, "new password")
    page.fill("[name=password]", NEW)
    page.click("main button[type=submit]")
    page.locator("main", has_text="Your password is changed").wait_for()
    assert any("was changed" in letter["subject"] for letter in mails(mail, count=2))

    page.fill("[name=mail]", mail)
    page.fill("[name=password]", NEW)
    page.click("main .btn.primary")
    page.wait_for_url(f"{url}/")
    page.goto(f"{url}/settings/second-step/")
    seen(rep, "before the second step")
    page.click("main .btn.primary")
    authenticator = pyotp.TOTP(page.inner_text("#secret").replace(" ", ""))
    assert page.evaluate("document.querySelector('img.qr').naturalWidth") > 50
    seen(rep, "setting up")
    page.fill("[name=code]", "12345")
    page.click("main .btn.primary")
    page.locator("#code[aria-invalid=true]").wait_for()
    page.fill("[name=code]", authenticator.now())
    page.click("main .btn.primary")
    page.locator(".codes").wait_for()
    seen(rep, "recovery codes")
    codes = page.locator(".codes code").all_inner_texts()
    with page.expect_download() as download:
        page.click("text=Download")
    assert codes[9] in download.value.path().read_text() and download.value.suggested_filename == f"{house.tenant.slug}-recovery-codes.txt"

    plain = person(java_script_enabled=False)
    page = plain.page
    page.goto(f"{url}/sign-in")
    page.fill("[name=mail]", mail)
    page.fill("[name=password]", NEW)
    page.click("main .btn.primary")
    page.wait_for_url(f"{url}/sign-in/code")
    page.fill("[name=code]", codes[0])
    page.click("main .btn.primary")
    page.wait_for_url(f"{url}/")


def test_a_confirmation_is_asked_for_and_what_was_typed_goes_on(person, server, sign_in):
    house = House(f"conf-{uuid4().hex[:6]}", {"owner": "admin"})
    owner = person()
    url, page = sign_in(owner, house), owner.page
    with entry.enter(house.tenant) as session:
        session.execute(update(SignIn).values(confirmed_at=entry.utcnow() - timedelta(minutes=11)))
    page.goto(f"{url}/settings/tokens/")
    page.locator("html[data-ready]").wait_for()
    page.fill("#token [name=name]", "Web shop")
    page.click("text=Make token")
    page.get_by_role("heading", name="Confirm that it is you").wait_for()
    seen(owner, "confirmation")
    page.fill("[name=secret]", PASSWORD)
    page.click("main .btn.primary")
    page.locator("main", has_text="The token Web shop is made").wait_for()


@pytest.mark.parametrize("script", [True, False])
def test_after_a_confirmed_download_the_person_is_back_where_he_came_from(person, server, sign_in, script):
    house = House(f"conf-{uuid4().hex[:6]}", {"owner": "admin"})
    with house.ctx() as ctx:
        create_account(ctx, name="Nordlicht")
    owner = person(java_script_enabled=script)
    url, page = sign_in(owner, house), owner.page
    with entry.enter(house.tenant) as session:
        session.execute(update(SignIn).values(confirmed_at=entry.utcnow() - timedelta(minutes=11)))
    page.goto(f"{url}/accounts/exports/new")
    page.get_by_role("button", name="Export").click()
    page.fill("[name=secret]", PASSWORD)
    if script:
        with page.expect_download() as given:
            page.click("main .btn.primary")
    else:
        page.click("main .btn.primary")
        with page.expect_download() as given:
            page.get_by_role("button", name="Download").click()
        assert page.locator("[name=secret]").count() == 0
        page.click("text=Back")
    assert "Nordlicht" in Path(given.value.path()).read_text(encoding="utf-8-sig")
    page.wait_for_url(f"{url}/accounts/exports/new")
    page.get_by_text("The file is downloaded").first.wait_for()


def test_the_workspaces_of_an_address_come_by_mail(person, server, mails):
    house = House(f"find-{uuid4().hex[:6]}", {"owner": "admin"})
    from tenants import mail_index

    mail_index.refill(house.tenant)
    somebody = person(viewport={"width": 360, "height": 740})
    page = somebody.page
    page.goto(f"http://localhost:{server}/sign-in")
    page.click("text=Find my workspaces")
    seen(somebody, "finding")
    page.fill("[name=mail]", house.users["owner"].mail)
    page.click("main button[type=submit]")
    page.locator("main", has_text="is on its way").wait_for()
    seen(somebody, "asked")
    assert f"{house.host}" in mails(house.users["owner"].mail, seconds=90)[0]["text"]


def test_the_sign_in_rules_look_as_they_should(person, server, sign_in):
    house = House(f"rule-{uuid4().hex[:6]}", {"owner": "admin"})
    for options in ({}, {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}):
        owner = person(**options)
        owner.page.goto(f"{sign_in(owner, house)}/settings/signing-in/")
        owner.page.locator("html[data-ready]").wait_for()
        seen(owner, "sign-in rules")
