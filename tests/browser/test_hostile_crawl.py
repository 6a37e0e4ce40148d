"""Every text column of every table holds what tries to become script, and somebody opens every page, list, drawer, palette and
letter: nothing runs, no policy is broken, no page fails (RELIABILITY X6, fault 52). New pages and columns come in by themselves."""

import html
import json
import os
import re
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Error as PlaywrightError

from core.base.errors import Refused
from core.custom_fields import actions as custom_fields
from core.identity.models import IdentityProvider
from core.parties.actions import create_account, create_contact, edit_account
from core.parties.models import Account
from core.post.letters import letters
from core.post.rules import made_one_line, made_plain, render
from tests.browser.test_sweep import furnished  # noqa: F401 (a fixture)
from tests.support import canaries
from tests.support.hostile import PAYLOADS, plant
from tests.support.things import THINGS
from tests.support.world import House
from web.api import shell

DEEP = os.environ.get("TENDERO_DEEP") == "1"
MOST_LINKS = 400 if DEEP else 25
# In which nothing is planted, with the reason; and which take nothing, because a constraint wants a word of a list.
NEVER = "stands there only once something broke off, and has tests of its own"
EMPTY = {
    **{f"{name}.failure": NEVER for name in ("bulk_edit", "handover_run", "import_run", "merge_run", "prepared_export", "tag_change")}, **{f"{name}.counts": "numbers" for name in ("import_run", "mailing_run", "merge_run")},
    **dict.fromkeys(("handover_run.counts", "handover_run.outcomes"), "keys and numbers"), "handover_run.wanted": "keys alone, where there are no rules; conditions are shown as a list's are",
    **{f"notification_setting.{name}": "words of a list" for name in ("mentioned", "assigned", "commented", "reminder", "received", "finished", "joined", "workspace", "daily_days")},
    **{f"import_row.{name}": "of a row that was written: what stood before; of the same kinds as values, which are planted" for name in ("account_before", "before", "further", "notes")}, "import_fix.text": "a cell put right: shown as cells are",
    **dict.fromkeys(("agreed_terms.facts", "terms_withdrawal.facts"), "codes and numbers of the credit at that moment"), **dict.fromkeys(("mail_message.bcc_list", "mail_message.refs"), "shown as those in To are, which are planted; names of mails"), "mailbox_folder.name": "nobody's mailbox has been looked at; shown as a mailbox's name is",
    "import_run.sheets": "names of a workbook's sheets; the run here is a CSV", "custom_field.shown_when": "the name of a field, an operation, the key of an option", "merge_run.losers": "keys and numbers alone", "subject_request.proof": "counts",
    "suppression.reason": "a word of a list", "tag_change.kept": "keys alone", "sign_in_step.agent": "nobody is between two steps, and no page shows it", "sign_in_step.ip": "the same", "user_identity.issuer": "nobody came by the provider, and no page shows it", "user_identity.subject": "the same",
    **{f"forecast_adjustment.{name}": "nobody has adjusted a forecast; shown as a stage's reason is" for name in ("period", "reason")},
    "user_skill.word": "nobody's skills have been said; they stand in a field of a form, as other words of people do",
    "ranking_choice.reasons": "codes and numbers, shown as sentences of ours",
    "forecast_line.counted": "a word of a list", "forecast_day.rates": "numbers by currency",
    "print_template.headings": "none of one's own at first; shown as a title is, which is planted",
    **{f"{name}.widths": "numbers, by the names of columns" for name in ("list_habit", "saved_view")},

    "lead.conversion": "kinds and numbers", "lead_score.why": "keys of rules and numbers", "lead_chance.why": "names of fields, places in a list and numbers", "lead_model.report": "numbers", "lead_model_use.ended_by": "a word of a list, where one has ended", **dict.fromkeys(("deal.first_touch", "deal.last_touch"), "of the same kinds as a lead's, which are planted"),
    **dict.fromkeys(("deal_line.parts", "quote_line.parts"), "no line here has a bundle; shown as a line's name is, which is planted"),
    **dict.fromkeys(("credit_rule.grade", "quote_line.reasons"), "words of a list"), "quote_version.chosen": "keys alone", "quote_version.taxes": "numbers by their rate",
    **dict.fromkeys(("product.custom", "deal.custom", "lead.custom", "quote.custom"), "of the same kinds as an account's, which are planted"), "sign_in_rules.networks": "nobody has set rules there; shown in a text area, as other fields are, and refused unless each line begins with a network",
}
WORDS = """activity_guest.answer activity_guest.asking lead_model.verdict lead.answer lead.answered_by mail_preference.privacy mail_preference.told mailbox.way mail_message.direction mail_rules.privacy mail_rules.told mail_thread.privacy mail_thread.told account.stage credit_standing.grade credit_standing.limit_currency credit_standing.source lead_assignment.way loyalty_standing.source sales_target.period activity.direction app_user.clock app_user.density app_user.first_day bulk_edit.operation bulk_edit_row.outcome consent.source consent_purpose.basis contact.preferred_channel contact_point.service deal.forecast deal_line.recurs deal_member.share_was deal_stage.colour deal_stage.forecast handover_row.outcome handover_run.way
    product.bundle_price export_run.step import_row.outcome import_row.plan import_run.format import_run.mode import_run.on_problem lawful_basis.basis lead.reason web_form.confirmed enquiry.held_for lawful_basis.source mailing.pause_reason merge_row.outcome personal_fact.source enquiry.wanted work_report_line.what work_report_line.section
    prepared_export.format print_template.colour print_template.columns print_template.font print_template.layout print_template.paper quote_line.choice account.tax_relief quote_version.relief reach_mark.invalid record_share.level role.changing role.visibility sign_in_event.way stage_change.from_stage stage_change.to_stage price_list.based_way price_list.whom price_list_line.way price_list_line.what subject_hit.why tag.colour tag_change_row.outcome""".split()
