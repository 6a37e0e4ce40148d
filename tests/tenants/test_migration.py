"""Migrations: fresh equals the sum of the revisions, each tenant is wholly old or wholly new, the walk goes on."""

import multiprocessing
import os
import random
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select

from infra.db import database
from tenants import ddl, entry, migration, provisioning
from tenants.models import Tenant
from tests.support import revisions


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


def test_a_full_schema_walked_through_a_new_revision_equals_a_fresh_one_and_keeps_its_rows(next_revision):
    (tenant,) = old_tenants(1)
    revisions.fill_every_table(tenant.schema_name)
    assert min(revisions.counts(tenant.schema_name).values()) >= 1
    columns = revisions.columns_of(tenant.schema_name)
    before = revisions.contents(tenant.schema_name, columns)
    assert migration.migrate_tenants().failed == {}
    fresh = provisioning.provision_with(migration.script_at("9999"))
    assert has_column(tenant) == (True, "9999")
    assert catalog(tenant.schema_name) == catalog(fresh.schema_name)
    assert revisions.contents(tenant.schema_name, columns) == before


def test_a_revision_that_loses_rows_or_differs_from_the_fresh_script_is_seen(next_revision):
    """The negative control of the test before: both comparisons can fail."""
    (tenant,) = old_tenants(1)
    revisions.fill_every_table(tenant.schema_name)
    columns = revisions.columns_of(tenant.schema_name)
    before = revisions.contents(tenant.schema_name, columns)
    path = next_revision / "tenant" / "versions" / "9999_next.py"
    path.write_text(path.read_text() + '    op.execute("DELETE FROM mail_wish")\n    op.execute("ALTER TABLE {schema}.mailing DROP COLUMN total")\n')
    migration.clear_cache()
    assert migration.migrate_tenants().failed == {}
    lossy = {name: tuple(c for c in found if (name, c) != ("mailing", "total")) for name, found in columns.items()}
    changed = {name for name, found in revisions.contents(tenant.schema_name, lossy).items() if found != before[name]}
    assert {"mail_wish", "mailing"} <= changed
    assert catalog(tenant.schema_name) != catalog(provisioning.provision().schema_name)


def test_the_oldest_full_schema_walked_to_the_head_equals_a_fresh_one(app):
    """The real history, whatever it holds by now."""
    oldest = provisioning.provision(version=migration.versions("tenant")[0])
    revisions.fill_every_table(oldest.schema_name)
    before = revisions.counts(oldest.schema_name)
    migration.migrate_one(oldest)
    assert catalog(oldest.schema_name) == catalog(provisioning.provision().schema_name)
    after = revisions.counts(oldest.schema_name)
    grown = {"audit_entry", "role"}  # a revision brings built-in roles
    assert {name: rows for name, rows in before.items() if name not in grown} == {name: after[name] for name in before if name not in grown}
    assert after["audit_entry"] >= before["audit_entry"]


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
    monkeypatch.setattr(migration, "LOCK_TIMEOUT", "300ms")
    assert reader_waits(monkeypatch) < 2


def test_without_the_lock_timeout_a_reader_waits_as_long_as_the_long_transaction(next_revision, monkeypatch):
    """Fault 41's negative control."""
    monkeypatch.setattr(migration, "LOCK_TIMEOUT", "0")
    assert reader_waits(monkeypatch) >= 2


def reader_waits(monkeypatch) -> float:
    """Seconds that a reader waits behind a migration that waits behind a long transaction; it gives up after 2.5."""
    (blocked,) = old_tenants(1)
    monkeypatch.setattr(migration, "TRIES", 1)
    with database().owner() as holder, holder.transaction():
        holder.execute(f"LOCK TABLE {blocked.schema_name}.app_user IN ACCESS SHARE MODE")
        walk = threading.Thread(target=migration.migrate_tenants)
        walk.start()
        time.sleep(0.1)
        started = time.monotonic()
        with psycopg.connect(os.environ["DATABASE_OWNER_URL"], options="-c statement_timeout=2500") as reader, suppress(psycopg.errors.QueryCanceled):
            reader.execute(f"SELECT count(*) FROM {blocked.schema_name}.app_user")
        waited = time.monotonic() - started
    walk.join()
    return waited


def test_killed_at_random_moments_every_tenant_is_wholly_old_or_wholly_new(next_revision):
    """RELIABILITY fault 40, reduced: kill -9 of the walk, then a rerun finishes."""
    kills = 30 if os.environ.get("TENDERO_DEEP") else 6
    tenants = old_tenants(200 if os.environ.get("TENDERO_DEEP") else 40)
    for seen in killed_walks(next_revision, tenants, kills):
        assert seen <= {(True, "9999"), (False, migration.steps("tenant")[-2][1])}
    assert migration.migrate_tenants(workers=2).failed == {}
    assert {has_column(t) for t in tenants} == {(True, "9999")}
    with entry.control() as session:
        stored = session.execute(select(Tenant.schema_version).where(Tenant.id.in_([t.id for t in tenants]))).scalars()
        assert set(stored) == {"9999"}


