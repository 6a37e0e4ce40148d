"""Export of one tenant into one file, and restore of such a file into a fresh schema with a swap (DECISIONS 1).

The archive is a tar: manifest.json (signed), tables/<name>.csv, files/<key>. Every part has its checksum in the
manifest and the manifest its signature: a flipped bit, a cut or another tenant's archive is refused.
"""

import hashlib
import json
import shutil
import tarfile
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from core.base.errors import Refused
from core.base.model import TenantBase
from infra.config import settings
from infra.crypto import same, sign
from infra.db import database
from tenants import copying, entry, lifecycle, maintenance, migration, provisioning, registry, runs, swapping, traces
from tenants.models import Run, Tenant
from tenants.traces import exports_folder

FORMAT = 1
# What a customer's own export leaves out: it is of no use to him and would let a finder of the file in.
PRIVATE_TABLES = frozenset({"session", "sign_in_step", "second_step", "passkey", "api_token", "idempotency_key"})


def export(tenant: Tenant, asked_by: str, *, for_customer: bool = False, folder: Path | None = None) -> Path:
    """Write one tenant's whole content; returns the archive's path. Repeats nothing that a crash left done."""
    run_id = runs.start("export", tenant, asked_by, for_customer=for_customer, folder=str(folder or exports_folder()))
    return resume_export(run_id)


def resume_export(run_id: UUID) -> Path:
    run = runs.go(run_id, EXPORT_STEPS)
    if run.state != "done":
        _clear_away(run)
        raise Refused("run_cancelled" if run.state == "cancelled" else run.error or "run_failed")
    return Path(run.data["archive"])


def _work(run: Run) -> Path:
    """The folder that a run works in; its name is the run's."""
    return Path(run.data["folder"]) / f"run-{run.id}"


def _write_tables(run: Run, tenant: Tenant) -> dict[str, Any]:
    work = _work(run) / "tables"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    customer = bool(run.data.get("for_customer"))
    left_out = PRIVATE_TABLES if customer else frozenset()
    with database().owner(tenant.cluster) as connection:
        connection.execute(copying.SNAPSHOT)
        version = connection.execute(f"SELECT version FROM {tenant.schema_name}.schema_version").fetchone()[0]  # noqa: S608
        found = {t.name: t for t in copying.tables(connection, tenant.schema_name) if t.name not in left_out | {"schema_version"}}
        if customer:
            found = {name: table.without(_secret_columns(name)) for name, table in found.items()}
        counts = {name: copying.write_table(connection, tenant.schema_name, table, work / f"{name}.csv") for name, table in found.items()}
        connection.execute("COMMIT")
    return {"tables": counts, "schema_version": version, "taken_at": entry.utcnow().isoformat()}


def _secret_columns(table: str) -> frozenset[str]:
    """Columns that the models call secret: password hashes and the like stay here."""
    model = TenantBase.metadata.tables.get(table)
    return frozenset() if model is None else frozenset(model.info.get("secret", ()))


def _copy_files(run: Run, tenant: Tenant) -> dict[str, Any]:
    source, target = lifecycle.files_of(tenant), _work(run) / "files"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    found = {}
    for path in sorted(p for p in source.rglob("*") if p.is_file()) if source.is_dir() else []:
        name = path.relative_to(source).as_posix()
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / name)
        found[name] = file_sha256(target / name)
    return {"files": found}


def _write_manifest(run: Run, tenant: Tenant) -> dict[str, Any]:
    body = {
        "format": FORMAT, "tenant": str(tenant.id), "slug": tenant.slug, "name": tenant.name, "locale": tenant.locale,
        "timezone": tenant.timezone, "currency": tenant.currency, "whole": not run.data.get("for_customer"),
        **{key: run.data[key] for key in ("tables", "files", "schema_version", "taken_at")},
    }
    text = json.dumps(body, sort_keys=True, indent=1)
    signed = json.dumps({"manifest": body, "signature": _signature(text)}, sort_keys=True, indent=1)
    (_work(run) / "manifest.json").write_text(signed)
    return {}


def _pack(run: Run, tenant: Tenant) -> dict[str, Any]:
    work, archive = _work(run), Path(run.data["folder"]) / f"{tenant.slug or tenant.schema_name}-{run.id}.tar"
    partial = archive.with_suffix(".partial")
    if not archive.exists():  # a crash came after the renaming
        _write_archive(work, partial)
        partial.rename(archive)
    shutil.rmtree(work, ignore_errors=True)
    return {"archive": str(archive), "sha256": file_sha256(archive), "bytes": archive.stat().st_size}


def _write_archive(work: Path, partial: Path) -> None:
    with tarfile.open(partial, "w") as tar:
        for part in ("manifest.json", "tables", "files"):
            tar.add(work / part, arcname=part)


EXPORT_STEPS: list[runs.Step] = [
    ("tables", _write_tables), ("files", _copy_files), ("manifest", _write_manifest), ("pack", _pack),
]


def restore(tenant: Tenant, archive: Path, asked_by: str) -> Run:
    """Put a tenant back to what an archive holds. The present data stay aside for seven days. Refuses an archive that
    is damaged, unsigned, of another tenant, not whole, or newer than this code; then nothing has changed."""
    read_manifest(archive, tenant)
    run_id = runs.start("restore", tenant, asked_by, archive=str(archive), folder=str(exports_folder()))
    return resume_restore(run_id)


def resume_restore(run_id: UUID) -> Run:
    run = runs.go(run_id, RESTORE_STEPS, no_return="swap")
    registry.forget()
    if run.state == "failed":
        _clear_away(run)
        raise Refused(run.error or "run_failed")
    return run