CLOSED = {**dict.fromkeys(WORDS, "a word of a list"), "enquiry.reply": "only beside its moment; shown as what was asked is, which is planted", "tag.name": "one spelling each: the tags of planted records are there already", "tag_change.into_name": "none where a tag was deleted", "deal.next_step": "only beside its day; shown where a deal's source is, which is planted", "lead.next_step": "only beside its day; shown where a lead's campaign is, which is planted", "product_unit.name": "shorter than what is planted; shown where a category's name is", **dict.fromkeys(("quote_version.token", "quote_version.proof"), "random, of one shape"), "quote.number": "of one shape, by the workspace's own counter", "price_list.group_name": "only of a list for a group; shown as a list's name is"}
KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


def place_of(link: str) -> str:
    """The host of a link; nothing of one that is none, as a planted web address makes them."""
    try:
        return urlsplit(link).netloc
    except ValueError:
        return ""


class Watch:
    """A window that notices whatever ran, was asked for, or broke the policy."""

    def __init__(self, person):
        self.person, self.page, self.found, self.seen = person, person.page, [], set()
        self.page.on("dialog", lambda dialog: (self.found.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.on("request", self._asked)

    def _asked(self, request):
        host = urlsplit(request.url).hostname or ""
        if "/hacked" in request.url or not host.endswith("localhost") and request.url.startswith("http"):
            self.found.append(f"asked for {request.url}")

    def open(self, url: str) -> None:
        self.seen.add(KEY.sub("KEY", urlsplit(url).path))
        answer = self.page.goto(url)
        assert answer.status < 500, f"{url}: {answer.status}"
        if self.page.locator("html[data-ready], script[type=module]").count():
            self.page.locator("html[data-ready]").wait_for(state="attached")
        self.check(url)

    def check(self, where: str) -> None:
        hacked, broken = self.page.evaluate("[window.hacked ?? null, window.__csp]")
        assert (hacked, broken, self.found) == (None, [], []), f"{where}: {hacked} {broken} {self.found}"

    def links(self) -> list[str]:
        here = urlsplit(self.page.url)
        found = self.page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href)")
        return [link.partition("#")[0] for link in found if place_of(link) == here.netloc and not any(part in link for part in ("/sign-out", "/content", ".csv", ".ics", ".xlsx", "pdf", "/thumbnail"))]


@pytest.fixture(scope="module")
def filled(furnished, data):  # noqa: F811
    """The furnished house with a row in every table, and a payload in every text of it."""
    patch = pytest.MonkeyPatch()
    patch.setattr(shell, "BURST", 1_000_000)
    for thing in dict.fromkeys(THINGS.values()):
        furnished.key(thing)
    patch.undo()
    canaries.plant(furnished.house)
    with furnished.house.ctx() as ctx:
        given = {f"custom.{own_field(ctx, kind)}": value for kind, value in OWN.items()}
        edit_account(ctx, ctx.session.get_one(Account, furnished.about.account), **given)
        ctx.session.add(IdentityProvider(name="Company sign-in", issuer="https://issuer.example", client_id="tendero", problem="No answer", discovery={}))
    formulas = [line for line in (data / "security-strings" / "csv-payload.txt").read_text().splitlines() if line]
    return furnished, plant(furnished.house, [*PAYLOADS, *formulas])


# A value for each kind of own field whose words are a person's, or an option's.
OWN = {"text": "Hello", "long_text": "Hello\nagain", "amount": "12.5 USD", "choices": ["one"], "mail": "own@people.example", "phone": "+49 40 1", "link": "https://a.example"}


def own_field(ctx, kind):
    return custom_fields.create_field(ctx, room="accounts", kind=kind, label=f"Own {kind}", labels={"es": f"Campo {kind}"}, preset="Hello" if kind == "text" else None, options=[{"label": "One"}, {"label": "Two"}] if kind == "choices" else []).key


def test_every_column_holds_what_is_hostile_or_says_why_not(filled):
    _, planted = filled
    assert planted.empty == set(EMPTY) and set(planted.closed) == set(CLOSED), (planted.empty ^ set(EMPTY), sorted(set(planted.closed) ^ set(CLOSED)))
    assert {"account.custom", "account.stage_why", "saved_view.query", "fact.params", "import_row.values", "notification.params"} <= planted.filled and len(planted.filled) > 100


@pytest.mark.parametrize("who", ["owner", "rep"])
def test_nothing_runs_on_any_page(person, sign_in, filled, who):
    """Half pages for htmx are opened as pages: a browser that is led to them directly must not run them either."""
    furnished, _ = filled  # noqa: F811
    watch = Watch(person(reduced_motion="reduce"))
    url, further, pages = sign_in(watch.person, furnished.house, who), {}, furnished.for_whom(who, parts=True)
    for one in pages:
        watch.open(url + one.path)
        for link in watch.links():
            further.setdefault(KEY.sub("KEY", urlsplit(link).path), link)
    for shape, link in [pair for pair in further.items() if pair[0] not in watch.seen][:MOST_LINKS]:
        watch.open(link)
        assert shape
    for searched in ("script", "onload", "window.hacked", "<"):
        watch.open(f"{url}/search?q={searched}")
    assert len(pages) > (100 if who == "owner" else 60) and {KEY.sub("KEY", one.path.partition("?")[0]) for one in pages} <= watch.seen, len(pages)


@pytest.mark.parametrize("kind", ["accounts", "contacts"])
def test_nothing_runs_in_drawer_palette_and_cell(person, sign_in, filled, kind):
    house = filled[0].house
    watch = Watch(person(reduced_motion="reduce"))
    someone, page = watch.person, watch.page
    url = sign_in(someone, house, "owner")
    watch.open(f"{url}/{kind}")
    someone.press("j", "Space")
    page.locator("#peek:not([hidden]) h2").first.wait_for()
    watch.check("drawer")
    for _ in range(12 if not DEEP else 50):
        someone.press("j")
        page.wait_for_timeout(60)
    watch.check("drawer, further down")
    someone.press("Escape")
    page.locator("#peek").wait_for(state="hidden")
    someone.press("Control+k")
    page.locator("#palette[open]").wait_for()
    for typed in ("script", "img src"):
        page.fill("#palette input", "")
        someone.type(typed)
        page.wait_for_timeout(500)
        watch.check(f"palette {typed}")
    page.locator("#palette [data-found]").first.wait_for()
    someone.press("Escape", "Escape")


def test_nothing_runs_in_any_letter(person, sign_in, filled):
    """Every letter that a room declares, each of its values hostile, shown without any policy as a mail program might."""
    watch = Watch(person())
    page, seen = watch.page, 0
    page.goto("about:blank")
    for name, letter in letters().items():
        places = set(re.findall(r"%\((\w+)\)", letter.subject + "".join(letter.body) + (letter.button or "")))
        for n, payload in enumerate(PAYLOADS if DEEP else PAYLOADS[:: 6]):
            values = {place: made_plain(payload) for place in places} | {"link": "https://x.example/a?b=1", "settings": "https://x.example/c"}
            html = render(letter, values, lang="en", timezone="UTC", sender=made_one_line(PAYLOADS[n])).html
            page.set_content(html)
            assert page.evaluate("[...document.querySelectorAll('script,img,svg,iframe,form,input,base,style,link,details,math')].length + [...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => a.name.startsWith('on'))).length") == 0, (name, payload)
            seen += 1
        for link in ("javascript:window.hacked=1", "https://x.example/ \"onclick=x", "data:text/html,x"):
            with pytest.raises(Refused):
                render(letter, {**values, "link": link}, lang="en", timezone="UTC", sender="x") if letter.button else (_ for _ in ()).throw(Refused("none"))
    assert page.evaluate("window.hacked ?? null") is None and watch.found == [] and seen > 20


@pytest.fixture(scope="module")
def naughty(data):
    """The Big List of Naughty Strings, whole, handed to the doors of accounts and contacts: kept as it was or refused."""
    house, strings = House(f"blns-{uuid4().hex[:6]}", {"owner": "admin"}), json.loads((data / "security-strings" / "blns" / "blns.json").read_text())
    kept = 0
    for n in range(0, len(strings), 40):
        with house.ctx() as ctx:
            for text in strings[n : n + 40]:
                try:
                    with ctx.session.begin_nested():
                        account = create_account(ctx, name=text, notes=text, city=text, tags=[text[:40]])
                        ctx.session.flush()
                        create_contact(ctx, name=text, job_title=text, notes=text, account_id=account.id)
                        kept += 1
                except Refused:
                    continue
    return house, len(strings), kept


def test_the_big_list_is_kept_or_refused_and_runs_nowhere(person, sign_in, naughty):
    house, given, kept = naughty
    assert given > 450 and kept > 400, (given, kept)
    watch = Watch(person(reduced_motion="reduce"))
    url = sign_in(watch.person, house, "owner")
    for path in ("/contacts?rows=200", "/search?q=script", "/", "/settings/audit/", "/accounts?rows=200"):
        watch.open(url + path)
    records = [link for link in watch.links() if KEY.search(link)]
    for link in records if DEEP else records[::20]:
        watch.open(link)


def test_what_runs_or_asks_is_seen(person, sign_in, filled):
    """Negative control: the same payloads put into a page unescaped."""
    watch = Watch(person(reduced_motion="reduce"))
    watch.open(sign_in(watch.person, filled[0].house, "owner") + "/settings/profile")
    watch.page.evaluate("html => document.querySelector('#content').insertAdjacentHTML('beforeend', html)", PAYLOADS[1])
    watch.person.until("window.__csp.length > 0 || window.hacked")
    with pytest.raises(AssertionError):
        watch.check("control")
    watch.page.evaluate("window.__csp = []")
    watch.person.errors.clear()


def test_a_value_that_a_page_forgot_to_escape_is_seen(person, server, sign_in, filled):
    """Negative control: the record's own page with its planted values as they are, under its own policy."""
    furnished, _ = filled  # noqa: F811
    watch = Watch(person(reduced_motion="reduce"))
    url = sign_in(watch.person, furnished.house, "owner")

    def unescaped(route):
        line = HTTPConnection("127.0.0.1", int(server), timeout=20)
        cookie = "; ".join(f"{one['name']}={one['value']}" for one in watch.person.context.cookies(url))
        line.request("GET", path, headers={"Host": furnished.house.host, "Cookie": cookie})
        answer = line.getresponse()
        route.fulfill(status=answer.status, headers={"Content-Type": "text/html", "Content-Security-Policy": answer.headers["Content-Security-Policy"]}, body=html.unescape(answer.read().decode()))

    path = f"/accounts/{furnished.about.account}"
    watch.page.route(f"**{path}", unescaped)
    watch.page.goto(url + path, wait_until="commit")
    assert is_seen(watch)
    watch.page.unroute(f"**{path}")
    leave(watch.page)
    watch.person.errors.clear()


def leave(page, tries=20):
    """Away from a page that a payload leads elsewhere at the same moment."""
    for _ in range(tries):
        try:
            page.goto("about:blank")
            return
        except PlaywrightError:
            page.wait_for_timeout(50)
    raise AssertionError(f"the page stays at {page.url}")


def is_seen(watch, seconds=10):
    """Does the watch refuse the page? It may be on its way elsewhere meanwhile: that is asked again."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            watch.check("control")
        except AssertionError:
            return True
        except PlaywrightError:
            continue
        time.sleep(0.1)
    return False
