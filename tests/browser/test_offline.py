"""On the road without a network: what was opened last can be read, with the moment it is of; signing out leaves nothing."""

import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from core.activities.models import Activity
from core.identity.models import Role, SignIn
from core.parties.actions import create_account, create_contact, delete_account
from core.parties.models import Account
from core.parties.queries import one_account
from tenants import entry
from tests.support.world import House

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "service_workers": "allow", "reduced_motion": "reduce"}
KEPT = "async () => { const cache = await caches.open('briefs'); return (await cache.keys()).map(one => new URL(one.url).pathname).filter(path => path.startsWith('/accounts')) }"


@pytest.fixture
def house(server):
    return House(f"road-{uuid4().hex[:6]}")


@pytest.fixture
def accounts(house):
    with house.ctx("rep") as ctx:
        made = [create_account(ctx, name=f"Nordlicht <{n}> & Co", phone="+49 40 5557 0142").id for n in range(22)]
    return [f"/accounts/{key}" for key in made]


def installed(someone, url):
    """The worker is in charge of the page."""
    page = someone.page
    page.goto(url)
    someone.until("async () => Boolean((await navigator.serviceWorker.ready).active)")
    someone.until("() => Boolean(navigator.serviceWorker.controller)")
    return page


def opened(someone, url, path):
    someone.page.goto(url + path)
    someone.page.locator("html[data-ready]").wait_for(state="attached")
    someone.until("async path => (await caches.open('briefs').then(cache => cache.match(path))) !== undefined", path)


def reader(person, sign_in, house, *paths):
    """(somebody with a phone on which these pages are kept, the address of the workspace, the page)."""
    someone = person(**PHONE)
    url = sign_in(someone, house, "rep")
    page = installed(someone, url)
    for path in paths:
        opened(someone, url, path)
    return someone, url, page


def kept(someone) -> list[str]:
    return someone.page.evaluate(KEPT)


def test_the_last_brief_is_there_without_a_network_and_says_of_when_it_is(person, sign_in, house, accounts):
    someone, url, page = reader(person, sign_in, house, accounts[0])
    someone.axe(where="brief with a network")
    assert not page.locator("#as-of").is_visible()
    someone.context.set_offline(True)
    page.goto(url + accounts[0])
    page.locator("html[data-ready]").wait_for(state="attached")
    assert page.locator("h1", has_text="Nordlicht <0> & Co").is_visible() and "No network. This is how it stood on" in page.locator("#as-of").inner_text()
    assert page.locator("a[href^='tel:']").first.get_attribute("href") == "tel:+494055570142"
    someone.axe(where="brief without a network")
    someone.no_sideways_scroll("brief without a network")
    page.goto(f"{url}/accounts")  # what is not kept says so, and leads to what is
    assert page.locator("h1", has_text="No network").count() == 1
    someone.axe(where="the page without a network")
    page.get_by_role("link", name="Nordlicht <0> & Co").click()
    page.wait_for_url(f"**{accounts[0]}")
    someone.context.set_offline(False)
    page.goto(url + accounts[0])
    assert not page.locator("#as-of").is_visible()


def test_a_contacts_brief_is_there_too(person, sign_in, house):
    with house.ctx("rep") as ctx:
        account = create_account(ctx, name="Nordlicht Optik")
        ctx.session.flush()
        key = create_contact(ctx, name="Sofie Brandt", mail="sofie@nordlicht.example", mobile="+49 171 5557 0142", account_id=account.id, job_title="Purchasing").id
    someone, url, page = reader(person, sign_in, house, f"/contacts/{key}")
    someone.context.set_offline(True)
    page.goto(f"{url}/contacts/{key}")
    page.locator("html[data-ready]").wait_for(state="attached")
    text = page.locator("main").inner_text()
    assert "No network. This is how it stood on" in text and "Purchasing" in text and "Nordlicht Optik" in text
    assert page.locator("a[href='mailto:sofie@nordlicht.example']").count() and page.locator("a[href^='tel:+49171']").count()
    someone.axe(where="a contact's brief without a network")
    someone.no_sideways_scroll("a contact's brief without a network")
    page.goto(f"{url}/contacts")
    assert page.get_by_role("link", name="Sofie Brandt").is_visible(), "the page without a network leads to it"


# What the worker noted beside a brief is put back by so many days.
AGED = """async ([path, days]) => { const cache = await caches.open('briefs'), kept = await cache.match(path), headers = new Headers(kept.headers);
    headers.set('X-At', Number(headers.get('X-At')) - days * 864e5); await cache.put(path, new Response(await kept.text(), { headers })) }"""


