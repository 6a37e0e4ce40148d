"""One order walks all tenants: a moment at a time, one walk after the other, whatever one tenant does."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text

from core.base.entitlements import Entitlements
from core.base.outbox import defer_row
from core.notifications import digesting
from core.notifications.models import Notification
from core.post.models import OutgoingMail
from tenants import entry
from tenants.models import ControlOrder
from workers import relay, run, walking
from workers.jobs import notifications as jobs


@pytest.fixture
def both(house, world, monkeypatch):
    """Two tenants, in each of which the owner waits for a morning's letter since long; nobody else is walked."""
    found = sorted((house.tenant, world.acme.tenant), key=lambda one: str(one.id))
    monkeypatch.setattr(relay, "active_tenants", lambda session: found)
    for one in (house, world.acme):
        with one.ctx() as ctx:
            ctx.session.execute(delete(Notification))
            ctx.session.execute(delete(OutgoingMail))
            ctx.session.execute(text("UPDATE app_user SET timezone = 'UTC'"))
            ctx.session.add(Notification(user_id=one.users["owner"].id, kind="finished", params={"say": "told.takeout_finished"}, in_digest=True, created_at=ctx.now - timedelta(days=2)))
    return found


def order():
    with entry.control() as session:
        return defer_row(session, ControlOrder, jobs.DIGESTS, now=entry.utcnow(), due_at=None, queue=None, dedupe=None, asked_by=None, args={})


@pytest.fixture
def begin(both):
    """begin(): the orders of one walk, run until none is left; returns their results."""

    def walk():
        with entry.control() as session:
            session.execute(delete(ControlOrder).where(ControlOrder.name == jobs.DIGESTS))
        order()
        while found := waiting():
            assert run.work(str(found[0]), "control") == "done"
        with entry.control() as session:
            return list(session.execute(select(ControlOrder.result).where(ControlOrder.name == jobs.DIGESTS).order_by(ControlOrder.id)).scalars())

    return walk


def waiting():
    with entry.control() as session:
        return sorted(session.execute(select(ControlOrder.id).where(ControlOrder.name == jobs.DIGESTS, ControlOrder.state == "waiting")).scalars())


def letters(house):
    with house.ctx() as ctx:
        return [letter.template for letter in ctx.session.execute(select(OutgoingMail)).scalars()]


def test_one_order_writes_the_morning_of_all_tenants_once(house, world, begin):
    assert begin() == [{"done": 2, "problems": {}}] and begin() == [{"done": 0, "problems": {}}]
    assert letters(house) == letters(world.acme) == ["digest"]


def test_a_long_walk_goes_on_in_an_order_of_its_own(begin, monkeypatch):
    monkeypatch.setattr(walking, "MOMENT", -1.0)
    assert [result["done"] for result in begin()] == [1, 1]


def test_a_walk_begins_when_the_one_before_is_through(both):
    with entry.control() as session:
        session.execute(delete(ControlOrder).where(ControlOrder.name == jobs.DIGESTS))
    earlier, later = sorted((order(), order()))
    assert run.work(str(later), "control") == "done" and run.work(str(earlier), "control") == "done"
    with entry.control() as session:
        assert session.get_one(ControlOrder, later).result == {"left_to": "the walk before"}
        assert session.get_one(ControlOrder, earlier).result["done"] == 2


def test_a_person_that_fails_is_one_person(house, both, begin, monkeypatch):
    with house.ctx() as ctx:
        ctx.session.add(Notification(user_id=house.users["rep"].id, kind="finished", params={"say": "told.takeout_finished"}, in_digest=True, created_at=ctx.now - timedelta(days=2)))
    real = digesting.write_digest

    def one_broken(ctx, user_id):
        if user_id == house.users["owner"].id:
            raise RuntimeError("mail of anna@example.com")
        return real(ctx, user_id)

    monkeypatch.setattr(digesting, "write_digest", one_broken)
    assert begin() == [{"done": 2, "problems": {str(house.tenant.id): "people: 1"}}]
    with house.ctx() as ctx:
        assert list(ctx.session.execute(select(OutgoingMail.to_mail)).scalars()) == [house.users["rep"].mail]


def test_a_tenant_that_fails_is_named_and_the_walk_goes_on(both, begin, monkeypatch):
    real = jobs.digests_of

    def one_broken(tenant):
        if tenant is both[0]:
            raise RuntimeError("mail of anna@example.com")
        return real(tenant)

    monkeypatch.setattr(jobs, "digests_of", one_broken)
    (result,) = begin()
    assert result == {"done": 1, "problems": {str(both[0].id): "RuntimeError"}}


def test_what_the_plan_allows_is_known_on_the_way(house, monkeypatch):
    allowed = Entitlements(limits={"storage_mb": 7})
    monkeypatch.setattr(walking.entitlements, "of", lambda tenant: allowed)
    with entry.enter(house.tenant) as session:
        assert walking.context_of(session, house.tenant, "x").entitlements is allowed
