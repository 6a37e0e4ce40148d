"""After the trial: reading and export stay, writing is refused at every door, payment is never blocked (BILLING 4.2)."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text, update

from billing import access, signup, subscriptions
from billing.models import Subscription
from core.base.errors import ReadOnly
from core.base.outbox import Order, defer_row
from core.base.policy import ALWAYS, READ, SEND, WRITE, permissions, require
from core.parties import actions as parties
from tenants import entry, registry
from tenants.models import Tenant
from workers.door import TenantPlace
from workers.job import job, load_jobs
from workers.run import work


@pytest.fixture(scope="module")
def over(world):
    """acme, whose trial ended yesterday."""
    with entry.control() as session:
        tenant = session.get_one(Tenant, world.acme.tenant.id)
        signup.start_trial(session, tenant, company=tenant.name, mail="owner@acme.example", now=entry.utcnow())
    trial_ended(world, days_ago=1)
    return world


def trial_ended(world, *, days_ago):
    with entry.control() as session:
        ended = entry.utcnow() - timedelta(days=days_ago)
        session.execute(update(Subscription).where(Subscription.tenant_id == world.acme.tenant.id).values(trial_end=ended))
    with entry.control() as session:
        subscriptions.review(session, session.get_one(Tenant, world.acme.tenant.id), entry.utcnow())
    registry.forget()


@pytest.mark.parametrize("path", ["/", "/accounts", "/contacts", "/subscription", "/subscription/plan", "/settings/profile"])
def test_pages_can_be_read(over, path):
    assert over.browser("owner").get(path).status_code in (200, 302, 303)


@pytest.mark.parametrize(("path", "form"), [("/accounts", {"name": "New"}), ("/contacts", {"name": "New"}), ("/settings/samples", {})])
def test_a_page_that_writes_answers_402(over, path, form):
    answer = over.browser("owner").post(path, form)
    assert answer.status_code == 402
    assert "read-only" in answer.text


def test_the_api_reads_and_refuses_to_write(over):
    trial_ended(over, days_ago=-5)
    api = over.api("owner")
    trial_ended(over, days_ago=1)
    assert api.json("GET", "/api/v1/accounts").status_code == 200
    answer = api.json("POST", "/api/v1/accounts", {"name": "New"}, headers={"Idempotency-Key": str(uuid4())})
    assert (answer.status_code, answer.json["code"]) == (402, "billing_read_only")


def test_a_use_case_refuses_whoever_calls_it(over):
    with pytest.raises(ReadOnly), over.acme.ctx("owner") as ctx:
        parties.create_account(ctx, name="New")


def test_a_job_that_writes_waits_and_loses_no_attempt(over):
    written = []

    @job("try.write")
    def write(ctx) -> None:
        require(ctx, "accounts.create")
        written.append(ctx.tenant.id)

    with entry.enter(over.acme.tenant) as session:
        order = defer_row(session, Order, "try.write", now=entry.utcnow(), due_at=None, queue=None, dedupe=None, asked_by=None, args={})
    assert work(str(order), str(over.acme.tenant.id)) == "waits"
    with entry.enter(over.acme.tenant) as session:
        row = session.get_one(Order, order)
        assert (row.state, row.attempts, written) == ("waiting", 0, [])
        row.due_at = entry.utcnow() - timedelta(seconds=1)
    trial_ended(over, days_ago=-5)
    assert work(str(order), str(over.acme.tenant.id)) == "done"
    assert written == [over.acme.tenant.id]
    trial_ended(over, days_ago=1)


@pytest.mark.parametrize(("access_now", "allowed"), [
    ("trialing", {READ, WRITE, SEND, ALWAYS}), ("active", {READ, WRITE, SEND, ALWAYS}), ("grace", {READ, WRITE, SEND, ALWAYS}),
    ("read_only", {READ, ALWAYS}), ("suspended", {ALWAYS}),
])
def test_each_permission_follows_its_effect(over, access_now, allowed):
    from dataclasses import replace

    from core.base.entitlements import Entitlements

    with over.acme.ctx("owner") as ctx:
        ctx = replace(ctx, entitlements=Entitlements(access=access_now))
        for name, rule in permissions().items():
            try:
                require(ctx, name)
                assert rule.effect in allowed, name
            except ReadOnly:
                assert rule.effect not in allowed, name


@pytest.mark.parametrize("name", ["billing.manage", "takeout.run", "profile.edit"])
def test_payment_and_export_are_never_withheld(name):
    assert permissions()[name].effect == ALWAYS


def test_unsubscribing_is_never_withheld():
    found = [name for name, rule in permissions().items() if "unsubscribe" in name or "optout" in name]
    assert all(permissions()[name].effect == ALWAYS for name in found)


def test_suspension_closes_the_pages_and_not_the_way_to_pay(over):
    trial_ended(over, days_ago=31)
    browser = over.browser("owner")
    assert browser.get("/accounts").status_code == 402
    assert browser.get("/subscription").status_code == 200
    assert browser.get("/subscription/plan").status_code == 200
    trial_ended(over, days_ago=1)


@pytest.fixture
def suspended(over):
    trial_ended(over, days_ago=31)
    yield over
    trial_ended(over, days_ago=1)


def ways(page):
    """Where the links of an error page lead."""
    return re.findall(r'(?:href|action)="([^"]+)"', page[page.index('role="alert"') : page.index("</main>")])


def opened(browser, found):
    """What each way but the last, which signs out, answers."""
    assert found[-1] == "/sign-out"
    return [(browser.post(way) if way.endswith("/exports") else browser.get(way)).status_code for way in found[:-1]]


def test_a_suspended_owner_is_brought_to_the_subscription_and_shown_the_ways_that_stay(suspended):
    owner = suspended.browser("owner")
    assert (owner.get("/").status_code, owner.get("/").location) == (303, "/subscription")
    answer = owner.get("/accounts")
    assert answer.status_code == 402 and "suspended" in answer.text and "read and export" not in answer.text
    assert ways(answer.text) == ["/subscription", "/settings/data/", "/accounts/exports", "/contacts/exports", "/activities/exports", "/settings/profile", "/sign-out"]
    assert owner.csrf in answer.text and opened(owner, ways(answer.text)) == [200] * 6
    assert owner.post("/sign-out").status_code == 303


def test_a_suspended_salesperson_sees_what_he_may_open_and_no_more(suspended):
    rep = suspended.browser("rep")
    for path in ("/", "/accounts"):
        answer = rep.get(path)
        assert answer.status_code == 402 and ways(answer.text) == ["/accounts/exports", "/contacts/exports", "/activities/exports", "/settings/profile", "/sign-out"]
    assert opened(rep, ways(answer.text)) == [200] * 4
    assert ways(suspended.browser("reader").get("/").text) == ["/settings/profile", "/sign-out"]


def test_a_read_only_workspace_still_begins_with_its_day(over):
    assert over.browser("owner").get("/").status_code == 200
    answer = over.browser("owner").post("/accounts", {"name": "New"})
    assert "read-only" in answer.text and "/subscription" in ways(answer.text)


def test_letters_about_money_still_leave_a_suspended_workspace(over):
    trial_ended(over, days_ago=31)
    place = TenantPlace(over.acme.fresh())
    assert place.runs(load_jobs()["post.deliver"]) and not place.runs(load_jobs()["samples.fill"])
    trial_ended(over, days_ago=1)


def test_negative_control_without_the_stored_answer_all_of_it_is_allowed(over):
    """What protects is tenant.access: with it set to active by hand, the same write goes through."""
    with entry.control() as session:
        session.execute(text(f"UPDATE control.tenant SET access = 'active' WHERE id = '{over.acme.tenant.id}'"))  # noqa: S608 (a UUID)
    registry.forget()
    assert over.browser("owner").post("/accounts", {"name": "New"}).status_code != 402
    with entry.control() as session:
        access.recompute(session, session.get_one(Tenant, over.acme.tenant.id), entry.utcnow())
    registry.forget()
    assert over.browser("owner").post("/accounts", {"name": "New"}).status_code == 402
