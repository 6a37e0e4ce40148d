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
from sqlalchemy import func, select, text, update

from infra.db import database
from tenants import backup, copying, entry, lifecycle, provisioning, runs
from tenants.models import Tenant
from tests.support.world import House, move_in

DEEP = bool(os.environ.get("TENDERO_DEEP"))

pytestmark = pytest.mark.usefixtures("short_lease")


def in_child(act, *args):
    """Run `act` in a forked process that has none of our connections; returns the process."""

    def run():
        database().forget()
        act(*args)

    child = multiprocessing.get_context("fork").Process(target=run)
    child.start()
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


def orphans():
    """Schemas without a row and rows without a schema; other modules' make-believe tenants may have left some."""
    return catalog()[0] ^ directory()


def provision_for_ever():
    while True:
        provisioning.provision()


def test_provisioning_killed_midway_leaves_no_half_tenant(app):
    rng, before = random.Random(43), orphans()
    for _ in range(50 if DEEP else 8):
        kill_after(in_child(provision_for_ever), rng.uniform(0.02, 0.3))
    _let_the_server_notice()
    with entry.control() as session:
        session.execute(update(Tenant).where(Tenant.state == "provisioning").values(created_at=func.now() - text("interval '1 hour'")))
    provisioning.clear_leftovers()
    schemas, roles = catalog()
    assert orphans() == before and roles == {f"r_{name}" for name in schemas}


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
    house, others = House(f"restored-{uuid4().hex[:6]}"), [House(f"busy-{n}-{uuid4().hex[:6]}", {"owner": "admin"}) for n in range(3)]
    archive = backup.export(house.fresh(), "test", folder=tmp_path)
    still = {h.tenant.schema_name: _checksums(h.tenant) for h in others[:1]}
    errors, done, stop = [], [], threading.Event()

    def work(other):
        while not stop.is_set():
            try:
                with entry.enter(other.tenant) as session:
                    session.execute(text("UPDATE app_user SET name = name || '.' WHERE length(name) < 200"))
                done.append(1)
            except Exception as error:  # noqa: BLE001 (every kind of failure counts against the promise)
                errors.append(error)

    threads = [threading.Thread(target=work, args=(other,)) for other in others[1:]]
    for thread in threads:
        thread.start()
    run = backup.restore(house.fresh(), archive, "test")
    stop.set()
    for thread in threads:
        thread.join()
    assert run.state == "done" and errors == [] and len(done) > 10
    assert {h.tenant.schema_name: _checksums(h.tenant) for h in others[:1]} == still


def _checksums(tenant):
    with database().owner() as connection:
        return {t.name: copying.checksum(connection, tenant.schema_name, t.name, t.columns) for t in copying.tables(connection, tenant.schema_name)}


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
        assert session.execute(select(func.count()).select_from(Tenant).where(Tenant.state == "restoring")).scalar_one() == 0
