"""Every page of a workspace by its address: which there are, which are none, who opens each; and a house with something on
all of them. For who looks at them all (tests/browser/test_sweep.py, tests/browser/test_hostile_crawl.py)."""

import re
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from core.activities import actions as log
from core.activities.models import Guest
from core.consent import bases, recording
from core.custom_fields import actions as custom_fields
from core.custom_fields.models import CustomField
from core.deals.models import DealStage
from core.discussions.actions import add_comment
from core.files.actions import add_file
from core.identity import inviting, readdressing, resetting, stepping, tokens
from core.identity.models import User
from core.intake import links
from core.mail import answering
from core.mail import inviting as told_guests
from core.mailings import drafting
from core.parties import affiliations, marks, reach, staging
from core.parties.actions import create_account, create_contact
from core.personal import actions as personal
from core.privacy import requests
from core.privacy.models import SubjectRequest
from core.quotes import sending
from core.quotes.models import Quote
from core.sharing import actions as sharing
from core.tagging.models import Tag
from core.tags import actions as tags
from core.transfer.models import ImportRun
from tenants import entry
from tests.support.intake import build
from tests.support.intake import sent as sent_by_form
from tests.support.pictures import picture
from tests.support.things import thing_of
from tests.support.world import House, World
from web.api import shell

PART = "a part of a page, for htmx: the page that it is put into is opened"
OPTIONS = "options below a field, put into a page"
FILE = "a file"
# Rules of a workspace that answer GET and are no page of their own, with the reason.
NO_PAGES = {
    "accounts.duplicates": PART, "contacts.duplicates": PART, "mailings.reach": PART, "search.palette": PART, "live.show": PART, "transfer.progress": PART, "exports.progress": PART, "bulk.progress": PART, "handover.progress": PART,
    "board.lane": PART, "forecast.lane": PART, "merges.progress": PART, "lead_model.progress": PART, "merges.scan_progress": PART, "tags.progress": PART, "mailboxes.progress": PART,
    "accounts.options": OPTIONS, "mail.options": OPTIONS, "contacts.options": OPTIONS, "participants.options": OPTIONS, "tags.options": OPTIONS, "products.options": OPTIONS, "discussions.colleagues_product": OPTIONS, "discussions.colleagues_deal": OPTIONS, "discussions.colleagues_lead": OPTIONS, "discussions.colleagues_quote": OPTIONS, "discussions.colleagues_work_report": OPTIONS, "discussions.colleagues_account": OPTIONS, "discussions.colleagues_contact": OPTIONS,
    "mail.content": FILE, "mail.raw": FILE, "calendar.invitation": FILE, "subscription.pdf": FILE, "quote_papers.show_pdf": FILE, "briefs.print_account": FILE, "briefs.print_contact": FILE, "quote_papers.show_xlsx": FILE, "quote_papers.show_to_customer": FILE, "print_templates.sample_pdf": FILE, "print_templates.sample_xlsx": FILE, "print_templates.show_logo": FILE, "transfer.left_out": FILE, "files.content": FILE, "mailboxes.arrival": FILE, "files.thumbnail": FILE, "install.manifest": FILE, "install.worker": FILE,
    "install.seen": "JSON, asked by the service worker",
    "single_sign_on.callback": "the way back from the company's own server: leads on, or shows the page to sign in",
}
# What a page asks for in its address to have something on it.
ASKED = {
    "merges.new": "?kind=account&id={account}&id={other}", "reach.new_mark_accounts": "?kind=mail&value=office@nordlicht.example", "reach.new_mark_contacts": "?kind=mail&value=sofie@nordlicht.example",
    "search.index": "?q=nordlicht", "past.show_deals": "?day={today}", "stage_report.show_deals": "?stage={stage}", "performance.show_records": "?measure=won",
}
# Pages of things that all see and only he who made them may change.
ITS_MAKERS = {"discussions.edit"}
LONG_NAME = "Nordlicht Optik GmbH, Niederlassung Hamburg-Altona"


@dataclass(frozen=True)
class Opened:
    """One page: what the map of URLs calls it, by what rule, its address, which permission it asks for, and who of the
    cast opens it where not everybody with that permission does."""

    endpoint: str
    rule: str
    path: str
    permission: str
    who: str | None = None


