"""Leaving: deletion with a time of grace and a proof, each step repeatable; files of a tenant; leftovers."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.base.errors import Refused
from infra.config import settings
from infra.db import database
from infra.storage import storage
from tenants import entry, provisioning, registry, runs, traces
from tenants.models import Domain, LoginToken, MailIndex, OutboxDue, Run, Tenant

GRACE = timedelta(days=30)


def days(n: int) -> timedelta:
    return timedelta(days=n)


def files_of(tenant: Tenant) -> Path:
    """Where the uploads of a tenant lie; refuses a store that is no folder (its own tools copy that)."""
    scheme = urlsplit(settings().storage_url).scheme
    if scheme != "file":
        raise Refused("storage_not_local", scheme=scheme)
    return storage().folder(tenant.id)


def ask_deletion(tenant: Tenant, asked_by: str, *, grace: timedelta = GRACE) -> Run:
    """Close a tenant's doors now and set the day of erasure. Until then `keep_after_all` undoes it."""
    with entry.control() as session:
        run = runs.begin(session, "delete", tenant, asked_by, slug=tenant.slug, name=tenant.name)
        session.execute(update(Tenant).where(Tenant.id == tenant.id).values(state="deleting", access="closed", delete_after=entry.utcnow() + grace))
        session.refresh(run)
        session.expunge(run)
    registry.forget()
    return run


def keep_after_all(tenant: Tenant, *, access: str) -> None:
    """Undo a deletion that has not begun; `access` is what billing says the tenant may do."""
    with entry.control() as session:
        undo_deletion(session, tenant, access=access)
    registry.forget()


def undo_deletion(session: Session, tenant: Tenant, *, access: str) -> None:
    """The same in the caller's transaction. Refuses a tenant that nobody deletes (`not_leaving`), and one whose erasure
    has begun (`deletion_begun`)."""
    row = session.get_one(Tenant, tenant.id, with_for_update=True, populate_existing=True)
    run = session.execute(select(Run).where(Run.tenant_id == tenant.id, Run.kind == "delete", Run.state.in_(("waiting", "running"))).with_for_update()).scalar_one_or_none()
    if row.state != "deleting" or run is None:
        raise Refused("not_leaving" if row.state == "active" else "deletion_begun")
    if run.done or run.step:
        raise Refused("deletion_begun")
    row.state, row.access, row.delete_after = "active", access, None
    run.state, run.finished_at = "cancelled", entry.utcnow()
    session.flush()  # billing reads the row back


def due_deletions() -> list[UUID]:
    """Runs whose day has come. Also drops schemas that a restore left aside, once their days are over."""
    now = entry.utcnow()
    with entry.control() as session:
        aside = select(Tenant).where(Tenant.state == "deleting", Tenant.slug.is_(None), Tenant.delete_after <= now)
        left = list(session.execute(aside).scalars())
        query = select(Run.id).join(Tenant, Tenant.id == Run.tenant_id).where(Run.kind == "delete", Run.state.in_(("waiting", "running")), Tenant.delete_after <= now)
        due = list(session.execute(query).scalars())
        session.expunge_all()
    for tenant in left:
        provisioning.drop_schema(tenant)
        with entry.control() as session:
            session.execute(update(Tenant).where(Tenant.id == tenant.id).values(state="deleted"))
    return due


def erase(run_id: UUID) -> Run:
    """Take the steps of a deletion whose day has come; resumes after a crash. The run's data is the certificate."""
    with entry.control() as session:
        run = session.get_one(Run, run_id)
        tenant = session.get_one(Tenant, run.tenant_id)
        if tenant.state != "deleted" and (tenant.delete_after is None or tenant.delete_after > entry.utcnow()):
            raise Refused("deletion_not_due")
    run = runs.go(run_id, DELETE_STEPS, no_return=DELETE_STEPS[0][0])
    registry.forget()
    return run


def _count(run: Run, tenant: Tenant) -> dict[str, Any]:
    from tenants import copying

    with database().owner(tenant.cluster) as connection:
        exists = connection.execute("SELECT to_regnamespace(%s)", (tenant.schema_name,)).fetchone()[0]
        found = copying.tables(connection, tenant.schema_name) if exists else []
        rows = {t.name: connection.execute(f"SELECT count(*) FROM {tenant.schema_name}.{t.name}").fetchone()[0] for t in found}  # noqa: S608
    folder = files_of(tenant)
    return {"rows": rows, "files": sum(1 for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else 0}


def _drop(run: Run, tenant: Tenant) -> dict[str, Any]:
    provisioning.drop_schema(tenant)
    return {"asides": traces.drop_asides(tenant)}


def _delete_files(run: Run, tenant: Tenant) -> dict[str, Any]:
    folder = files_of(tenant)
    if folder.is_dir():
        shutil.rmtree(folder)
    traces.delete_files(tenant)
    return {}


def _forget_rows(run: Run, tenant: Tenant) -> dict[str, Any]:
    with entry.control() as session:
        for model in (Domain, MailIndex, OutboxDue, LoginToken):
            session.execute(delete(model).where(model.tenant_id == tenant.id))
        values = {"state": "deleted", "access": "purged", "slug": None, "name": None, "limits": {}, "features": []}
        session.execute(update(Tenant).where(Tenant.id == tenant.id).values(**values))
    return {}


def _prove(run: Run, tenant: Tenant) -> dict[str, Any]:
    """Look again: no schema, no role, no file, nothing of a restore or an export. What remains is said (invoices, by law)."""
    with database().owner(tenant.cluster) as connection:
        schema = connection.execute("SELECT to_regnamespace(%s)", (tenant.schema_name,)).fetchone()[0]
        role = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (tenant.role_name,)).fetchone()
    if schema or role or files_of(tenant).exists() or traces.left(tenant) or traces.asides_left(tenant):
        raise RuntimeError(f"deletion of {tenant.schema_name} left something behind")
    return {"erased_at": entry.utcnow().isoformat(), "kept": ["subscription invoices (legal retention)"]}


DELETE_STEPS: list[runs.Step] = [
    ("runs", traces.end_runs), ("count", _count), ("schema", _drop), ("files", _delete_files), ("rows", _forget_rows), ("proof", _prove),
]
