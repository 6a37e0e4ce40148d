"""RELIABILITY faults 43 and 45: a tenant's moves killed midway leave no half tenant; a restore disturbs nobody else."""

import multiprocessing
import os
import random
import signal
import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, or_, select, text, update

from infra.db import database
from tenants import backup, copying, entry, lifecycle, provisioning, runs, swapping, traces
from tenants.models import Run, Tenant
from tests.support.world import Browser, House, move_in

DEEP = bool(os.environ.get("TENDERO_DEEP"))

pytestmark = pytest.mark.usefixtures("short_lease")


def in_child(act, *args):
    """Run `act` in a forked process that has none of our connections; returns the process once it has begun."""
    context = multiprocessing.get_context("fork")
    begun = context.Event()

    def run():
        database().forget()
        begun.set()
        act(*args)

    child = context.Process(target=run)
    child.start()
    begun.wait(30)
    return child


def kill_after(child, seconds):
    time.sleep(seconds)
    os.kill(child.pid, signal.SIGKILL)
    child.join()


def catalog():
    """(schemas, roles) of tenants that the cluster holds."""
    with database().owner() as connection:
        schemas = {r[0] for r in connection.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^t[0-9a-z]{1,20}$'").fetchall()}
        roles = {r[0] for r in connection.execute("SELECT rolname FROM pg_roles WHERE rolname ~ '^r_t'").fetchall()}
    return schemas, roles


def directory():
    with entry.control() as session:
        return set(session.execute(select(Tenant.schema_name).where(Tenant.state != "deleted")).scalars())


def halves():
    """Schemas without a row, rows without a schema, and what is still being made; other modules' make-believe tenants may
    have left some."""
    with entry.control() as session:
        unfinished = set(session.execute(select(Tenant.schema_name).where(Tenant.state == "provisioning")).scalars())
    return (catalog()[0] ^ directory()) | unfinished


def provision_for_ever():
    while True:
        provisioning.provision()


def test_provisioning_killed_midway_leaves_no_half_tenant(app):
    before = halves()
    provisioning_killed(50 if DEEP else 8)
    with entry.control() as session:
        session.execute(update(Tenant).where(Tenant.state == "provisioning").values(created_at=func.now() - text("interval '1 hour'")))
    provisioning.clear_leftovers()
    schemas, roles = catalog()
    # What other tests left half was cleared away too.
    assert halves() <= before and roles == {f"r_{name}" for name in schemas}


def provisioning_killed(times, rng=random.Random(43)):
    for _ in range(times):
        kill_after(in_child(provision_for_ever), rng.uniform(0.02, 0.3))
    _let_the_server_notice()


def test_without_the_clearing_away_halves_are_left(app):
    """Fault 43's negative control."""
    before = halves()
    for _ in range(40):  # a kill may come before anything was begun
        provisioning_killed(1)
        if halves() != before:
            break
    assert halves() != before
    with entry.control() as session:
        session.execute(update(Tenant).where(Tenant.state == "provisioning").values(created_at=func.now() - text("interval '1 hour'")))
    provisioning.clear_leftovers()


def test_without_dropping_the_role_the_erasure_does_not_prove_itself(app, monkeypatch):
    """Fault 43's negative control of erasing: what is left is found, and the erasure stays open until it is gone."""
    def schema_only(tenant):
        with database().owner(tenant.cluster) as connection:
            connection.execute(f"DROP SCHEMA IF EXISTS {tenant.schema_name} CASCADE")

    tenant = move_in(f"half-{uuid4().hex[:6]}")
    run = lifecycle.ask_deletion(tenant, "test", grace=timedelta(0))
    monkeypatch.setattr(provisioning, "drop_schema", schema_only)
    with pytest.raises(RuntimeError, match="left something behind"):
        lifecycle.erase(run.id)
    assert tenant.role_name in catalog()[1]
    monkeypatch.undo()
    provisioning.drop_schema(tenant)
    assert lifecycle.erase(run.id).state == "done"


def test_erasing_killed_midway_is_finished_and_frees_the_name(app):
    rng = random.Random(44)
    for n in range(12 if DEEP else 4):
        slug = f"erase-{n}-{uuid4().hex[:6]}"
        tenant = move_in(slug)
        folder = lifecycle.files_of(tenant)
        folder.mkdir(parents=True)
        (folder / "a.txt").write_text("canary")
        run = lifecycle.ask_deletion(tenant, "test", grace=timedelta(0))
        kill_after(in_child(lifecycle.erase, run.id), rng.uniform(0.0, 0.12))
        _let_the_server_notice()
        assert lifecycle.erase(run.id).state == "done"
        schemas, roles = catalog()
        assert tenant.schema_name not in schemas and tenant.role_name not in roles and not folder.exists()
        assert move_in(slug).slug == slug


def _let_the_server_notice():
    """A killed client's backend ends its statement first; its locks go with it."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with database().owner() as connection:
            busy = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'tendero_owner' AND pid <> pg_backend_pid()").fetchone()[0]
        if not busy:
            return
        time.sleep(0.05)


def test_a_restore_under_the_others_load_disturbs_nobody(app, tmp_path):
    run, errors, done, still = restored_beside_others(app, tmp_path)
    assert run.state == "done" and errors == [] and done > 10 and still


def test_a_restore_that_reaches_into_another_schema_is_seen(app, tmp_path, monkeypatch):
    """Fault 45's negative control: the hold of sessions and orders goes to a neighbour."""
    def astray(run, tenant):
        with entry.control() as session:
            neighbour = session.execute(select(Tenant).where(Tenant.slug.startswith("still-")).order_by(Tenant.created_at.desc()).limit(1)).scalar_one()
            session.expunge(neighbour)
        with monkeypatch.context() as patch:
            patch.setattr(swapping, "spare_of", lambda run: neighbour)
            return swapping.upgrade_and_hold(run, tenant)

    monkeypatch.setattr(backup, "RESTORE_STEPS", [(name, astray if name == "hold" else act) for name, act in backup.RESTORE_STEPS])
    assert not restored_beside_others(app, tmp_path)[3]


def test_a_restore_that_locks_the_others_out_is_seen(app, tmp_path, monkeypatch):
    """And the other one: in place of a schema beside, all tables are held while it is loaded."""
    def locking(run, tenant):
        with database().owner() as connection, connection.transaction():
            for schema in sorted(directory() & catalog()[0]):
                connection.execute(f"LOCK TABLE {schema}.app_user IN ACCESS EXCLUSIVE MODE")
            time.sleep(3.5)  # longer than request code waits for a lock

    monkeypatch.setattr(backup, "RESTORE_STEPS", [("locks", locking), *backup.RESTORE_STEPS])
    assert restored_beside_others(app, tmp_path)[1] != []


def restored_beside_others(app, folder):
    """(the run, errors of others at work, how often they worked, did the one that rested stay the same)."""
    house, others = House(f"restored-{uuid4().hex[:6]}"), [House(f"busy-{n}-{uuid4().hex[:6]}", {"owner": "admin"}) for n in range(2)]
    still = House(f"still-{uuid4().hex[:6]}", {"owner": "admin"})
    Browser(app, still, "owner")  # a session that a hold would end
    archive = backup.export(house.fresh(), "test", folder=folder)
    before = _checksums(still.tenant)
    errors, done, stop = [], [], threading.Event()

    def work(other):
        while not stop.is_set():
            try:
                with entry.enter(other.tenant) as session:
                    session.execute(text("UPDATE app_user SET name = name || '.' WHERE length(name) < 200"))
                done.append(1)
            except Exception as error:  # noqa: BLE001 (every kind of failure counts against the promise)
                errors.append(error)

    threads = [threading.Thread(target=work, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    try:
        run = backup.restore(house.fresh(), archive, "test")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    return run, errors, len(done), _checksums(still.tenant) == before


def _checksums(tenant):
    with database().owner() as connection:
        return {t.name: copying.checksum(connection, tenant.schema_name, t) for t in copying.tables(connection, tenant.schema_name)}


def test_a_restore_really_killed_is_resumed(app, tmp_path):
    house = House(f"killed-{uuid4().hex[:6]}")
    archive = backup.export(house.fresh(), "test", folder=tmp_path)
    rng = random.Random(45)
    for _ in range(20 if DEEP else 5):
        child = in_child(backup.restore, house.fresh(), archive, "test")
        kill_after(child, rng.uniform(0.02, 0.5))
        _let_the_server_notice()
        for left in (run for run in runs.unfinished() if run.tenant_id == house.tenant.id):
            assert backup.resume_restore(left.id).state == "done"
        house.tenant = house.fresh()
        with entry.enter(house.tenant) as session:
            assert session.execute(text("SELECT count(*) FROM app_user")).scalar_one() == 6
    with entry.control() as session:
        labels = [traces.label_of(key) for key in session.execute(select(Run.id).where(Run.tenant_id == house.tenant.id)).scalars()]
        left = select(Tenant.id).where(Tenant.state == "restoring", or_(Tenant.id == house.tenant.id, Tenant.name.in_(labels)))
        assert session.execute(left).all() == []
