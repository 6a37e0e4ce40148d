"""What the keys in addresses name: one thing of each kind, made as its owner would make it. For whoever walks all routes.

A new route with a key fails in tests/house/test_cast_walks.py until THINGS says what the key names.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import delete, select

from core.mail import composing
from core.mail.models import MailAttachment
from core.products import price_lists
from core.reports.rules import span_of
from core.transfer.models import PreparedExport
from infra.db import database
from tests.support.pictures import picture
from workers.jobs import files as jobs

CSV = b"name,city\nNordlicht,Kiel\n"
PREFIX = "/api/v1"


@dataclass(frozen=True)
class Thing:
    """What a key in an address names. owner: who of the cast has it. seen: by others of his role ("role"), by those
    alone who see everything ("all"), by nobody else ("self")."""

    owner: str
    make: Callable
    seen: str = "all"


def handover(world):
    """An account of somebody who is gone, given to the colleague."""
    from core.handover import giving, planning
    from core.parties import actions as parties

    with world.acme.ctx("manager") as ctx:
        parties.create_account(ctx, name="Left behind").owner_id = world.acme.users["ex"].id
        ctx.session.flush()
        return giving.start(ctx, planning.plan(ctx, world.acme.users["ex"].id, way="one", people_=[world.acme.users["colleague"].id])).id


def taken_over(world):
    """The same, given to the salesperson."""
    from core.handover import giving, planning
    from core.parties import actions as parties

    with world.acme.ctx("manager") as ctx:
        parties.create_account(ctx, name="Left behind").owner_id = world.acme.users["ex"].id
        ctx.session.flush()
        return giving.start(ctx, planning.plan(ctx, world.acme.users["ex"].id, way="one", people_=[world.acme.users["rep"].id])).id


def account(world):
    return world.api("rep").json("POST", "/api/v1/accounts", {"name": "Walked"}).json["id"]


def contact(world):
    return world.api("rep").json("POST", "/api/v1/contacts", {"name": "Walked"}).json["id"]


def activity(world):
    body = {"kind": "call", "body": "x", "account_id": account(world), "next_contact_on": "2099-01-01"}
    return world.api("rep").json("POST", "/api/v1/activities", body).json["id"]


def participant(world):
    return world.api("rep").json("POST", f"/api/v1/activities/{activity(world)}/participants", {"contact_id": contact(world)}).json["id"]


def merge(world):
    body = {"kind": "account", "survivor_id": account(world), "ids": [account(world)]}
    return world.api("rep").json("POST", "/api/v1/merges", body).json["id"]


def pair(world):
    from core.parties.beside_models import DuplicatePair

    a, b = sorted((account(world), account(world)))
    with world.acme.ctx("rep") as ctx:
        row = DuplicatePair(kind="account", a_id=a, b_id=b, score=0.9, reasons=["name"])
        ctx.session.add(row)
        ctx.session.flush()
        return row.id


def scan(world):
    from core.merging import scanning

    with world.acme.ctx("rep") as ctx:
        return scanning.start(ctx).id


def run(world):
    return world.api("rep").client.post("/api/v1/imports?dry_run=true", base_url=f"http://{world.acme.host}", data=CSV, content_type="text/csv").json["id"]


def bulk_edit(world):
    body = {"kind": "accounts", "ids": [account(world)], "changes": {"city": "Ulm"}, "dry_run": True}
    return world.api("rep").json("POST", "/api/v1/bulk-edits", body).json["id"]


def mailing(world):
    return world.api("manager").json("POST", "/api/v1/mailings", {"subject": "News", "body": "x", "tags": ["a"]}).json["id"]


def newest(world, table):
    with database().owner() as connection:
        return connection.execute(f"SELECT id FROM {world.acme.tenant.schema_name}.{table} ORDER BY created_at DESC, id DESC LIMIT 1").fetchone()[0]  # noqa: S608


def token(world):
    world.api("rep")
    return newest(world, "api_token")


def program(world):
    from core.identity import programs

    with world.acme.ctx("owner") as ctx:
        return programs.make_program(ctx, name=f"Walked {uuid4().hex[:8]}", role="reader")[1].id


def session(world):
    world.browser("rep")
    return newest(world, "session")


def takeout(world):
    world.browser("owner").post("/settings/data/")
    with database().owner() as connection:
        return connection.execute("SELECT id FROM control.run WHERE tenant_id = %s ORDER BY id DESC LIMIT 1", (world.acme.tenant.id,)).fetchone()[0]


def invoice(world):
    with database().owner() as connection:
        return connection.execute("SELECT id FROM control.invoice WHERE tenant_id = %s LIMIT 1", (world.acme.tenant.id,)).fetchone()[0]


def mail_change(world):
    from core.identity import readdressing

    with world.acme.ctx("rep") as ctx:
        row = readdressing.ask(ctx, f"walked-{uuid4().hex[:8]}@people.example")
        ctx.session.flush()
        return readdressing.link_of(ctx.tenant, row, "confirm").rsplit("/", 1)[1]


def mail_confirmation(world):
    from core.identity import confirmed_mail, queries

    with world.acme.ctx("rep") as ctx:
        return confirmed_mail.link_of(ctx.tenant, queries.one_user(ctx, ctx.actor.id)).rsplit("/", 1)[1]


def role(world):
    return world.acme.users["rep"].role_id


def team(world):
    from core.identity import teams

    with world.acme.ctx("owner") as ctx:
        return teams.create_team(ctx, name=f"Walked {uuid4().hex[:8]}").id


def absence(world):
    from datetime import timedelta

    from sqlalchemy import delete

    from core.identity import absence as absences
    from core.identity.models import Absence

    with world.acme.ctx("rep") as ctx:
        ctx.session.execute(delete(Absence))
        day = ctx.today + timedelta(days=9)
        return absences.plan_absence(ctx, world.acme.users["rep"], deputy_id=world.acme.users["manager"].id, starts_on=day, ends_on=day).id


def invitation(world):
    from sqlalchemy import delete

    from core.identity import inviting
    from core.identity.models import Invitation

    with world.acme.ctx("owner") as ctx:
        ctx.session.execute(delete(Invitation))
        found = inviting.invite(ctx, mail=f"walked-{uuid4().hex[:6]}@people.example", role="sales")
        return found.id


def passkey(world):
    from core.identity.models import Passkey

    with world.acme.ctx("rep") as ctx:
        row = Passkey(user_id=ctx.actor.id, name="Walked", rp_id="walked.example", credential_id=uuid4().bytes, public_key=b"x", sign_count=0)
        ctx.session.add(row)
        ctx.session.flush()
        return row.id


def prepared(world):
    from core.transfer import preparing
    from core.transfer.wanted import Wanted

    with world.acme.ctx("rep") as ctx:
        ctx.session.execute(delete(PreparedExport))  # five an hour
        return preparing.ask(ctx, Wanted("accounts"), "accounts.csv").id


def notification(world):
    from core.notifications import telling
    from core.parties.models import Account

    with world.acme.ctx("owner") as ctx:
        telling.notify(ctx, "commented", [world.acme.users["rep"].id], ctx.session.get_one(Account, account(world)))
    return newest(world, "notification")


def comment(world):
    return world.api("rep").json("POST", "/api/v1/comments", {"record_kind": "account", "record_id": account(world), "body": "Walked"}).json["id"]


def share(world):
    body = {"record_kind": "account", "record_id": account(world), "user_id": str(world.acme.users["manager"].id)}
    return world.api("rep").json("POST", "/api/v1/shares", body).json["id"]


def file(world):
    path = f"/api/v1/files?record_kind=account&record_id={account(world)}&name=walked.png"
    key = world.api("rep").client.post(path, base_url=f"http://{world.acme.host}", data=picture(), content_type="application/octet-stream").json["id"]
    jobs.draw(lambda: world.acme.ctx("rep"), file_id=key)
    return key


def below(room, path, body):
    """Something of a record of that room."""
    return lambda world: world.api("rep").json("POST", f"/api/v1/{room}/{(account if room == 'accounts' else contact)(world)}/{path}", body).json["id"]


POINT = {"kind": "mail", "value": "walked@further.example"}


def affiliation(world):
    return world.api("rep").json("POST", f"/api/v1/contacts/{contact(world)}/affiliations", {"account_id": account(world)}).json["id"]


def personal_fact(world):
    return world.api("rep").json("POST", "/api/v1/personal-facts", {"contact_id": contact(world), "body": "Walked"}).json["id"]


def person(world):
    return world.acme.users["ex"].id


def view(world):
    """One of his own; brought back by the walk where it was deleted before."""
    from core.views import actions

    with world.acme.ctx("rep") as ctx:
        return actions.save_view(ctx, room="accounts", name=f"Walked {uuid4().hex[:8]}", query={}).id


def binned(kind):
    """One in the recycle bin of everybody who may."""

    def make(world):
        from core.deals import actions as deals
        from core.leads import actions as leads
        from core.parties import actions
        from core.quotes import drafting

        homes = {"deal": deals, "lead": leads, "quote": drafting}
        with world.acme.ctx("owner") as ctx:
            found = getattr(homes.get(kind, actions), f"create_{kind}")(ctx, name="Walked", owner_id=None)
            ctx.session.flush()
            getattr(homes.get(kind, actions), f"delete_{kind}")(ctx, found)
            return found.id

    return make


def subject_request(world):
    """Found and to be decided."""
    from core.privacy import requests

    with world.acme.ctx("owner") as ctx:
        found = requests.receive(ctx, kind="correct", who="Walked")
        found.state = "open"
        return found.id


def purpose(world):
    from core.consent import recording

    with world.acme.ctx("owner") as ctx:
        found = recording.add_purpose(ctx, name=f"Walked {uuid4().hex[:8]}")
        ctx.session.flush()
        return found.id


def lawful_basis(world):
    return world.api("rep").json("POST", f"/api/v1/contacts/{contact(world)}/lawful-bases", {"basis": "contract", "source": "paper"}).json["id"]


def tag(world):
    from core.tags import actions

    with world.acme.ctx("owner") as ctx:
        return actions.create_tag(ctx, name=f"Walked {uuid4().hex[:8]}").id


def tag_change(world):
    from core.tags import actions

    with world.acme.ctx("owner") as ctx:
        return actions.delete_tag(ctx, actions.create_tag(ctx, name=f"Walked {uuid4().hex[:8]}")).id


def own_field(world):
    """One of its own for each walk: an archived one could not be changed."""
    from core.custom_fields import actions

    with world.acme.ctx("owner") as ctx:
        return actions.create_field(ctx, room="accounts", kind="text", label=f"Walked {uuid4().hex[:8]}").id


def mailbox(world):
    """One to which a program posts: nothing is called."""
    from core.mailboxes import actions

    with world.acme.ctx("owner") as ctx:
        return actions.make(ctx, way="webhook", shared=True, name="Walked", purpose="leads")[0].id


def mailbox_arrival(world):
    """A mail that waits there for a person."""
    from core.mailboxes import arriving
    from core.mailboxes.models import Mailbox
    from infra.inbox.reading import Unreadable

    with world.acme.ctx("owner") as ctx:
        box = ctx.session.get(Mailbox, mailbox(world))
        key, _ = arriving.store(ctx, box, uuid4().hex.encode())
        arriving.settle(ctx, key, arriving.Came(b"x", Unreadable("damaged")))
        return key


def date_reminder(world):
    return world.api("owner").json("POST", "/api/v1/date-reminders", {"room": "contacts", "field": "birthday"}).json["id"]


def product(world):
    body = {"code": f"W-{uuid4().hex[:8]}", "name": "Walked", "description": "Walked on", "price": "10"}
    return world.api("owner").json("POST", "/api/v1/products", body).json["id"]


def relation(world):
    """Of two products, the first of which says what its variants would differ in."""
    api, key = world.api("owner"), product(world)
    api.json("PUT", f"/api/v1/products/{key}/attributes", {"attributes": [{"name": "Walked", "values": [{"name": "Walked on"}]}]}, headers={"If-Match": '"1"'})
    return api.json("POST", f"/api/v1/products/{key}/relations", {"way": "fits", "other_id": product(world)}).json["id"]


def of_catalogue(path, **more):
    """A thing that products are described by."""
    return lambda world: world.api("owner").json("POST", f"/api/v1/{path}", {"name": f"Walked {uuid4().hex[:8]}", **more}).json["id"]


def price_list(world):
    from core.products import price_lists

    with world.acme.ctx("owner") as ctx:
        return price_lists.add_list(ctx, name=f"Walked {uuid4().hex[:8]}").id


def price_line(world):
    from core.products import price_lists

    with world.acme.ctx("owner") as ctx:
        book = price_lists.add_list(ctx, name=f"Walked {uuid4().hex[:8]}", whom="group", group_name="walked")
        return price_lists.add_line(ctx, book, what="all", way="discount", value="5").id


def tier(world):
    from core.products import price_lists

    with world.acme.ctx("owner") as ctx:
        return price_lists.set_tier(ctx, tier=f"Walked {uuid4().hex[:8]}", percent="5").id


def currency(world):
    """One of its own for each walk, with a rate."""
    from babel.numbers import list_currencies

    from core.products import rating

    with world.acme.ctx("owner") as ctx:
        code = next(one for one in sorted(list_currencies()) if one not in rating.currencies(ctx))
        made = rating.add_currency(ctx, code)
        rating.store_rate(ctx, currency=code, rate="2", source="Walked")
        return made.id


def lead(world):
    return world.api("rep").json("POST", "/api/v1/leads", {"name": "Walked", "owner_id": str(world.acme.users["rep"].id)}).json["id"]


def lead_rule(world):
    """One of its own for each walk: it is deleted by one."""
    from core.leads import scoring

    with world.acme.ctx("owner") as ctx:
        return scoring.save_rule(ctx, None, name="Walked", kind="free_mail", points=-1).id


def lead_model(world):
    """One that was fitted and may be used; its own for each walk."""
    from datetime import timedelta

    from core.leads import features
    from core.leads.model_models import LeadModel

    field = features.Looked("source", ("Fair",))
    plain = {"weights": [[-0.2, 0.0, 0.4]], "usual": [0.1], "intercept": -0.5, "map": [1.0, 0.0], "strength": 0.1}
    figures = {"right": 0.7, "brier": 0.2, "top": 0.6, "of": 0.4, "bins": [{"from": 40, "count": 60, "promised": 0.42, "came": 0.4}]}
    with world.acme.ctx("owner") as ctx:
        model = LeadModel(
            state="done", verdict="better", closed=200, converted=80, share=100, finished_at=ctx.now - timedelta(hours=1), model=features.kept([field], plain),
            report={"model": figures, "rules": figures | {"right": 0.6}, "average": {"brier": 0.24}, "older": 140},
        )
        ctx.session.add(model)
        ctx.session.flush()
        return model.id


def web_form(world):
    from tests.support.intake import build

    return build(world.acme, source="Website", campaign="Spring", hosts=["shop.example"], redirect_url="https://shop.example/thanks")[0]


def held_enquiry(world):
    """One that was held back."""
    from tests.support.intake import build, sent

    return sent(world.acme, build(world.acme)[1], trap="filled in")


def answered_enquiry(world):
    """One that became the salesperson's lead, with words on its sender's page."""
    from core.intake import deciding
    from core.leads.queries import one_lead
    from tests.support.intake import build, sent

    key = sent(world.acme, build(world.acme, lead_owner_id=world.acme.users["rep"].id)[1], touch={"utm_source": "fair"})
    with world.acme.ctx("rep") as ctx:
        deciding.reply(ctx, one_lead(ctx, deciding.lead_of(ctx, key)), key, "We call on Monday.")
    return key


def lead_assignment(world):
    """For leads from nowhere: it takes none of another test's; put in past the use case, which keeps few."""
    from core.leads.assign_models import LeadAssignment

    with world.acme.ctx("owner") as ctx:
        ctx.session.add(row := LeadAssignment(name="Walked", user_ids=[world.acme.users["rep"].id], conditions=[["country", "eq", "Nowhere"]], position=99))
        ctx.session.flush()
        return row.id


