"""The access function by table (BILLING 4.2, 4.3): facts and a clock in, one answer out."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from billing.access import Answer, access, deletion_day

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACCOUNT = SimpleNamespace(comp_until=None, timezone="UTC")


def subscription(state="trialing", **values):
    row = {"state": state, "trial_end": START + timedelta(days=14), "cancel_at": None, "ended_at": None}
    return SimpleNamespace(**{**row, **values})


def at(days, rented=None, *, invoices=(), holds=(), account=ACCOUNT):
    return access(START + timedelta(days=days), rented if rented is not None else subscription(), list(invoices), list(holds), account)


def hold(kind="operator", state="suspended", start=0.0, end=None):
    to = START + timedelta(days=end) if end is not None else None
    return SimpleNamespace(kind=kind, access=state, effective_from=START + timedelta(days=start), effective_to=to)


def invoice(due=date(2026, 3, 15)):
    return SimpleNamespace(due_on=due)


@pytest.mark.parametrize(("days", "state", "until"), [
    (0, "trialing", 14), (13.999, "trialing", 14), (14, "read_only", 44), (43.999, "read_only", 44),
    (44, "suspended", 74), (73.999, "suspended", 74), (74, "closed", None), (4000, "closed", None),
])
def test_a_trial_runs_out_in_steps(days, state, until):
    answer = at(days)
    assert answer.state == state
    assert answer.until == (START + timedelta(days=until) if until is not None else None)


# Due on 15 March: overdue begins with the 16th, 0:00, which is day 14.5 after the start.
@pytest.mark.parametrize(("days", "state"), [
    (0, "active"), (14.49, "active"), (14.5, "grace"), (35.49, "grace"), (35.5, "read_only"), (59.49, "read_only"),
    (59.5, "suspended"), (89.49, "suspended"), (89.5, "closed"),
])
def test_an_unpaid_transfer_invoice_closes_in_steps(days, state):
    assert at(days, subscription("active"), invoices=[invoice()]).state == state


def test_the_oldest_invoice_counts():
    both = [invoice(date(2026, 4, 15)), invoice()]
    assert at(40, subscription("active"), invoices=both).state == "read_only"


def test_the_day_ends_where_the_payer_is():
    auckland = SimpleNamespace(comp_until=None, timezone="Pacific/Auckland")
    assert at(14, subscription("active"), invoices=[invoice()], account=auckland).state == "grace"
    assert at(14, subscription("active"), invoices=[invoice()]).state == "active"


def test_paid_is_active_without_an_end():
    assert at(400, subscription("active")) == ("active", "paid", None)


def test_an_overdue_trial_that_ordered_follows_its_invoice_not_its_trial():
    assert at(20, subscription("active"), invoices=[invoice(date(2026, 4, 1))]).state == "active"


def test_a_cancelled_plan_is_full_until_its_end_and_closed_then():
    ending = subscription("canceling", cancel_at=START + timedelta(days=30))
    assert at(29.9, ending) == ("active", "canceling", START + timedelta(days=30))
    assert at(30, ending).state == "closed"
    assert at(31, subscription("ended", ended_at=START + timedelta(days=30))).state == "closed"


@pytest.mark.parametrize(("holds", "days", "state"), [
    ([hold()], 1, "suspended"), ([hold(start=2)], 1, "trialing"), ([hold(end=1)], 1, "trialing"), ([hold(end=1)], 0.9, "suspended"),
    ([hold(state="read_only")], 1, "read_only"), ([hold(state="read_only"), hold("abuse")], 1, "suspended"),
    ([hold(state="read_only")], 50, "suspended"), ([hold("legal", "closed")], 1, "closed"),
])
def test_the_strictest_of_holds_and_payment_wins(holds, days, state):
    assert at(days, holds=holds).state == state


def test_free_of_charge_overrides_payment_and_never_a_hold():
    comped = SimpleNamespace(comp_until=START + timedelta(days=100), timezone="UTC")
    assert at(99, account=comped) == ("active", "comp", comped.comp_until)
    assert at(99, account=comped, invoices=[invoice()]).state == "active"
    assert at(100, account=comped).state == "closed"
    assert at(10, account=comped, holds=[hold()]).state == "suspended"


@pytest.mark.parametrize(("answer", "holds", "due"), [
    (Answer("closed", "trial_over", None), [], True), (Answer("closed", "overdue", None), [], True), (Answer("closed", "canceled", None), [], True),
    (Answer("closed", "hold_legal", None), [], False), (Answer("closed", "trial_over", None), [hold()], False), (Answer("suspended", "trial_over", None), [], False),
    (Answer("active", "comp", None), [], False), (Answer("active", "paid", None), [], False), (Answer("read_only", "no_subscription", None), [], False),
])
def test_only_whoever_is_closed_for_want_of_payment_is_ever_deleted_and_not_before_thirty_days(answer, holds, due):
    assert deletion_day(answer, START, holds) == (START + timedelta(days=30) if due else None)


def test_nobody_writes_without_a_subscription():
    assert access(START, None, [], [], None).state == "read_only"


def test_time_only_ever_makes_a_trial_stricter():
    order = ["trialing", "read_only", "suspended", "closed"]
    seen = [order.index(at(day / 4).state) for day in range(400)]
    assert seen == sorted(seen)


def test_whoever_is_leaving_stays_closed(app):
    """What were written meanwhile would be erased with the rest: neither payment nor operator reopens it."""
    from billing import access as billing_access
    from tenants import entry, lifecycle
    from tenants.models import Tenant
    from tests.support.world import House

    house = House("leaving-stays-closed", {"owner": "admin"})
    lifecycle.ask_deletion(house.tenant, "test")
    with entry.control() as session:
        billing_access.recompute(session, session.get_one(Tenant, house.tenant.id), entry.utcnow())
    assert house.fresh().access == "closed"
