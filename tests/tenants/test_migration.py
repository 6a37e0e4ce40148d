"""Migrations: fresh equals the sum of the revisions, each tenant is wholly old or wholly new, the walk goes on."""

import multiprocessing
import os
import random
import signal
import textwrap
import threading
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select, update

from infra.db import database
from tenants import ddl, entry, migration, provisioning
from tenants.models import Tenant

NEXT = '''
"""One column and one index more."""
import sqlalchemy as sa
from alembic import op
revision = "9999"
down_revision = "{head}"
def upgrade():
    op.add_column("app_user", sa.Column("nickname", sa.Text()))
    op.create_index("ix_app_user_nickname", "app_user", ["nickname"])
'''


@pytest.fixture
def next_revision(tmp_path, monkeypatch, app):
    """A history with one revision more than the code has."""
    here = tmp_path / "migrations"
    head = migration.head("tenant")
    for history in ("tenant", "control"):
        (here / history / "versions").mkdir(parents=True)
        for path in (ddl.HERE / history).glob("*.sql"):
            (here / history / path.name).write_text(path.read_text())
        for path in (ddl.HERE / history / "versions").glob("*.py"):
            (here / history / "versions" / path.name).write_text(path.read_text())
    (here / "tenant" / "versions" / "9999_next.py").write_text(textwrap.dedent(NEXT).format(head=head))
    monkeypatch.setattr(ddl, "HERE", here)
    migration.clear_cache()
    yield here
    monkeypatch.undo()
    migration.clear_cache()
    walk_back(head)


def walk_back(head):
    """The free ones are forgotten; other modules' tenants, which were walked along, stand at the code's version again."""
    with entry.control() as session:
        session.execute(update(Tenant).where(Tenant.state == "free").values(state="deleted"))
        others = session.execute(select(Tenant.schema_name).where(Tenant.state != "deleted")).scalars().all()
        session.execute(update(Tenant).where(Tenant.schema_version == "9999").values(schema_version=head))
    with database().owner() as connection:
        for schema in others:
            if connection.execute("SELECT to_regclass(%s)", (f"{schema}.schema_version",)).fetchone()[0]:
                connection.execute(f"ALTER TABLE {schema}.app_user DROP COLUMN IF EXISTS nickname")
                connection.execute(f"UPDATE {schema}.schema_version SET version = '{head}' WHERE version = '9999'")


def old_tenants(n):
    head = [to for _, to, _ in migration.steps("tenant") if to != "9999"][-1]
    return [provisioning.provision(version=head) for _ in range(n)]


def has_column(tenant):
    with database().owner() as connection:
        column = connection.execute("SELECT 1 FROM information_schema.columns WHERE table_schema = %s AND column_name = 'nickname'", (tenant.schema_name,)).fetchone()
        version = connection.execute(f"SELECT version FROM {tenant.schema_name}.schema_version").fetchone()[0]
    return bool(column), version


def test_a_fresh_schema_equals_the_sum_of_the_revisions(app):
    fresh = provisioning.provision()
    script = migration.script_at(migration.head("tenant"))
    summed = provisioning.provision_with(script)
    assert catalog(fresh.schema_name) == catalog(summed.schema_name)


def catalog(schema):
    """All that a schema holds, without its own name."""
    queries = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default, generation_expression FROM information_schema.columns WHERE table_schema = %s",
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = %s",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = %s::regnamespace",
        "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = %s::regnamespace)",
        "SELECT relname, relacl::text FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r'",
    )
    with database().owner() as connection:
        return {str(row).replace(schema, "X") for query in queries for row in connection.execute(query, (schema,)).fetchall()}


@pytest.mark.parametrize("history", ["tenant", "control"])
def test_the_versions_read_off_the_files_are_those_of_alembic(next_revision, history):
    assert migration.versions(history) == tuple(to for _, to, _ in migration.steps(history))
    assert migration.head(history) == ("9999" if history == "tenant" else migration.steps(history)[-1][1])


def test_a_history_that_forks_is_refused(next_revision):
    twin = (next_revision / "tenant" / "versions" / "9999_next.py").read_text().replace('"9999"', '"9998"')
    (next_revision / "tenant" / "versions" / "9998_twin.py").write_text(twin)
    migration.clear_cache()
    with pytest.raises(RuntimeError, match="follow"):
        migration.versions("tenant")


def test_the_committed_history_equals_the_models(app):
    """Nobody changes a model without a revision."""
    assert migration.missing_changes("tenant") == []
    assert migration.missing_changes("control") == []


@pytest.mark.parametrize("history", ["tenant", "control"])
def test_the_committed_rendering_is_what_the_models_say(app, history):
    """`python -m tenants.render` was run with the last change of a model."""
    from tenants.render import RENDERERS

    assert ddl.frozen(history, "schema") in ("", RENDERERS[history]().rstrip() + "\n")