def deal(world):
    return world.api("rep").json("POST", "/api/v1/deals", {"name": "Walked"}).json["id"]


def deal_member(world):
    """Somebody who works on a deal of the salesperson's, without being let in by it."""
    from core.deals.models import DealMember

    with world.acme.ctx("rep") as ctx:
        ctx.session.add(row := DealMember(deal_id=deal(world), user_id=world.acme.users["manager"].id, role="Walked"))
        ctx.session.flush()
        return row.id


def deal_rival(world):
    """Who else wants a deal of the salesperson's, which has a product too."""
    from core.deals import actions, competitors, lines

    with world.acme.ctx("rep") as ctx:
        made = actions.create_deal(ctx, name="Walked")
        lines.save_lines(ctx, made, [{"name": "Walked", "unit_price": "10"}])
        return competitors.name_in_deal(ctx, made, named=f"Walked {uuid4()}", note="Walked").id


def contact_plan(world):
    """Of accounts in no place; put in past the use case, which keeps few."""
    from core.contact_plans.models import ContactPlan

    with world.acme.ctx("manager") as ctx:
        ctx.session.add(row := ContactPlan(name=f"Walked {uuid4()}", times_a_year=1, conditions=[["city", "eq", "Nowhere"]], position=99))
        ctx.session.flush()
        return row.id


