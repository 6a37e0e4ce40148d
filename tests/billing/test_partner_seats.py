"""Seats of partners are a quantity of their own: some come with the plan, more cost their own price, and they are counted apart."""

from datetime import timedelta
from uuid import uuid4

import pytest

from billing import access, plans, subscriptions
from billing.entitlements import of
from billing.models import InvoiceLine, SubscriptionChange
from billing.port import provider
from core.base.entitlements import Entitlements
from core.base.errors import Refused
from core.identity import actions, queries, roles
from tenants import entry, registry
from tests.billing.test_transfer import moved_in, order, pay  # noqa: F401 (a fixture)
from tests.support.world import House
from tests.web.subscription.test_pages import begin_trial


def limits(tenant):
    return registry.by_id(tenant.id, fresh=True).limits


def lines(invoice):
    with entry.control() as session:
        found = session.query(InvoiceLine).filter_by(invoice_id=invoice.id).order_by(InvoiceLine.position)
        return [(line.text["item"], line.quantity, line.unit, line.net) for line in found]


def test_every_plan_says_how_many_partners_come_with_it_and_what_a_further_one_costs(moved_in):  # noqa: F811
    with entry.control() as session:
        offered = {offer.code: offer.partners for offer in plans.offered(session)}
    assert {code: (one.included, one.most, one.prices["month"].minor, one.prices["year"].minor) for code, one in offered.items()} == {
        "starter": (1, 5, 300, 3000), "team": (3, 50, 500, 5000),
    }


def test_further_partner_seats_are_a_line_of_the_invoice_and_open_as_many(moved_in):  # noqa: F811
    tenant, now = moved_in
    assert limits(tenant) == {"seats": 50, "partner_seats": 50}, "a trial has what its plan has"
    invoice = order(tenant, now, partner_seats=2)
    assert lines(invoice) == [("seat", 3, 1900, 5700), ("partner_seat", 2, 500, 1000)] and invoice.net == 6700
    assert invoice.gross == invoice.net + invoice.tax
    pay(invoice, invoice.gross, now)
    assert limits(tenant) == {"seats": 3, "partner_seats": 5}


def test_without_further_ones_those_that_come_with_the_plan_stand_and_cost_nothing(moved_in):  # noqa: F811
    tenant, now = moved_in
    invoice = order(tenant, now)
    assert lines(invoice) == [("seat", 3, 1900, 5700)]
    pay(invoice, invoice.gross, now)
    assert limits(tenant) == {"seats": 3, "partner_seats": 3}


def test_the_next_period_bills_them_again_and_a_scheduled_change_counts_from_it(moved_in):  # noqa: F811
    tenant, now = moved_in
    pay(order(tenant, now, partner_seats=2), 10_000_00, now)
    with entry.control() as session:
        rented = access.subscription_of(session, tenant.id)
        price = session.get(plans.Price, rented.price_id)
        provider("manual").change(session, rented, price, 4, now, partner_seats=1)
    with entry.control() as session:
        invoice = provider("manual").renew(session, access.subscription_of(session, tenant.id), now + timedelta(days=40))
        assert session.query(SubscriptionChange).filter_by(subscription_id=rented.id).one().state == "done"
    assert lines(invoice) == [("seat", 4, 1900, 7600), ("partner_seat", 1, 500, 500)]


@pytest.mark.parametrize(("changes", "code"), [
    ({"partner_seats": 48}, "partners_above_plan"), ({"partner_seats": 1, "partners_used": 5}, "partners_below_use"), ({"partner_seats": -1}, "unknown_value"),
    ({"plan": "starter", "partner_seats": 5}, "partners_above_plan"), ({"plan": "starter", "partners_used": 2}, "partners_below_use"),
])
def test_an_order_that_cannot_be_is_refused(moved_in, changes, code):  # noqa: F811
    tenant, now = moved_in
    with pytest.raises(Refused) as refusal:
        order(tenant, now, **changes)
    assert (refusal.value.code, refusal.value.field) == (code, "partner_seats")


def test_in_an_earlier_version_partners_take_seats_like_everybody(moved_in):  # noqa: F811
    """Who rents a version from before keeps it: no seats of partners, so that each of them is one of the others."""
    tenant, now = moved_in
    pay(order(tenant, now), 10_000_00, now)
    with entry.control() as session:
        rented = access.subscription_of(session, tenant.id)
        old = session.query(plans.PlanVersion).join(plans.Plan).filter(plans.Plan.code == "team", plans.PlanVersion.n == 1).one()
        price = session.query(plans.Price).filter_by(plan_version_id=old.id, currency="EUR", interval="month").one()
        rented.plan_version_id, rented.price_id = old.id, price.id
        session.flush()
        access.recompute(session, session.get(registry.Tenant, tenant.id), now)
    assert limits(tenant) == {"seats": 3}
    with pytest.raises(Refused, match="unknown_value"):
        subscriptions.check_partners(1, 0, None)


