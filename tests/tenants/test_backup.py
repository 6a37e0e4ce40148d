"""Export and restore of one tenant: whole, verified, resumable, and nobody else's business."""

import io
import json
import random
import shutil
import tarfile
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import or_, select, text

from core.base.errors import Refused
from core.identity.models import Role
from core.identity.policy import BUILT_IN_ROLES
from infra.db import database
from infra.storage import storage
from tenants import backup, copying, entry, migration, registry, runs, traces
from tenants.models import Run, Tenant
from tests.support.world import House

pytestmark = pytest.mark.usefixtures("short_lease")


@pytest.fixture
def archive(world, tmp_path):
    return backup.export(world.acme.fresh(), "test", folder=tmp_path)


def rename_role(house, name):
    with house.ctx() as ctx:
        ctx.session.execute(select(Role).where(Role.code == "sales")).scalar_one().name = name


def role_name(house):
    with house.ctx() as ctx:
        return ctx.session.execute(select(Role.name).where(Role.code == "sales")).scalar_one()


def everything(tenant) -> dict[str, tuple[int, str]]:
    with database().owner(tenant.cluster) as connection:
        return {t.name: copying.checksum(connection, tenant.schema_name, t) for t in copying.tables(connection, tenant.schema_name)}


def test_a_restore_brings_back_what_was_exported_and_touches_nobody_else(world, tmp_path):
    rename_role(world.acme, "Before")
    archive, other = backup.export(world.acme.fresh(), "test", folder=tmp_path), everything(world.globex.tenant)
    rename_role(world.acme, "After")
    old_schema = world.acme.fresh().schema_name
    run = backup.restore(world.acme.fresh(), archive, "test")
    world.acme.tenant = world.acme.fresh()
    assert (run.state, role_name(world.acme)) == ("done", "Before")
    assert world.acme.tenant.schema_name != old_schema
    assert everything(world.globex.tenant) == other
    with entry.control() as session:
        aside = session.execute(select(Tenant).where(Tenant.schema_name == old_schema)).scalar_one()
        assert aside.state == "deleting" and aside.delete_after is not None


def test_a_restored_tenant_sends_nothing_until_released_and_sessions_are_over(world, tmp_path):
    from core.base.outbox import defer

    browser = world.browser("owner")
    with world.acme.ctx() as ctx:
        defer(ctx, "post.deliver", mail_id="x")
    archive = backup.export(world.acme.fresh(), "test", folder=tmp_path)
    backup.restore(world.acme.fresh(), archive, "test")
    world.acme.tenant = world.acme.fresh()
    with entry.enter(world.acme.tenant) as session:
        assert set(session.execute(text("SELECT state FROM outbox")).scalars()) == {"parked"}
        assert session.execute(text("SELECT count(*) FROM session WHERE revoked_at IS NULL")).scalar_one() == 0
    assert browser.get("/").status_code in (303, 401)


def test_of_fifty_flipped_bits_fifty_are_found_and_nothing_changes(world, archive):
    whole = archive.read_bytes()
    found = [refused(world.acme, flipped(archive, whole, *_a_bit_that_matters(whole, random.Random(seed)))) for seed in range(50)]
    assert found == ["archive_damaged"] * 50


def test_without_the_checksums_a_flipped_bit_comes_in_unseen(world, tmp_path, monkeypatch):
    """Fault 46's negative control: what the manifest says is taken for what lies there."""
    rename_role(world.acme, "Unmistakable")
    archive = backup.export(world.acme.fresh(), "test", folder=tmp_path)
    manifest, whole = backup.read_manifest(archive, world.acme.fresh()), archive.read_bytes()
    digests = {f"{name}.csv": table["sha256"] for name, table in manifest["tables"].items()} | {Path(name).name: digest for name, digest in manifest["files"].items()}
    broken = flipped(archive, whole, whole.index(b"Unmistakable", whole.index(b"tables/role.csv")), 0)
    assert refused(world.acme, broken) == "archive_damaged"
    monkeypatch.setattr(backup, "file_sha256", lambda path: digests[path.name])
    monkeypatch.setattr(copying, "checksum", lambda connection, schema, table: (manifest["tables"][table.name]["rows"], manifest["tables"][table.name]["sha256"]))
    assert refused(world.acme, broken) is None
    world.acme.tenant = world.acme.fresh()
    assert role_name(world.acme) == "Tnmistakable"