def competitor(world):
    return world.api("rep").json("POST", "/api/v1/competitors", {"name": f"Walked {uuid4()}"}).json["id"]


def quote(world):
    """A draft with a line, to be sent; of somebody who may also approve."""
    api = world.api("manager")
    made = api.json("POST", "/api/v1/quotes", {"name": "Walked", "account_id": account(world)}).json["id"]
    draft = api.json("GET", f"/api/v1/quotes/{made}/versions").json["data"][0]["version"]
    written = api.json("PUT", f"/api/v1/quotes/{made}/lines", {"lines": [{"name": "Work", "unit_price": "10"}]}, headers={"If-Match": f'"{draft}"'})
    assert written.status_code == 200, written.json
    return made


def approval(world):
    """What waits for the owner's yes: the manager asks for a release that his role does not give."""
    from core.approvals import limits
    from core.credit import actions as credit
    from core.identity.roles import one_role
    from core.parties import actions as parties
    from core.quotes import approving, drafting, lining

    with world.acme.ctx("owner") as ctx:
        limits.set_limits(ctx, one_role(ctx, "manager"), {("quotes.release", ""): "0"})
        customer = parties.create_account(ctx, name="Walked and late", owner_id=None)
        ctx.session.flush()
        credit.set_grade(ctx, customer, grade="small_bad", reason="Walked", until_on="2099-01-01")
        key = customer.id
    with world.acme.ctx("manager") as ctx:
        made = drafting.create_quote(ctx, name="Walked", account_id=key)
        lining.save_lines(ctx, made, [{"name": "Work", "unit_price": "10"}])
        return approving.ask(ctx, made, note="Walked").id