def test_every_tenant_is_walked_to_the_new_version(next_revision):
    tenants = old_tenants(3)
    report = migration.migrate_tenants(workers=2)
    assert all(has_column(t) == (True, "9999") for t in tenants)
    assert report.failed == {} and {t.schema_name for t in tenants} <= set(report.done)


def test_revisions_are_rendered_before_the_workers_begin(next_revision, monkeypatch):
    """Alembic's context is one for the process: two threads that render take it from each other."""
    tenants, render, threads = old_tenants(4), migration._render, []
    monkeypatch.setattr(migration, "_render", lambda module: (threads.append(threading.current_thread()), render(module))[1])
    migration.steps.cache_clear()
    assert migration.migrate_tenants(workers=2).failed == {}
    assert all(has_column(t) == (True, "9999") for t in tenants)
    assert set(threads) == {threading.main_thread()}


def test_one_tenants_failure_is_its_own(next_revision):
    broken, fine = old_tenants(2)
    with database().owner() as connection:
        connection.execute(f"ALTER TABLE {broken.schema_name}.app_user ADD COLUMN nickname int")
    report = migration.migrate_tenants()
    assert list(report.failed) == [broken.schema_name] and has_column(fine) == (True, "9999")
    with entry.control() as session:
        assert "nickname" in session.get_one(Tenant, broken.id).migration_error


def test_a_moving_tenant_is_skipped(next_revision):
    (tenant,) = old_tenants(1)
    with entry.control() as session:
        row = session.get_one(Tenant, tenant.id)
        row.state, row.slug = "moving", f"moving-{tenant.schema_name}"
    assert tenant.schema_name not in migration.migrate_tenants().done
    with entry.control() as session:
        session.get_one(Tenant, tenant.id).state = "deleted"


def test_a_long_transaction_blocks_only_its_tenant(next_revision, monkeypatch):
    blocked, fine = old_tenants(2)
    monkeypatch.setattr(migration, "LOCK_TIMEOUT", "200ms")
    monkeypatch.setattr(migration, "TRIES", 2)
    with database().owner() as holder, holder.transaction():
        holder.execute(f"SELECT * FROM {blocked.schema_name}.app_user")
        holder.execute(f"LOCK TABLE {blocked.schema_name}.app_user IN ACCESS SHARE MODE")
        started = time.monotonic()
        report = migration.migrate_tenants()
        waited = time.monotonic() - started
    assert list(report.failed) == [blocked.schema_name] and has_column(fine) == (True, "9999")
    assert waited < 5
    assert migration.migrate_tenants().failed == {} and has_column(blocked) == (True, "9999")


def test_a_reader_behind_the_migration_waits_no_longer_than_the_lock_timeout(next_revision, monkeypatch):
    (blocked,) = old_tenants(1)
    monkeypatch.setattr(migration, "LOCK_TIMEOUT", "300ms")
    monkeypatch.setattr(migration, "TRIES", 1)
    with database().owner() as holder, holder.transaction():
        holder.execute(f"LOCK TABLE {blocked.schema_name}.app_user IN ACCESS SHARE MODE")
        walk = threading.Thread(target=migration.migrate_tenants)
        walk.start()
        time.sleep(0.1)
        started = time.monotonic()
        with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as reader:
            reader.execute(f"SELECT count(*) FROM {blocked.schema_name}.app_user")
        waited = time.monotonic() - started
        walk.join()
    assert waited < 2


def test_killed_at_random_moments_every_tenant_is_wholly_old_or_wholly_new(next_revision):
    """RELIABILITY fault 40, reduced: kill -9 of the walk, then a rerun finishes."""
    rng, kills = random.Random(40), 30 if os.environ.get("TENDERO_DEEP") else 6
    tenants = old_tenants(200 if os.environ.get("TENDERO_DEEP") else 40)
    for _ in range(kills):
        child = multiprocessing.get_context("fork").Process(target=_walk_in_child, args=(next_revision,))
        child.start()
        time.sleep(rng.uniform(0.01, 0.12))
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        assert {has_column(t) for t in tenants} <= {(True, "9999"), (False, migration.steps("tenant")[-2][1])}
    assert migration.migrate_tenants(workers=2).failed == {}
    assert {has_column(t) for t in tenants} == {(True, "9999")}
    with entry.control() as session:
        stored = session.execute(select(Tenant.schema_version).where(Tenant.id.in_([t.id for t in tenants]))).scalars()
        assert set(stored) == {"9999"}


def _walk_in_child(here: Path) -> None:
    database().forget()
    migration.migrate_tenants(workers=2)


def test_a_tenant_on_an_unknown_version_is_not_served(world):
    with entry.control() as session:
        session.get_one(Tenant, world.acme.tenant.id).schema_version = "0000"
    world.acme.fresh()
    answer = world.browser("owner").get("/")
    with entry.control() as session:
        session.get_one(Tenant, world.acme.tenant.id).schema_version = migration.head("tenant")
    assert answer.status_code == 503