class Furnished:
    """A workspace with something on every page. `keys`: beginning of a rule -> the key that stands there."""

    def __init__(self, app, house: House, about: SimpleNamespace):
        self.app, self.house, self.about = app, house, about
        self.world = World.of(app, house)
        self.keys: dict = {}
        self.pages = [self._page(rule, guard) for rule, guard in rules_of(app, "needs")]
        self.parts = [self._page(rule, guard) for rule, guard in rules_of(app, "needs", parts=True)]

    def _page(self, rule, guard) -> Opened:
        thing = thing_of(rule) if rule.arguments else None
        path = re.sub(r"<[^<>]+>", str(self.key(thing)), rule.rule) if rule.arguments else rule.rule
        asked = ASKED.get(rule.endpoint, "").format(**vars(self.about))
        return Opened(rule.endpoint, rule.rule, path + asked, guard.permission, thing.owner if thing and (thing.seen == "self" or rule.endpoint in ITS_MAKERS) else None)

    def key(self, thing):
        """One of each, made when it is first needed; what is shown most is furnished by hand."""
        if thing not in self.keys:
            self.keys[thing] = self.about.made.get(thing.make.__name__) or thing.make(self.world)
        return self.keys[thing]

    def for_whom(self, who: str, *, parts: bool = False) -> list[Opened]:
        """The pages that somebody of the cast may open and that are not others' alone; with `parts` what is put into them, too."""
        allowed = set(self.house.users[who].role.permissions)
        return [one for one in (*self.pages, *(self.parts if parts else ())) if one.who in (None, who) and ("*" in allowed or one.permission in allowed)]


def rules_of(app, kind: str, *, parts: bool = False) -> list:
    """(rule, guard) of every rule that answers GET with a page (or with a part of one), by what its guard asks of the visitor."""
    found = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        guard = getattr(app.view_functions[rule.endpoint], "guard", None)
        is_part = NO_PAGES.get(rule.endpoint) in (PART, OPTIONS)
        if "GET" in rule.methods and guard and guard.kind == kind and not rule.rule.startswith("/api") and (is_part if parts else rule.endpoint not in NO_PAGES):
            found.append((rule, guard))
    return found


def furnish(app, slug: str) -> Furnished:
    """A house with a long name, a busy account and contact, own fields, and one of everything that a key may name."""
    from tests.web.subscription.test_pages import FORM, begin_trial

    patch, house = pytest.MonkeyPatch(), House(slug)
    begin_trial(house)
    about = _records(house)
    _told(house, about)
    _arranged(house, about)
    patch.setattr(shell, "BURST", 1_000_000)
    try:
        World.of(app, house).browser("owner").post("/subscription/orders", FORM)
        _done(World.of(app, house), about)
        return Furnished(app, house, about)
    finally:
        patch.undo()


def _records(house: House) -> SimpleNamespace:
    with house.ctx("rep") as ctx:
        account = create_account(ctx, name=LONG_NAME, phone="+49 40 5557 0142", mail="office@nordlicht.example", city="Hamburg", tags=["retail", "key customer"])
        contact = create_contact(ctx, name="Sofie Brandt", mail="sofie@nordlicht.example", account_id=account.id, tags=["news"])
        call = log.log_activity(ctx, kind="call", account=account, contact=contact, body="Wants two deliveries.\nThe first to Altona.", next_contact="tomorrow 10:00", next_contact_note="Say the date")
        log.log_activity(ctx, kind="visit", account=account, body="Saw the shop")
        bases.set_basis(ctx, contact, basis="legitimate_interest", source="paper", note="Weighed on paper, in the folder of the data protection officer")
        for n in range(52):
            other = create_account(ctx, name=f"Company {n:02} with a name of some length", city="Москва" if n % 2 else "上海")
            create_contact(ctx, name=f"Person {n:02}", mail=f"p{n}@people.example")
        ctx.session.flush()
        _reached(ctx, house, account, contact, other)
        return SimpleNamespace(account=account.id, contact=contact.id, other=other.id, today=ctx.today.isoformat(), stage=ctx.session.execute(select(DealStage.id).limit(1)).scalar_one(), made={"account": account.id, "contact": contact.id, "activity": call.id})