def test_a_brief_is_kept_for_seven_days_and_no_longer(person, sign_in, house, accounts):
    someone, url, page = reader(person, sign_in, house, *accounts[:2])
    someone.context.set_offline(True)
    page.evaluate(AGED, [accounts[0], 8])
    page.evaluate(AGED, [accounts[1], 6])
    page.goto(url + accounts[1])
    assert page.locator("h1", has_text="Nordlicht <1> & Co").is_visible() and page.locator("#as-of").is_visible()
    page.goto(url + accounts[0])
    assert page.locator("h1", has_text="No network").count() == 1 and page.get_by_role("link", name="Nordlicht <0> & Co").count() == 0
    assert page.get_by_role("link", name="Nordlicht <1> & Co").is_visible()
    assert kept(someone) == [accounts[1]], "what is too old is not only hidden"


def logged(house, body):
    with house.ctx() as ctx:
        return ctx.session.execute(select(Activity.happened_at, Activity.next_contact_on).where(Activity.body == body, Activity.deleted_at.is_(None))).all()


def written(someone, url, path, body):
    """An entry written and saved while there is no network."""
    page = someone.page
    someone.context.set_offline(True)
    page.goto(url + path)
    page.locator("html[data-ready]").wait_for(state="attached")
    page.fill("#body", body)
    page.click("#entry [data-save]")
    page.locator("#waiting .said", has_text=body).wait_for()
    return page


def test_what_is_written_without_a_network_waits_and_is_sent_once(person, sign_in, house, accounts):
    someone, url, _ = reader(person, sign_in, house, accounts[0])
    page = written(someone, url, accounts[0], "Said on the road")
    assert page.input_value("#body") == "" and "Waits for the network" in page.locator("#waiting").inner_text()
    page.fill("#body", "And this too")
    page.fill("#next_contact", "tomorrow")
    page.click("#entry [data-save]")
    page.locator("#waiting li").nth(1).wait_for()
    someone.axe(where="entries that wait")
    someone.no_sideways_scroll("entries that wait")
    page.goto(url + accounts[0])  # still without a network: it is kept
    page.locator("#waiting .said", has_text="Said on the road").wait_for()
    assert logged(house, "Said on the road") == []
    with house.ctx() as ctx:
        day = ctx.today + timedelta(days=1)
    # The first answer is lost on the way: sent again, it is saved once.
    page.evaluate("""() => { const real = window.fetch; window.fetch = async (...given) => {
        const answer = await real(...given);
        if (given[1]?.method === "POST" && !window.lost) { window.lost = true; throw new TypeError("lost"); }
        return answer; } }""")
    someone.context.set_offline(False)
    someone.until("() => window.lost")
    assert len(logged(house, "Said on the road")) == 1 and page.locator("#waiting li").count() == 2
    page.get_by_role("button", name="Try again").first.click()
    page.locator(".feed .body", has_text="And this too").wait_for()
    assert page.locator("#waiting").count() == 0 and len(logged(house, "Said on the road")) == 1
    assert [one.next_contact_on for one in logged(house, "And this too")] == [day]


def test_what_the_server_refuses_is_kept_and_says_why(person, sign_in, house, accounts):
    someone, url, _ = reader(person, sign_in, house, accounts[0])
    page = written(someone, url, accounts[0], "To nobody any more")
    with house.ctx("rep") as ctx:
        delete_account(ctx, one_account(ctx, UUID(accounts[0].rpartition("/")[2])))
    someone.context.set_offline(False)
    page.goto(url + "/accounts")
    page.locator("#waiting small", has_text="Not saved").wait_for()
    assert page.locator("#waiting .said").inner_text() == "To nobody any more"
    someone.axe(where="an entry that was refused")
    # Signing out is asked about; whoever stays keeps what else he has typed, and the briefs.
    opened(someone, url, accounts[1])
    page.fill("#body", "Half a thought")
    someone.until("() => Object.values(localStorage).some(value => value.includes('Half a thought'))")
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.evaluate("document.querySelector('form[data-sign-out]').requestSubmit()")
    assert len(asked) == 1 and page.locator("#waiting .said").inner_text() == "To nobody any more"
    page.reload()
    page.locator("html[data-ready]").wait_for(state="attached")
    assert page.input_value("#body") == "Half a thought" and accounts[1] in kept(someone)
    page.get_by_role("button", name="Discard: Nordlicht").click()
    someone.until("() => !document.querySelector('#waiting')")


def test_what_one_window_threw_away_another_does_not_bring_back(person, sign_in, house, accounts):
    someone, url, _ = reader(person, sign_in, house, accounts[0])
    first = written(someone, url, accounts[0], "Twice in sight")
    second = someone.context.new_page()
    second.goto(url + accounts[0])
    second.locator("#waiting .said", has_text="Twice in sight").wait_for()
    first.get_by_role("button", name="Discard: Nordlicht").click()
    someone.until("() => !document.querySelector('#waiting')")
    second.get_by_role("button", name="Try again: Nordlicht").click()
    second.locator("#waiting").wait_for(state="detached")
    someone.context.set_offline(False)
    second.goto(url + accounts[0])
    second.locator("#waiting").wait_for(state="detached")
    assert logged(house, "Twice in sight") == []


