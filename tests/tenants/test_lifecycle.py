"""Deletion of a tenant: grace, undo, erasure with proof, resumable; the name is free again."""

import io
from datetime import timedelta

import pytest

from core.base.errors import Refused
from infra.db import database
from infra.storage import storage
from tenants import backup, entry, lifecycle, provisioning
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


def test_a_killed_provisioning_is_cleared_away(app):
    tenant = provisioning.provision()
    with entry.control() as session:
        row = session.get_one(Tenant, tenant.id)
        row.state, row.created_at = "provisioning", entry.utcnow() - timedelta(hours=1)
    assert provisioning.clear_leftovers() >= 1
    assert leftovers(tenant)[:2] == (0, 0)