def _reached(ctx, house: House, account, contact, other) -> None:
    """Further ways to reach them, a mark on one, a role elsewhere, something personal, a share."""
    reach.add_point(ctx, account, "phone", "+49 40 5557 0199", label="Warehouse, mornings only")
    reach.add_point(ctx, contact, "mail", "brandt.private.address.that.is.long@people.example", label="Private")
    reach.add_point(ctx, contact, "messenger", "sofie_brandt", service="telegram")
    reach.add_address(ctx, account, recipient="Goods in", street="Große Elbstraße 268", postcode="22767", city="Hamburg", country="DE")
    marks.mark_invalid(ctx, contact, "mail", "brandt.private.address.that.is.long@people.example", "bounced", note="Mailbox full since March")
    affiliations.affiliate(ctx, contact, other.id, title="Adviser")
    personal.add_fact(ctx, contact, kind="habit", body="Rather calls than writes; on Fridays before ten.", source="said")
    staging.set_stage(ctx, account, stage="kept", note="Framework agreement signed at the fair", until=ctx.today + timedelta(days=60))
    sharing.share(ctx, account, user_id=house.users["manager"].id)


def _told(house: House, about: SimpleNamespace) -> None:
    """A discussion and a file, by a colleague."""
    from core.parties.models import Account

    with house.ctx("manager") as ctx:
        seen = ctx.session.get_one(Account, about.account)
        add_comment(ctx, seen, "@Rep please look at https://nordlicht.example/an-address-that-is-quite-long-and-has-no-break-in-it-at-all?and=more\nToday.")
        add_comment(ctx, seen, "@Owner too")
        add_file(ctx, seen, source=BytesIO(picture()), name="Drawing 合同 of the counter with measures, second version.png")


def _arranged(house: House, about: SimpleNamespace) -> None:
    """What the workspace has of its own: a mailing, fields, a purpose with a line in the ledger, a token."""
    from core.parties.models import Contact

    with house.ctx("owner") as ctx:
        about.made["mailing"] = drafting.draft_mailing(ctx, subject="Opening hours in winter", body="Dear {{ contact.name }}", tags=["news"]).id
        field = custom_fields.create_field(ctx, room="accounts", kind="choice", label="Delivery window that suits the customer", help="As agreed with the shop", options=[{"label": "Mornings", "colour": "green"}, {"label": "Evenings, after closing", "colour": "violet"}], in_list=True).id
        custom_fields.create_field(ctx, room="accounts", kind="date", label="Since", is_required=True, shown_when={"field": f"custom.{ctx.session.get(CustomField, field).key}", "op": "filled"})
        about.made["own_field"] = field
        purpose = recording.add_purpose(ctx, name="Invitations to seminars", said="May we invite you to our seminars?", lang="en")
        ctx.session.flush()
        recording.record_consent(ctx, ctx.session.get_one(Contact, about.contact), purpose.id, given=True, source="form", proof="Ticked at the fair in Hanover")
        about.made["purpose"] = purpose.id
        tokens.make_token(ctx, name="Bookkeeping")


WRONG_ROWS = b"name,employees,city,mail\nNordlicht,many,Kiel,office@kiel.example\n,7,Ulm,no address\nGood Optik GmbH,5,Ulm,good@ulm.example\n"


def _done(world: World, about: SimpleNamespace) -> None:
    """Work with something to tell of: an import with rows that can't be read, a merge with a child and another value, a tag that
    records had, a person's request with what was found. The workers look at the import and the request meanwhile."""
    rep, house = world.api("rep"), world.acme
    about.made["run"] = rep.client.post("/api/v1/imports?dry_run=true", base_url=f"http://{house.host}", data=WRONG_ROWS, content_type="text/csv").json["id"]
    one, two = (rep.json("POST", "/api/v1/accounts", {"name": name, "city": city, "external_id": number}).json["id"] for name, city, number in (("Kliniken Nord", "Kiel", "K-1"), ("Kliniken Nord GmbH", "Ulm", "K-2")))
    rep.json("POST", "/api/v1/contacts", {"name": "Olga Kowalski", "account_id": two})
    about.made["merge"] = rep.json("POST", "/api/v1/merges", {"kind": "account", "survivor_id": one, "ids": [two], "choices": {"city": two}}).json["id"]
    with house.ctx("owner") as ctx:
        create_account(ctx, name="Fair 2025", tags=["fair visitor"])
        ctx.session.flush()
        about.made["tag_change"] = tags.delete_tag(ctx, ctx.session.execute(select(Tag).where(Tag.name == "fair visitor")).scalar_one()).id
        request = requests.receive(ctx, kind="access", who="Sofie Brandt", mail="sofie@nordlicht.example")
        ctx.session.flush()
        about.made["subject_request"] = request.id
    settled(house, ImportRun, about.made["run"], "checked")
    settled(house, SubjectRequest, about.made["subject_request"], "open")


