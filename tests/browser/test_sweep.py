"""Every page that can be opened, by everybody who may: axe, policy, console, width, weight, in both themes, two sizes, two languages."""

import os
import re
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import brotli
import pyotp
import pytest
from playwright.sync_api import Error as PlaywrightError
from sqlalchemy import update

from billing import operations, signup, subscriptions
from core.base.outbox import Order, defer_row
from infra import limits
from tenants import entry, registry
from tenants import operations as operators
from tenants.models import ControlOrder, Operator, Tenant
from tests.support.every_page import NO_PAGES, furnish, pages_for_strangers, rules_of, speak
from tests.support.weights import CSS_BUDGET, HTML_BUDGET, JS_BUDGET, PUBLIC_BUDGET
from tests.support.world import House
from web import door

DEEP = os.environ.get("TENDERO_DEEP") == "1"
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
ALLOWED_STATUS = (200, 402)  # 402: a page that the plan withholds is a page too
# Of the console and the public host: files, parts of pages for htmx, and what leads on.
NO_CONSOLE, NO_PUBLIC = {"operator.invoice_pdf", "operator.palette"}, {"static", "healthz", "readyz", "metrics", "domain", "gallery_options", "signup.address", "signup.workspace"}
# What is not the same for every role, or that everybody uses: opened by each of the roles in the fast run too.
ROLES_SEE = {"home.index", "accounts.index", "accounts.show", "accounts.edit", "accounts.new", "contacts.index", "contacts.show", "contacts.edit", "contacts.new", "mailings.index", "mailings.show",
             "activities.ask_when", "search.index", "settings.index", "settings.profile", "settings.members", "notifications.index", "transfer.index", "bulk.index", "merges.duplicates", "exports.index", "deals.index", "deals.show_board", "deals.show", "forecast.show", "leads.index", "leads.show", "quotes.index", "quotes.show", "quotes.edit", "products.index", "products.show",
             "calendar.show", "mail.index", "mail.show", "mail.new", "briefs.show_account", "performance.show", "reports.index"}
KEYED = re.compile(r"/[0-9a-f]{8}-[0-9a-f-]{27}")
WITHOUT_SCRIPT = {"second_step.show", "mail_address.show", "mail_confirmation.show"}  # they stand before the workspace, like the page to sign in


@pytest.fixture(scope="module")
def furnished(app, server, room):
    """A house with something on every page, and the address of each."""
    return furnish(app, f"sweep-{uuid4().hex[:6]}")


# What a page is built of, without what differs from record to record. Two pages of one shape in one language are one page to
# axe: roles that see the same are looked at once.
SHAPE = """() => [document.documentElement.lang, ...[...document.querySelectorAll('body, body *')].map(e => e.tagName + [...e.attributes].map(a => a.name + '='
    + (/^(class|role|type|id|for|name|disabled|hidden|tabindex|lang|aria-(labelledby|describedby|controls|owns|expanded|selected|checked|current|hidden|invalid|activedescendant|haspopup))$/.test(a.name) ? a.value : a.value.trim() !== '')).sort().join(';')
    + [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))].join('\\n')"""
LOOKED: set[tuple] = set()
DONE: Counter = Counter()


@pytest.fixture(scope="module", autouse=True)
def told_at_the_end():
    """How much was looked at: the count is what a deep run is judged by."""
    yield
    print(f"sweep: {dict(DONE)}")  # noqa: T201


