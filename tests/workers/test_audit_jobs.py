"""The sealing job: entries into the chain, the head into the control schema, alarm when the chain is not the anchored one."""

import os

import psycopg
from sqlalchemy import delete

from tenants import entry
from tenants.models import AuditAnchor
from workers.jobs import audit


def anchor(house):
    with entry.control() as session:
        return session.get(AuditAnchor, house.tenant.id)


def test_sealing_moves_the_anchor_forward_and_night_finds_nothing(house, order, work, row):
    rename(house, "New")  # whatever came before may have been sealed by another test
    sealed = order("audit.seal")
    assert work(sealed) == "done" and row(sealed).result["sealed"] > 0
    first = anchor(house).seq
    verified = order("audit.verify")
    assert work(verified) == "done" and row(verified).result["problems"] == 0
    rename(house, "Renamed")
    work(order("audit.seal"))
    assert anchor(house).seq == first + 1


def rename(house, name):
    with house.ctx() as ctx:
        ctx.session.get_one(type(house.users["rep"]), house.users["rep"].id).name = name


def test_a_cut_chain_is_not_sealed_over_and_the_night_names_what_is_gone(house, order, work, row):
    work(order("audit.seal"))
    head = anchor(house).seq
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(f"DELETE FROM {house.tenant.schema_name}.audit_chain WHERE seq = {head}")  # noqa: S608
    broken = order("audit.seal")
    assert work(broken) == "failed" and anchor(house).seq == head
    verified = order("audit.verify")
    work(verified)
    assert row(verified).result["first"][0][:2] == ["cut", head]
    # The next test begins with a chain that is whole again: the same entry gets the same link.
    with entry.control() as session:
        session.execute(delete(AuditAnchor).where(AuditAnchor.tenant_id == house.tenant.id))


def test_an_anchor_never_goes_back(house, order, work):
    work(order("audit.seal"))
    now = anchor(house)
    audit.keep_anchor(house.tenant.id, audit.Anchor(now.seq - 1, b"x" * 32))
    assert anchor(house).hash == now.hash


def test_each_tenant_has_a_key_of_its_own(house, world):
    assert audit.key_of(house.tenant.id) != audit.key_of(world.acme.tenant.id)
