"""What a tenant's long operations leave behind: unfinished runs, folders and archives, schemas that a restore put aside."""

import json
import shutil
import tarfile
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from infra.config import settings
from tenants import entry, provisioning, runs
from tenants.models import Run, Tenant


def exports_folder() -> Path:
    """Where archives lie by default, and every run works."""
    folder = settings().home / "exports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def label_of(run_id: UUID) -> str:
    """How the directory names the schema that a restore loads into, and then the one that it put aside."""
    return f"before restore {run_id}"


def end_runs(run: Run, tenant: Tenant) -> dict[str, Any]:
    """End this tenant's other operations: resumed later they would work on what is gone. Refuses while one is at work
    (`run_busy`)."""
    others = [other.id for other in runs.unfinished() if other.tenant_id == tenant.id and other.id != run.id]
    for run_id in others:
        runs.cancel(run_id)
    return {"ended": [str(run_id) for run_id in others]}


def drop_asides(tenant: Tenant) -> int:
    """Drop the schemas that restores of this tenant made or put aside; returns how many."""
    found = _asides(tenant)
    for row in found:
        provisioning.drop_schema(row)
        with entry.control() as session:
            session.execute(update(Tenant).where(Tenant.id == row.id).values(state="deleted", name=None))
    return len(found)


def delete_files(tenant: Tenant) -> None:
    """Delete every folder and archive of this tenant's operations, wherever they were written."""
    for path in left(tenant):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def left(tenant: Tenant) -> list[Path]:
    """Whatever still lies there of this tenant: what its runs name, and what any file or folder in their places says of
    itself. The name of a file alone proves nothing: somebody may have copied or renamed it."""
    known, named, places = _runs_of(tenant), [], {exports_folder()}
    for run in known:
        places.add(Path(run.data.get("folder") or exports_folder()))
        if run.kind == "export" and "archive" in run.data:
            named.append(Path(run.data["archive"]))
    keys = [str(run.id) for run in known]
    lying = [path for place in sorted(places) if place.is_dir() for path in sorted(place.iterdir())]
    ours = [path for path in lying if any(key in path.name for key in keys) or _tenant_in(path) == str(tenant.id)]
    return list(dict.fromkeys([*(path for path in named if path.exists()), *ours]))


def asides_left(tenant: Tenant) -> list[str]:
    """Schemas put aside that are still there."""
    return [row.schema_name for row in _asides(tenant)]


def _runs_of(tenant: Tenant) -> list[Run]:
    with entry.control() as session:
        found = list(session.execute(select(Run).where(Run.tenant_id == tenant.id)).scalars())
        session.expunge_all()
    return found


def _asides(tenant: Tenant) -> list[Tenant]:
    labels = [label_of(run.id) for run in _runs_of(tenant) if run.kind == "restore"]
    with entry.control() as session:
        query = select(Tenant).where(Tenant.name.in_(labels), Tenant.slug.is_(None), Tenant.state != "deleted")
        found = list(session.execute(query).scalars())
        session.expunge_all()
    return found


def _tenant_in(path: Path) -> str | None:
    """The tenant that an archive, whole or half written, or an unpacked one says it is of; None for anything else."""
    try:
        if path.is_dir():
            manifest = json.loads((path / "manifest.json").read_text())
        else:
            with tarfile.open(path) as tar:
                manifest = json.load(tar.extractfile("manifest.json"))
        return manifest["manifest"]["tenant"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, tarfile.TarError):
        return None