def flipped(archive, whole: bytes, position: int, bit: int) -> Path:
    """A copy of an archive with one bit turned round."""
    data = bytearray(whole)
    data[position] ^= 1 << bit
    broken = archive.with_name("broken.tar")
    broken.write_bytes(data)
    return broken


def refused(house, path) -> str | None:
    """The code of the refusal of a restore that has changed nothing; None where it was taken."""
    before = directory()
    try:
        backup.restore(house.fresh(), path, "test")
    except Refused as refusal:
        assert directory() == before
        return refusal.code
    return None


def directory() -> set:
    with entry.control() as session:
        return {tuple(row) for row in session.execute(select(Tenant.id, Tenant.schema_name, Tenant.state).where(Tenant.state != "deleted"))}


def _a_bit_that_matters(data: bytes, rng: random.Random) -> tuple[int, int]:
    """(byte, bit): any but tar's own padding and the headers' dates and owners, which carry nothing of the tenant."""
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        spans = [(m.offset_data, m.size) for m in tar.getmembers() if m.isfile() and m.size]
    start, size = rng.choice(spans)
    return start + rng.randrange(size), rng.randrange(8)


def test_files_on_records_come_back_with_their_rows(world, tmp_path):
    """Out as a customer takes them, too: the row names the key that the archive has the bytes under."""
    from core.files import actions, queries
    from core.parties.actions import create_account

    with world.acme.ctx() as ctx:
        attachment = actions.add_file(ctx, create_account(ctx, name="Nordlicht"), source=io.BytesIO(b"drawing"), name="drawing.txt")
        key, stored = attachment.id, attachment.stored_key
    archive, theirs = (backup.export(world.acme.fresh(), "test", folder=tmp_path, for_customer=customer) for customer in (False, True))
    with tarfile.open(theirs) as tar:
        assert stored in tar.extractfile("tables/attachment.csv").read().decode() and tar.extractfile(f"files/{stored.split('/', 1)[1]}").read() == b"drawing"
    storage().remove(world.acme.tenant.id, stored)
    backup.restore(world.acme.fresh(), archive, "test")
    world.acme.tenant = world.acme.fresh()
    with world.acme.ctx() as ctx:
        assert queries.bytes_of(ctx, queries.one_file(ctx, key).stored_key).read_bytes() == b"drawing"


def test_files_travel_with_the_tenant(world, tmp_path):
    kept = storage().save(world.acme.tenant.id, io.BytesIO(b"a customer list"), limit=100)
    archive = backup.export(world.acme.fresh(), "test", folder=tmp_path)
    storage().remove(world.acme.tenant.id, kept.key)
    backup.restore(world.acme.fresh(), archive, "test")
    world.acme.tenant = world.acme.fresh()
    assert storage().path(world.acme.tenant.id, kept.key).read_bytes() == b"a customer list"


def test_a_cut_or_foreign_or_partial_archive_is_refused(world, archive, tmp_path):
    cut = tmp_path / "cut.tar"
    cut.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    partial = backup.export(world.acme.fresh(), "test", for_customer=True, folder=tmp_path)
    for path, tenant, code in ((cut, world.acme.fresh(), "archive_damaged"), (archive, world.globex.fresh(), "archive_foreign"), (partial, world.acme.fresh(), "archive_partial")):
        with pytest.raises(Refused) as refusal:
            backup.restore(tenant, path, "test")
        assert refusal.value.code == code