class Look:
    """A window that looks at pages one after the other."""

    def __init__(self, person):
        self.person, self.page, self.console, self.wire = person, person.page, [], {}
        self.page.on("console", lambda m: self.console.append(m.text) if m.type == "error" and "status of 402" not in m.text else None)
        self.page.on("response", self._weigh)

    def _weigh(self, response):
        kind = response.request.resource_type
        if kind in ("script", "stylesheet") and response.ok:
            self.wire.setdefault(kind, {})[response.url] = int(response.headers.get("content-length", 0))

    def open(self, url: str, allowed: tuple[int, ...] = ALLOWED_STATUS) -> int:
        DONE["opened"] += 1
        self.wire.clear()
        self.page.set_viewport_size(WIDE)
        answer = self.page.goto(url)
        assert answer.status in allowed, f"{url}: {answer.status}"
        self.html = len(brotli.compress(answer.body(), quality=5))
        return answer.status

    def weigh(self, where: str, *, public: bool = False) -> None:
        script, style = (sum(self.wire.get(kind, {}).values()) for kind in ("script", "stylesheet"))
        assert script <= JS_BUDGET and style <= CSS_BUDGET and self.html <= HTML_BUDGET, f"{where}: js {script}, css {style}, html {self.html}"
        assert not public or script + style + self.html <= PUBLIC_BUDGET, f"{where}: {script + style + self.html} bytes"

    def check(self, where: str, looks: str = "all") -> None:
        """All four looks, the two opposite "corners" (light and wide, dark and narrow), or one of these ("light", "dark"). A page
        of a shape that was looked at before is only measured: words may be wider, nothing else can be different."""
        if not self.is_new(looks):
            self.person.no_sideways_scroll(f"{where} wide")
            self.fits(where)
            assert self.page.evaluate("window.__csp") == [] and self.console == [], f"{where}: {self.console}"
            return
        DONE["by axe"] += 4 if looks == "all" else 2 if looks == "corners" else 1
        if looks != "dark":
            self.theme("light")
            self.person.axe(where=f"{where} light wide")
            self.person.no_sideways_scroll(f"{where} wide")
        if looks == "all":
            self.theme("dark")
            self.person.axe_contrast(f"{where} dark wide")
        self.fits(where)
        if looks == "all":
            self.theme("light")
            self.person.axe_contrast(f"{where} light narrow")
        if looks != "light":
            self.theme("dark")
            self.person.axe(where=f"{where} dark narrow")
        assert self.page.evaluate("window.__csp") == [] and self.console == [], f"{where}: {self.console}"

    def is_new(self, looks: str) -> bool:
        shape = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "KEY", self.page.evaluate(SHAPE))
        corners = {(shape, corner) for corner in ("light", "dark") if looks not in {"light", "dark"} - {corner}}
        new = not corners <= LOOKED
        LOOKED.update(corners)
        return new

    def fits(self, where: str) -> None:
        """On a phone nothing runs out of its place."""
        DONE["measured"] += 1
        self.narrow()
        self.person.no_sideways_scroll(f"{where} narrow")
        self.person.buttons_are_whole(f"{where} narrow")

    def theme(self, name: str) -> None:
        self.page.evaluate(f"document.documentElement.dataset.theme = '{name}'")
        self.settle()

    def narrow(self) -> None:
        self.page.set_viewport_size(NARROW)
        self.settle()

    def settle(self) -> None:
        """Until what was changed is drawn and nothing moves any more."""
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => Promise.allSettled(document.getAnimations().map(a => a.finished)).then(done))))")


@pytest.fixture(scope="module")
def console(server, room):
    """An operator with his two cookies (half and whole), and companies with something on every page of the console."""
    now, phrase = entry.utcnow(), "a long operator phrase"
    renting, held = House(f"rents-{uuid4().hex[:6]}", {"owner": "admin"}), House(f"held-{uuid4().hex[:6]}", {"owner": "admin"})
    buyer = subscriptions.Buyer("Nordlicht Optik GmbH, Niederlassung Hamburg", "Hauptstr. 1", "10115", "Berlin", "DE", "billing@x.example")
    with entry.control() as session:
        made = operators.create_operator(session, mail=f"olga-{uuid4().hex[:6]}@tendero.example", name="Olga", password=phrase, now=now)
        for house in (renting, held):
            signup.start_trial(session, session.get_one(Tenant, house.tenant.id), company="Nordlicht", mail="owner@x.example", now=now)
        invoice = subscriptions.order_by_transfer(session, renting.tenant.id, key=uuid4(), plan="team", interval="month", seats=5, seats_used=5, buyer=buyer, by="Owner", now=now)
        operations.receive(session, invoice.id, seen="0", amount=1000, method="bank_transfer", received_on=now.date(), note="Part of it", by="olga", now=now)
        operations.suspend(session, session.get_one(Tenant, held.tenant.id), reason="Mail to bought addresses", by="olga", now=now)
        give_up(session, ControlOrder, now)
    with entry.enter(renting.tenant) as session:
        give_up(session, Order, now)
    registry.forget()
    limits.forget()
    cookies = []
    for _ in range(2):
        with entry.control() as session:
            cookies.append(operators.start_sign_in(session, made.operator.mail_norm, phrase, now=now, ip="127.0.0.1", agent="browser test"))
    with entry.control() as session:
        half, _ = operators.session_of(session, cookies[1], now, half=True)
        cookies[1] = operators.finish_sign_in(session, half, pyotp.parse_uri(made.uri).at(now), now=now)
    return {"half": cookies[0], "whole": cookies[1], "operator": made.operator.id, "pages": ["/", f"/tenants/{renting.tenant.id}", f"/tenants/{held.tenant.id}", f"/invoices/{invoice.id}", "/queues"]}


