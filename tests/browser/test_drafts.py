"""Typed text is never lost (FEATURES 2.7): a killed tab, a session that ended, a server away, two people at once."""

import re
from http.client import HTTPConnection
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, select

from core.activities.models import Activity
from core.identity.models import SignIn
from core.parties.actions import create_account, edit_account
from core.parties.models import Account
from tenants import entry
from tests.support.world import House

KEPT = "name => Object.entries(localStorage).some(([key, value]) => key.startsWith('draft:') && value.includes(name))"
LONG = "A long thought that nobody wants to write twice"


@pytest.fixture
def house(server):
    return House(f"kept-{uuid4().hex[:6]}")


@pytest.fixture
def account(house):
    with house.ctx("rep") as ctx:
        return create_account(ctx, name="Nordlicht", city="Kiel").id


def opened(page, url):
    page.goto(url)
    page.locator("html[data-ready]").wait_for(state="attached")
    return page


def drafts(page) -> int:
    return page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft:')).length")


def entries(house, body: str) -> int:
    with house.ctx() as ctx:
        return ctx.session.execute(select(func.count()).select_from(Activity).where(Activity.body == body)).scalar_one()


def test_a_tab_that_dies_in_the_middle_of_a_note_loses_nothing(person, sign_in, house, account):
    someone = person(reduced_motion="reduce")
    url = sign_in(someone, house, "rep") + f"/accounts/{account}"
    opened(someone.page, url).fill("#body", LONG)
    someone.page.check("[name=kind][value=visit]", force=True)
    someone.until(KEPT, LONG)
    someone.page.close()
    someone.page = opened(someone.context.new_page(), url)
    assert someone.page.input_value("#body") == LONG and someone.page.is_checked("[name=kind][value=visit]")
    note = someone.page.locator("#entry .kept")
    assert re.search(r"Your unsaved text from \d+:\d\d .*is back", note.inner_text().replace("\u202f", " "))
    someone.axe(where="a draft that came back")
    note.get_by_role("button", name="Discard").click()
    assert someone.page.input_value("#body") == "" and drafts(someone.page) == 0


def test_a_session_that_ends_before_the_save_costs_one_sign_in(person, sign_in, house, account):
    someone = person(reduced_motion="reduce")
    url, page = sign_in(someone, house, "rep"), someone.page
    opened(page, f"{url}/accounts/{account}").fill("#body", LONG)
    with entry.enter(house.tenant) as session:
        session.execute(delete(SignIn))
    page.click("#entry [data-save]")
    page.locator("#modal[open] a", has_text="Sign in").wait_for()
    someone.axe(where="session over")
    page.locator("#modal a", has_text="Sign in").click()
    page.fill("[name=mail]", house.users["rep"].mail)
    page.fill("[name=password]", "correct horse battery")
    page.click("main button[type=submit]")
    page.wait_for_url(f"**/accounts/{account}")
    page.locator("html[data-ready]").wait_for(state="attached")
    assert page.input_value("#body") == LONG and entries(house, LONG) == 0
    page.click("#entry [data-save]")
    page.locator(".feed .body", has_text=LONG).wait_for()
    assert entries(house, LONG) == 1 and drafts(page) == 0 and page.input_value("#body") == ""


def test_somebody_who_signed_in_again_elsewhere_just_saves(person, sign_in, house, account):
    """The proof in the page is of the session that ended; the new one is fetched and the form sent once more."""
    someone = person()
    url, page = sign_in(someone, house, "rep"), someone.page
    opened(page, f"{url}/accounts/{account}").fill("#body", LONG)
    with entry.enter(house.tenant) as session:
        session.execute(delete(SignIn))
    sign_in(someone, house, "rep")
    page.click("#entry [data-save]")
    page.locator(".feed .body", has_text=LONG).wait_for()
    assert entries(house, LONG) == 1


def test_another_person_neither_saves_nor_sees_what_was_typed(person, sign_in, house, account):
    someone = person()
    url, page = sign_in(someone, house, "rep"), someone.page
    opened(page, f"{url}/accounts/{account}").fill("#body", LONG)
    someone.until(KEPT, LONG)
    sign_in(someone, house, "manager")  # who might write here just as well
    page.click("#entry [data-save]")
    page.locator("#entry .kept.bad").wait_for()
    assert entries(house, LONG) == 0 and page.input_value("#body") == LONG
    opened(page, f"{url}/accounts")
    assert not page.evaluate(KEPT, LONG)


@pytest.mark.parametrize("answer", [500, 413, 429])
def test_a_server_that_fails_leaves_the_form_as_it_is(person, sign_in, house, account, answer):
    someone = person(reduced_motion="reduce")
    url, page = sign_in(someone, house, "rep"), someone.page
    opened(page, f"{url}/accounts/{account}").fill("#body", LONG)
    page.route("**/activities", lambda route: route.fulfill(status=answer, content_type="text/html", body="<p>Sorry</p>"))
    page.click("#entry [data-save]")
    page.locator("#entry .kept.bad").wait_for()
    assert page.input_value("#body") == LONG and page.url.endswith(str(account))
    someone.axe(where=f"save failed: {answer}")
    page.unroute("**/activities")
    page.locator("#entry .kept").get_by_role("button", name="Try again").click()
    page.locator(".feed .body", has_text=LONG).wait_for()
    assert entries(house, LONG) == 1 and drafts(page) == 0


