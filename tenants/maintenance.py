"""A tenant held in maintenance while its data are exchanged: who asks meanwhile gets 503, nobody's save is lost unseen.

Closing takes four steps, and only all of them together are tight (RELIABILITY 4d, TENANCY 7): the directory says so; one
cache lease later every process has read it; the tenant's role loses its schema, so whoever still comes with an old row in
hand fails instead of saving into data that are put aside; transactions that wrote before that are waited for.
"""

import time
from datetime import datetime

import psycopg
from sqlalchemy import update

from core.base.errors import Refused
from infra.db import database
from tenants import entry, registry
from tenants.models import Tenant

# The server ends a transaction that idles this long after a minute (infra.db), so waiting longer finds it gone.
DRAIN_SECONDS = 90.0
# Modes that a writing transaction holds on a table until it ends; neither reading nor vacuum takes them.
WRITERS = """
SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_database d ON d.oid = l.database
WHERE d.datname = current_database() AND c.relnamespace = %s::regnamespace AND c.relkind = 'r' AND l.pid <> pg_backend_pid()
AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'))"""


def close(tenant: Tenant) -> datetime:
    """Close a tenant for the exchange of its data; the moment from which on nothing more was saved into its schema. May
    be repeated. Refuses (`tenant_busy`) when a transaction does not end; then it is still closed: `reopen` it."""
    with entry.control() as session:
        session.execute(update(Tenant).where(Tenant.id == tenant.id).values(state="restoring"))
    registry.forget()
    time.sleep(registry.CACHE_SECONDS)
    with database().owner(tenant.cluster) as connection:
        connection.execute(f"REVOKE USAGE ON SCHEMA {tenant.schema_name} FROM {tenant.role_name}")
        _await_writers(connection, tenant.schema_name)
    return entry.utcnow()


def reopen(tenant: Tenant) -> None:
    """Undo `close`: the data stayed what they were."""
    with database().owner(tenant.cluster) as connection:
        connection.execute(f"GRANT USAGE ON SCHEMA {tenant.schema_name} TO {tenant.role_name}")
    with entry.control() as session:
        row = session.get_one(Tenant, tenant.id, with_for_update=True)
        if row.state == "restoring":
            row.state = state_when_open(row)
    registry.forget()


def state_when_open(tenant: Tenant) -> str:
    """What a tenant in maintenance was before: in use, or waiting for its erasure."""
    return "active" if tenant.delete_after is None else "deleting"


def _await_writers(connection: psycopg.Connection, schema: str) -> None:
    until = time.monotonic() + DRAIN_SECONDS
    while connection.execute(WRITERS, (schema,)).fetchone()[0]:
        if time.monotonic() > until:
            raise Refused("tenant_busy")
        time.sleep(0.05)