def pipeline(world):
    """One of its own for each walk: it is put away by one."""
    from core.deals import pipelines

    with world.acme.ctx("owner") as ctx:
        return pipelines.create_pipeline(ctx, name=f"Walked {uuid4().hex[:8]}").id


def deal_stage(world):
    """One of its own for each walk, in a pipeline of its own: it is taken away by one."""
    from core.deals import pipelines, staging

    with world.acme.ctx("owner") as ctx:
        return staging.add_stage(ctx, pipelines.create_pipeline(ctx, name=f"Walked {uuid4().hex[:8]}"), name="Walked").id


def print_template(world):
    """One of its own for each walk, with a logo: it is deleted by one."""
    from core.documents import actions
    from tests.support.pictures import picture

    with world.acme.ctx("owner") as ctx:
        made = actions.create_template(ctx, name=f"Walked {uuid4().hex[:8]}")
        ctx.session.flush()
        return actions.set_logo(ctx, made, picture()).id


def sales_target(world):
    """One of its own for each walk: it is taken away by one."""
    period = f"{1980 + uuid4().int % 200}-{1 + uuid4().int % 12:02}"
    return world.api("owner").json("POST", "/api/v1/sales-targets", {"period": period, "amount": {"amount": "100", "currency": "EUR"}}).json["id"]