def give_up(session, model, now):
    """An order that has no attempts left, far enough away that no worker wants it."""
    order_id = defer_row(session, model, "nothing.known", now=now, due_at=now + timedelta(days=9), queue="default", dedupe=None, asked_by=None, args={})
    session.execute(update(model).where(model.id == order_id).values(state="parked", attempts=8, error="ValueError: an error with a text of some length that names what went wrong and where"))


def opened(look, url, page, where, looks, allowed=ALLOWED_STATUS) -> int:
    """One page of the workspace, with every look at it."""
    status = look.open(url + page.path, allowed)
    if status == 404:
        look.console.clear()
        return status
    if page.endpoint not in WITHOUT_SCRIPT:
        look.page.locator("html[data-ready]").wait_for(state="attached", timeout=15_000)
    look.check(f"{where} {page.path}", looks)
    look.weigh(page.path)
    return status


def one_after_the_other(sign_in, someone, furnished):
    """(the workspace's address, a page) of all pages: by the owner, and by its own person what is his alone."""
    for who in ("owner", "rep"):
        url = sign_in(someone, furnished.house, who)
        yield from ((url, one) for one in furnished.pages if (one.who or "owner") == who)


def told(look, looked, *about) -> list[str]:
    """What is wrong with one page: all of them are told at once."""
    try:
        looked(look, *about)
        return []
    except (AssertionError, PlaywrightError) as wrong:
        look.console.clear()
        look.page.evaluate("window.__csp = []")
        return [f"{getattr(about[1], 'path', about[1])}: {wrong}".partition("\nassert")[0]]


def test_every_page_there_is(app, person, sign_in, furnished):
    """Each once in two opposite corners (light and wide, dark and narrow);
    deep: in all four."""
    house, someone = furnished.house, person(reduced_motion="reduce")
    speak(house, "en")
    look, seen, wrong = Look(someone), set(), []
    for url, one in one_after_the_other(sign_in, someone, furnished):
        wrong += told(look, opened, url, one, "en", "all" if DEEP else "corners")
        seen.add(one.rule)
    assert wrong == []
    every = {rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and not rule.rule.startswith("/api") and rule.endpoint not in NO_PAGES
             and getattr(app.view_functions[rule.endpoint], "guard", None) and app.view_functions[rule.endpoint].guard.kind == "needs"}
    assert seen == every and len(seen) > 90, every ^ seen


def test_pages_in_chinese(person, sign_in, furnished):
    """The pages that everybody uses, dark and narrow: they are the same pages in another script. Deep: all pages, in all four corners."""
    house, someone = furnished.house, person(reduced_motion="reduce")
    speak(house, "zh")
    look, number, wrong = Look(someone), 0, []
    for url, one in one_after_the_other(sign_in, someone, furnished):
        if DEEP or one.endpoint in ROLES_SEE:
            wrong += told(look, opened, url, one, "zh", "all" if DEEP else "dark")
            number += 1
    assert wrong == [] and number >= len(ROLES_SEE)


def test_what_is_no_page_is_there_and_says_why(app):
    known = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods}
    assert set(NO_PAGES) | NO_CONSOLE | NO_PUBLIC <= known and all(NO_PAGES.values())


