"""Deletion of a tenant: grace, undo, erasure with proof, resumable; the name is free again."""

import io
from datetime import timedelta

import pytest

from core.base.errors import Refused
from infra.db import database
from infra.storage import storage
from tenants import backup, entry, lifecycle, provisioning, runs, swapping, traces
from tenants.models import Run, Tenant
from tests.support.world import House, move_in


class Killed(BaseException):
    """Stands for kill -9."""


@pytest.fixture
def house(app, request):
    return House(f"leaving-{abs(hash(request.node.name)) % 10**8}")


def leftovers(tenant):
    with database().owner() as connection:
        schema = connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname = %s", (tenant.schema_name,)).fetchone()[0]
        role = connection.execute("SELECT count(*) FROM pg_roles WHERE rolname = %s", (tenant.role_name,)).fetchone()[0]
    return schema, role, lifecycle.files_of(tenant).exists()


def file_of(tenant):
    """A file as the product keeps it."""
    storage().save(tenant.id, io.BytesIO(b"canary"), limit=100)


def test_within_grace_nothing_is_erased_and_it_can_be_undone(house):
    run = lifecycle.ask_deletion(house.tenant, "test")
    with pytest.raises(Refused, match="deletion_not_due"):
        lifecycle.erase(run.id)
    lifecycle.keep_after_all(house.tenant, access="trialing")
    assert house.fresh().state == "active"
    with house.ctx() as ctx:
        assert ctx.session is not None


def test_a_tenant_asked_to_leave_is_not_served(app, house):
    from tests.support.world import Browser

    lifecycle.ask_deletion(house.tenant, "test")
    assert Browser(app, house, "owner").get("/accounts").status_code == 402


def test_erasure_leaves_nothing_and_frees_the_name(house):
    file_of(house.tenant)
    run = lifecycle.ask_deletion(house.tenant, "test", grace=timedelta(0))
    done = lifecycle.erase(run.id)
    assert done.state == "done" and done.data["rows"]["app_user"] == 6 and done.data["files"] == 1
    assert leftovers(house.tenant) == (0, 0, False)
    assert move_in(house.tenant.slug).id != house.tenant.id


def test_erasure_takes_this_tenants_exports_and_nobody_elses(house, tmp_path):
    mine = backup.export(house.fresh(), "test", folder=tmp_path)
    theirs = tmp_path / f"{house.tenant.slug}-corp-1.tar"
    theirs.write_text("another company's")
    run = lifecycle.ask_deletion(house.fresh(), "test", grace=timedelta(0))
    lifecycle.erase(run.id)
    assert not mine.exists() and theirs.exists()


def died(act, steps, at, monkeypatch):
    """An operation that kill -9 ended right after the step `at`; returns its run, found by the sweep as unfinished."""
    def die(step):
        def stop(run, tenant):
            found = step(run, tenant)
            raise Killed(found)

        return stop

    known = {run.id for run in runs.unfinished()}
    monkeypatch.setattr(backup, steps, [(name, die(step) if name == at else step) for name, step in getattr(backup, steps)])
    with pytest.raises(Killed):
        act()
    monkeypatch.undo()
    return next(run for run in runs.unfinished() if run.id not in known)


def erased(house):
    return lifecycle.erase(lifecycle.ask_deletion(house.fresh(), "test", grace=timedelta(0)).id)


@pytest.mark.parametrize("step", [name for name, _ in backup.EXPORT_STEPS])
def test_erasure_takes_what_a_broken_export_left_and_ends_it(house, tmp_path, monkeypatch, step):
    export = died(lambda: backup.export(house.fresh(), "test", folder=tmp_path), "EXPORT_STEPS", step, monkeypatch)
    assert list(tmp_path.iterdir()) != []
    assert erased(house).state == "done"
    assert list(tmp_path.iterdir()) == []
    assert export.id not in [run.id for run in runs.unfinished()]


@pytest.mark.usefixtures("short_lease")
@pytest.mark.parametrize("step", ["unpack", "load", "close"])
def test_erasure_takes_what_a_broken_restore_left_and_ends_it(house, tmp_path, monkeypatch, step):
    archive = backup.export(house.fresh(), "test", folder=tmp_path)
    before = set(traces.exports_folder().iterdir())
    restore = died(lambda: backup.restore(house.fresh(), archive, "test"), "RESTORE_STEPS", step, monkeypatch)
    spare = swapping.spare_of(restore).schema_name if step != "unpack" else None
    assert set(traces.exports_folder().iterdir()) != before
    assert erased(house).state == "done"
    assert set(traces.exports_folder().iterdir()) == before and spare not in schemas()
    assert restore.id not in [run.id for run in runs.unfinished()]


def test_erasure_takes_the_files_on_records_along_and_counts_them(house):
    from io import BytesIO

    from core.files.actions import add_file
    from core.parties.actions import create_account
    from infra.storage import storage

    with house.ctx() as ctx:
        attachment = add_file(ctx, create_account(ctx, name="Nordlicht"), source=BytesIO(b"secret"), name="secret.txt")
        place = storage().path(house.tenant.id, attachment.stored_key)
    run = erased(house)
    assert (run.state, run.data["files"], run.data["rows"]["attachment"]) == ("done", 1, 1)
    assert not place.exists() and not storage().folder(house.tenant.id).exists()