@pytest.fixture
def house(app):
    return House(f"ps-{uuid4().hex[:8]}", {"owner": "admin"})


def add(house, role):
    with house.ctx(entitlements=of(house.fresh())) as ctx:
        return actions.add_user(ctx, mail=f"{uuid4().hex[:8]}@new.example", name="New", password="correct horse battery", role=role).id


def test_the_door_counts_them_apart_from_full_seats(house):
    """One full seat, taken; one partner's seat comes with the plan and two are rented."""
    begin_trial(house)
    now = entry.utcnow()
    invoice = order(house.tenant, now, plan="starter", seats=1, partner_seats=2)
    pay(invoice, invoice.gross, now)
    assert [bool(add(house, "partner")) for _ in range(3)] == [True] * 3
    for role, code in (("partner", "partner_seats_full"), ("sales", "seats_full")):
        with pytest.raises(Refused) as refusal:
            add(house, role)
        assert refusal.value.code == code


def test_without_the_count_of_their_own_the_fourth_person_would_not_come(house, monkeypatch):
    """Negative control: partners counted with the others."""
    from core.identity import seats

    begin_trial(house)
    now = entry.utcnow()
    invoice = order(house.tenant, now, plan="starter", seats=1, partner_seats=2)
    pay(invoice, invoice.gross, now)
    monkeypatch.setattr(seats, "stands_apart", lambda ctx, *roles: False)
    with pytest.raises(Refused, match="seats_full"):
        add(house, "partner")


def rented(house):
    """One full seat, taken by the owner, and three of partners, one of them taken."""
    begin_trial(house)
    now = entry.utcnow()
    invoice = order(house.tenant, now, plan="starter", seats=1, partner_seats=2)
    pay(invoice, invoice.gross, now)
    return add(house, "partner")


def counted(house):
    with house.ctx(entitlements=of(house.fresh())) as ctx:
        return queries.seats_taken(ctx), queries.seats_taken(ctx, partners=True), queries.people_by_seat(ctx)


def test_a_partner_gets_no_further_role_that_reaches_more_without_a_seat_like_everybodys(house):
    partner = rented(house)
    with house.ctx(entitlements=of(house.fresh())) as ctx, pytest.raises(Refused, match="seats_full"):
        roles.give_further_roles(ctx, queries.one_user(ctx, partner), ["sales"])
    assert counted(house) == (1, 1, (1, 1))
    with house.ctx(entitlements=Entitlements()) as ctx:  # a plan without limits: then he is one of the others
        roles.give_further_roles(ctx, queries.one_user(ctx, partner), ["sales"])
    assert counted(house) == (2, 0, (2, 0))
    with house.ctx(entitlements=of(house.fresh())) as ctx:
        roles.give_further_roles(ctx, queries.one_user(ctx, partner), [])
    assert counted(house) == (1, 1, (1, 1))


@pytest.mark.parametrize("wider", [{"visibility": "all"}, {"sees_contacts": "team"}], ids=["everywhere", "contacts"])
def test_a_role_of_partners_is_not_made_to_reach_more_without_seats_for_all_who_have_it(house, wider):
    rented(house)
    with house.ctx(entitlements=of(house.fresh())) as ctx, pytest.raises(Refused) as refusal, ctx.session.begin_nested():
        roles.edit_role(ctx, roles.one_role(ctx, "partner"), **wider)
    assert refusal.value.code == "seats_full" and counted(house) == (1, 1, (1, 1))


def test_a_role_that_reaches_further_in_one_room_takes_a_seat_like_everybodys(house):
    rented(house)
    with house.ctx(entitlements=of(house.fresh())) as ctx:
        made = roles.create_role(ctx, name="Nearly a partner", visibility="named", sees_contacts="all").code
    with pytest.raises(Refused) as refusal:
        add(house, made)
    assert refusal.value.code == "seats_full"


def test_who_rents_what_is_offered_no_longer_goes_on_at_its_price(moved_in):  # noqa: F811
    """A price that was taken from the offer: the next invoice names it still, and the seats stay what was paid."""
    tenant, now = moved_in
    pay(order(tenant, now, partner_seats=2), 10_000_00, now)
    with entry.control() as session:
        rented = access.subscription_of(session, tenant.id)
        version = session.get(plans.Price, rented.price_id).plan_version_id
        session.query(plans.Price).filter_by(plan_version_id=version).update({"active": False})
    try:
        with entry.control() as session:
            access.recompute(session, session.get(registry.Tenant, tenant.id), now)
        assert limits(tenant) == {"seats": 3, "partner_seats": 5}
        with entry.control() as session:
            invoice = provider("manual").renew(session, access.subscription_of(session, tenant.id), now + timedelta(days=40))
        assert lines(invoice) == [("seat", 3, 1900, 5700), ("partner_seat", 2, 500, 1000)]
    finally:
        with entry.control() as session:
            session.query(plans.Price).filter_by(plan_version_id=version).update({"active": True})
