"""A plan paid by bank transfer: order, invoice, payment, access (BILLING 6, default without Stripe)."""

import sys
from datetime import timedelta
from uuid import uuid4

import pytest

from billing import access, invoicing, signup, subscriptions
from billing.models import BillingNotice, Invoice, Subscription
from core.base.errors import NotFound, Refused
from infra import references
from tenants import entry, provisioning, registry
from tenants.models import Tenant

BUYER = subscriptions.Buyer("Acme GmbH", "Hauptstr. 1", "10115", "Berlin", "DE", "billing@acme.example")


@pytest.fixture
def moved_in(app):
    """A company that has just signed up, and the moment."""
    now = entry.utcnow()
    provisioning.fill_pool(1)
    tenant, _ = signup.sign_up(
        company="Acme", slug=f"acme-{uuid4().hex[:8]}", mail="eva@acme.example", password="Zaunkoenig-7788", name="Eva", now=now
    )
    return tenant, now


def order(tenant, now, *, key=None, **changes):
    values = {"plan": "team", "interval": "month", "seats": 3, "seats_used": 1, "buyer": BUYER, "by": "Eva", **changes}
    with entry.control() as session:
        return subscriptions.order_by_transfer(session, tenant.id, key=key or uuid4(), now=now, **values)


def pay(invoice, amount, now):
    with entry.control() as session:
        return invoicing.record_payment(
            session, invoice.id, amount=amount, method="bank_transfer", received_on=now.date(), by="Olga", now=now
        )


def access_of(tenant):
    return registry.by_id(tenant.id, fresh=True).access


def test_a_confirmed_order_is_a_numbered_invoice_with_a_valid_reference(moved_in):
    tenant, now = moved_in
    invoice = order(tenant, now)
    assert invoice.number.startswith(f"{now.year}-") and invoice.status == "open"
    assert references.is_rf_reference(invoice.reference)
    assert (invoice.net, invoice.currency) == (3 * 1900, "EUR")


def test_access_stays_full_until_the_due_date_and_its_grace(moved_in):
    tenant, now = moved_in
    order(tenant, now)
    assert access_of(tenant) == "active"
    seen = []
    for days in (13, 16, 34, 37, 58, 61, 88, 91):
        with entry.control() as session:
            subscriptions.review(session, tenant, now + timedelta(days=days))
        seen.append(access_of(tenant))
    assert seen == ["active", "grace", "grace", "read_only", "read_only", "suspended", "suspended", "closed"]


def test_a_payment_lifts_the_block_in_the_same_transaction_and_orders_one_receipt(moved_in):
    tenant, now = moved_in
    invoice = order(tenant, now)
    late = now + timedelta(days=50)
    with entry.control() as session:
        subscriptions.review(session, tenant, late)
    assert access_of(tenant) == "read_only"
    paid = pay(invoice, invoice.gross, late)
    assert (paid.status, access_of(tenant)) == ("paid", "active")
    assert registry.by_id(tenant.id, fresh=True).limits == {"seats": 3, "partner_seats": 3}
    with entry.control() as session:
        assert session.query(BillingNotice).filter_by(subject_id=invoice.id, step="receipt").count() == 1


def test_a_short_payment_leaves_the_rest_open(moved_in):
    tenant, now = moved_in
    invoice = order(tenant, now)
    short = pay(invoice, invoice.gross - 1000, now)
    with entry.control() as session:
        assert (short.status, short.payment_status, invoicing.outstanding(session, short)) == ("open", "partial", 1000)
    assert pay(invoice, 1000, now).status == "paid"


def test_what_is_paid_too_much_reduces_the_next_invoice(moved_in):
    tenant, now = moved_in
    invoice = order(tenant, now)
    pay(invoice, invoice.gross + 700, now)
    with entry.control() as session:
        assert invoicing.balance(session, invoice.account_id, "EUR") == 700
        subscriptions.review(session, tenant, now + timedelta(days=40))
    with entry.control() as session:
        (following,) = access.open_invoices(session, tenant.id)
        assert invoicing.outstanding(session, following) == following.gross - 700
        assert invoicing.balance(session, invoice.account_id, "EUR") == 0


def test_a_double_click_is_one_order(moved_in):
    tenant, now = moved_in
    key = uuid4()
    assert order(tenant, now, key=key).id == order(tenant, now, key=key).id
    with entry.control() as session:
        assert session.query(Invoice).filter_by(tenant_id=tenant.id).count() == 1


