"""A trial that nobody took up, through to its erasure: told, waited for, asked for once, kept where it is settled."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from billing import access, leaving, operations, queries, signup, subscriptions
from billing.models import BillingNotice, Hold
from core.post.models import OutgoingMail
from infra.db import database
from tenants import entry, lifecycle, provisioning, registry
from tenants.models import ControlOrder, OperatorAct, Run, Tenant
from workers.jobs import billing as jobs
from workers.jobs import tenants as tenant_jobs

DAY = timedelta(days=1)


@pytest.fixture
def clock(monkeypatch):
    """clock.now moves the time of the landlord's side."""

    class Clock:
        now = entry.utcnow()

    monkeypatch.setattr(entry, "utcnow", lambda: Clock.now)
    yield Clock
    monkeypatch.undo()
    registry.forget()


@pytest.fixture
def company(app, clock):
    provisioning.fill_pool(1)
    tenant, _ = signup.sign_up(company="Ende GmbH", slug=f"e{uuid4().hex[:9]}", mail="eva@ende.example", password="Zaunkoenig-7788", name="Eva", now=clock.now)
    yield Company(tenant, clock)
    with entry.control() as session:  # what a test leaves on its way must not be walked by the next
        session.execute(update(Run).where(Run.tenant_id == tenant.id, Run.state == "waiting").values(state="cancelled"))
        session.execute(update(Tenant).where(Tenant.id == tenant.id, Tenant.state == "active").values(access_until=None, access="active"))


class Company:
    def __init__(self, tenant, clock):
        self.tenant, self.clock, self.start = tenant, clock, clock.now

    def at(self, days_after_trial):
        """The hourly walk at that day, as the clock makes it."""
        self.clock.now = self.start + (14 + days_after_trial) * DAY
        with entry.control() as session:
            subscriptions.review(session, session.get_one(Tenant, self.tenant.id), self.clock.now)
        leaving.keep_settled(self.clock.now)
        leaving.begin_due(self.clock.now)
        registry.forget()
        return self.row

    @property
    def row(self):
        with entry.control() as session:
            row = session.get_one(Tenant, self.tenant.id)
            session.expunge(row)
            return row

    @property
    def runs(self):
        with entry.control() as session:
            return list(session.execute(select(Run.state).where(Run.tenant_id == self.tenant.id, Run.kind == "delete").order_by(Run.created_at)).scalars())

    def notices(self):
        with entry.control() as session:
            query = select(func.count()).where(BillingNotice.tenant_id == self.tenant.id, BillingNotice.step.startswith("deletion@"))
            return session.execute(query).scalar_one()

    def deletion_at(self):
        with entry.control() as session:
            return queries.overview(session, self.tenant.id).deletion_at

    def acts(self):
        with entry.control() as session:
            return list(session.execute(select(OperatorAct.action).where(OperatorAct.tenant_id == self.tenant.id).order_by(OperatorAct.at)).scalars())

    def exists(self):
        with database().owner() as connection:
            return bool(connection.execute("SELECT to_regnamespace(%s)", (self.tenant.schema_name,)).fetchone()[0])


def closed(company):
    """Trial over, suspended, closed; the last letter went out."""
    company.at(0.1), company.at(30.1), company.at(60.1)
    return company


def test_the_whole_way_from_the_trials_end_to_the_proof(company):
    for day, state in ((0.1, "read_only"), (30.1, "suspended"), (60.1, "closed"), (75, "closed"), (90, "closed")):
        row = company.at(day)
        assert (row.state, row.access) == ("active", state), day
    assert company.notices() == 1 and company.runs == []
    told = company.deletion_at()
    assert told == company.start + (14 + 60.1 + 30) * DAY
    row = company.at(90.2)
    assert row.state == "deleting" and company.runs == ["waiting"] and company.acts() == ["tenant.leaving"]
    company.clock.now += 6 * DAY
    tenant_jobs.resume_runs(None)
    assert company.exists() and company.runs == ["waiting"], "the days of grace"
    company.clock.now += 1.1 * DAY
    tenant_jobs.resume_runs(None)
    assert not company.exists() and company.runs == ["done"] and company.row.state == "deleted"
    with entry.control() as session:
        proof = session.execute(select(Run.data).where(Run.tenant_id == company.tenant.id, Run.kind == "delete")).scalar_one()
    assert proof["erased_at"] and proof["rows"]["app_user"] == 1


def test_each_step_happens_once_however_often_the_clock_looks(company):
    closed(company)
    for _ in range(3):
        company.at(61), company.at(90.5)
    assert company.notices() == 1 and company.runs == ["waiting"] and company.acts() == ["tenant.leaving"]


