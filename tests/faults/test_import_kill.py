"""RELIABILITY fault 34, reduced: an import killed with -9 at random points goes on; each row is in once, the progress honest."""

import multiprocessing
import os
import random
import time
from contextlib import contextmanager
from io import BytesIO
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from core.base.facts import Fact
from core.base.outbox import Order
from core.parties.models import Account
from core.transfer import checking, queries, running, starting, uploading
from infra.db import database
from tests.support.chunks import one_import_chunk
from tests.support.world import House
from workers import run as worker

DEEP = bool(os.environ.get("TENDERO_DEEP"))
ROWS, KILLS = (50_000, 20) if DEEP else (5_000, 6)


def list_of(rows):
    return ("name,employees,parent\n" + "".join(f"Company {n},{n % 100},{f'Company {n // 2}' if n % 50 == 7 else ''}\n" for n in range(rows))).encode()


@pytest.fixture
def house(app):
    return House(f"kill{uuid4().hex[:6]}", {"owner": "admin"})


def uploaded(house, rows):
    with house.ctx() as ctx:
        run = uploading.receive_file(ctx, kind="accounts", source=BytesIO(list_of(rows)), name="list.csv")
        uploading.choose_columns(ctx, run, version=run.version, mapping=run.mapping, mode="create", key_field="")
        uploading.start_check(ctx, run)
        return run.id


def order_of(house, name):
    with house.ctx() as ctx:
        return ctx.session.execute(select(Order.id).where(Order.name == name).order_by(Order.id.desc()).limit(1)).scalar_one()


def state_of(house, order_id):
    with house.ctx() as ctx:
        return ctx.session.execute(select(Order.state).where(Order.id == order_id)).scalar_one()


def let_lease_end(house, order_id):
    """What a dead worker's lease does by itself after a while."""
    with house.ctx() as ctx:
        ctx.session.execute(update(Order).where(Order.id == order_id, Order.state == "running").values(lease_until=ctx.now, attempts=0))
    time.sleep(0.01)


def work_in_child(house, order_id):
    def act():
        database().forget()
        worker.work(str(order_id), str(house.tenant.id))

    child = multiprocessing.get_context("fork").Process(target=act)
    child.start()
    return child


def work_through_kills(house, name, rng, kills, monkeypatch):
    """Kill the worker of an order at random points of its work, then let one finish; how many kills hit it at work."""
    order_id, hit = order_of(house, name), 0
    for _ in range(kills):
        child = work_in_child(house, order_id)
        time.sleep(rng.uniform(0.03, 0.2 if not DEEP else 1.2))
        hit += child.is_alive()
        child.kill()  # also when it has just ended
        child.join()
        let_lease_end(house, order_id)
    until = time.monotonic() + (300 if DEEP else 60)
    while state_of(house, order_id) != "done" and time.monotonic() < until:
        work_in_child(house, order_id).join(300)
        let_lease_end(house, order_id)
    assert state_of(house, order_id) == "done"
    return hit


def test_an_import_killed_at_random_points_brings_each_row_in_once(house, monkeypatch):
    rng = random.Random(34)
    for module in (checking, running):
        monkeypatch.setattr(module, "CHUNK", 250)
    key = uploaded(house, ROWS)
    work_through_kills(house, "transfer.check", rng, KILLS // 2, monkeypatch)
    with house.ctx() as ctx:
        run = queries.one(ctx, key)
        assert (run.state, run.rows_done, run.rows_total, run.counts["create"]) == ("checked", ROWS, ROWS, ROWS)
        assert ctx.session.execute(select(func.count()).select_from(Account)).scalar_one() == 0
        starting.start_run(ctx, run)
    assert work_through_kills(house, "transfer.run", rng, KILLS, monkeypatch) >= KILLS // 2
    with house.ctx() as ctx:
        run = queries.one(ctx, key)
        assert (run.state, run.rows_done, run.counts["created"]) == ("done", ROWS, ROWS)
        total, different, hung = ctx.session.execute(select(func.count(), func.count(Account.name.distinct()), func.count(Account.parent_id)).select_from(Account)).one()
        facts = ctx.session.execute(select(func.count(), func.count(Fact.subject_id.distinct())).where(Fact.kind == "account.created")).one()
    assert (total, different, hung) == (ROWS, ROWS, ROWS // 50)
    assert tuple(facts) == (ROWS, ROWS)


def test_a_chunk_whose_position_was_lost_is_refused_and_not_written_twice(house):
    """The negative control: were the position not committed with its chunk, the keys fixed at staging still say no."""

    @contextmanager
    def door():
        with house.ctx() as ctx:
            yield ctx

    key = uploaded(house, 50)
    checking.check_file(door, key, 1)
    with door() as ctx:
        starting.start_run(ctx, queries.one(ctx, key))
    assert one_import_chunk(running, door, key, 2)
    with door() as ctx:
        queries.one(ctx, key).position = 0
    with pytest.raises(IntegrityError):
        one_import_chunk(running, door, key, 2)
    with door() as ctx:
        assert ctx.session.execute(select(func.count()).select_from(Account)).scalar_one() == 50


def test_an_import_that_kills_its_worker_every_time_ends_as_failed_and_goes_on_when_the_cause_is_gone(house, monkeypatch):
    """Fault 18 for imports: at each of its attempts the worker dies behind the first chunk that it writes."""
    import signal

    from core.base.outbox import MAX_ATTEMPTS
    from core.transfer import breaking, writing

    key = uploaded(house, 3_000)
    assert worker.work(str(order_of(house, "transfer.check")), str(house.tenant.id)) == "done"
    with house.ctx() as ctx:
        starting.start_run(ctx, queries.one(ctx, key))
    order_id, whole = order_of(house, "transfer.run"), writing.create

    def deadly(ctx, run, first, last):
        if run.position > 0:
            os.kill(os.getpid(), signal.SIGKILL)
        whole(ctx, run, first, last)

    monkeypatch.setattr(writing, "create", deadly)
    for attempt in range(MAX_ATTEMPTS):
        child = work_in_child(house, order_id)
        child.join()
        assert child.exitcode == -signal.SIGKILL, f"attempt {attempt} lived"
        with house.ctx() as ctx:
            assert queries.one(ctx, key).state == "running"
            ctx.session.execute(update(Order).where(Order.id == order_id).values(lease_until=ctx.now))
        time.sleep(0.01)
    assert worker.work(str(order_id), str(house.tenant.id)) == "parked"
    monkeypatch.undo()
    with house.ctx() as ctx:
        run = queries.one(ctx, key)
        assert (run.state, run.broke_off_while, run.rows_done, run.counts["created"]) == ("failed", "running", 1000, 1000)
        assert ctx.session.execute(select(func.count()).select_from(Account)).scalar_one() == 1000
        breaking.go_on(ctx, run)
    assert worker.work(str(order_of(house, "transfer.run")), str(house.tenant.id)) == "done"
    with house.ctx() as ctx:
        assert (queries.one(ctx, key).state, queries.one(ctx, key).counts["created"]) == ("done", 3000)
        assert ctx.session.execute(select(func.count()).select_from(Account)).scalar_one() == 3000
