"""The sealing job: entries into the chain, the head into the control schema, alarm when the chain is not the anchored one."""

import os

import psycopg
import pytest
from sqlalchemy import delete, select

from core.audit.actions import ChainBroken
from core.base.outbox import defer_row
from tenants import entry
from tenants.models import AuditAnchor, ControlOrder
from workers import relay, run
from workers.jobs import audit


def anchor(house):
    with entry.control() as session:
        return session.get(AuditAnchor, house.tenant.id)


def test_sealing_moves_the_anchor_forward_and_night_finds_nothing(house, order, work, row):
    rename(house, "New")  # whatever came before may have been sealed by another test
    assert audit.seal_tenant(house.tenant) > 0
    first = anchor(house).seq
    verified = order("audit.verify")
    assert work(verified) == "done" and row(verified).result["problems"] == 0
    rename(house, "Renamed")
    audit.seal_tenant(house.tenant)
    assert anchor(house).seq == first + 1


def rename(house, name):
    with house.ctx() as ctx:
        ctx.session.get_one(type(house.users["rep"]), house.users["rep"].id).name = name


def test_a_cut_chain_is_not_sealed_over_and_the_night_names_what_is_gone(house, order, work, row):
    audit.seal_tenant(house.tenant)
    head = anchor(house).seq
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(f"DELETE FROM {house.tenant.schema_name}.audit_chain WHERE seq = {head}")  # noqa: S608
    with pytest.raises(ChainBroken):
        audit.seal_tenant(house.tenant)
    assert anchor(house).seq == head
    verified = order("audit.verify")
    work(verified)
    assert row(verified).result["first"][0][:2] == ["cut", head]
    # The next test begins with a chain that is whole again: the same entry gets the same link.
    with entry.control() as session:
        session.execute(delete(AuditAnchor).where(AuditAnchor.tenant_id == house.tenant.id))


def test_an_anchor_never_goes_back(house):
    audit.seal_tenant(house.tenant)
    now = anchor(house)
    audit.keep_anchor(house.tenant.id, audit.Anchor(now.seq - 1, b"x" * 32))
    assert anchor(house).hash == now.hash


def test_each_tenant_has_a_key_of_its_own(house, world):
    assert audit.key_of(house.tenant.id) != audit.key_of(world.acme.tenant.id)


@pytest.fixture
def walk(house, world, monkeypatch):
    """walk(): the orders of one walk over these two tenants, run until none is left; returns their results."""
    both = sorted((house.tenant, world.acme.tenant), key=lambda one: str(one.id))
    monkeypatch.setattr(relay, "active_tenants", lambda session: both)

    def begin() -> list[dict]:
        with entry.control() as session:
            session.execute(delete(ControlOrder).where(ControlOrder.name == "audit.seal"))
            defer_row(session, ControlOrder, "audit.seal", now=entry.utcnow(), due_at=None, queue=None, dedupe=None, asked_by=None, args={})
        while found := waiting():
            assert run.work(str(found[0]), "control") == "done"
        with entry.control() as session:
            return list(session.execute(select(ControlOrder.result).where(ControlOrder.name == "audit.seal").order_by(ControlOrder.id)).scalars())

    return begin


def waiting():
    with entry.control() as session:
        return session.execute(select(ControlOrder.id).where(ControlOrder.name == "audit.seal", ControlOrder.state == "waiting")).scalars().all()


def test_one_walk_seals_every_tenant(house, world, walk):
    rename(house, "Walked")
    rename(world.acme, "Walked too")
    (result,) = walk()
    assert result["sealed"] >= 2 and result["problems"] == {}
    assert walk() == [{"sealed": 0, "problems": {}}]


def test_a_long_walk_goes_on_behind_those_that_wait(house, world, walk, monkeypatch):
    """Each order seals for a moment only; together they reach every tenant once."""
    rename(house, "Long")
    rename(world.acme, "Longer")
    monkeypatch.setattr(audit, "MOMENT", -1.0)
    first, second, nothing_left = walk()
    assert first["sealed"] >= 1 and second["sealed"] >= 1 and nothing_left["sealed"] == 0


def test_a_walk_begins_when_the_one_before_is_through(house, world, walk, monkeypatch):
    with entry.control() as session:
        session.execute(delete(ControlOrder).where(ControlOrder.name == "audit.seal"))
        for _ in range(2):
            defer_row(session, ControlOrder, "audit.seal", now=entry.utcnow(), due_at=None, queue=None, dedupe=None, asked_by=None, args={})
    earlier, later = sorted(waiting())
    assert run.work(str(later), "control") == "done" and run.work(str(earlier), "control") == "done"
    with entry.control() as session:
        assert session.get_one(ControlOrder, later).result == {"left_to": "the walk before"}
        assert "sealed" in session.get_one(ControlOrder, earlier).result


def test_a_tenant_that_cannot_be_sealed_is_named_and_the_walk_goes_on(house, world, walk, monkeypatch):
    real = audit.seal_tenant

    def one_broken(tenant):
        if tenant.id == min(house.tenant.id, world.acme.tenant.id):
            raise ChainBroken("the chain ends at 1, its anchor is 2")
        return real(tenant)

    rename(house, "Broken")
    rename(world.acme, "Broken beside")
    monkeypatch.setattr(audit, "seal_tenant", one_broken)
    (result,) = walk()
    assert result["problems"] == {str(min(house.tenant.id, world.acme.tenant.id)): "ChainBroken"} and result["sealed"] >= 1
