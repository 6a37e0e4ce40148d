"""From the outbox to the queue: by hint at once, by sweep at last, never lost with Redis."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from core.base import outbox
from core.base.ids import new_id
from core.base.outbox import Order
from core.post.actions import hand_in
from infra import queue, redis
from tenants import entry, mail_index
from tenants.models import OutboxDue
from workers.relay import Relay
from workers.sweep import sweep


@contextmanager
def emptied(*houses):
    """Nothing in the queues, and no orders and hints of other tests: only so many orders of a tenant stand in a queue at a time."""
    for house in houses:
        with house.ctx() as ctx:
            ctx.session.execute(delete(Order))
    redis.client().flushall()
    drop_hints()
    yield
    redis.client().flushall()


@pytest.fixture(autouse=True)
def empty_queues(stack, house):
    with emptied(house):
        yield


def waiting(name="default"):
    return queue.waiting(name)


def hints(house):
    with entry.control() as session:
        return session.execute(select(OutboxDue.due_at).where(OutboxDue.tenant_id == house.tenant.id)).scalars().all()


def drop_hints():
    with entry.control() as session:
        session.execute(delete(OutboxDue))


def test_an_order_is_put_right_after_its_commit_and_its_hint_goes(house, order):
    found = order("test.effect", key=str(new_id()))
    assert hints(house)
    Relay().tick(entry.utcnow())
    assert queue.job_id(found, house.tenant.id) in waiting()
    assert not hints(house)


def test_an_order_goes_into_the_queue_its_job_declares(house, order):
    found = order("post.deliver", mail_id=str(new_id()))
    Relay().tick(entry.utcnow())
    assert queue.job_id(found, house.tenant.id) in waiting("mail")


def test_a_letter_that_somebody_waits_for_goes_before_hundreds_of_others(house, order):
    others = [order("post.deliver", mail_id=str(new_id())) for _ in range(3)]
    Relay().tick(entry.utcnow())
    mail_index.ask("somebody@example.com", "en", entry.utcnow())
    mine = [order("post.deliver", queue=outbox.WAITED_FOR, mail_id=str(new_id())) for _ in range(2)]
    drop_hints()
    sweep(entry.utcnow())
    waiting_now = queue.named("mail").job_ids
    last = max(waiting_now.index(queue.job_id(found, house.tenant.id)) for found in mine)
    first = min(waiting_now.index(queue.job_id(found, house.tenant.id)) for found in others)
    asked = [n for n, one in enumerate(waiting_now) if one.startswith("control")]  # of other tests too
    assert last < first and asked and max(asked) < first


def test_a_letter_about_ones_way_in_is_one_that_somebody_waits_for(house):
    with house.ctx() as ctx:
        hand_in(ctx, template="password_reset", to="lost@example.com", params={"name": "Lost", "mail": "lost@example.com", "workspace": "Acme", "link": "https://acme.example/x"})
        hand_in(ctx, template="password_changed", to="lost@example.com", params={"name": "Lost", "workspace": "Acme", "when": ctx.now, "link": "https://acme.example/x"})
        hand_in(ctx, template="reminder", to="lost@example.com", params={"what": "Call", "who": "ACME", "due": ctx.now, "name": "Anna"})
        found = ctx.session.execute(select(Order.queue).where(Order.name == "post.deliver").order_by(Order.id.desc()).limit(3)).scalars().all()
    assert sorted(found) == ["mail", outbox.WAITED_FOR, outbox.WAITED_FOR]


def test_an_order_for_later_waits_for_its_time(house, order):
    later = entry.utcnow() + timedelta(hours=1)
    found = order("test.effect", due_at=later, key=str(new_id()))
    Relay().tick(entry.utcnow())
    assert queue.job_id(found, house.tenant.id) not in waiting()
    assert hints(house)
    Relay().tick(later + timedelta(seconds=1))
    assert queue.job_id(found, house.tenant.id) in waiting()


def test_a_lost_hint_is_made_up_for_by_the_sweep(house, order):
    found = order("test.effect", key=str(new_id()))
    drop_hints()
    Relay().tick(entry.utcnow())
    assert queue.job_id(found, house.tenant.id) not in waiting()
    sweep(entry.utcnow())
    assert queue.job_id(found, house.tenant.id) in waiting()


def test_the_sweep_does_not_put_what_waits_already(house, order):
    order("test.effect", key=str(new_id()))
    sweep(entry.utcnow())
    before = len(queue.named("default").job_ids)
    sweep(entry.utcnow())
    assert len(queue.named("default").job_ids) == before


def test_a_message_that_a_dead_worker_took_is_put_again(house, order):
    """RQ still calls it started; only the queue's own list counts."""
    found = order("test.effect", key=str(new_id()))
    Relay().tick(entry.utcnow())
    redis.client().delete("rq:queue:default")
    assert queue.job_id(found, house.tenant.id) not in waiting()
    sweep(entry.utcnow())
    assert queue.job_id(found, house.tenant.id) in waiting()


def test_an_emptied_redis_costs_nothing(house, order):
    found = [order("test.effect", key=str(new_id())) for _ in range(3)]
    Relay().tick(entry.utcnow())
    redis.client().flushall()
    sweep(entry.utcnow())
    assert {queue.job_id(one, house.tenant.id) for one in found} <= waiting()


def test_without_redis_relay_and_sweep_go_on(house, order, monkeypatch):
    monkeypatch.setattr(queue, "client", lambda: redis.connect("redis://127.0.0.1:1/0"))
    order("test.effect", key=str(new_id()))
    Relay().tick(entry.utcnow())
    sweep(entry.utcnow())


def test_one_tenants_failure_does_not_stop_the_others(house, order, world, monkeypatch):
    found = order("test.effect", key=str(new_id()))
    drop_hints()
    real = entry.enter

    def broken(tenant, **rest):
        if tenant.id == world.acme.tenant.id:
            raise RuntimeError("broken schema")
        return real(tenant, **rest)

    monkeypatch.setattr(entry, "enter", broken)
    sweep(entry.utcnow())
    assert queue.job_id(found, house.tenant.id) in waiting()


def test_a_message_carries_keys_and_nothing_else(house, order):
    """What stands in Redis may be read by whoever runs it: two keys, in JSON."""
    found = order("test.effect", key="a secret note")
    sweep(entry.utcnow())
    raw = b"".join(redis.client().hgetall(f"rq:job:{queue.job_id(found, house.tenant.id)}").values())
    assert b"secret note" not in raw and str(found).encode() in str(raw).encode()


def test_dead_hints_are_deleted(house):
    long_ago = entry.utcnow() - timedelta(hours=1)
    with entry.control() as session:
        session.add(OutboxDue(tenant_id=house.tenant.id, due_at=long_ago))
    sweep(entry.utcnow())
    assert long_ago not in hints(house)
