"""The clock of billing: each letter once, in the payer's language, through the tenant's post room."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from billing import signup, subscriptions
from billing.letters import LETTERS, STEPS
from billing.models import BillingNotice
from core.post.models import OutgoingMail
from tenants import entry, provisioning
from tenants.models import ControlOrder
from workers.jobs import billing as jobs

BUYER = subscriptions.Buyer("Acme GmbH", "Hauptstr. 1", "10115", "Berlin", "DE", "billing@acme.example")


@pytest.fixture
def company(app):
    """A company signed up now, and the moment."""
    provisioning.fill_pool(1)
    now = entry.utcnow()
    tenant, _ = signup.sign_up(company="Acme", slug=f"l{uuid4().hex[:9]}", mail="eva@acme.example", password="Zaunkoenig-7788", name="Eva", now=now)
    return tenant, now


def steps_of(tenant):
    with entry.control() as session:
        query = select(BillingNotice.step).where(BillingNotice.tenant_id == tenant.id).order_by(BillingNotice.at)
        return list(session.execute(query).scalars())


def deliver_all(tenant):
    """Run the letter jobs that the control outbox holds for a tenant, twice each: a worker may die after the work."""
    with entry.control() as session:
        orders = [row.args for row in session.execute(select(ControlOrder).where(ControlOrder.name == "billing.letter")).scalars()]
    for args in orders:
        if args["tenant_id"] == str(tenant.id):
            jobs.letter(None, **args)
            jobs.letter(None, **args)
    with entry.enter(tenant) as session:
        return list(session.execute(select(OutgoingMail).where(OutgoingMail.template != "welcome").order_by(OutgoingMail.created_at)).scalars())


def look_every_hour(tenant, now, days):
    at = now
    while at < now + timedelta(days=days):
        at += timedelta(hours=3)
        with entry.control() as session:
            subscriptions.review(session, tenant, at)


def test_a_trial_gets_each_of_its_letters_once(company):
    tenant, now = company
    look_every_hour(tenant, now, 80)
    closed = (now + timedelta(days=74)).date()
    assert steps_of(tenant)[:-1] == ["trial-7", "trial-3", "trial-1", "trial+0", "trial+30"]
    assert steps_of(tenant)[-1] in (f"deletion@{closed}", f"deletion@{closed + timedelta(days=1)}")


def test_an_unpaid_invoice_gets_its_reminders_once_and_payment_stops_them(company):
    from billing import invoicing

    tenant, now = company
    with entry.control() as session:
        invoice = subscriptions.order_by_transfer(
            session, tenant.id, key=uuid4(), plan="team", interval="month", seats=2, seats_used=1, buyer=BUYER, by="Eva", now=now
        )
    look_every_hour(tenant, now, 26)
    assert steps_of(tenant) == ["invoice_issued", "due+3", "due+10"]
    with entry.control() as session:
        invoicing.record_payment(session, invoice.id, amount=invoice.gross, method="bank_transfer", received_on=now.date(), by="Olga", now=now + timedelta(days=26))
    with entry.control() as session:
        subscriptions.review(session, tenant, now + timedelta(days=36))
    assert [step for step in steps_of(tenant) if step.startswith("due")] == ["due+3", "due+10"]
    assert steps_of(tenant).count("receipt") == 1


def test_letters_go_to_the_billing_address_once_however_often_the_job_runs(company):
    tenant, now = company
    with entry.control() as session:
        invoice = subscriptions.order_by_transfer(
            session, tenant.id, key=uuid4(), plan="team", interval="month", seats=2, seats_used=1, buyer=BUYER, by="Eva", now=now
        )
    (mail,) = deliver_all(tenant)
    assert mail.to_mail == "billing@acme.example"
    assert invoice.number in mail.subject and invoice.reference in mail.body_text and f"/subscription/invoices/{invoice.id}" in mail.body_text


def test_a_clock_that_stood_still_does_not_send_old_letters_in_a_bundle(company):
    tenant, now = company
    with entry.control() as session:
        subscriptions.review(session, tenant, now + timedelta(days=45))
    assert steps_of(tenant) == ["trial+30"]


def test_the_daily_walk_goes_on_after_one_tenants_failure(company, monkeypatch):
    tenant, _ = company
    seen, whole = [], subscriptions.review

    def review(session, row, now):
        seen.append(row.id)
        if row.id == tenant.id:
            raise RuntimeError("broken")
        return whole(session, row, now)

    monkeypatch.setattr(subscriptions, "review", review)
    report = jobs.daily(None)
    assert report["failed"] == 1 and report["tenants"] == len(seen)


def test_every_step_has_its_letter():
    assert set(STEPS.values()) == set(LETTERS)
