"""Hundreds of letters of one company delay nobody else's by more than a few: each has its turn, and the rest waits in PostgreSQL."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from core.base import outbox
from core.base.ids import new_id
from core.base.outbox import Order, defer
from infra import queue, redis
from tenants import entry
from tests.support.world import House
from tests.workers.test_relay_and_sweep import drop_hints, emptied, hints
from workers import turns
from workers.queues import share
from workers.relay import Relay
from workers.sweep import sweep

MANY = 300
OURS: set[str] = set()


@pytest.fixture(scope="module")
def busy(app):
    return House(f"busy-{uuid4().hex[:6]}", {"owner": "admin"})


@pytest.fixture(scope="module")
def quiet(app):
    return House(f"quiet-{uuid4().hex[:6]}", {"owner": "admin"})


@pytest.fixture(autouse=True)
def nothing_waits(stack, busy, quiet):
    OURS.update(str(house.tenant.id) for house in (busy, quiet))
    with emptied(busy, quiet):
        yield


def letters(house, number=1, **rest):
    """That many orders of letters, left in one go."""
    with house.ctx() as ctx:
        return [defer(ctx, "post.deliver", mail_id=str(new_id()), **rest) for _ in range(number)]


def line(house=None):
    """What stands in the mail queue, the next first: of one tenant, or of both. What other tests left elsewhere is none of it."""
    whose = OURS if house is None else {str(house.tenant.id)}
    return [one for one in queue.named("mail").job_ids if queue.place_of(one) in whose]


def place(house, order_id):
    return line().index(queue.job_id(order_id, house.tenant.id))


def deliver(house):
    """What workers do with all that stands there."""
    done = line(house)
    with house.ctx() as ctx:
        ctx.session.execute(update(Order).where(Order.id.in_([one.partition("_")[2] for one in done])).values(state="done", finished_at=ctx.now))
    redis.client().delete("rq:queue:mail")
    return len(done)


def test_of_one_company_three_hundred_and_of_another_one_letter_and_it_is_among_the_first(busy, quiet):
    letters(busy, MANY)
    (mine,) = letters(quiet)
    Relay().tick(entry.utcnow())
    assert place(quiet, mine) <= 1


def test_a_letter_that_comes_when_the_hundreds_stand_there_waits_for_a_few_of_them(busy, quiet):
    letters(busy, MANY)
    relay = Relay()
    relay.tick(entry.utcnow())
    (mine,) = letters(quiet)
    relay.tick(entry.utcnow())
    assert place(quiet, mine) <= share("mail") == len(line(busy))


def test_without_a_share_it_would_wait_for_all_of_them(busy, quiet, monkeypatch):
    """Negative control."""
    monkeypatch.setattr(turns, "share", lambda name: 10**6)
    letters(busy, MANY)
    relay = Relay()
    relay.tick(entry.utcnow())
    (mine,) = letters(quiet)
    relay.tick(entry.utcnow())
    assert place(quiet, mine) == MANY


def test_all_of_them_go_out_one_share_at_each_look_and_the_hint_goes_with_the_last(busy):
    letters(busy, MANY)
    relay, delivered, looks = Relay(), 0, 0
    while delivered < MANY:
        relay.tick(entry.utcnow())
        delivered += deliver(busy)
        looks += 1
        assert looks <= MANY // share("mail") + 1, "some were left behind"
    relay.tick(entry.utcnow())
    assert line(busy) == [] and hints(busy) == []


def test_what_stands_there_is_not_put_twice(busy):
    letters(busy, MANY)
    relay = Relay()
    for _ in range(3):
        relay.tick(entry.utcnow())
    assert len(line(busy)) == share("mail")


def test_an_emptied_redis_is_filled_again_by_the_next_looks(busy):
    letters(busy, MANY)
    relay, now = Relay(), entry.utcnow()
    relay.tick(now)
    redis.client().flushall()
    relay.tick(now + timedelta(seconds=1))
    assert len(line(busy)) == share("mail")


def test_the_sweep_gives_each_a_share_too_and_leaves_the_rest_to_the_relay(busy, quiet):
    letters(busy, MANY)
    (mine,) = letters(quiet)
    drop_hints()
    sweep(entry.utcnow())
    assert place(quiet, mine) <= 1 and len(line(busy)) == share("mail") and hints(busy) and not hints(quiet)
    deliver(busy)
    Relay().tick(entry.utcnow())
    assert len(line(busy)) == share("mail")


def test_a_letter_that_somebody_waits_for_is_not_behind_those_of_his_own_company(busy):
    """Not even behind more than the relay reads of one kind at once."""
    letters(busy, 2 * MANY)
    relay = Relay()
    relay.tick(entry.utcnow())
    (mine,) = letters(busy, queue=outbox.WAITED_FOR)
    relay.tick(entry.utcnow())
    assert place(busy, mine) == 0


def test_other_work_is_not_behind_them_either(busy):
    letters(busy, 2 * MANY)
    with busy.ctx() as ctx:
        mine = defer(ctx, "test.effect", key=str(new_id()))
    Relay().tick(entry.utcnow())
    assert queue.job_id(mine, busy.tenant.id) in queue.waiting("default")


def test_two_kinds_of_one_company_take_turns(busy):
    """An order that writes somebody's letter stands behind few of the others in its own queue."""
    with busy.ctx() as ctx:
        for _ in range(MANY):
            defer(ctx, "test.effect", key=str(new_id()))
        mine = defer(ctx, "identity.mail_reset", sealed="x")
    Relay().tick(entry.utcnow())
    mine_there = [one for one in queue.named("default").job_ids if queue.place_of(one) == str(busy.tenant.id)]
    assert mine_there.index(queue.job_id(mine, busy.tenant.id)) <= 1


def test_many_hints_of_one_company_hide_no_other(busy, quiet):
    """A look takes companies, not hints: five hundred older ones of one come after each other."""
    from tenants.models import OutboxDue

    now = entry.utcnow()
    with entry.control() as session:
        session.add_all(OutboxDue(tenant_id=busy.tenant.id, due_at=now - timedelta(seconds=5, microseconds=n)) for n in range(600))
    letters(quiet)
    Relay().tick(entry.utcnow())
    assert line(quiet)
    with entry.control() as session:
        assert session.execute(select(func.count()).select_from(OutboxDue).where(OutboxDue.tenant_id == busy.tenant.id)).scalar_one() == 0
