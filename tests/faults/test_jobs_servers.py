"""Faults 5, 6 and 8: Redis emptied or killed, PostgreSQL restarted in the middle of reminder mail. Nothing is lost."""

import contextlib
import random
import smtplib
import time

import pytest
from redis.exceptions import RedisError
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from core.post import actions
from core.post.models import OutgoingMail
from infra import redis
from tenants import entry
from tests.support.plant import DEEP, Plant, until

ROUNDS = 10 if DEEP else 2


@pytest.fixture(scope="module")
def plant():
    with Plant(MAIL_WORKERS="2", DEFAULT_WORKERS="2") as running:
        running.clock()
        running.workers()
        yield running


@pytest.fixture(scope="module")
def house(plant):
    return plant.house("servers")


def letters(house, count, tag):
    """Hand in reminders to as many people; returns their addresses."""
    with house.ctx() as ctx:
        for n in range(count):
            params = {"what": "Call", "who": "ACME", "due": ctx.now, "name": "Anna"}
            actions.hand_in(ctx, template="reminder", to=f"{tag}-{n}@example.com", params=params, dedupe=f"{tag}-{n}")
    return [f"{tag}-{n}@example.com" for n in range(count)]


def states(house, tag):
    with entry.enter(house.tenant) as session:
        query = select(OutgoingMail.to_mail, OutgoingMail.state).where(OutgoingMail.to_mail.like(f"{tag}-%"))
        return dict(session.execute(query).all())


def settled(house, tag):
    return lambda: all(state in ("sent", "unknown", "failed") for state in states(house, tag).values())


def reconcile(plant, house, tag, addresses):
    """Ledger and sink agree: sent arrived once, nobody got two, what is unknown arrived at most once."""
    ledger, arrived = states(house, tag), plant.sink.per_recipient()
    assert set(ledger) == set(addresses)
    assert all(arrived[address] <= 1 for address in addresses)
    assert all(arrived[address] == 1 for address, state in ledger.items() if state == "sent")
    return [address for address, state in ledger.items() if state == "unknown"]


def test_redis_emptied_at_random_moments_loses_nothing_and_work_goes_on_soon(plant, house):
    """Fault 5. The sweep here comes each second; in production each 45 s."""
    seed = random.randrange(10**6)
    pick = random.Random(seed)
    for round_ in range(ROUNDS):
        addresses = letters(house, 6, f"flush{round_}")
        keys = plant.order(house, "test.effect", 6)
        time.sleep(pick.random())
        redis.client().flushall()
        took = until(lambda: all(plant.effects(house)[key] == 1 for key in keys), 20)  # noqa: B023
        until(settled(house, f"flush{round_}"), 20)
        assert took < 60, seed
        assert reconcile(plant, house, f"flush{round_}", addresses) == [], seed


@pytest.mark.parametrize("keeps_its_log", [True, False], ids=["with_log", "log_lost"])
def test_redis_killed_in_the_middle_loses_nothing(plant, house, keeps_its_log):
    """Fault 6."""
    tag = f"kill{keeps_its_log}".lower()
    addresses = letters(house, 10, tag)
    keys = plant.order(house, "test.effect", 10, seconds=0.1)
    time.sleep(0.4)
    plant.stack.valkey.kill()
    more = plant.order(house, "test.effect", 3)  # people go on working while it is away
    if not keeps_its_log:
        for file in (plant.stack.home / "valkey").rglob("*aof*"):
            with contextlib.suppress(OSError):
                file.unlink()
    plant.stack.valkey.start()
    until(lambda: all(plant.effects(house)[key] == 1 for key in [*keys, *more]), 25)
    until(settled(house, tag), 20)
    assert reconcile(plant, house, tag, addresses) == []


def test_redis_throwing_keys_away_for_want_of_memory_loses_nothing(plant, house):
    """Fault 6: somebody set another policy than ours, and the memory ran out."""
    tag, client = "evict", redis.client()
    try:
        addresses, keys = letters(house, 10, tag), plant.order(house, "test.effect", 20, seconds=0.05)
        until(lambda: any(plant.effects(house)[key] for key in keys), 10)
        client.config_set("maxmemory-policy", "allkeys-random")
        client.config_set("maxmemory", str(client.info("memory")["used_memory"] + 400_000))
        for n in range(400):
            client.set(f"junk{n}", "x" * 4000)
        assert client.info("stats")["evicted_keys"] > 100
    finally:
        client.config_set("maxmemory", "0")
        client.config_set("maxmemory-policy", "noeviction")
    until(lambda: all(plant.effects(house)[key] == 1 for key in keys), 25)
    until(settled(house, tag), 20)
    assert reconcile(plant, house, tag, addresses) == []
    client.delete(*(f"junk{n}" for n in range(400)))


def test_postgresql_restarted_amid_reminder_mail_sends_nothing_twice_and_loses_nothing(plant, house):
    """Fault 8. What was in flight at a restart may be in doubt; it is never sent again by itself."""
    restarts, each = (10, 50) if DEEP else (2, 15)
    plant.sink.modes, plant.sink.mode, plant.sink.slow_seconds = {}, "slow", 0.1
    addresses, in_doubt = [], 0
    for round_ in range(restarts):
        addresses += letters(house, each, f"pg{round_}")
        time.sleep(random.uniform(0.3, 1.2))
        plant.stack.postgres.stop()
        plant.stack.postgres.start()
        until(lambda: _reachable(house), 10)
    until(lambda: all(settled(house, f"pg{n}")() for n in range(restarts)), 60 if DEEP else 25)
    for round_ in range(restarts):
        mine = [address for address in addresses if address.startswith(f"pg{round_}-")]
        in_doubt += len(reconcile(plant, house, f"pg{round_}", mine))
    plant.sink.mode = "take"
    assert in_doubt <= 2 * restarts  # two mail workers, one letter in flight each


def test_a_letter_that_came_twice_or_never_would_be_noticed(plant, house):
    """The negative control of faults 5, 6 and 8: the reconciler that they end with."""
    twice, never = letters(house, 2, "control")
    until(settled(house, "control"), 20)
    assert reconcile(plant, house, "control", [twice, never]) == []
    with smtplib.SMTP(*plant.sink.url.removeprefix("smtp://").split(":")) as line:
        line.sendmail("again@example.com", [twice], "Subject: again\r\n\r\nAgain")
    with pytest.raises(AssertionError):
        reconcile(plant, house, "control", [twice, never])
    with entry.enter(house.tenant) as session:
        session.execute(update(OutgoingMail).where(OutgoingMail.to_mail == never).values(to_mail="control-9@example.com"))
    with pytest.raises(AssertionError):
        reconcile(plant, house, "control", ["control-9@example.com"])


def _reachable(house):
    try:
        with entry.enter(house.tenant):
            return True
    except OperationalError:
        return False


def test_without_the_sweep_an_emptied_redis_would_lose_the_work(plant, house):
    """The negative control of fault 5: with the clock away nobody puts the messages again."""
    clock = plant.processes[0]
    keys = plant.order(house, "test.effect", 5, seconds=0.3)
    time.sleep(0.8)
    clock.kill()
    clock.wait()
    with contextlib.suppress(RedisError):
        redis.client().flushall()
    time.sleep(3)
    assert sum(plant.effects(house)[key] for key in keys) < 5
    plant.clock()
    until(lambda: all(plant.effects(house)[key] == 1 for key in keys), 20)
