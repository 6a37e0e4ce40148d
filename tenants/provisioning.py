"""Moving in: a pool of schemas made beforehand, claimed in under a millisecond (TENANCY 3)."""

import secrets
import string

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from infra.db import database
from tenants import ddl, entry, migration
from tenants.models import Tenant

ALPHABET = string.ascii_lowercase + string.digits


def opaque_name() -> str:
    """A schema name that says nothing of its company: the catalogs are readable by all."""
    return "t" + "".join(secrets.choice(ALPHABET) for _ in range(12))


def provision(cluster: str = "main", *, version: str | None = None, state: str = "free", label: str | None = None) -> Tenant:
    """Make one schema (at the head, or an older version for a restore) and enter it in the directory. Repeatable: a crash leaves either
    nothing, or a 'provisioning' row whose schema may exist; `clear_leftovers` removes both."""
    head = migration.head("tenant")
    script = None if version in (None, head) else migration.script_at(version)
    return provision_with(script, cluster, version=version or head, state=state, label=label)


def provision_with(
    script: str | None, cluster: str = "main", *, version: str | None = None, state: str = "free", label: str | None = None
) -> Tenant:
    """Make one schema from a script of objects (None: the models' own)."""
    schema, version = opaque_name(), version or migration.head("tenant")
    with entry.control() as session:
        row = {"schema_name": schema, "role_name": f"r_{schema}", "state": "provisioning", "schema_version": version, "cluster": cluster, "name": label}
        tenant_id = session.execute(insert(Tenant).values(**row).returning(Tenant.id)).scalar_one()
    with database().owner(cluster) as connection:
        connection.execute(ddl.provision_script(schema, version, script))
    with entry.control() as session:
        session.execute(update(Tenant).where(Tenant.id == tenant_id).values(state=state))
        return session.get_one(Tenant, tenant_id)


def fill_pool(size: int, cluster: str = "main") -> int:
    """Make schemas until `size` are free; returns how many were made."""
    made = 0
    while _free(cluster) < size:
        provision(cluster)
        made += 1
    return made


def claim(session: Session, *, slug: str, name: str, **values) -> Tenant | None:
    """Take one free schema for a company; None when the pool is empty. A taken slug raises IntegrityError."""
    free = (
        select(Tenant.id).where(Tenant.state == "free", Tenant.schema_version == migration.head("tenant"))
        .order_by(Tenant.created_at).limit(1).with_for_update(skip_locked=True).scalar_subquery()
    )
    statement = update(Tenant).where(Tenant.id == free).values(state="active", slug=slug, name=name, claimed_at=func.now(), **values).returning(Tenant)
    return session.execute(statement).scalar_one_or_none()


def clear_leftovers(cluster: str = "main") -> int:
    """Remove what a killed provisioning left: rows in 'provisioning' for over ten minutes, with schema and role."""
    with entry.control() as session:
        old = select(Tenant).where(Tenant.state == "provisioning", Tenant.cluster == cluster, func.coalesce(Tenant.claimed_at, Tenant.created_at) < func.now() - text("interval '10 minutes'"))
        rows = list(session.execute(old).scalars())
    for row in rows:
        drop_schema(row)
        with entry.control() as session:
            session.execute(Tenant.__table__.delete().where(Tenant.id == row.id, Tenant.state == "provisioning"))
    return len(rows)


def drop_schema(tenant: Tenant) -> None:
    """Drop a tenant's schema and role; nothing happens where they are gone."""
    with database().owner(tenant.cluster) as connection, connection.transaction():
        connection.execute(f"DROP SCHEMA IF EXISTS {tenant.schema_name} CASCADE")
        exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (tenant.role_name,)).fetchone()
        if exists:
            connection.execute(f"DROP ROLE {tenant.role_name}")


def _free(cluster: str) -> int:
    with entry.control() as session:
        query = select(func.count()).select_from(Tenant).where(Tenant.state == "free", Tenant.cluster == cluster, Tenant.schema_version == migration.head("tenant"))
        return session.execute(query).scalar_one()
