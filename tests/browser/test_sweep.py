"""Every page that can be opened, by everybody who may: axe, policy, console, width, weight, in both themes, two sizes, two languages."""

import re
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import brotli
import pyotp
import pytest
from sqlalchemy import update

from billing import operations, signup, subscriptions
from core.activities import actions as log
from core.base.outbox import Order, defer_row
from core.consent import bases
from core.custom_fields import actions as custom_fields
from core.custom_fields.models import CustomField
from core.discussions.actions import add_comment
from core.files.actions import add_file
from core.identity import tokens
from core.identity.models import User
from core.mailings import drafting
from core.parties.actions import create_account, create_contact
from infra import limits
from tenants import entry, registry
from tenants import operations as operators
from tenants.models import ControlOrder, Operator, Tenant
from tests.support.pictures import picture
from tests.support.world import House
from web import door

WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
ALLOWED_STATUS = (200, 402)  # 402: a page that the plan withholds is a page too
# Pages that are parts of others for htmx, files, or end a step that the sweep does not take.
NO_PAGES = {"static", "healthz", "readyz", "metrics", "domain", "gallery_options", "subscription.pdf", "operator.invoice_pdf", "operator.palette", "signup.address", "signup.workspace",
            "accounts.options", "contacts.options", "tags.options", "accounts.duplicates", "contacts.duplicates", "mailings.reach", "search.palette",
            "transfer.progress", "transfer.left_out", "live.show", "discussions.colleagues_account", "discussions.colleagues_contact", "files.content", "files.thumbnail", "install.seen"}
WITHOUT_SCRIPT = {"second_step.show"}  # it stands before the workspace, like the page to sign in
JS_BUDGET, CSS_BUDGET, HTML_BUDGET, PUBLIC_BUDGET = 45_000, 15_000, 25_000, 30_000


@pytest.fixture(scope="module")
def furnished(server, room):
    """A house with something on every page, and the keys that its addresses need."""
    house, ids = House(f"sweep-{uuid4().hex[:6]}"), {}
    with house.ctx("rep") as ctx:
        account = create_account(ctx, name="Nordlicht Optik GmbH, Niederlassung Hamburg-Altona", phone="+49 40 5557 0142", city="Hamburg", tags=["retail", "key customer"])
        contact = create_contact(ctx, name="Sofie Brandt", mail="sofie@nordlicht.example", account_id=account.id, tags=["news"])
        entry_of_log = log.log_activity(ctx, kind="call", account=account, contact=contact, body="Wants two deliveries.\nThe first to Altona.", next_contact="tomorrow 10:00", next_contact_note="Say the date")
        log.log_activity(ctx, kind="visit", account=account, body="Saw the shop")
        bases.set_basis(ctx, contact, basis="legitimate_interest", source="paper", note="Weighed on paper, in the folder of the data protection officer")
        for n in range(52):
            create_account(ctx, name=f"Company {n:02} with a name of some length", city="Москва" if n % 2 else "上海")
            create_contact(ctx, name=f"Person {n:02}", mail=f"p{n}@people.example")
        ctx.session.flush()
        ids |= {"accounts": account.id, "contacts": contact.id, "lawful_bases": contact.id, "activities": entry_of_log.id}
    with house.ctx("manager") as ctx:
        seen = ctx.session.get_one(type(account), account.id)
        add_comment(ctx, seen, "@Rep please look at https://nordlicht.example/an-address-that-is-quite-long-and-has-no-break-in-it-at-all?and=more\nToday.")
        add_comment(ctx, seen, "@Owner too")
        add_file(ctx, seen, source=BytesIO(picture()), name="Drawing 合同 of the counter with measures, second version.png")
    with house.ctx("owner") as ctx:
        ids["mailings"] = drafting.draft_mailing(ctx, subject="Opening hours in winter", body="Dear {{ contact.name }}", tags=["news"]).id
        ids["fields"] = custom_fields.create_field(ctx, room="accounts", kind="choice", label="Delivery window that suits the customer", help="As agreed with the shop", options=[{"label": "Mornings", "colour": "green"}, {"label": "Evenings, after closing", "colour": "violet"}], in_list=True).id
        custom_fields.create_field(ctx, room="accounts", kind="date", label="Since", is_required=True, shown_when={"field": f"custom.{ctx.session.get(CustomField, ids['fields']).key}", "op": "filled"})
        tokens.make_token(ctx, name="Bookkeeping")
    return house, ids


