"""Faults 16 to 19: workers frozen, killed, poisoned, asked to end; the effect stands exactly once."""

import random
import signal
import time

import pytest
from sqlalchemy import func, select, update

from core.base.outbox import MAX_ATTEMPTS, Order
from infra import queue
from tenants import entry
from tests.support.plant import DEEP, Plant, horses, kill, rq_workers, until


@pytest.fixture(scope="module")
def plant():
    with Plant() as running:
        yield running


@pytest.fixture(scope="module")
def house(plant):
    return plant.house("workers")


@pytest.fixture
def crew(plant):
    """The clock and workers of all queues; killed afterwards."""
    plant.clock()
    yield plant.workers()
    plant.kill_all()


def begun(plant, house, keys):
    return lambda: set(keys) <= set(plant.effects(house, "test.begun"))


def once(plant, house, keys):
    return lambda: all(plant.effects(house)[key] == 1 for key in keys)


def test_a_worker_frozen_past_its_lease_writes_nothing_when_it_wakes(plant, house, crew):
    """Fault 16. Its order goes to a second worker; the late write is refused by the fencing token."""
    [key] = plant.order(house, "test.slow", seconds=1)
    until(begun(plant, house, [key]))
    frozen = horses(crew)
    kill(frozen, signal.SIGSTOP)
    plant.workers("bulk")
    until(once(plant, house, [key]), 20)
    kill(frozen, signal.SIGCONT)
    until(lambda: not any(one.is_running() and one.status() != "zombie" for one in frozen), 10)
    assert plant.effects(house)[key] == 1
    assert plant.states(house)["running"] == 0


@pytest.mark.parametrize("who", ["horse", "parent", "both", "crew"])
@pytest.mark.parametrize("retry", [True, False], ids=["rq_retries", "rq_does_not"])
def test_whoever_is_killed_the_effect_stands_exactly_once(plant, house, who, retry, monkeypatch):
    """Fault 17, also with RQ's own recovery switched off. Recovery takes at most lease + sweep, here 3 s."""
    env = {} if retry else {"TENDERO_TEST_NO_RQ_RETRY": "1"}
    plant.clock(**env)
    crew = plant.workers("bulk", **env)
    try:
        [key] = plant.order(house, "test.slow", seconds=0.8)
        until(begun(plant, house, [key]))
        victims = {"horse": horses(crew), "parent": rq_workers(crew), "both": horses(crew) + rq_workers(crew), "crew": None}[who]
        if victims is None:
            orphans = horses(crew) + rq_workers(crew)
            crew.kill()
            crew.wait()
            until(lambda: not any(one.is_running() and one.status() != "zombie" for one in orphans), 5)
            plant.workers("bulk", **env)
        else:
            kill(victims)
        until(once(plant, house, [key]), 15)
        time.sleep(0.5)
        assert plant.effects(house)[key] == 1
    finally:
        plant.kill_all()


def test_a_poisonous_job_is_set_aside_and_the_others_do_not_wait_for_it(plant, house, crew):
    """Fault 18."""
    [poison] = plant.order(house, "test.poison")
    keys = plant.order(house, "test.effect", 10)
    until(once(plant, house, keys), 10)
    # The rest of its attempts passes in a minute and more; they are counted when claimed, so the last two do.
    with entry.enter(house.tenant) as session:
        session.execute(update(Order).where(Order.name == "test.poison").values(attempts=MAX_ATTEMPTS - 1))
    until(lambda: plant.states(house, "test.poison")["parked"] == 1, 20)
    assert plant.effects(house)[poison] == 0
    more = plant.order(house, "test.effect", 5)
    until(once(plant, house, more), 10)


def test_sigterm_finishes_what_is_in_hand_and_loses_nothing(plant, house):
    """Fault 19."""
    rounds, jobs = (10, 500) if DEEP else (2, 25)
    plant.clock()
    crew = plant.workers("default")
    try:
        for _ in range(rounds):
            keys = plant.order(house, "test.effect", jobs, seconds=0.05)
            until(lambda: any(plant.effects(house)[key] for key in keys), 10)  # noqa: B023
            started = time.monotonic()
            crew.send_signal(signal.SIGTERM)
            assert crew.wait(30) == 0
            assert time.monotonic() - started < 30
            assert plant.states(house)["running"] == 0
            plant.processes.remove(crew)
            crew = plant.workers("default")
            until(once(plant, house, keys), 120 if DEEP else 15)
    finally:
        plant.kill_all()