def settled(house: House, model, key, state: str, seconds: float = 30) -> None:
    """Wait until the workers have brought it so far."""
    until = time.monotonic() + seconds
    while True:
        with house.ctx("owner") as ctx:
            row = ctx.session.get_one(model, key)
            now, why = row.state, getattr(row, "failure", None)
        if now == state:
            return
        assert time.monotonic() < until and now != "failed", f"{model.__tablename__} is {now} after {seconds} s: {why}"
        time.sleep(0.1)


def pages_for_strangers(furnished: Furnished) -> tuple[dict[str, str], str]:
    """(endpoint -> the address of each page of the workspace that nobody signs in for, the token of a first step taken)."""
    house, world = furnished.house, furnished.world
    from tests.support.things import invitation, quote

    key, offer, now = invitation(world), quote(world), entry.utcnow()
    code = build(house, hosts=["shop.example"], confirmed="before")[1]
    with house.ctx("owner") as ctx:
        enquiry = sent_by_form(house, code)
        status, confirming = links.token(ctx, enquiry), links.token(ctx, enquiry, links.CONFIRM)
    with house.ctx("owner") as ctx:
        reset = resetting.link_of(ctx.tenant, ctx.session.get_one(User, house.users["colleague"].id), now + resetting.VALID)
        joining = inviting.link_of(ctx.tenant, inviting.one_invitation(ctx, key))
        user = ctx.session.execute(select(User).where(User.id == house.users["rep"].id)).scalar_one()
        step = stepping.begin(ctx.session, "code", now=now, user=user, data={"credential_version": user.credential_version}, ip=None, agent=None)
    with house.ctx("manager") as ctx:
        row = readdressing.ask(ctx, f"walked-{uuid4().hex[:8]}@people.example")
        ctx.session.flush()
        stop = readdressing.link_of(ctx.tenant, row, "stop")
        sent = sending.send_quote(ctx, ctx.session.get_one(Quote, offer))
        meeting = _asked(ctx)
    paths = {
        "session.new": "/sign-in", "session.code": "/sign-in/code", "joining.new": urlsplit(joining).path, "resetting.new": "/password/forgotten", "resetting.edit": urlsplit(reset).path,
        "mail_kept.show": urlsplit(stop).path, "public.unsubscribe": "/unsubscribe/made-up",
        "public_forms.show": f"/form/{code}", "public_forms.thanks": f"/form/{code}/thanks", "public_forms.show_embedded": f"/embed/form/{code}", "public_forms.thanks_embedded": f"/embed/form/{code}/thanks",
        "enquiry_page.show": f"/enquiry/{status}", "enquiry_page.ask": f"/enquiry/{confirming}/confirmation",
        "guest_page.show": urlsplit(meeting).path, "quote_page.show": f"/quote/{sent.token}", "quote_page.check": f"/quote/check/{sent.proof}",
    }
    return paths, step


def _asked(ctx) -> str:
    """The link of somebody who was asked to a meeting."""
    person = create_contact(ctx, name="Gwen Guest", mail="gwen@guests.example")
    ctx.session.flush()
    made = log.log_activity(ctx, kind="meeting", contact=person, body="x", next_contact=ctx.now + timedelta(days=3), next_contact_note="Spring frames", next_contact_minutes=45, place="Quay 7")
    ctx.session.flush()
    told_guests.tell(ctx, made)
    told_guests.send_due(replace(ctx, now=ctx.now + timedelta(minutes=3)), made.id)
    return answering.link_of(ctx, ctx.session.execute(select(Guest).where(Guest.activity_id == made.id)).scalar_one(), "en")


def speak(house: House, language: str) -> None:
    """Everybody of the house reads in that language now."""
    with entry.enter(house.tenant) as session:
        session.execute(update(User).values(locale=language))