@pytest.mark.parametrize("language", ["en", *(("zh",) if DEEP else ())])
@pytest.mark.parametrize("who", ["manager", "rep", "reader"])
def test_every_page_of_every_role(person, sign_in, furnished, who, language):
    """What others than the owner see of the pages that all have; deep: of all pages, in Chinese too."""
    house, someone = furnished.house, person(reduced_motion="reduce")
    speak(house, language)
    url, look, seen = sign_in(someone, house, who), Look(someone), 0
    for one in furnished.for_whom(who):
        if DEEP or one.endpoint in ROLES_SEE:
            allowed = (*ALLOWED_STATUS, 404) if KEYED.search(one.path) else ALLOWED_STATUS  # a record that he does not see
            seen += opened(look, url, one, f"{who} {language}", "light" if language == "en" else "dark", allowed) != 404
    assert seen >= 25


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_for_strangers(app, person, server, furnished, language):
    someone = person(reduced_motion="reduce")
    look, public, seen = Look(someone), {rule.endpoint: rule.rule for rule, _ in rules_of(app, "public") if rule.endpoint not in NO_PUBLIC and not rule.endpoint.startswith("operator.")}, set()
    for endpoint, path in public.items():
        look.open(f"http://localhost:{server}{path}?lang={language}")
        look.check(f"{language} {path}")
        look.weigh(path, public=endpoint != "gallery")
    paths, step = pages_for_strangers(furnished)
    url = f"http://{furnished.house.host}:{server}"
    someone.context.add_cookies([{"name": door.step_cookie_name(), "value": step, "url": url}])
    for endpoint, path in (*paths.items(), ("", "/nothing-here")):
        look.page.goto(f"{url}{path}?lang={language}")
        look.console.clear()
        assert not endpoint or look.page.url.startswith(url + path)
        look.check(f"{language} tenant {path}", looks="all" if language == "en" else "dark")
        seen.add(endpoint)
    assert seen - {""} == {rule.endpoint for rule, _ in rules_of(app, "stranger")}, "a page for strangers is not looked at"
    look.page.goto(f"{url}/unsubscribe/made-up?lang={language}")
    with look.page.expect_navigation():
        look.page.click("form button")
    look.check(f"{language} tenant unsubscribed", looks="all" if language == "en" else "dark")


@pytest.mark.parametrize("language", ["ru", *(("ko", "zh") if DEEP else ())])
def test_nothing_is_cut_in_the_longer_languages(app, person, sign_in, server, furnished, language):
    """Russian labels run longest, Korean words must not be broken, Chinese ones have no spaces (those are measured where all pages
    are opened in Chinese): width only, the rest is the same page."""
    house, someone = furnished.house, person(reduced_motion="reduce")
    speak(house, language)
    look, seen, wrong = Look(someone), set(), []
    for url, one in one_after_the_other(sign_in, someone, furnished):
        wrong += told(look, measured, language, url + one.path)
        seen.add(one.rule)
    assert wrong == []
    for rule, _ in rules_of(app, "public"):
        if rule.endpoint not in NO_PUBLIC and not rule.endpoint.startswith("operator."):
            measured(look, language, f"http://localhost:{server}{rule.rule}?lang={language}")
    assert seen == {one.rule for one in furnished.pages}


def measured(look, language, place):
    """Nothing is wider than its place, on a desk and on a phone."""
    look.open(place)
    look.person.no_sideways_scroll(f"{language} {place} wide")
    look.person.buttons_are_whole(f"{language} {place} wide")
    look.fits(f"{language} {place}")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_of_the_console(app, person, server, console, language):
    with entry.control() as session:
        session.execute(update(Operator).where(Operator.id == console["operator"]).values(locale=language))
    someone, url = person(reduced_motion="reduce"), f"http://ops.localhost:{server}"
    look = Look(someone)
    for cookie, paths in (("half", ["/sign-in", "/sign-in/code"]), ("whole", console["pages"])):
        someone.context.add_cookies([{"name": door.cookie_name(), "value": console[cookie], "url": url}])
        for path in paths:
            look.open(f"{url}{path}?lang={language}")
            look.check(f"operator {language} {path}", looks="all" if language == "en" else "dark")
            look.weigh(path)
    assert {re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "<uuid:id>", path) for path in console["pages"]} == {rule.rule for rule, _ in rules_of(app, "operator") if rule.endpoint not in NO_CONSOLE}, "a page of the console is not looked at"