@pytest.fixture
def older(app, tmp_path):
    """(a company, its archive made at the version that the code has now): listed before next_revision."""
    house = House(f"older-{uuid4().hex[:6]}", {"owner": "admin"})
    rename(house.fresh().schema_name, "Then")
    yield house, backup.export(house.fresh(), "test", folder=tmp_path)
    with entry.control() as session:
        session.get_one(Tenant, house.tenant.id).state = "deleted"


def rename(schema: str, name: str) -> None:
    with database().owner() as connection:
        connection.execute(f"UPDATE {schema}.app_user SET name = '{name}'")  # noqa: S608


def test_an_older_archive_is_migrated_when_it_is_restored(older, next_revision):
    house, archive = older
    assert migration.migrate_tenants(only=[house.tenant.schema_name]).failed == {}
    rename(house.fresh().schema_name, "Now")
    assert backup.restore(house.fresh(), archive, "test").state == "done"
    tenant = house.fresh()
    with database().owner() as connection:
        found = connection.execute(f"SELECT name, nickname, (SELECT version FROM {tenant.schema_name}.schema_version) FROM {tenant.schema_name}.app_user").fetchall()  # noqa: S608
    assert found == [("Then", None, "9999")] and tenant.schema_version == "9999"


def test_an_archive_of_a_newer_version_is_refused_and_nothing_changes(world, archive):
    newer = resigned(archive, schema_version="9999")
    assert refused(world.acme, newer) == "archive_newer"


def test_the_version_of_an_archive_can_not_be_changed_without_the_key(world, archive, monkeypatch):
    monkeypatch.setattr(backup, "_signature", lambda text, key=None, real=backup._signature: real("x" + text, key))
    forged = resigned(archive, schema_version=migration.versions("tenant")[0])
    monkeypatch.undo()
    assert refused(world.acme, forged) == "archive_damaged"


def resigned(archive, **changes) -> Path:
    """The archive with another manifest, signed as ours."""
    made = archive.with_name("resigned.tar")
    with tarfile.open(archive) as old, tarfile.open(made, "w") as new:
        for member in old.getmembers():
            content = old.extractfile(member) if member.isfile() else None
            if member.name == "manifest.json":
                body = json.load(content)["manifest"] | changes
                text = json.dumps({"manifest": body, "signature": backup._signature(json.dumps(body, sort_keys=True, indent=1))}).encode()
                member.size, content = len(text), io.BytesIO(text)
            new.addfile(member, content)
    return made


def test_a_customers_export_holds_no_secret(world, tmp_path):
    path = backup.export(world.acme.fresh(), "test", for_customer=True, folder=tmp_path)
    content = path.read_bytes()
    assert b"tables/session.csv" not in content and b"tables/app_user.csv" in content
    assert b"$argon2" not in content


def unfinished(world):
    """What a crash left of this tenant; other modules of the run leave their own."""
    return [run for run in runs.unfinished() if run.tenant_id == world.acme.tenant.id]


class Killed(BaseException):
    """Stands for kill -9: no handler of ours may catch it."""


@pytest.mark.parametrize("step", [name for name, _ in backup.RESTORE_STEPS])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_restore_killed_at_any_step_is_resumed(world, archive, step, moment, monkeypatch):
    steps = [(name, _dying(act, moment) if name == step else act) for name, act in backup.RESTORE_STEPS]
    monkeypatch.setattr(backup, "RESTORE_STEPS", steps)
    rename_role(world.acme, f"lost {step}")
    with pytest.raises(Killed):
        backup.restore(world.acme.fresh(), archive, "test")
    monkeypatch.undo()
    run = backup.resume_restore(unfinished(world)[0].id)
    world.acme.tenant = world.acme.fresh()
    assert run.state == "done" and role_name(world.acme) != f"lost {step}"
    assert unfinished(world) == []