def loss_reason(world):
    """One of its own for each walk: it is taken away by one."""
    from core.deals import reasons

    with world.acme.ctx("owner") as ctx:
        return reasons.add_reason(ctx, f"Walked {uuid4().hex[:8]}").id


# The beginning of an address -> what its key names.
def credit_grade(world):
    body = {"account_id": account(world), "grade": "big_good", "reason": "Walked", "until_on": "2099-01-01"}
    return world.api("owner").json("POST", "/api/v1/credit-grades", body).json["id"]


def agreed_terms(world):
    body = {"account_id": account(world), "payment_days": 60, "until_on": "2099-01-01"}
    return world.api("owner").json("POST", "/api/v1/agreed-terms", body).json["id"]


def loyalty_tier(world):
    with world.acme.ctx("owner") as ctx:
        price_lists.set_tier(ctx, tier="Walked", percent="1")
    body = {"account_id": account(world), "tier": "Walked", "reason": "Walked", "until_on": "2099-01-01"}
    return world.api("owner").json("POST", "/api/v1/loyalty-tiers", body).json["id"]


def mail(world):
    """A mail that waits."""
    return world.api("rep").json("POST", "/api/v1/mail/messages", {"to": ["walked@customer.example"], "subject": "Walked", "body": "x"}).json["id"]