def test_sigterm_to_the_whole_group_drains_too(plant, house):
    """systemd signals every process of the unit at once."""
    plant.clock()
    try:
        crew = plant.workers("bulk")
        [key] = plant.order(house, "test.slow", seconds=1)
        until(begun(plant, house, [key]))
        kill([*rq_workers(crew)], signal.SIGTERM)
        crew.send_signal(signal.SIGTERM)
        assert crew.wait(20) == 0
        assert plant.effects(house)[key] == 1
    finally:
        plant.kill_all()


def test_a_killed_worker_is_replaced_and_its_orphans_end(plant, house, crew):
    until(lambda: len(rq_workers(crew)) == 3)
    before = {one.pid for one in rq_workers(crew)}
    kill(random.sample(rq_workers(crew), 1))
    until(lambda: len(rq_workers(crew)) == 3 and {one.pid for one in rq_workers(crew)} != before, 10)
    keys = plant.order(house, "test.effect", 3)
    until(once(plant, house, keys), 15)


def test_without_fencing_a_frozen_worker_would_act_twice(plant, house):
    """The negative control of fault 16: the lease is not looked at when settling."""
    env = {"TENDERO_TEST_NO_FENCE": "1"}
    plant.clock()
    crew = plant.workers("bulk", **env)
    try:
        [key] = plant.order(house, "test.slow", seconds=1)
        until(begun(plant, house, [key]))
        frozen = horses(crew)
        kill(frozen, signal.SIGSTOP)
        plant.workers("bulk", **env)
        until(once(plant, house, [key]), 20)
        kill(frozen, signal.SIGCONT)
        until(lambda: plant.effects(house)[key] == 2, 10)
    finally:
        plant.kill_all()


def test_without_the_sweep_a_killed_worker_and_horse_would_lose_the_work(plant, house):
    """The negative control of fault 17: only RQ is left, and RQ does not bring it back (RELIABILITY 0.8)."""
    crew = plant.workers("bulk")
    try:
        [key] = plant.order(house, "test.slow", seconds=0.8)
        with entry.enter(house.tenant) as session:
            order_id = session.execute(select(Order.id).where(Order.args["key"].astext == key)).scalar_one()
        queue.put(order_id, house.tenant.id, "bulk")
        until(begun(plant, house, [key]))
        kill(horses(crew) + rq_workers(crew))
        time.sleep(6)
        assert plant.effects(house)[key] == 0
        plant.clock()
        until(once(plant, house, [key]), 15)
    finally:
        plant.kill_all()


def test_without_setting_aside_a_poisonous_job_would_kill_for_ever(plant, house):
    """The negative control of fault 18: attempts are counted, yet no number is too many."""
    plant.clock()
    crew = plant.workers(TENDERO_TEST_NO_PARKING="1")
    try:
        let_go(house, "test.poison")
        plant.order(house, "test.poison")
        until(lambda: poison_attempts(house), 10)
        with entry.enter(house.tenant) as session:
            session.execute(update(Order).where(Order.name == "test.poison", Order.state != "done").values(attempts=MAX_ATTEMPTS + 1))
        until(lambda: poison_attempts(house) > MAX_ATTEMPTS + 2, 20)
        assert crew.poll() is None and plant.states(house, "test.poison")["running"] == 1
    finally:
        plant.kill_all()
        let_go(house, "test.poison")


def let_go(house, name: str) -> None:
    """What was left undone on purpose: the next test's workers would take it up."""
    with entry.enter(house.tenant) as session:
        session.execute(update(Order).where(Order.name == name).values(state="done"))


def poison_attempts(house) -> int:
    with entry.enter(house.tenant) as session:
        return session.execute(select(func.max(Order.attempts)).where(Order.name == "test.poison", Order.state != "done")).scalar_one() or 0


def test_a_worker_that_did_not_drain_would_be_seen(plant, house):
    """The negative control of fault 19: the same check after SIGKILL in place of SIGTERM finds work cut in the middle."""
    crew = plant.workers("bulk")
    try:
        [key] = plant.order(house, "test.slow", seconds=5)
        with entry.enter(house.tenant) as session:
            order_id = session.execute(select(Order.id).where(Order.args["key"].astext == key)).scalar_one()
        queue.put(order_id, house.tenant.id, "bulk")
        until(begun(plant, house, [key]))
        kill([*horses(crew), *rq_workers(crew)])
        crew.kill()
        crew.wait(10)
        assert plant.states(house, "test.slow")["running"] == 1 and plant.effects(house)[key] == 0
    finally:
        plant.kill_all()
        let_go(house, "test.slow")