def _dying(act, moment):
    def die(run, tenant):
        if moment == "after":
            act(run, tenant)
        raise Killed

    return die


def test_an_export_killed_at_any_step_is_resumed(world, tmp_path, monkeypatch):
    for name, _ in backup.EXPORT_STEPS:
        monkeypatch.setattr(backup, "EXPORT_STEPS", [(n, _dying(a, "after") if n == name else a) for n, a in backup.EXPORT_STEPS])
        with pytest.raises(Killed):
            backup.export(world.acme.fresh(), "test", folder=tmp_path)
        monkeypatch.undo()
        path = backup.resume_export(unfinished(world)[0].id)
        assert backup.read_manifest(path, world.acme.fresh())["tables"]["role"]["rows"] == len(BUILT_IN_ROLES)
        shutil.rmtree(tmp_path)
        tmp_path.mkdir()


def always_dying(steps, at):
    def die(run, tenant):
        raise Killed

    return [(name, die if name == at else act) for name, act in steps]


def test_an_export_that_dies_every_time_is_given_up_cleared_away_and_can_be_asked_for_anew(world, tmp_path, monkeypatch):
    monkeypatch.setattr(backup, "EXPORT_STEPS", always_dying(backup.EXPORT_STEPS, "pack"))
    with pytest.raises(Killed):
        backup.export(world.acme.fresh(), "test", folder=tmp_path)
    [run] = unfinished(world)
    for _ in range(runs.MAX_TRIES - 1):
        with pytest.raises(Killed):
            backup.resume_export(run.id)
    with pytest.raises(Refused, match="run_broke_off"):
        backup.resume_export(run.id)
    with entry.control() as session:
        assert (session.get(Run, run.id).state, session.get(Run, run.id).error) == ("failed", "run_broke_off")
    monkeypatch.undo()
    assert unfinished(world) == [] and list(tmp_path.iterdir()) == []
    assert backup.export(world.acme.fresh(), "test", folder=tmp_path).exists()


def test_a_step_that_gets_through_in_the_end_costs_the_next_one_no_tries(world, tmp_path, monkeypatch):
    for step in ("tables", "files"):
        monkeypatch.setattr(backup, "EXPORT_STEPS", always_dying(backup.EXPORT_STEPS, step))
        for _ in range(runs.MAX_TRIES - 1):
            with pytest.raises(Killed):
                backup.resume_export(unfinished(world)[0].id) if unfinished(world) else backup.export(world.acme.fresh(), "test", folder=tmp_path)
        monkeypatch.undo()
    assert backup.resume_export(unfinished(world)[0].id).exists()


def test_a_restore_that_dies_every_time_is_given_up_before_the_swap_and_never_after_it(world, archive, monkeypatch):
    rename_role(world.acme, "kept")
    monkeypatch.setattr(backup, "RESTORE_STEPS", always_dying(backup.RESTORE_STEPS, "verify"))
    with pytest.raises(Killed):
        backup.restore(world.acme.fresh(), archive, "test")
    [run] = unfinished(world)
    for _ in range(runs.MAX_TRIES - 1):
        with pytest.raises(Killed):
            backup.resume_restore(run.id)
    with pytest.raises(Refused, match="run_broke_off"):
        backup.resume_restore(run.id)
    with entry.control() as session:
        own = select(Tenant).where(Tenant.state == "restoring", or_(Tenant.id == world.acme.tenant.id, Tenant.name == traces.label_of(run.id)))
        assert session.execute(own).first() is None
    assert role_name(world.acme) == "kept"
    monkeypatch.undo()
    old_schema = world.acme.fresh().schema_name
    monkeypatch.setattr(backup, "RESTORE_STEPS", always_dying(backup.RESTORE_STEPS, "files"))
    with pytest.raises(Killed):
        backup.restore(world.acme.fresh(), archive, "test")
    [run] = unfinished(world)
    for _ in range(runs.MAX_TRIES + 2):
        with pytest.raises(Killed):
            backup.resume_restore(run.id)
    monkeypatch.undo()
    assert backup.resume_restore(run.id).state == "done"
    world.acme.tenant = world.acme.fresh()
    with database().owner() as connection:
        assert connection.execute("SELECT to_regnamespace(%s)", (old_schema,)).fetchone()[0], "the data from before are kept for seven days"