def test_refused_forms_of_the_console_have_no_violation(person, server, console):
    someone, url = person(reduced_motion="reduce"), f"http://ops.localhost:{server}"
    look, page = Look(someone), someone.page
    page.goto(f"{url}/sign-in")
    page.click("main button[type=submit]")
    page.locator("[aria-invalid=true]").first.wait_for()
    look.console.clear()
    look.check("operator sign-in refused")
    someone.context.add_cookies([{"name": door.cookie_name(), "value": console["whole"], "url": url}])
    for path, form in ((console["pages"][1], "#comp"), (console["pages"][3], "#payment")):
        page.set_viewport_size(WIDE)
        page.goto(url + path)
        page.locator("html[data-ready]").wait_for(state="attached")
        page.evaluate("form => document.querySelectorAll(form + ' input:not([type=hidden])').forEach(i => { i.value = '' })", form)
        page.evaluate("form => document.querySelector(form).submit()", form)
        page.locator(f"{form} [aria-invalid=true]").first.wait_for()
        look.console.clear()
        look.check(f"operator {path} refused")


def test_the_sweep_finds_what_is_wrong(person, sign_in, furnished):
    """Negative control: a page with low contrast, a nameless button, a wide box and a style attribute is refused four times."""
    someone = person(reduced_motion="reduce")
    someone.page.goto(sign_in(someone, furnished.house, "owner") + "/settings/profile")
    someone.page.evaluate("document.querySelector('#content').insertAdjacentHTML('afterbegin', '<button></button><p class=mute id=low>low</p><div id=wide>wide</div>')")
    someone.page.evaluate("document.querySelector('#wide').style.width = '3000px'; document.querySelector('#low').style.color = '#aaa'")
    someone.page.evaluate("document.querySelector('#content').insertAdjacentHTML('afterbegin', '<button class=btn id=cut>A button with more words than it has room for</button>'); document.querySelector('#cut').style.width = '90px'")
    for check in (someone.axe, lambda: someone.axe_contrast("control"), lambda: someone.no_sideways_scroll("control"), lambda: someone.buttons_are_whole("control")):
        with pytest.raises(AssertionError):
            check()
    someone.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\" onclick=\"1\">x</p>')")
    assert someone.page.evaluate("window.__csp.length") > 0
    someone.page.evaluate("window.__csp = []")
    someone.errors.clear()


def test_a_page_of_another_shape_is_looked_at(person, sign_in, furnished):
    """Negative control of what is looked at once: another button, or a name that went, makes a page of its own."""
    someone = person(reduced_motion="reduce")
    look = Look(someone)
    look.open(sign_in(someone, furnished.house, "owner") + "/settings/profile")
    look.page.locator("html[data-ready]").wait_for(state="attached")
    look.page.evaluate("document.querySelector('#content').insertAdjacentHTML('afterbegin', '<p id=only-here>x</p>')")
    assert look.is_new("all") and not look.is_new("all") and not look.is_new("dark")
    for change in ("document.querySelector('#only-here').className = 'mute'", "document.querySelector('#only-here').textContent = ''", "document.querySelector('#content button').removeAttribute('aria-label'); document.querySelector('#only-here').remove()"):
        look.page.evaluate(change)
        assert look.is_new("corners"), change


def pressed_open(someone, look, keys, shown, where):
    """What the keys open, in all four looks, and shut again."""
    someone.page.set_viewport_size(WIDE)
    look.theme("light")
    someone.press(*keys)
    someone.page.locator(shown).first.wait_for()
    look.console.clear()
    look.check(where)
    someone.press("Escape")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_open_drawer_palette_menu_and_key_help_have_no_violation(person, sign_in, furnished, language):
    house = furnished.house
    speak(house, language)
    someone = person(reduced_motion="reduce")
    page, url, look = someone.page, sign_in(someone, house, "owner"), Look(someone)
    page.goto(f"{url}/accounts")
    page.locator("html[data-ready]").wait_for(state="attached")
    pressed_open(someone, look, ["Control+k"], "#palette[open]", f"{language} palette")
    page.locator("#palette").wait_for(state="hidden")
    pressed_open(someone, look, ["?"], "#keys[open]", f"{language} key help")
    page.locator("#keys").wait_for(state="hidden")
    pressed_open(someone, look, ["j", "Space"], "#peek:not([hidden]) h2", f"{language} drawer")
    page.locator("#peek").wait_for(state="hidden")
    page.set_viewport_size(WIDE)
    page.click(".who")
    someone.axe(where=f"{language} menu")
    look.theme("dark")
    someone.axe_contrast(f"{language} menu dark")