def mail_that_came(world):
    """One that was taken for the rep, with its bytes."""
    from core.base.context import as_actor, system
    from core.mail.taking import take
    from infra.incoming import Incoming, Mailed

    with world.acme.ctx() as ctx:
        came = Incoming(sender=Mailed("walked@customer.example"), to=(Mailed("rep@x.example"),), cc=(), subject="Came", text="x", message_id=f"{uuid4().hex}@x")
        return take(as_actor(ctx, system("mailbox")), came, owner_id=world.acme.users["rep"].id, raw=b"raw").id


def mail_thread(world):
    return world.api("rep").get(f"/api/v1/mail/messages/{mail(world)}").json["thread_id"]


def mail_file(world):
    with world.acme.ctx("rep") as ctx:
        message = composing.write(ctx, to="walked@customer.example", subject="Walked", body="x", files=[composing.Brought("walked.txt", b"walked")])
        return str(ctx.session.execute(select(MailAttachment.id).where(MailAttachment.message_id == message.id)).scalar_one())


def mail_template(world):
    return world.api("owner").json("POST", "/api/v1/mail/templates", {"name": f"Walked {uuid4().hex[:8]}", "language": "en", "subject": "s", "body": "b"}).json["id"]


def work_report(world):
    """One of the salesperson's, handed in; another one each time."""
    from core.reports import actions, queries

    with world.acme.ctx("rep") as ctx:
        span = span_of(ctx.today, "day").next(-1 - len(queries.mine(ctx)[0]))
        report = actions.hand_in(ctx, span, words="Walked")
        report.handed_at = ctx.now
        return str(report.id)