def test_another_companys_order_key_is_not_there(moved_in, world):
    tenant, now = moved_in
    key = uuid4()
    order(tenant, now, key=key)
    with pytest.raises(NotFound):
        order(world.acme.tenant, now, key=key)


@pytest.mark.parametrize(("changes", "code", "field"), [
    ({"seats": 51}, "seats_above_plan", "seats"), ({"seats": 2, "seats_used": 3}, "seats_below_use", "seats"),
    ({"seats": 0}, "unknown_value", "seats"), ({"plan": "gold"}, "unknown_value", "plan"), ({"interval": "week"}, "unknown_value", "interval"),
    ({"buyer": subscriptions.Buyer("", "a", "", "b", "DE", "a@b.example")}, "required", "legal_name"),
    ({"buyer": subscriptions.Buyer("x", "a", "", "b", "Germany", "a@b.example")}, "not_a_country", "country"),
    ({"buyer": subscriptions.Buyer("x", "a", "", "b", "DE", "a@b.example", "FR123")}, "not_a_vat_id", "vat_id"),
    ({"buyer": subscriptions.Buyer("x\x00", "a", "", "b", "DE", "a@b.example")}, "control_character", "legal_name"),
    ({"buyer": subscriptions.Buyer("x", "a", "", "b", "DE", "nobody")}, "not_a_mail", "mail"),
])
def test_an_order_that_cannot_be_is_refused_by_field_and_leaves_nothing(moved_in, changes, code, field):
    tenant, now = moved_in
    with pytest.raises(Refused) as refusal:
        order(tenant, now, **changes)
    assert (refusal.value.code, refusal.value.field) == (code, field)
    with entry.control() as session:
        assert session.query(Invoice).filter_by(tenant_id=tenant.id).count() == 0
        assert access.account_of(session, tenant.id).country is None


def test_a_second_order_waits_for_the_open_invoice(moved_in):
    tenant, now = moved_in
    order(tenant, now)
    with pytest.raises(Refused, match="order_open"):
        order(tenant, now)


def test_the_paid_period_begins_when_the_trial_ends(moved_in):
    tenant, now = moved_in
    order(tenant, now)
    with entry.control() as session:
        rented = access.subscription_of(session, tenant.id)
    assert rented.period_start == now + timedelta(days=14)


def test_renewal_runs_once_a_period_however_often_the_clock_asks(moved_in):
    tenant, now = moved_in
    pay(order(tenant, now), 10_000_00, now)
    for _ in range(3):
        with entry.control() as session:
            subscriptions.review(session, tenant, now + timedelta(days=40))
    with entry.control() as session:
        periods = [(i.period_start, i.period_end) for i in session.query(Invoice).filter_by(tenant_id=tenant.id).order_by(Invoice.period_start)]
    assert len(periods) == 2 and periods[0][1] == periods[1][0]


def test_a_cancelled_plan_stays_full_until_its_end_and_is_closed_then(moved_in):
    tenant, now = moved_in
    pay(order(tenant, now), 10_000_00, now)
    with entry.control() as session:
        end = subscriptions.cancel(session, tenant.id, by="Eva", now=now)
    assert access_of(tenant) == "active"
    with entry.control() as session:
        subscriptions.review(session, tenant, end)
        assert session.query(Subscription).filter_by(tenant_id=tenant.id, ended_at=None).count() == 0
    assert access_of(tenant) == "closed"


def test_nobody_loaded_stripe(moved_in):
    assert "stripe" not in sys.modules


def test_a_tenant_has_one_live_subscription(moved_in):
    tenant, now = moved_in
    with pytest.raises(Exception, match="uq_subscription_live"), entry.control() as session:
        session.add(Subscription(tenant_id=tenant.id, plan_version_id=access.subscription_of(session, tenant.id).plan_version_id,
                                 state="active", seats_billed=1, created_at=now))


def test_access_is_stored_where_the_doors_read_it(moved_in):
    tenant, _ = moved_in
    with entry.control() as session:
        row = session.get_one(Tenant, tenant.id)
        assert (row.access, row.limits["seats"], row.access_until.date() > entry.utcnow().date()) == ("trialing", 50, True)