def pages_of(app, kind: str) -> list[str]:
    """Every GET rule of signed-in pages, as (endpoint, rule)."""
    found = []
    for rule in app.url_map.iter_rules():
        guard = getattr(app.view_functions[rule.endpoint], "guard", None)
        if "GET" in rule.methods and guard and guard.kind == kind and rule.endpoint not in NO_PAGES and not rule.rule.startswith("/api"):
            found.append((rule.endpoint, rule.rule, guard.permission))
    return sorted(found)


def address(rule: str, endpoint: str, ids: dict) -> str | None:
    """The rule with a real key in it; None where the house has no such record."""
    if "<" not in rule:
        return rule
    key = ids.get(endpoint.partition(".")[0])
    return re.sub(r"<[^>]+>", str(key), rule, count=1) if key and rule.count("<") == 1 else None


# What a page is built of, without what differs from record to record. Two pages of one shape in one language are one page to
# axe: roles that see the same are looked at once.
SHAPE = """() => [document.documentElement.lang, ...[...document.querySelectorAll('body, body *')].map(e => e.tagName + [...e.attributes].map(a => a.name + '='
    + (/^(class|role|type|id|for|name|disabled|hidden|tabindex|lang|aria-(labelledby|describedby|controls|owns|expanded|selected|checked|current|hidden|invalid|activedescendant|haspopup))$/.test(a.name) ? a.value : a.value.trim() !== '')).sort().join(';')
    + [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))].join('\\n')"""
LOOKED: set[tuple] = set()


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

    def open(self, url: str) -> None:
        self.wire.clear()
        self.page.set_viewport_size(WIDE)
        answer = self.page.goto(url)
        assert answer.status in ALLOWED_STATUS, f"{url}: {answer.status}"
        self.html = len(brotli.compress(answer.body(), quality=5))

    def weigh(self, where: str, *, public: bool = False) -> None:
        script, style = (sum(self.wire.get(kind, {}).values()) for kind in ("script", "stylesheet"))
        assert script <= JS_BUDGET and style <= CSS_BUDGET and self.html <= HTML_BUDGET, f"{where}: js {script}, css {style}, html {self.html}"
        assert not public or script + style + self.html <= PUBLIC_BUDGET, f"{where}: {script + style + self.html} bytes"

    def check(self, where: str, *, whole: bool = True, dark: bool = False) -> None:
        """All four looks; not `whole`: one of the two opposite corners, light and wide or dark and narrow. A page of a shape
        that was looked at before is only measured: words may be wider, nothing else can be different."""
        if not self.is_new(whole, dark):
            self.person.no_sideways_scroll(f"{where} wide")
            self.fits(where)
            assert self.page.evaluate("window.__csp") == [] and self.console == [], f"{where}: {self.console}"
            return
        if whole or not dark:
            self.theme("light")
            self.person.axe(where=f"{where} light wide")
            self.person.no_sideways_scroll(f"{where} wide")
        if whole:
            self.theme("dark")
            self.person.axe_contrast(f"{where} dark wide")
        self.fits(where)
        if whole:
            self.theme("light")
            self.person.axe_contrast(f"{where} light narrow")
        if whole or dark:
            self.theme("dark")
            self.person.axe(where=f"{where} dark narrow")
        assert self.page.evaluate("window.__csp") == [] and self.console == [], f"{where}: {self.console}"

    def is_new(self, whole: bool, dark: bool) -> bool:
        shape = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "KEY", self.page.evaluate(SHAPE))
        looks = {(shape, corner) for corner in (("light", "dark") if whole else ("dark",) if dark else ("light",))}
        new = not looks <= LOOKED
        LOOKED.update(looks)
        return new

    def fits(self, where: str) -> None:
        """On a phone nothing runs out of its place."""
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


def speak(house, language):
    with entry.enter(house.tenant) as session:
        session.execute(update(User).values(locale=language))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("who", ["owner", "manager", "rep", "reader"])