def test_the_sweep_lets_a_run_that_killed_it_rest_and_goes_on_with_the_others(world, tmp_path, monkeypatch):
    from datetime import timedelta

    from workers.jobs.tenants import resume_runs

    def died(house):
        with pytest.raises(Killed):
            backup.export(house.fresh(), "test", folder=tmp_path)
        with entry.control() as session:
            return session.execute(select(Run.id).where(Run.tenant_id == house.tenant.id, Run.kind == "export", Run.state == "running")).scalar_one()

    monkeypatch.setattr(backup, "EXPORT_STEPS", always_dying(backup.EXPORT_STEPS, "tables"))
    poison = died(world.acme)
    assert poison not in [run.id for run in runs.unfinished(entry.utcnow())]
    assert poison in [run.id for run in runs.unfinished(entry.utcnow() + timedelta(minutes=2))]
    monkeypatch.undo()
    with entry.control() as session:
        waiting = Run(kind="export", tenant_id=world.globex.tenant.id, asked_by="test", data={"folder": str(tmp_path)}, done=[])
        session.add(waiting)
        session.flush()
        key = str(waiting.id)
    went = resume_runs(None)
    assert went.get(key) == "done" and str(poison) not in went
    backup.resume_export(poison)


def test_a_restored_mailing_waits_for_a_person(world, tmp_path):
    from core.mailings import running
    from core.mailings.models import Mailing

    with world.acme.ctx() as ctx:
        ctx.session.add(Mailing(name="News", subject="News", body="Hello", from_name="Acme", state="sending", total=1))
    archive = backup.export(world.acme.fresh(), "test", folder=tmp_path)
    backup.restore(world.acme.fresh(), archive, "test")
    world.acme.tenant = world.acme.fresh()
    with world.acme.ctx() as ctx:
        assert not running.left_alone(ctx.session)
        assert ctx.session.execute(select(Mailing.state, Mailing.pause_reason)).one() == ("paused", "restore")


def test_two_restores_of_one_tenant_do_not_run_at_once(world, archive):
    with entry.control() as session:
        session.add(Run(kind="restore", tenant_id=world.acme.tenant.id, asked_by="test", data={}, done=[], state="running"))
    with pytest.raises(Refused) as refusal:
        backup.restore(world.acme.fresh(), archive, "test")
    assert refusal.value.code == "run_exists"
    with entry.control() as session:
        session.execute(text("DELETE FROM control.run WHERE state = 'running'"))
    registry.forget()


def test_a_restore_has_the_people_that_it_brought_back_entered_where_workspaces_are_found(world, tmp_path):
    from tenants import mail_index
    from tenants.models import ControlOrder
    from workers.run import work

    archive = backup.export(world.acme.fresh(), "test", folder=tmp_path)
    mail_index.put(world.acme.tenant.id, "came-later@people.example", active=True)
    backup.restore(world.acme.fresh(), archive, "test")
    world.acme.tenant = world.acme.fresh()
    with entry.control() as session:
        order = ControlOrder.args["tenant_id"].astext == str(world.acme.tenant.id)
        order_id = session.execute(select(ControlOrder.id).where(ControlOrder.name == "identity.fill_mail_index", order).order_by(ControlOrder.id.desc())).scalars().first()
    assert work(str(order_id), "control") == "done"
    with entry.control() as session:
        assert mail_index.workspaces_of(session, world.acme.users["rep"].mail) != [] and mail_index.workspaces_of(session, "came-later@people.example") == []
