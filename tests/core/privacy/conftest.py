"""A tenant of its own for erasures, and what a worker does with a request."""

from uuid import uuid4

import pytest

from core.base.outbox import Order
from core.privacy import requests
from tenants import entry
from tests.support import canaries
from tests.support.world import House
from workers.run import work


@pytest.fixture
def house(app):
    return House(f"priv-{uuid4().hex[:6]}", {"owner": "admin", "manager": "manager", "rep": "sales"})


@pytest.fixture
def who(house):
    return canaries.plant(house)


def run_orders(house, name):
    """What a worker does with the orders of that name."""
    from sqlalchemy import select

    with entry.enter(house.fresh()) as session:
        due = list(session.execute(select(Order.id).where(Order.name == name, Order.state == "waiting")).scalars())
    return [work(str(one), str(house.tenant.id)) for one in due]


def ask(house, who, kind, *, tick=True):
    """A request that was received and searched, with every hit ticked."""
    with house.ctx() as ctx:
        key = requests.receive(ctx, kind=kind, who=who.name, mail=who.mail, also=f"{who.secret}\n{who.phone}").id
    assert run_orders(house, "privacy.search") == ["done"]
    if tick:
        with house.ctx() as ctx:
            request = requests.one(ctx, key)
            requests.tick(ctx, request, [(hit.table_name, hit.row_key) for hit in requests.hits(ctx, request)])
    return key


def decide(house, key):
    with house.ctx() as ctx:
        kind = requests.decide(ctx, requests.one(ctx, key), identity="Passport at the counter").kind
    return run_orders(house, {"erase": "privacy.erase", "access": "privacy.take_out"}.get(kind, "none"))


def erased(house, who):
    key = ask(house, who, "erase")
    assert decide(house, key) == ["done"]
    return key
