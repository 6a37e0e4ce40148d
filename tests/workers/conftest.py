"""A tenant for job tests, and `run`: what a worker does with every order that is due, in this process."""

import pytest
from sqlalchemy import select

import tests.support.jobs  # noqa: F401  (declares the jobs that these tests order)
from core.base import outbox
from core.base.outbox import Order
from tenants import entry
from tests.support.world import House
from workers import run as runner


@pytest.fixture(scope="module")
def house(app):
    from uuid import uuid4

    return House(f"jobs-{uuid4().hex[:6]}", {"owner": "admin", "rep": "sales"})


@pytest.fixture
def order(house):
    """order("name", **args): leave one and get its row's key."""
    from core.base.outbox import defer

    def leave(name, *, who="owner", **args):
        with house.ctx(who) as ctx:
            return defer(ctx, name, **args)

    return leave


@pytest.fixture
def work(house):
    """Run one order as a worker would; returns its word."""
    return lambda order_id: runner.work(str(order_id), str(house.tenant.id))


@pytest.fixture
def row(house):
    """The order as it stands now."""

    def read(order_id):
        with entry.enter(house.tenant) as session:
            return session.execute(select(Order).where(Order.id == order_id)).scalar_one()

    return read


@pytest.fixture
def due(house):
    """Make a waiting order due now, as the passing of time would."""

    def make(order_id, **values):
        with entry.enter(house.tenant) as session:
            session.execute(outbox.update(Order).where(Order.id == order_id).values(due_at=entry.utcnow(), **values))

    return make


@pytest.fixture
def facts(house):
    """How often an effect stands there."""
    from uuid import UUID

    from core.base.facts import Fact

    def count(key, kind="test.effect"):
        with entry.enter(house.tenant) as session:
            return len(session.execute(select(Fact.id).where(Fact.subject_id == UUID(str(key)), Fact.kind == kind)).all())

    return count