THINGS = {
    "/reports/": Thing("rep", work_report, seen="self"),  # and by those who lead, who are not sent where they should not be
    "/settings/mail/templates/": Thing("owner", mail_template, seen="role"), "/mail/templates/": Thing("owner", mail_template, seen="role"), "/mail/messages/": Thing("rep", mail, seen="self"),
    "/mail/threads/": Thing("rep", mail_thread, seen="self"), "/mail/files/": Thing("rep", mail_file, seen="self"), "/mail/raw/": Thing("rep", mail_that_came, seen="self"), "/mail/": Thing("rep", mail_thread, seen="self"),
    "/rankings/deals/": Thing("manager", deal), "/rankings/leads/": Thing("manager", lead), "/handing-over/": Thing("manager", handover), "/handovers/": Thing("manager", handover), "/taken-over/": Thing("rep", taken_over, seen="self"),
    "/settings/print-templates/": Thing("owner", print_template, seen="role"), "/print-templates/": Thing("owner", print_template, seen="role"),
    "/calendar/activities/": Thing("rep", activity), "/calendar/deals/": Thing("rep", deal), "/calendar/leads/": Thing("rep", lead),
    "/credit-grades/": Thing("owner", credit_grade), "/loyalty-tiers/": Thing("owner", loyalty_tier), "/agreed-terms/": Thing("owner", agreed_terms),
    "/accounts/contact-points/": Thing("rep", below("accounts", "contact-points", POINT)), "/contacts/contact-points/": Thing("rep", below("contacts", "contact-points", POINT)),
    "/accounts/addresses/": Thing("rep", below("accounts", "addresses", {"city": "Kiel"})), "/contacts/addresses/": Thing("rep", below("contacts", "addresses", {"city": "Kiel"})),
    "/product-relations/": Thing("owner", relation, seen="role"), "/products/": Thing("owner", product, seen="role"), "/settings/catalogue/units/": Thing("owner", of_catalogue("product-units"), seen="role"), "/settings/catalogue/categories/": Thing("owner", of_catalogue("product-categories"), seen="role"),
    "/settings/catalogue/tax-codes/": Thing("owner", of_catalogue("tax-codes", percent="19"), seen="role"), "/settings/currencies/": Thing("owner", currency, seen="role"),
    "/product-units/": Thing("owner", of_catalogue("product-units"), seen="role"), "/product-categories/": Thing("owner", of_catalogue("product-categories"), seen="role"), "/tax-codes/": Thing("owner", of_catalogue("tax-codes", percent="19"), seen="role"), "/currencies/": Thing("owner", currency, seen="role"), "/price-lists/": Thing("owner", price_list, seen="role"), "/price-list-lines/": Thing("owner", price_line, seen="role"), "/tier-discounts/": Thing("owner", tier, seen="role"), "/settings/price-lists/lines/": Thing("owner", price_line, seen="role"), "/settings/price-lists/tiers/": Thing("owner", tier, seen="role"), "/settings/price-lists/": Thing("owner", price_list, seen="role"),
    "/accounts/": Thing("rep", account), "/contacts/": Thing("rep", contact), "/activities/participants/": Thing("rep", participant), "/activity-participants/": Thing("rep", participant), "/activities/": Thing("rep", activity), "/imports/": Thing("rep", run),
    "/affiliations/": Thing("rep", affiliation), "/bulk-edits/": Thing("rep", bulk_edit), "/merges/": Thing("rep", merge), "/duplicates/pairs/": Thing("rep", pair), "/duplicates/scans/": Thing("rep", scan, seen="role"), "/duplicates/": Thing("rep", pair),
    "/mailings/": Thing("manager", mailing, seen="role"), "/users/": Thing("owner", person, seen="role"),
    "/settings/members/": Thing("owner", person, seen="role"), "/settings/fields/": Thing("owner", own_field, seen="role"), "/custom-fields/": Thing("owner", own_field, seen="role"), "/settings/roles/": Thing("owner", role, seen="role"), "/settings/teams/": Thing("owner", team, seen="role"), "/roles/": Thing("owner", role, seen="role"), "/teams/": Thing("owner", team, seen="role"),
    "/settings/invitations/": Thing("owner", invitation, seen="role"), "/invitations/": Thing("owner", invitation, seen="role"),
    "/settings/absences/": Thing("rep", absence, seen="self"), "/settings/sessions/": Thing("rep", session, seen="self"), "/settings/tokens/": Thing("rep", token, seen="self"), "/settings/programs/": Thing("owner", program), "/settings/passkeys/": Thing("rep", passkey, seen="self"), "/settings/mail-address/": Thing("rep", mail_change, seen="self"), "/settings/mail-confirmation/": Thing("rep", mail_confirmation, seen="self"),
    "/lists/views/": Thing("rep", view, seen="self"), "/settings/data/": Thing("owner", takeout, seen="role"), "/subscription/invoices/": Thing("owner", invoice, seen="role"),
    "/recycle-bin/contacts/": Thing("owner", binned("contact"), seen="role"), "/recycle-bin/accounts/": Thing("owner", binned("account"), seen="role"), "/settings/privacy/requests/": Thing("owner", subject_request, seen="role"), "/settings/consents/": Thing("owner", purpose, seen="role"),
    "/lawful-bases/": Thing("rep", lawful_basis), "/subject-requests/": Thing("owner", subject_request, seen="role"),
    "/settings/tags/changes/": Thing("owner", tag_change, seen="role"), "/settings/tags/": Thing("owner", tag, seen="role"), "/tags/": Thing("owner", tag, seen="role"), "/tag-changes/": Thing("owner", tag_change, seen="role"),
    "/settings/mailboxes/arrivals/": Thing("owner", mailbox_arrival, seen="self"), "/settings/mailboxes/": Thing("owner", mailbox, seen="self"), "/mailboxes/": Thing("owner", mailbox, seen="self"), "/settings/date-reminders/": Thing("owner", date_reminder, seen="role"), "/date-reminders/": Thing("owner", date_reminder, seen="role"),
    "/approvals/": Thing("owner", approval), "/settings/approvals/": Thing("owner", role, seen="role"),
    "/sales-targets/": Thing("owner", sales_target, seen="role"), "/deals/board/lanes/": Thing("owner", deal_stage, seen="role"), "/deals/members/": Thing("rep", deal_member), "/deal-members/": Thing("rep", deal_member), "/deal-competitors/": Thing("rep", deal_rival), "/deals/competitors/": Thing("rep", deal_rival), "/deals/": Thing("rep", deal), "/competitors/": Thing("rep", competitor, seen="role"), "/settings/contact-plans/": Thing("manager", contact_plan, seen="role"), "/contact-plans/": Thing("manager", contact_plan, seen="role"), "/settings/pipelines/reasons/": Thing("owner", loss_reason, seen="role"), "/leads/enquiries/": Thing("rep", answered_enquiry), "/leads/": Thing("rep", lead), "/settings/forms/": Thing("owner", web_form, seen="role"), "/web-forms/": Thing("owner", web_form, seen="role"), "/enquiries/": Thing("manager", held_enquiry, seen="role"), "/settings/lead-score/model/": Thing("owner", lead_model, seen="role"), "/settings/lead-score/": Thing("owner", lead_rule, seen="role"), "/lead-assignment-rules/": Thing("owner", lead_assignment, seen="role"), "/settings/lead-assignment/": Thing("owner", lead_assignment, seen="role"), "/recycle-bin/leads/": Thing("owner", binned("lead"), seen="role"), "/quotes/": Thing("manager", quote), "/recycle-bin/quotes/": Thing("owner", binned("quote"), seen="role"), "/settings/pipelines/stages/": Thing("owner", deal_stage, seen="role"), "/settings/pipelines/": Thing("owner", pipeline, seen="role"), "/recycle-bin/deals/": Thing("owner", binned("deal"), seen="role"),
    "/files/": Thing("rep", file), "/personal-facts/": Thing("rep", personal_fact), "/comments/": Thing("rep", comment), "/shares/": Thing("rep", share), "/notifications/": Thing("rep", notification, seen="self"), "/exports/": Thing("rep", prepared, seen="self"),
}


def thing_of(rule) -> Thing | None:
    """What the key of a rule names; None where nobody has said."""
    path = rule.rule.removeprefix(PREFIX)
    return next((thing for start, thing in THINGS.items() if path.startswith(start) and "<" in path[len(start) - 1 :]), None)