def test_a_form_that_finds_no_server_stays_and_is_sent_again(person, sign_in, house):
    """An entry of the log waits by itself (test_offline); any other form is for its writer to send."""
    someone = person(reduced_motion="reduce")
    page = opened(someone.page, sign_in(someone, house, "rep") + "/accounts/new")
    page.fill("[name=name]", "Away GmbH")
    page.route("**/accounts", lambda route: route.abort())
    page.click("#account [data-save]")
    page.locator("#account .kept.bad").wait_for()
    assert page.input_value("[name=name]") == "Away GmbH"
    someone.axe(where="save failed: away")
    page.unroute("**/accounts")
    page.locator("#account .kept").get_by_role("button", name="Try again").click()
    page.locator(".hero", has_text="Away GmbH").first.wait_for()
    assert drafts(page) == 0


def test_an_answer_that_was_lost_does_not_save_twice(person, sign_in, house, account):
    """The entry was written, the answer did not arrive, the tab died: it waits, is sent once more, and is the same."""
    someone = person()
    url = sign_in(someone, house, "rep") + f"/accounts/{account}"
    page = opened(someone.page, url)
    page.fill("#body", LONG)

    def lose(route):
        asked, (host, port) = route.request, url.split("/")[2].split(":")
        line = HTTPConnection("127.0.0.1", int(port), timeout=20)
        line.request(asked.method, f"/accounts/{account}/activities", asked.post_data, {**asked.all_headers(), "host": f"{host}:{port}"})
        assert line.getresponse().status == 204
        route.abort()

    page.route("**/activities", lose)
    page.click("#entry [data-save]")
    page.locator("#waiting .said", has_text=LONG).wait_for()
    assert entries(house, LONG) == 1
    page.close()
    page = someone.page = opened(someone.context.new_page(), url)
    page.locator("#waiting").wait_for(state="detached")
    page.locator(".feed .body", has_text=LONG).wait_for()
    assert page.input_value("#body") == "" and entries(house, LONG) == 1


def test_two_who_edit_at_once_meet_and_both_texts_are_there(person, sign_in, house, account):
    someone = person(reduced_motion="reduce")
    url, page = sign_in(someone, house, "rep"), someone.page
    opened(page, f"{url}/accounts/{account}/edit").fill("[name=city]", "Hamburg")
    with house.ctx("owner") as ctx:
        edit_account(ctx, ctx.session.get_one(Account, account), city="Berlin")
    page.click("text=Save account")
    page.locator("form.conflict").wait_for()
    assert "Hamburg" in page.locator("form.conflict").inner_text() and "Berlin" in page.locator("form.conflict").inner_text()
    someone.axe(where="conflict in place")
    page.reload()  # not decided: the text is still there, and the form says that the record was saved since
    page.locator("html[data-ready]").wait_for(state="attached")
    note = page.locator("#account .kept")
    assert "unsaved draft" in note.inner_text() and "Somebody saved this since" in note.inner_text() and page.input_value("[name=city]") == "Berlin"
    someone.axe(where="draft of an older version")
    note.get_by_role("button", name="Restore").click()
    assert page.input_value("[name=city]") == "Hamburg"
    page.click("text=Save account")
    page.locator("form.conflict").wait_for()
    page.get_by_role("button", name="Save these values").click()
    page.wait_for_url(re.compile(rf"/accounts/{account}$"))
    with house.ctx() as ctx:
        assert ctx.session.get_one(Account, account).city == "Hamburg"
    assert drafts(page) == 0


def test_what_another_changed_elsewhere_in_the_record_stays(person, sign_in, house, account):
    someone = person()
    url, page = sign_in(someone, house, "rep") + f"/accounts/{account}/edit", someone.page
    opened(page, url).fill("[name=city]", "Hamburg")
    someone.until(KEPT, "Hamburg")
    with house.ctx("owner") as ctx:
        edit_account(ctx, ctx.session.get_one(Account, account), industry="Optics")
    page.reload()
    page.locator("#account .kept").get_by_role("button", name="Restore").click()
    assert page.input_value("[name=industry]") == "Optics"
    page.click("text=Save account")
    page.wait_for_url(re.compile(rf"/accounts/{account}$"))
    with house.ctx() as ctx:
        saved = ctx.session.get_one(Account, account)
        assert (saved.city, saved.industry) == ("Hamburg", "Optics")


def test_a_refused_form_comes_back_in_place_with_what_was_typed(person, sign_in, house, account):
    someone = person()
    url, page = sign_in(someone, house, "rep") + f"/accounts/{account}/edit", someone.page
    opened(page, url).fill("[name=mail]", "no address")
    page.fill("[name=city]", "Hamburg")
    page.click("text=Save account")
    page.locator("#mail[aria-invalid=true]:focus").wait_for()
    assert page.url == url and page.input_value("[name=mail]") == "no address" and page.input_value("[name=city]") == "Hamburg"
    page.fill("[name=mail]", "office@nordlicht.example")
    page.click("text=Save account")
    page.wait_for_url(re.compile(rf"/accounts/{account}$"))
    assert drafts(page) == 0


