"""A room that is off does nothing by itself: its orders wait without using up an attempt, the clock passes it by."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from core.base import rooms as switching
from core.base.errors import NotFound
from core.base.outbox import Order
from core.base.rooms import RoomSwitch
from tenants import entry, rooms
from workers import schedule
from workers.job import JOBS, job
from workers.schedule import Entry


@pytest.fixture
def kitchen(monkeypatch, house):
    """A room whose orders are those of the tests, switched off for the time of one test."""
    known = {**switching.switches(), "kitchen": RoomSwitch("kitchen", "Kitchen", "box", "", (), jobs=("test",))}
    for module in (switching, rooms):
        monkeypatch.setattr(module, "switches", lambda: known)
    yield lambda off: _switch(house, off)
    _switch(house, False)


def _switch(house, off):
    with house.ctx() as ctx:
        rooms.switch_rooms(ctx, **({"off": ["kitchen"]} if off else {"on": ["kitchen"]}))
    house.fresh()


def test_an_order_waits_while_its_room_is_off_and_is_done_afterwards(kitchen, order, work, row, due, facts):
    key = str(uuid4())
    found = order("test.effect", key=key)
    kitchen(True)
    for _ in range(3):
        assert work(found) == "waits"
        due(found)
    assert facts(key) == 0 and row(found).attempts == 0
    kitchen(False)
    assert work(found) == "done" and facts(key) == 1


def test_work_that_its_room_leaves_in_the_middle_waits_too(kitchen, house, order, work, row):
    @job("test.midway", steps=True)
    def midway(door):
        with door():
            pass
        kitchen(True)
        with door():
            raise NotFound()  # what every use case of an off room says

    try:
        found = order("test.midway")
        assert work(found) == "waits" and row(found).attempts == 0
    finally:
        JOBS.pop("test.midway")


def test_the_clock_passes_it_by(kitchen, house, monkeypatch):
    one = Entry("test.effect", each_tenant=True)
    now = entry.utcnow()
    monkeypatch.setattr(schedule, "_active", lambda: [house.fresh()])

    def ordered():
        schedule._order_tenants(one, entry.utcnow(), now, None, schedule._active())
        with entry.enter(house.tenant) as session:
            return session.execute(select(func.count()).select_from(Order).where(Order.name == "test.effect", Order.dedupe_key.startswith("clock:"))).scalar_one()

    kitchen(True)
    assert ordered() == 0
    kitchen(False)
    assert ordered() == 1


def test_every_order_of_a_room_that_may_be_off_is_named():
    """A job whose name begins like a room's permissions belongs to that room."""
    from workers.job import load_jobs

    owned = {prefix for one in switching.switches().values() for prefix in one.jobs}
    beginnings = {prefix for one in switching.switches().values() for prefix in (*one.permissions, one.name)}
    assert {name.partition(".")[0] for name in load_jobs()} & beginnings - owned == set()