def test_the_letter_names_the_day_and_goes_to_whoever_pays(company):
    closed(company)
    with entry.control() as session:
        orders = session.execute(select(ControlOrder.args).where(ControlOrder.name == "billing.letter")).scalars().all()
    for args in orders:
        if args["tenant_id"] == str(company.tenant.id) and args["step"].startswith("deletion"):
            jobs.letter(None, **args)
    with entry.enter(company.tenant) as session:
        mail = session.execute(select(OutgoingMail).where(OutgoingMail.template == "billing_closed")).scalar_one()
    assert str(company.deletion_at().year) in mail.subject and str(company.deletion_at().day) in mail.subject and "export" in mail.body_text
    assert mail.to_mail == "eva@ende.example"


def test_a_clock_that_stood_still_tells_first_and_deletes_thirty_days_later(company):
    """The installation was off for a year: nobody is erased without having been told."""
    company.at(400)
    assert company.notices() == 1 and company.runs == []
    company.at(429.9)
    assert company.runs == []
    assert company.at(430.1).state == "deleting"


def test_without_its_letter_nobody_is_deleted(company, monkeypatch):
    monkeypatch.setattr(leaving, "announce", lambda *_: False)
    closed(company)
    assert company.at(120).state == "active" and company.runs == []


def order(company, now):
    from tests.billing.test_letters import BUYER

    with entry.control() as session:
        subscriptions.order_by_transfer(
            session, company.tenant.id, key=uuid4(), plan="team", interval="month", seats=2, seats_used=1, buyer=BUYER, by="Eva", now=now
        )


def comp(company, now):
    with entry.control() as session:
        operations.comp(session, company.tenant, until=now + 30 * DAY, reason="they asked", by="Olga", now=now)


def hold(company, now):
    with entry.control() as session:
        operations.suspend(session, company.tenant, reason="a dispute", by="Olga", now=now)


@pytest.mark.parametrize(("settle", "ends_as"), [(order, "active"), (comp, "active"), (hold, "closed")])
@pytest.mark.parametrize("day", [80, 92])
def test_whoever_settles_it_in_time_or_within_the_grace_stays(company, settle, ends_as, day):
    closed(company)
    before = company.at(day)
    assert before.state == ("active" if day < 90 else "deleting")
    settle(company, company.clock.now)
    row = company.at(day + 0.05)
    assert (row.state, row.access, row.delete_after) == ("active", ends_as, None)
    company.at(day + 8)
    tenant_jobs.resume_runs(None)
    assert company.exists() and company.row.state == "active" and "waiting" not in company.runs
    assert company.deletion_at() is None
    if day > 90:
        assert "tenant.kept" in company.acts() and company.runs == ["cancelled"]


def test_a_payment_in_the_last_hour_is_seen_before_the_first_step(company):
    """No hourly walk between the settling and the day of erasure."""
    closed(company)
    company.at(90.2)
    company.clock.now += 7.01 * DAY
    comp(company, company.clock.now)
    tenant_jobs.resume_runs(None)
    assert company.exists() and company.row.state == "active" and company.runs == ["cancelled"]


def test_a_deletion_that_a_person_asked_for_is_not_taken_back_by_the_clock(company):
    closed(company)
    lifecycle.ask_deletion(company.row, "Olga")
    comp(company, company.clock.now)
    leaving.keep_settled(company.clock.now)
    assert company.row.state == "deleting" and company.runs == ["waiting"]


def test_days_under_a_hold_do_not_count_and_the_owner_is_told_anew(company):
    closed(company)
    hold(company, company.clock.now)
    assert company.at(300).state == "active" and company.deletion_at() is None
    with entry.control() as session:
        operations.resume(session, company.tenant, by="Olga", now=company.clock.now)
    company.at(300.1)
    assert company.notices() == 2 and company.deletion_at() == company.start + (14 + 330) * DAY
    assert company.at(329).state == "active"
    assert company.at(330.2).state == "deleting"


def test_a_hold_that_closes_never_deletes(company):
    with entry.control() as session:
        session.add(Hold(tenant_id=company.tenant.id, kind="legal", access="closed", effective_from=company.start, reason="court", author="Olga"))
    for day in (61, 95, 200):
        company.at(day)
    assert company.runs == [] and company.notices() == 0


def test_one_walk_takes_only_so_many(company, monkeypatch):
    monkeypatch.setattr(leaving, "AT_ONCE", 0)
    closed(company)
    assert company.at(91).state == "active"


def test_a_letter_that_came_too_late_is_not_sent(company):
    closed(company)
    with entry.control() as session:
        args = next(a for a in session.execute(select(ControlOrder.args).where(ControlOrder.name == "billing.letter")).scalars() if a["tenant_id"] == str(company.tenant.id) and a["step"].startswith("deletion"))
    comp(company, company.clock.now)
    jobs.letter(None, **args)
    with entry.enter(company.tenant) as session:
        assert session.execute(select(OutgoingMail).where(OutgoingMail.template == "billing_closed")).first() is None
    assert access.RETRIEVAL >= 30 * DAY