@pytest.mark.usefixtures("short_lease")
def test_erasure_takes_the_data_that_a_restore_put_aside(house, tmp_path):
    restore = backup.restore(house.fresh(), backup.export(house.fresh(), "test", folder=tmp_path), "test")
    assert restore.data["set_aside"] in schemas()
    assert erased(house).state == "done"
    assert restore.data["set_aside"] not in schemas()


def schemas():
    with database().owner() as connection:
        return {name for (name,) in connection.execute("SELECT nspname FROM pg_namespace").fetchall()}


def test_erasure_finds_an_archive_under_another_name_and_leaves_that_of_others(house, app):
    other = House(f"stays-{house.tenant.slug[-6:]}", {"owner": "admin"})
    mine, theirs = backup.export(house.fresh(), "test"), backup.export(other.fresh(), "test")
    copy = mine.rename(mine.with_name("for-the-customer.tar"))
    assert erased(house).state == "done"
    assert not copy.exists() and theirs.exists()


def test_erasure_waits_while_an_export_is_at_work(house, tmp_path, monkeypatch):
    """Another process writes at this moment: what it writes after the proof would stay."""
    def erase_meanwhile(run, tenant):
        deletion = lifecycle.ask_deletion(house.fresh(), "test", grace=timedelta(0))
        with pytest.raises(Refused, match="run_busy"):
            lifecycle.erase(deletion.id)
        found.append(deletion.id)

    found: list = []
    monkeypatch.setattr(backup, "EXPORT_STEPS", [("tables", erase_meanwhile)])
    with pytest.raises(KeyError):  # the one step wrote no archive
        backup.export(house.fresh(), "test", folder=tmp_path)
    monkeypatch.undo()
    assert lifecycle.erase(found[0]).state == "done"


def test_no_export_begins_once_the_erasure_has(house, tmp_path):
    tenant = house.fresh()
    erased(house)
    with pytest.raises(Refused, match="deletion_begun"):
        backup.export(tenant, "test", folder=tmp_path)


def test_the_proof_fails_where_something_was_left(house, tmp_path, monkeypatch):
    """The negative control: with the deletion of files switched off the proof says so."""
    died(lambda: backup.export(house.fresh(), "test", folder=tmp_path), "EXPORT_STEPS", "tables", monkeypatch)
    monkeypatch.setattr(traces, "delete_files", lambda tenant: None)
    with pytest.raises(RuntimeError, match="left something behind"):
        erased(house)


@pytest.mark.parametrize("step", [name for name, _ in lifecycle.DELETE_STEPS])
def test_an_erasure_killed_after_any_step_is_finished_later(house, step, monkeypatch):
    def dying(act):
        def die(run, tenant):
            act(run, tenant)
            raise Killed

        return die

    file_of(house.tenant)
    run = lifecycle.ask_deletion(house.tenant, "test", grace=timedelta(0))
    monkeypatch.setattr(lifecycle, "DELETE_STEPS", [(n, dying(a) if n == step else a) for n, a in lifecycle.DELETE_STEPS])
    with pytest.raises(Killed):
        lifecycle.erase(run.id)
    monkeypatch.undo()
    assert run.id in lifecycle.due_deletions() or step in ("rows", "proof")
    assert lifecycle.erase(run.id).state == "done"
    assert leftovers(house.tenant) == (0, 0, False)


def test_an_erasure_that_breaks_off_is_tried_until_it_is_through(house, monkeypatch):
    from tenants import runs

    def die(run, tenant):
        raise Killed

    run = lifecycle.ask_deletion(house.tenant, "test", grace=timedelta(0))
    monkeypatch.setattr(lifecycle, "DELETE_STEPS", [(n, die if n == "schema" else a) for n, a in lifecycle.DELETE_STEPS])
    for _ in range(runs.MAX_TRIES + 2):
        with pytest.raises(Killed):
            lifecycle.erase(run.id)
    monkeypatch.undo()
    assert lifecycle.erase(run.id).state == "done" and leftovers(house.tenant) == (0, 0, False)


def test_an_erasure_that_has_begun_cannot_be_undone(house):
    run = lifecycle.ask_deletion(house.tenant, "test", grace=timedelta(0))
    with entry.control() as session:
        session.get_one(Run, run.id).done = ["count"]
    with pytest.raises(Refused, match="deletion_begun"):
        lifecycle.keep_after_all(house.tenant, access="trialing")


def test_who_is_kept_at_the_very_moment_of_the_erasure_is_kept(house, monkeypatch):
    run = lifecycle.ask_deletion(house.tenant, "test", grace=timedelta(0))
    begin = runs._begin

    def kept_first(run_id, step):
        if step == lifecycle.DELETE_STEPS[0][0]:
            lifecycle.keep_after_all(house.tenant, access="trialing")
        return begin(run_id, step)

    monkeypatch.setattr(runs, "_begin", kept_first)
    assert lifecycle.erase(run.id).state == "cancelled"
    assert house.fresh().state == "active" and house.tenant.schema_name in schemas()


def test_a_killed_provisioning_is_cleared_away(app):
    tenant = provisioning.provision()
    with entry.control() as session:
        row = session.get_one(Tenant, tenant.id)
        row.state, row.created_at = "provisioning", entry.utcnow() - timedelta(hours=1)
    assert provisioning.clear_leftovers() >= 1
    assert leftovers(tenant)[:2] == (0, 0)
