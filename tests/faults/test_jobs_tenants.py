"""X17: whatever crashes around it, a job sees its own tenant's data and nobody else's."""

import random

import pytest
from sqlalchemy import select

from core.base.facts import Fact
from core.base.ids import new_id
from core.base.outbox import defer
from infra.db import tenant_scope
from tenants import entry
from tests.support.plant import DEEP, Plant, until

TENANTS, JOBS_EACH = (10, 100) if DEEP else (4, 6)


@pytest.fixture(scope="module")
def plant():
    with Plant(DEFAULT_WORKERS="2") as running:
        running.clock()
        running.workers("default", "default")
        yield running


@pytest.fixture(scope="module")
def houses(plant):
    made = [plant.house("sentinel") for _ in range(TENANTS)]
    for house in made:
        with house.ctx() as ctx:
            ctx.session.add(Fact(kind="test.sentinel", at=ctx.now, subject_type="test", subject_id=new_id(), params={"sentinel": str(house.tenant.id)}))
    return made


def seen(house):
    with entry.enter(house.tenant) as session:
        return session.execute(select(Fact.subject_id, Fact.params).where(Fact.kind == "test.seen")).all()


def test_mixed_jobs_of_many_tenants_with_crashes_see_their_own_sentinel(plant, houses):
    seed = random.randrange(10**6)
    pick, good = random.Random(seed), {house.tenant.id: set() for house in houses}
    todo = [house for house in houses for _ in range(JOBS_EACH)]
    pick.shuffle(todo)
    for house in todo:
        luck, key = pick.random(), str(new_id())
        with house.ctx() as ctx:
            defer(ctx, "test.sentinel", key=key, crash=luck < 0.04, fail=0.04 <= luck < 0.1)
        if luck >= 0.1:
            good[house.tenant.id].add(key)
    until(lambda: all({str(key) for key, _ in seen(house)} >= good[house.tenant.id] for house in houses), 300 if DEEP else 40, 0.3)
    for house in houses:
        mine = str(house.tenant.id)
        found = seen(house)
        assert {str(key) for key, _ in found} == good[house.tenant.id], seed
        assert all(params == {"sentinel": mine, "tenant": mine, "bound": mine} for _, params in found), seed


def test_a_scope_kept_from_another_tenant_would_be_seen(houses, monkeypatch):
    """The negative control: the first tenant's scope is used for the second, as a stale thread variable would."""
    first, second = houses[:2]
    monkeypatch.setattr(entry, "tenant_scope", lambda schema, actor=None, **rest: tenant_scope(first.tenant.schema_name, actor, **rest))
    with entry.enter(second.tenant) as session:
        found = session.execute(select(Fact.params).where(Fact.kind == "test.sentinel")).scalar_one()
    assert found["sentinel"] != str(second.tenant.id)