def _clear_away(run: Run) -> None:
    """After a failure: the tenant works on; the schema made for the load and the files on the way go."""
    with entry.control() as session:
        tenant = session.get_one(Tenant, run.tenant_id)
        session.expunge(tenant)
    if "hold" in run.done and "swap" not in run.done:  # it may have been closed, whatever its state says since
        maintenance.reopen(tenant)
    shutil.rmtree(_work(run), ignore_errors=True)
    for partial in Path(run.data["folder"]).glob(f"*-{run.id}.partial"):
        partial.unlink(missing_ok=True)
    if run.kind == "export" and "archive" in run.data:  # taken back while the last step was under way
        Path(run.data["archive"]).unlink(missing_ok=True)
    if "spare" in run.data and swapping.spare_of(run).state == "restoring":  # after the swap it holds what was there before
        _discard(swapping.spare_of(run))


def read_manifest(archive: Path, tenant: Tenant) -> dict[str, Any]:
    """The verified manifest of an archive for this tenant. Codes: archive_damaged, archive_foreign, archive_partial,
    archive_newer."""
    try:
        with tarfile.open(archive) as tar:
            signed = json.load(tar.extractfile("manifest.json"))
        body, signature = signed["manifest"], signed["signature"]
    except (tarfile.TarError, KeyError, ValueError, OSError, AttributeError, EOFError, TypeError):
        raise Refused("archive_damaged") from None
    text = json.dumps(body, sort_keys=True, indent=1)
    if not any(same(signature, _signature(text, key)) for key in settings().derived_keys("tenant-archive")):
        raise Refused("archive_damaged")
    if body["tenant"] != str(tenant.id):
        raise Refused("archive_foreign")
    if not body["whole"]:
        raise Refused("archive_partial")
    if body["schema_version"] not in [to for _, to, _ in migration.steps("tenant")]:
        raise Refused("archive_newer")
    return body


def _unpack(run: Run, tenant: Tenant) -> dict[str, Any]:
    work = _work(run)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    body = read_manifest(Path(run.data["archive"]), tenant)
    try:
        with tarfile.open(run.data["archive"]) as tar:
            tar.extractall(work, filter="data")
    except (tarfile.TarError, OSError, EOFError):
        raise Refused("archive_damaged") from None
    expected = {f"tables/{name}.csv": table["sha256"] for name, table in body["tables"].items()}
    expected |= {f"files/{name}": digest for name, digest in body["files"].items()}
    found = {p.relative_to(work).as_posix() for p in work.rglob("*") if p.is_file()} - {"manifest.json"}
    if found != set(expected) or any(file_sha256(work / name) != digest for name, digest in expected.items()):
        raise Refused("archive_damaged")
    return {"manifest": {"tables": body["tables"], "schema_version": body["schema_version"]}}


def _make_room(run: Run, tenant: Tenant) -> dict[str, Any]:
    """A fresh schema at the archive's version, entered in the directory as restoring."""
    label = traces.label_of(run.id)
    with entry.control() as session:
        left = session.execute(select(Tenant).where(Tenant.name == label, Tenant.state.in_(("provisioning", "restoring")))).scalars().all()
        session.expunge_all()
    for row in left:  # made by this very step before a crash
        _discard(row)
    row = provisioning.provision(tenant.cluster, version=run.data["manifest"]["schema_version"], state="restoring", label=label)
    return {"spare": str(row.id)}


def _discard(spare: Tenant) -> None:
    provisioning.drop_schema(spare)
    with entry.control() as session:
        session.execute(update(Tenant).where(Tenant.id == spare.id).values(state="deleted"))


def _load(run: Run, tenant: Tenant) -> dict[str, Any]:
    spare, manifest = swapping.spare_of(run), run.data["manifest"]
    mark = f"loaded by {run.id}"
    with database().owner(spare.cluster) as connection, connection.transaction():
        if connection.execute("SELECT obj_description(%s::regnamespace)", (spare.schema_name,)).fetchone()[0] == mark:
            return {}
        for name in (n for n in copying.load_order(connection, spare.schema_name) if n in manifest["tables"]):
            copying.load_table(connection, spare.schema_name, name, manifest["tables"][name]["columns"], _work(run) / "tables" / f"{name}.csv")
        connection.execute(f"COMMENT ON SCHEMA {spare.schema_name} IS '{mark}'")
    return {}


def _verify(run: Run, tenant: Tenant) -> dict[str, Any]:
    """What was loaded gives the very bytes that were exported, table by table."""
    spare = swapping.spare_of(run)
    with database().owner(spare.cluster) as connection:
        found = {table.name: table for table in copying.tables(connection, spare.schema_name)}
        for name, table in run.data["manifest"]["tables"].items():
            if copying.checksum(connection, spare.schema_name, found[name].only(table["columns"])) != (table["rows"], table["sha256"]):
                raise Refused("archive_damaged")
    return {"verified": True}


def _put_files_back(run: Run, tenant: Tenant) -> dict[str, Any]:
    source, target = _work(run) / "files", lifecycle.files_of(tenant)
    for path in (p for p in source.rglob("*") if p.is_file()):
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        gone = f"{tenant.id}/{path.relative_to(source).as_posix()}" in run.data.get("erased_files", ())  # of an erased person
        if not place.exists() and not gone:
            shutil.copyfile(path, place)
    shutil.rmtree(_work(run), ignore_errors=True)
    return {}


RESTORE_STEPS: list[runs.Step] = [
    ("unpack", _unpack), ("room", _make_room), ("load", _load), ("verify", _verify), ("hold", swapping.upgrade_and_hold),
    ("close", swapping.close), ("swap", swapping.swap), ("files", _put_files_back),
]


def _signature(text: str, key: bytes | None = None) -> str:
    return sign(key or settings().derived_key("tenant-archive"), "manifest", text)


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
