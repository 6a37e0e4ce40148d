"""The clock's one table: what is due when, once, also over gaps and changes of the clock."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select

from core.base.outbox import Order
from tenants import entry
from tenants.models import Clock, ControlOrder
from workers import schedule
from workers.schedule import Entry, due_moment

MINUTE = Entry("test.control", every=timedelta(seconds=60))
DAY = Entry("test.control", at=time(2, 30))
BERLIN = ZoneInfo("Europe/Berlin")


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_an_interval_is_due_once_in_each_of_its_slots():
    now = at(2026, 5, 4, 12, 0, 30)
    assert due_moment(MINUTE, None, now) == at(2026, 5, 4, 12, 0)
    assert due_moment(MINUTE, at(2026, 5, 4, 12, 0), now) is None
    assert due_moment(MINUTE, at(2026, 5, 4, 12, 0), now + timedelta(seconds=31)) == at(2026, 5, 4, 12, 1)


def test_after_a_gap_the_latest_moment_is_made_up_for_once():
    now = at(2026, 5, 9, 12, 0)
    assert due_moment(DAY, at(2026, 5, 4, 2, 30), now) == at(2026, 5, 9, 2, 30)
    assert due_moment(DAY, at(2026, 5, 9, 2, 30), now) is None


def test_without_catching_up_a_missed_moment_is_let_go():
    lazy = Entry("test.control", at=time(2, 30), catch_up=False)
    assert due_moment(lazy, at(2026, 5, 4, 2, 30), at(2026, 5, 5, 12, 0)) is None
    assert due_moment(lazy, at(2026, 5, 4, 2, 30), at(2026, 5, 5, 2, 31)) == at(2026, 5, 5, 2, 30)


def test_a_new_installation_does_not_begin_with_last_night():
    assert due_moment(DAY, None, at(2026, 5, 5, 12, 0)) is None
    assert due_moment(DAY, None, at(2026, 5, 5, 2, 31)) == at(2026, 5, 5, 2, 30)


@pytest.mark.parametrize(("year", "month", "day"), [(2026, 3, 29), (2026, 10, 25), (2028, 2, 29), (2026, 12, 31)])
def test_a_local_time_comes_once_a_day_whatever_the_clocks_do(year, month, day):
    """2:30 does not exist on 29 March in Berlin and comes twice on 25 October."""
    local, last, seen = Entry("test.control", at=time(2, 30), local=True), at(year, month, day) - timedelta(days=2), []
    now = datetime(year, month, day, tzinfo=BERLIN).astimezone(UTC) - timedelta(hours=1)
    for _ in range(60 * 26):
        due = due_moment(local, last, now, BERLIN)
        if due is not None and due > datetime(year, month, day, tzinfo=BERLIN):
            seen.append(due)
        last = due or last
        now += timedelta(minutes=1)
    assert len(seen) == 1


def test_a_clock_set_back_repeats_nothing():
    assert due_moment(MINUTE, at(2026, 5, 4, 12, 0), at(2026, 5, 4, 11, 0)) is None


@pytest.fixture
def clean(stack):
    def wipe():
        with entry.control() as session:
            session.execute(delete(Clock))
            session.execute(delete(ControlOrder))

    wipe()
    yield
    wipe()


def test_two_clocks_at_the_same_moment_leave_one_order(clean):
    now = entry.utcnow()
    schedule.tick(now, (MINUTE,))
    with entry.control() as session:
        session.execute(delete(Clock))  # as if the second had read before the first wrote
    schedule.tick(now, (MINUTE,))
    with entry.control() as session:
        assert len(session.execute(select(ControlOrder)).all()) == 1


def test_a_tenants_entry_leaves_an_order_in_each_tenant_that_wants_it(clean, house, world):
    wanted = Entry("test.whoami", every=timedelta(seconds=60), each_tenant=True, where=lambda session: True)
    schedule.tick(entry.utcnow(), (wanted,))
    unwanted = Entry("test.sentinel", every=timedelta(seconds=60), each_tenant=True, where=lambda session: False)
    schedule.tick(entry.utcnow(), (unwanted,))
    for tenant in (house.tenant, world.acme.tenant):
        with entry.enter(tenant) as session:
            names = session.execute(select(Order.name).where(Order.dedupe_key.startswith("clock:"))).scalars().all()
        assert "test.whoami" in names and "test.sentinel" not in names


def test_one_broken_tenant_does_not_hold_up_the_clock(clean, house, world, monkeypatch):
    real = entry.enter

    def broken(tenant, **rest):
        if tenant.id == world.acme.tenant.id:
            raise RuntimeError
        return real(tenant, **rest)

    monkeypatch.setattr(entry, "enter", broken)
    each = Entry("test.always", every=timedelta(seconds=60), each_tenant=True)
    assert schedule.tick(entry.utcnow() + timedelta(minutes=3), (each,)) >= 1