def test_no_password_is_kept_and_nothing_at_all_after_signing_out(person, sign_in, house):
    someone = person()
    url, page = sign_in(someone, house, "owner"), someone.page
    opened(page, f"{url}/settings/members").fill("#member [name=password]", "a secret sentence")
    page.fill("#member [name=name]", "Nobody yet")  # last, so that what is kept of it was kept with the password in its field
    someone.until(KEPT, "Nobody yet")
    assert not page.evaluate(KEPT, "a secret sentence")
    page.click(".who")
    page.locator("#me-menu").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    assert page.evaluate("localStorage.length") == 0


def test_only_what_could_not_be_kept_is_worth_a_question(person, sign_in, house, account):
    someone = person()
    url, page = sign_in(someone, house, "rep"), someone.page
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    opened(page, f"{url}/accounts/{account}").fill("#body", LONG)
    page.goto(f"{url}/accounts")
    assert asked == []
    opened(page, f"{url}/accounts/{account}")
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') } }")
    page.locator("#body").press("End")
    page.keyboard.type(" and more")
    someone.until("() => document.querySelector('form[data-unkept]') !== null")
    page.goto(f"{url}/accounts")
    assert asked == ["beforeunload"]


def test_old_drafts_go_and_fifty_are_the_most(person, sign_in, house, account):
    someone = person()
    url, page = sign_in(someone, house, "rep"), someone.page
    opened(page, f"{url}/accounts")
    user, day = house.users["rep"].id, 24 * 3600 * 1000
    page.evaluate("([user, day]) => { for (let n = 0; n < 60; n++) localStorage.setItem(`draft:${user}:made-up-${n}`, JSON.stringify({ at: Date.now() - n * 1000, values: [] }));"
                  "localStorage.setItem(`draft:${user}:old`, JSON.stringify({ at: Date.now() - 8 * day, values: [] })) }", [str(user), day])
    opened(page, f"{url}/accounts/{account}").fill("#body", LONG)
    someone.until(KEPT, LONG)
    assert drafts(page) == 50 and not page.evaluate("user => Object.keys(localStorage).some(key => key === `draft:${user}:old` || key === `draft:${user}:made-up-59`)", str(user))


def test_a_value_edited_in_place_stands_in_its_field_again_when_it_could_not_be_saved(person, sign_in, house, account):
    someone = person()
    url, page = sign_in(someone, house, "rep") + f"/accounts/{account}", someone.page
    opened(page, url).route("**/fields", lambda route: route.abort())
    page.click("#prop-city a")
    page.fill("#prop-city input", "Hamburg")
    page.keyboard.press("Enter")
    page.locator("#prop-city input").wait_for()
    assert page.input_value("#prop-city input") == "Hamburg"
    page.unroute("**/fields")
    page.reload()
    page.locator("html[data-ready]").wait_for(state="attached")
    assert page.input_value("#prop-city input") == "Hamburg"
    page.press("#prop-city input", "Enter")
    page.locator("#prop-city a", has_text="Hamburg").wait_for()
    someone.until("() => !Object.keys(localStorage).some(key => key.includes('prop:'))")
    with house.ctx() as ctx:
        assert ctx.session.get_one(Account, account).city == "Hamburg"


def test_two_windows_with_the_same_empty_form_keep_a_text_each(person, sign_in, house):
    someone = person(reduced_motion="reduce")
    url = sign_in(someone, house, "rep") + "/accounts/new"
    first, second = opened(someone.page, url), opened(someone.context.new_page(), url)
    first.fill("[name=name]", "Alpha works")
    second.fill("[name=name]", "Beta works")
    someone.until(KEPT, "Alpha works")
    someone.until(KEPT, "Beta works")
    for page, name in ((first, "Alpha works"), (second, "Beta works")):
        page.reload()
        page.locator("html[data-ready]").wait_for(state="attached")
        assert page.input_value("[name=name]") == name
    # While both are at work a third one begins with nothing; when they are gone, it offers both.
    third = opened(someone.context.new_page(), url)
    assert third.input_value("[name=name]") == "" and third.locator(".kept").count() == 0
    first.close()
    second.close()
    third.reload()
    someone.page = third
    third.locator(".kept.several li", has_text="Alpha works").wait_for()
    assert third.input_value("[name=name]") == ""
    someone.axe(where="two drafts that came back")
    third.get_by_role("button", name="Restore: Beta works").click()
    assert third.input_value("[name=name]") == "Beta works"
    # What is saved goes; the other one is still there for the next form.
    third.locator("form[data-draft] button[data-save]").first.click()
    third.locator(".hero", has_text="Beta works").first.wait_for()
    assert opened(third, url).input_value("[name=name]") == "Alpha works"
    third.get_by_role("button", name="Discard").click()
    assert third.input_value("[name=name]") == "" and drafts(third) == 0