def test_every_page_of_every_role(app, person, sign_in, furnished, who, language):
    house, ids = furnished
    speak(house, language)
    someone = person(reduced_motion="reduce")
    url, look, seen = sign_in(someone, house, who), Look(someone), 0
    allowed = set(house.users[who].role.permissions)
    for endpoint, rule, permission in pages_of(app, "needs"):
        path = address(rule, endpoint, ids)
        if path and ("*" in allowed or permission in allowed):
            look.open(url + path)
            if endpoint not in WITHOUT_SCRIPT:
                look.page.locator("html[data-ready]").wait_for(state="attached")
            look.check(f"{who} {language} {path}", whole=who == "owner" and language == "en", dark=language == "zh")
            look.weigh(path)
            seen += 1
    assert seen >= 9


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_for_strangers(app, person, server, furnished, language):
    someone = person(reduced_motion="reduce")
    look = Look(someone)
    for _, rule, _ in pages_of(app, "public"):
        if rule in ("/", "/prices", "/sign-up", "/sign-in") and (rule != "/sign-in" or language):
            look.open(f"http://localhost:{server}{rule}?lang={language}")
            look.check(f"{language} {rule}")
            look.weigh(rule, public=True)
    for path in ("/sign-in", "/unsubscribe/made-up", "/nothing-here"):
        look.page.goto(f"http://{furnished[0].host}:{server}{path}?lang={language}")
        look.console.clear()
        look.check(f"{language} tenant {path}", whole=language == "en", dark=language == "zh")
    look.page.goto(f"http://{furnished[0].host}:{server}/unsubscribe/made-up?lang={language}")
    with look.page.expect_navigation():
        look.page.click("form button")
    look.check(f"{language} tenant unsubscribed", whole=language == "en", dark=language == "zh")


def test_nothing_is_cut_in_the_longer_languages(app, person, sign_in, server, furnished):
    """Russian labels run longest, Korean words must not be broken, Chinese ones have no spaces: width only, the rest is the same page."""
    house, ids = furnished
    someone = person(reduced_motion="reduce")
    url, look = sign_in(someone, house, "owner"), Look(someone)
    for language in ("ru", "ko", "zh"):
        speak(house, language)
        paths = [url + path for endpoint, rule, _ in pages_of(app, "needs") if (path := address(rule, endpoint, ids))]
        for place in (*paths, *(f"http://localhost:{server}{path}?lang={language}" for path in ("/", "/prices", "/sign-up", "/sign-in"))):
            look.open(place)
            someone.no_sideways_scroll(f"{language} {place} wide")
            someone.buttons_are_whole(f"{language} {place} wide")
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
            look.check(f"operator {language} {path}", whole=language == "en", dark=language == "zh")
            look.weigh(path)
    assert {re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "<uuid:id>", path) for path in console["pages"]} == {rule for _, rule, _ in pages_of(app, "operator")}, "a page of the console is not looked at"


def test_refused_forms_of_the_console_have_no_violation(person, server, console):
    someone, url = person(reduced_motion="reduce"), f"http://ops.localhost:{server}"
    look, page = Look(someone), someone.page
    page.goto(f"{url}/sign-in")
    page.click("main button[type=submit]")
    page.locator("[aria-invalid=true]").first.wait_for()
    look.console.clear()
    look.check("operator sign-in refused", dark=True)
    someone.context.add_cookies([{"name": door.cookie_name(), "value": console["whole"], "url": url}])
    for path, form in ((console["pages"][1], "#comp"), (console["pages"][3], "#payment")):
        page.set_viewport_size(WIDE)
        page.goto(url + path)
        page.locator("html[data-ready]").wait_for(state="attached")
        page.evaluate("form => document.querySelectorAll(form + ' input:not([type=hidden])').forEach(i => { i.value = '' })", form)
        page.evaluate("form => document.querySelector(form).submit()", form)
        page.locator(f"{form} [aria-invalid=true]").first.wait_for()
        look.console.clear()
        look.check(f"operator {path} refused", dark=True)


def test_the_sweep_finds_what_is_wrong(person, sign_in, furnished):
    """Negative control: a page with low contrast, a nameless button, a wide box and a style attribute is refused four times."""
    someone = person(reduced_motion="reduce")
    someone.page.goto(sign_in(someone, furnished[0], "owner") + "/settings/profile")
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
    look.open(sign_in(someone, furnished[0], "owner") + "/settings/profile")
    look.page.evaluate("document.querySelector('#content').insertAdjacentHTML('afterbegin', '<p id=only-here>x</p>')")
    assert look.is_new(True, False) and not look.is_new(True, False) and not look.is_new(False, True)
    for change in ("document.querySelector('#only-here').className = 'mute'", "document.querySelector('#only-here').textContent = ''", "document.querySelector('#content button').removeAttribute('aria-label'); document.querySelector('#only-here').remove()"):
        look.page.evaluate(change)
        assert look.is_new(True, False), change


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
    house, ids = furnished
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