def test_without_the_transaction_around_a_step_a_kill_leaves_half_a_migration(next_revision, monkeypatch):
    """Fault 40's negative control: the same statements one by one."""
    def one_by_one(connection, start, target, script, version_table, path):
        connection.execute(f"SET search_path = {path}")
        for statement in [*script.split(";"), f"UPDATE {version_table} SET version = '{target}'"]:
            if statement.strip():
                connection.execute(statement)
                time.sleep(0.02)
        return target

    monkeypatch.setattr(migration, "_take_step", one_by_one)
    whole = {(True, "9999"), (False, migration.steps("tenant")[-2][1])}
    assert any(not seen <= whole for seen in killed_walks(next_revision, old_tenants(20), 10, longest=0.03))


def killed_walks(here, tenants, kills, longest=0.06):
    """After each kill -9, at a random moment from a walk's first step on: (has the column, version) of all tenants."""
    rng, context = random.Random(40), multiprocessing.get_context("fork")
    for _ in range(kills):
        begun = context.Event()
        child = context.Process(target=_walk_in_child, args=(here, [t.schema_name for t in tenants], begun))
        child.start()
        assert begun.wait(20)
        time.sleep(rng.uniform(0, longest))
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        yield {has_column(t) for t in tenants}


def _walk_in_child(here: Path, names: list[str], begun) -> None:
    take_step = migration._take_step

    def step(*arguments):
        begun.set()
        return take_step(*arguments)

    migration._take_step = step
    database().forget()
    migration.migrate_tenants(workers=2, only=names)
    begun.set()  # nothing was left to do


def test_a_tenant_on_an_unknown_version_is_not_served(world):
    with entry.control() as session:
        session.get_one(Tenant, world.acme.tenant.id).schema_version = "0000"
    world.acme.fresh()
    answer = world.browser("owner").get("/")
    with entry.control() as session:
        session.get_one(Tenant, world.acme.tenant.id).schema_version = migration.head("tenant")
    assert answer.status_code == 503


def test_a_tenant_with_data_gets_its_searched_columns_and_its_roles_the_new_permissions(app):
    """Revision 0005 on rows that were there before it."""
    tenant = provisioning.provision(version="0001")
    with database().owner() as owner:
        owner.execute(f"SET search_path = {tenant.schema_name}, ext")
        for code, held in (("manager", "activities.read"), ("sales", "activities.read"), ("reader", "activities.read"), ("admin", "*")):
            owner.execute("INSERT INTO role (code, name, permissions, visibility) VALUES (%s, %s, %s, 'all')", (code, code, [held]))
        owner.execute("INSERT INTO account (name) VALUES ('Nordlicht')")
        owner.execute("INSERT INTO activity (kind, account_id, body, happened_at, next_contact_note) SELECT 'call', id, E'Wünscht\nMuster', now(), 'Ärmel' FROM account")
        owner.execute("INSERT INTO mailing (name, subject, body, from_name) VALUES ('Frühling', 'Neu', 'x', 'x')")
    migration.migrate_one(tenant)
    with database().owner() as owner:
        owner.execute(f"SET search_path = {tenant.schema_name}, ext")
        assert owner.execute("SELECT said_fold FROM activity").fetchone() == ("wunscht muster armel",)
        assert owner.execute("SELECT called_fold FROM mailing").fetchone() == ("fruhling neu",)
        held = dict(owner.execute("SELECT code, permissions FROM role").fetchall())
    assert {code: held[code] for code in ("manager", "sales", "reader", "admin")} == {
        "manager": ["activities.export", "activities.read", "mailings.export", "tags.manage", "views.share"], "sales": ["activities.read", "activities.export"],
        "reader": ["activities.read"], "admin": ["*"],
    }
    provisioning.drop_schema(tenant)
    with entry.control() as session:
        session.delete(session.get_one(Tenant, tenant.id))


def test_people_who_are_there_get_the_new_roles_and_keep_what_they_had(app):
    """Revision 0006: roles for more jobs, as a new workspace has them; how far the old ones change is how far they see."""
    from core.identity.policy import BUILT_IN_ROLES

    tenant = provisioning.provision(version="0005")
    with database().owner() as owner:
        owner.execute(f"SET search_path = {tenant.schema_name}, ext")
        owner.execute("INSERT INTO role (code, name, permissions, visibility) VALUES ('sales', 'Salesperson', '{accounts.read}', 'own'), ('admin', 'Administrator', '{*}', 'all')")
    migration.migrate_one(tenant)
    with database().owner() as owner:
        owner.execute(f"SET search_path = {tenant.schema_name}, ext")
        found = {code: rest for code, *rest in owner.execute("SELECT code, name, permissions, visibility, changing FROM role").fetchall()}
    assert found.pop("sales") == ["Salesperson", ["accounts.read", "credit.read", "loyalty.read", "products.read", "tags.read", "terms.read"], "own", "own"] and found.pop("admin") == ["Administrator", ["*"], "all", "all"]
    assert found and found == {code: [BUILT_IN_ROLES[code][0], sorted(BUILT_IN_ROLES[code][1]), *BUILT_IN_ROLES[code][2:]] for code in found}
    assert set(BUILT_IN_ROLES) == set(found) | {"admin", "manager", "sales", "reader"}
    provisioning.drop_schema(tenant)
    with entry.control() as session:
        session.delete(session.get_one(Tenant, tenant.id))