def test_a_session_that_ended_meanwhile_costs_one_sign_in(person, sign_in, house, accounts):
    someone, url, _ = reader(person, sign_in, house, accounts[1])
    page = written(someone, url, accounts[1], "Before the sign in")
    with house.ctx() as ctx:
        ctx.session.execute(update(SignIn).values(expires_at=ctx.now))
    someone.context.set_offline(False)
    page.locator("#waiting small", has_text="Your session has ended").wait_for()
    assert page.locator("#waiting .said").inner_text() == "Before the sign in"
    sign_in(someone, house, "rep")
    page.goto(url + accounts[1])
    page.locator(".feed .body", has_text="Before the sign in").wait_for()
    assert len(logged(house, "Before the sign in")) == 1


def test_twenty_are_kept_and_nothing_but_records(person, sign_in, house, accounts):
    someone = person(**PHONE)
    url = sign_in(someone, house, "rep")
    page = installed(someone, url)
    for path in ("/accounts", "/settings/profile", f"{accounts[0]}/edit", f"{accounts[1]}?show=call"):
        page.goto(url + path)
    for path in accounts:
        opened(someone, url, path)
    assert kept(someone) == accounts[2:]
    all_paths = page.evaluate("async () => { const cache = await caches.open('briefs'); return (await cache.keys()).map(one => new URL(one.url).pathname) }")
    assert {path for path in all_paths if not path.startswith("/accounts/")} <= {"/offline", "/_person", "/_asked"}
    assert all(path.startswith("/static/") for path in page.evaluate("async () => (await (await caches.open('static')).keys()).map(one => new URL(one.url).pathname)"))
    assert sorted(page.evaluate("caches.keys()")) == ["briefs", "static"]


def test_signing_out_leaves_nothing_behind(person, sign_in, house, accounts):
    someone, url, page = reader(person, sign_in, house, accounts[0])
    page.fill("#body", "Not for others")
    page.evaluate("document.querySelector('form[data-sign-out]').requestSubmit()")
    page.wait_for_url("**/sign-in")
    someone.until("async () => !(await caches.keys()).includes('briefs')")
    assert page.evaluate("localStorage.length") == 0
    someone.context.set_offline(True)
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED|ERR_FAILED"):
        page.goto(url + accounts[0])
    someone.context.set_offline(False)


@pytest.mark.parametrize("event", ["session over", "rights changed", "somebody else"])
def test_they_go_when_they_are_not_this_persons_any_more(person, sign_in, house, accounts, event):
    someone, url, _ = reader(person, sign_in, house, accounts[0])
    if event == "somebody else":
        sign_in(someone, house, "colleague")
    with entry.enter(house.tenant) as session:
        if event == "session over":
            session.execute(update(SignIn).values(revoked_at=entry.utcnow()))
        if event == "rights changed":
            session.execute(update(Role).where(Role.code == "sales").values(permissions=[one for one in house.users["rep"].role.permissions if one != "accounts.export"]))
    someone.page.goto(url)
    someone.until("async () => (await caches.open('briefs').then(cache => cache.keys())).every(one => !new URL(one.url).pathname.startsWith('/accounts'))")


def test_a_record_that_is_no_longer_seen_goes_too(person, sign_in, house, accounts):
    someone, url, page = reader(person, sign_in, house, *accounts[:3])
    with house.ctx("owner") as ctx:
        delete_account(ctx, ctx.session.get_one(Account, accounts[0].rpartition("/")[2]))
        ctx.session.get_one(Account, accounts[1].rpartition("/")[2]).owner_id = house.users["manager"].id
    page.evaluate("async () => { const cache = await caches.open('briefs'); await cache.delete('/_asked') }")  # as if five minutes had passed
    page.goto(url)
    someone.until("async path => { const cache = await caches.open('briefs'); return !(await cache.match(path)) }", accounts[0])
    assert kept(someone) == [accounts[2]]


def test_it_can_be_installed(person, sign_in, house):
    someone = person(**PHONE)
    page = installed(someone, sign_in(someone, house, "rep"))
    manifest = json.loads(page.evaluate("fetch(document.querySelector('link[rel=manifest]').href).then(answer => answer.text())"))
    assert manifest["name"] == house.tenant.name and manifest["start_url"] == "/"
    for icon in manifest["icons"]:
        width = page.evaluate("src => new Promise(done => { const image = new Image(); image.onload = () => done(image.naturalWidth); image.onerror = () => done(0); image.src = src })", icon["src"])
        assert f"{width}x{width}" == icon["sizes"]
    session = page.context.new_cdp_session(page)
    assert session.send("Page.getAppManifest")["errors"] == []
