"""From the end of the trial to a paid plan: read-only, an order by bank transfer, the operator's stamp, work again."""

import re
from datetime import timedelta
from uuid import uuid4

import pyotp
from sqlalchemy import select

from billing import access, signup
from billing.models import Subscription
from infra import limits
from tenants import entry, operations, registry
from tenants.models import Tenant
from tests.support.world import House

PHRASE = "a long operator phrase"


def company_whose_trial_is_over():
    house, now = House(f"pays-{uuid4().hex[:6]}"), entry.utcnow()
    with entry.control() as session:
        tenant = session.get_one(Tenant, house.tenant.id)
        signup.start_trial(session, tenant, company="Nordlicht GmbH", mail="owner@x.example", now=now - timedelta(days=20))
        trial = session.execute(select(Subscription).where(Subscription.tenant_id == tenant.id)).scalar_one()
        trial.trial_end = now - timedelta(days=1)
        session.flush()
        access.recompute(session, tenant, now)
    registry.forget()
    return house


def new_account(page, url, name):
    page.goto(f"{url}/accounts/new")
    page.fill("[name=name]", name)
    page.click("text=Save account")


def test_a_trial_ends_read_only_and_a_transfer_opens_it_again(person, room, server, sign_in):
    house = company_whose_trial_is_over()
    owner = person()
    url, page = sign_in(owner, house), owner.page
    page.goto(f"{url}/accounts")
    assert "read-only" in page.locator(".strip").inner_text()
    owner.axe()
    denied = page.goto(f"{url}/accounts/new")
    assert denied.status in (402, 403), "the form itself is withheld"
    page.goto(f"{url}/subscription/plan")
    page.locator("html[data-ready]").wait_for()
    page.check("#plan-team")
    page.fill("[name=seats]", "6")
    for name, value in (("legal_name", "Nordlicht GmbH"), ("address", "Hauptstr. 1"), ("postcode", "10115"), ("city", "Berlin")):
        page.fill(f"[name={name}]", value)
    page.select_option("[name=country]", "DE")
    page.click("text=Order and get the invoice")
    page.wait_for_url(re.compile(r"/subscription/invoices/"))
    number = page.locator(".crumbs [aria-current]").inner_text()

    limits.forget()
    with entry.control() as session:
        made = operations.create_operator(session, mail=f"olga-{uuid4().hex[:6]}@tendero.example", name="Olga", password=PHRASE, now=entry.utcnow())
    olga = person()
    desk = olga.page
    desk.goto(f"http://ops.localhost:{server}/sign-in")
    desk.fill("[name=mail]", made.operator.mail_norm)
    desk.fill("[name=password]", PHRASE)
    desk.click("main button:has-text('Go on')")
    desk.fill("[name=code]", pyotp.parse_uri(made.uri).now())
    desk.click("main button:has-text('Sign in')")
    desk.wait_for_url(f"http://ops.localhost:{server}/")
    desk.goto(f"http://ops.localhost:{server}/tenants/{house.tenant.id}")
    desk.click(f"text={number}")
    desk.click("text=Record payment")
    desk.locator(".pill", has_text="Paid").first.wait_for()
    olga.axe()

    page.wait_for_timeout(3200)  # each process knows the directory for three seconds
    new_account(page, url, "After the payment")
    page.wait_for_url(re.compile(r"/accounts/[0-9a-f-]{36}$"))
    assert page.locator(".strip:visible").count() == 0
