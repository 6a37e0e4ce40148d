"""One order from the outbox to its end: done, again, parked, refused, waiting, lost."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from core.base import outbox
from core.base.ids import new_id
from core.base.outbox import MAX_ATTEMPTS, Order
from tenants import entry, registry
from tenants.models import Tenant
from workers import run as runner
from workers.door import CONTROL, NoTenant
from workers.job import JOBS, job


def test_an_order_is_done_once_however_often_it_is_delivered(order, work, row, facts):
    key = str(new_id())
    found = order("test.effect", key=key)
    assert work(found) == "done"
    assert work(found) == "held"
    assert row(found).state == "done" and facts(key) == 1


def test_a_job_without_a_tenant_does_not_start(order, facts):
    key = str(new_id())
    found = order("test.effect", key=key)
    for nobody in (None, ""):
        with pytest.raises(NoTenant):
            runner.work(str(found), nobody)
    with pytest.raises(NoTenant):
        runner.work(str(found), str(uuid4()))
    assert facts(key) == 0


def test_an_order_of_another_tenant_is_not_found_here(order, facts, world):
    key = str(new_id())
    found = order("test.effect", key=key)
    assert runner.work(str(found), str(world.globex.tenant.id)) == "held"
    assert runner.work(str(found), CONTROL) == "held"
    assert facts(key) == 0


def test_a_failed_job_leaves_nothing_and_comes_again_later_each_time(order, work, row, due, facts):
    key = str(new_id())
    found = order("test.raises", key=key)
    waits = []
    for _ in range(MAX_ATTEMPTS - 1):
        assert work(found) == "again"
        waits.append((row(found).due_at - entry.utcnow()).total_seconds())
        assert work(found) == "held"
        due(found)
    assert waits[0] < 10 and waits == sorted(waits)
    assert work(found) == "parked"
    assert row(found).state == "parked" and facts(key) == 0


def test_what_is_kept_of_an_error_names_nobody(order, work, row):
    found = order("test.raises", key=str(new_id()))
    work(found)
    error = row(found).error
    assert error.startswith("RuntimeError")
    assert "anna" not in error and "abcdefghijklmnopqrstuvwxyz" not in error


def test_a_refusal_ends_the_order_at_once(order, work, row, facts):
    key = str(new_id())
    found = order("test.refused", key=key)
    assert work(found) == "failed"
    assert row(found).error == "Refused: unknown_value" and facts(key) == 0


def test_an_order_nobody_knows_is_parked_and_says_so(order, work, row):
    found = order("no.such.job")
    assert work(found) == "parked"
    assert row(found).error == "no such job: no.such.job"


def test_a_job_of_the_landlord_is_not_run_for_a_tenant(order, work):
    assert work(order("test.control")) == "parked"


def test_a_control_order_runs_on_the_control_schema(stack):
    from core.base.outbox import defer_row
    from tenants.models import ControlOrder

    with entry.control() as session:
        found = defer_row(session, ControlOrder, "test.control", now=entry.utcnow(), due_at=None, queue=None, dedupe=None, asked_by=None, args={})
    assert runner.work(str(found), CONTROL) == "done"
    with entry.control() as session:
        assert session.get(ControlOrder, found).result["now"]


def test_the_system_acts_in_the_language_of_whoever_asked(house, order, work, row):
    from core.identity.models import User

    with entry.enter(house.tenant) as session:
        session.execute(update(User).where(User.id == house.users["rep"].id).values(locale="ru", timezone="Asia/Seoul"))
    found = order("test.whoami", who="rep")
    assert work(found) == "done"
    assert row(found).result == {"tenant": str(house.tenant.id), "actor": "system", "reason": "test.whoami", "locale": "ru", "timezone": "Asia/Seoul"}


def test_a_job_may_act_as_the_user_who_asked_and_refuses_when_he_is_gone(house, order, work, row):
    found = order("test.as_asker", who="owner", key="")
    assert work(found) == "done" and row(found).result["name"] == "Owner"
    gone = order("test.as_asker", who="owner", key="")
    with entry.enter(house.tenant) as session:
        session.execute(update(Order).where(Order.id == gone).values(asked_by=new_id()))
    assert work(gone) == "failed"


@pytest.fixture
def access(house):
    """access("suspended"): what billing would store; active again afterwards."""

    def store(value):
        with entry.control() as session:
            session.execute(update(Tenant).where(Tenant.id == house.tenant.id).values(access=value))
        registry.forget()

    yield store
    store("active")


def test_a_suspended_tenants_job_waits_and_loses_no_attempt(order, work, row, due, access, facts):
    key = str(new_id())
    found = order("test.effect", key=key)
    access("suspended")
    assert work(found) == "waits"
    assert row(found).attempts == 0 and facts(key) == 0
    access("active")
    due(found)
    assert work(found) == "done" and facts(key) == 1


def test_what_is_declared_always_runs_for_a_suspended_tenant(order, work, access, facts):
    key = str(new_id())
    found = order("test.always", key=key)
    access("suspended")
    assert work(found) == "done" and facts(key) == 1


def test_a_read_only_refusal_waits_for_the_subscription(order, work, row):
    found = order("test.read_only", key="")
    assert work(found) == "waits" and row(found).state == "waiting"


def test_the_order_of_a_tenant_that_is_being_moved_is_left_alone(house, order, work, row):
    found = order("test.effect", key=str(new_id()))
    with entry.control() as session:
        session.execute(update(Tenant).where(Tenant.id == house.tenant.id).values(state="moving"))
    try:
        assert work(found) == "away"
    finally:
        with entry.control() as session:
            session.execute(update(Tenant).where(Tenant.id == house.tenant.id).values(state="active"))
        registry.forget()
    assert row(found).attempts == 0


def test_a_worker_that_lost_its_lease_writes_nothing(house, order, row, facts):
    """It slept past its lease; meanwhile somebody else took the order: the fencing token refuses the late one."""
    key = str(new_id())
    found = order("test.effect", key=key)
    late = runner.Held.claim(runner.place_of(str(house.tenant.id)), found)
    with entry.enter(house.tenant) as session:
        session.execute(update(Order).where(Order.id == found).values(lease_until=entry.utcnow() - timedelta(seconds=1)))
    assert runner.work(str(found), str(house.tenant.id)) == "done"
    assert late.run() == "lost"
    assert facts(key) == 1


def test_without_the_fence_the_late_worker_would_act_twice(house, order, facts, monkeypatch):
    """The negative control of the test above."""
    monkeypatch.setattr(outbox, "settle", lambda *_, **__: True)
    key = str(new_id())
    found = order("test.effect", key=key)
    late = runner.Held.claim(runner.place_of(str(house.tenant.id)), found)
    late.run()
    runner.Held(late.place, found, uuid4(), late_row(late)).run()
    assert facts(key) == 2


def late_row(held):
    from types import SimpleNamespace

    return SimpleNamespace(name=held.name, args=held.args, attempts=held.attempts, asked_by=held.asked_by.user_id, by_token=held.asked_by.token_id)


def test_a_step_of_a_job_in_steps_is_refused_once_the_lease_is_lost(house, order, facts):
    key = str(new_id())
    found = order("test.slow", key=key, seconds=0)
    late = runner.Held.claim(runner.place_of(str(house.tenant.id)), found)
    with entry.enter(house.tenant) as session:
        session.execute(update(Order).where(Order.id == found).values(lease_token=uuid4()))
    assert late.run() == "lost"
    assert facts(key, "test.begun") == 0


def test_a_long_job_keeps_its_lease(house, order, row, monkeypatch):
    from infra.config import settings

    monkeypatch.setattr(runner, "settings", lambda: type("Short", (), {"job_lease": 1})())
    assert settings().job_lease == 60
    found = order("test.slow", key=str(new_id()), seconds=2.2)
    assert runner.work(str(found), str(house.tenant.id)) == "done"
    assert row(found).attempts == 1


def test_a_job_that_killed_its_worker_each_time_is_parked(house, order, work, row, due):
    found = order("test.effect", key=str(new_id()))
    due(found, attempts=MAX_ATTEMPTS)
    assert work(found) == "parked"
    assert row(found).error == "the worker died at every attempt"


def test_an_error_of_the_database_leaves_its_values_out(house, order, work, row):
    @job("test.broken_sql")
    def broken(ctx, *, secret):
        from sqlalchemy import text

        ctx.session.execute(text("SELECT CAST(:v AS uuid)"), {"v": secret})

    found = order("test.broken_sql", secret="canary secret.example")
    assert work(found) == "again"
    assert "canary" not in row(found).error and "secret.example" not in row(found).error
    JOBS.pop("test.broken_sql")


def test_the_log_binding_of_a_job_ends_with_it(order, work):
    from infra import telemetry

    before = telemetry.bound()
    work(order("test.effect", key=str(new_id())))
    work(order("test.raises", key=str(new_id())))
    assert telemetry.bound() == before
