"""Faults 20 and 21: the clock dead or stuck, the relay killed between putting and marking."""

import signal
import time
from datetime import timedelta

import psutil
import pytest
from sqlalchemy import select, text

from core.base.outbox import Order
from infra import queue, redis
from tenants import entry
from tenants.models import OutboxDue
from tests.support.plant import DEEP, Plant, until
from workers import alarm, leader


@pytest.fixture(scope="module")
def plant():
    with Plant(SWEEP_SECONDS="2") as running:
        yield running


@pytest.fixture(scope="module")
def house(plant):
    return plant.house("clock")


@pytest.fixture(autouse=True)
def ended(plant):
    yield
    plant.kill_all()


def holder(plant):
    """The backend that holds the clock's lock; None where nobody does."""
    with entry.control() as session:
        query = text("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = :key AND objsubid = 1 AND granted")
        return session.execute(query, {"key": leader.LOCK}).scalar_one_or_none()


def test_of_two_clocks_one_runs_and_the_other_takes_over_when_it_dies(plant, house):
    first = plant.clock()
    until(lambda: holder(plant))
    second = plant.clock()
    time.sleep(4)
    backend = holder(plant)
    assert "this is the clock now" in plant.log(first) and "this is the clock now" not in plant.log(second)
    first.kill()
    took = until(lambda: holder(plant) not in (None, backend), 15)
    assert took < 60 and second.poll() is None
    plant.workers("default")
    keys = plant.order(house, "test.effect", 3)
    until(lambda: all(plant.effects(house)[key] == 1 for key in keys), 15)


def test_a_clock_that_is_stuck_is_deposed_and_does_nothing_when_it_wakes(plant, house):
    """Fault 20, Solid Queue #751: the process lives, its work does not. Stale after 10 s here, 45 s in production."""
    first = plant.clock()
    until(lambda: holder(plant))
    backend = holder(plant)
    second = plant.clock()
    psutil.Process(first.pid).suspend()
    took = until(lambda: holder(plant) not in (None, backend), 20)
    assert took < 60
    psutil.Process(first.pid).resume()
    new = holder(plant)
    time.sleep(3)
    assert holder(plant) == new
    assert "taking over" in plant.log(second)


def test_somebody_else_notices_within_two_minutes_that_the_clock_has_stopped(plant, caplog):
    leader.say_alive(entry.utcnow() - timedelta(minutes=3), begins=True)
    watch = alarm.Watch(every=0)
    assert watch.look() is True
    assert "the clock has stopped" in caplog.text
    leader.say_alive(entry.utcnow())
    assert watch.look() is False
    assert alarm.LOOK_SECONDS + alarm.Watch().late.total_seconds() <= 120


def test_a_clock_that_was_never_there_is_no_alarm_but_one_that_is_late_is(plant):
    """The negative control: with the limit raised the same silence goes unnoticed."""
    leader.say_alive(entry.utcnow() - timedelta(minutes=3), begins=True)
    assert alarm.Watch(every=0, late=timedelta(hours=1)).look() is False


def test_a_relay_killed_between_putting_and_marking_doubles_no_effect(plant, house):
    """Fault 21. Killed after the messages are put and before the hint is deleted: they are put again."""
    rounds = 50 if DEEP else 3
    plant.workers("default")
    keys = []
    for _ in range(rounds):
        clock = plant.clock(TENDERO_TEST_DIE_BEFORE_MARK="1", SWEEP_SECONDS="60")
        keys += plant.order(house, "test.effect", 2)
        clock.wait(20)
        assert clock.returncode == -signal.SIGKILL
        with entry.control() as session:
            assert session.execute(select(OutboxDue).where(OutboxDue.tenant_id == house.tenant.id)).first()
        plant.processes.remove(clock)
    plant.clock()
    until(lambda: all(plant.effects(house)[key] == 1 for key in keys), 20)
    time.sleep(1)
    assert all(plant.effects(house)[key] == 1 for key in keys)


def test_without_the_claim_two_messages_would_be_two_effects(plant, house):
    """The negative control of fault 21: the claim lets everybody through."""
    redis.client().flushall()
    plant.workers("default", TENDERO_TEST_NO_CLAIM="1")
    [key] = plant.order(house, "test.effect")
    with entry.enter(house.tenant) as session:
        order_id = session.execute(select(Order.id).where(Order.args["key"].astext == key)).scalar_one()
    queue.put(order_id, house.tenant.id, "default")
    until(lambda: plant.effects(house)[key] == 1 and not redis.client().exists(f"rq:job:{queue.job_id(order_id, house.tenant.id)}"), 10)
    queue.put(order_id, house.tenant.id, "default")
    until(lambda: plant.effects(house)[key] == 2, 10)
