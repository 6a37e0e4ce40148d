"""Walk all tenants to the head version: Alembic renders each step once, we replay it (TENANCY 6).

One transaction per tenant and step, with a lock timeout; a tenant is wholly old or wholly new. Resumable: the
version row in the tenant's own schema is the truth, the directory's is a copy that a rerun mends.
"""

import io
import re
import time
from ast import literal_eval
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache

import psycopg
from sqlalchemy import select, update

from infra.db import database
from tenants import ddl, entry
from tenants.cluster import FUNCTIONS
from tenants.models import Tenant

WALKED = ("free", "active", "deleting")
LOCK_TIMEOUT, TRIES = "2s", 5
WRONG_VERSION = "TD001"
NAMED = re.compile(r"^(revision|down_revision) *(?::[^=]+)?= *(.+)$", re.MULTILINE)


@dataclass
class Report:
    """What a walk did: names of schemas migrated, and the error of each that was not."""

    done: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


@lru_cache
def head(history: str) -> str:
    """The newest revision of "tenant" or "control"."""
    return versions(history)[-1]


@lru_cache
def versions(history: str) -> tuple[str, ...]:
    """Every revision, oldest first, read off their files: a process that only asks for them stays without Alembic, its
    templates and 8 MB. Refuses a history that forks."""
    following: dict[str | None, str] = {}
    for file in (ddl.HERE / history / "versions").glob("*.py"):
        named = {name: literal_eval(value) for name, value in NAMED.findall(file.read_text())}
        if named["down_revision"] in following:
            raise RuntimeError(f"two revisions of {history} follow {named['down_revision']}")
        following[named["down_revision"]] = named["revision"]
    found: list[str] = []
    while (newer := following.get(found[-1] if found else None)) is not None:
        found.append(newer)
    return tuple(found)


@lru_cache
def steps(history: str) -> tuple[tuple[str | None, str, str], ...]:
    """(from, to, SQL) of every revision, oldest first; the SQL holds no BEGIN or COMMIT. `{schema}` names the schema.
    Must not happen in two threads at once."""
    from alembic.script import ScriptDirectory

    revisions = list(ScriptDirectory(str(ddl.HERE / history)).walk_revisions())[::-1]
    return tuple((revision.down_revision, revision.revision, _render(revision.module)) for revision in revisions)


def _render(module) -> str:
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext

    buffer = io.StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": buffer, "transactional_ddl": False})
    with Operations.context(context):
        module.upgrade()
    return buffer.getvalue()


def script_at(version: str) -> str:
    """The sum of the revisions up to `version`: a schema as it was then."""
    order = [to for _, to, _ in steps("tenant")]
    return ";\n".join(sql.strip().rstrip(";") for _, _, sql in steps("tenant")[: order.index(version) + 1])


def migrate_one(tenant: Tenant) -> None:
    """Bring one schema to the head, whatever its state; raises what goes wrong."""
    with database().owner(tenant.cluster) as connection:
        version = connection.execute(f"SELECT version FROM {tenant.schema_name}.schema_version").fetchone()[0]  # noqa: S608
        _walk_steps(connection, "tenant", version, "schema_version", f"{tenant.schema_name}, ext", tenant.schema_name)


def missing_changes(history: str) -> list:
    """What the models have and the revisions do not (or the other way round), as Alembic's autogenerate sees it.

    Compares with a scratch schema made of the revisions, which is dropped again.
    """
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import create_engine

    metadata = _metadata(history)
    with database().owner() as owner:
        url = owner.info.dsn
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url))
    with engine.connect() as connection:
        schema = "control" if history == "control" else "tscratch"
        if history == "tenant":
            connection.exec_driver_sql("CREATE ROLE r_tscratch NOLOGIN; CREATE SCHEMA tscratch; SET LOCAL search_path = tscratch, ext")
            connection.exec_driver_sql(script_at(head("tenant")).replace("{schema}", schema).replace("%", "%%"))
        options = {"include_schemas": history == "control", "include_name": lambda name, kind, _: kind != "schema" or name == ("control" if history == "control" else None), "compare_server_default": False}
        context = MigrationContext.configure(connection, opts=options)
        found = [d for d in compare_metadata(context, metadata) if "schema_version" not in str(d)]
        connection.rollback()
    engine.dispose()
    return found


def _metadata(history: str):
    from core.base import registry
    from core.base.model import TenantBase
    from tenants.base import ControlBase

    if history == "control":
        ddl.control_objects()
        return ControlBase.metadata
    registry.load_models()
    return TenantBase.metadata


def clear_cache() -> None:
    """After revisions were added in this process (tests)."""
    for cached in (versions, head, steps):
        cached.cache_clear()


def migrate_control() -> str:
    """Bring the control schema to its head; returns the version. A fresh one is made from the models' script."""
    with database().owner() as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS control.schema_version (version text PRIMARY KEY)")
        with connection.transaction():
            connection.execute("LOCK TABLE control.schema_version IN EXCLUSIVE MODE")
            connection.execute(FUNCTIONS)  # a revision may name one that is new, and prepare not always has a superuser
            row = connection.execute("SELECT version FROM control.schema_version").fetchone()
            if row is None:
                connection.execute("SET LOCAL search_path = pg_catalog, ext")
                connection.execute(ddl.control_objects())
                connection.execute("INSERT INTO control.schema_version VALUES (%s)", (head("control"),))
                return head("control")
        _walk_steps(connection, "control", row[0], "control.schema_version", "pg_catalog, ext", "control")
    return head("control")


def migrate_tenants(*, workers: int = 1, only: list[str] | None = None) -> Report:
    """Walk every tenant that is behind. One tenant's failure is written to its row and the walk goes on."""
    started, report = time.monotonic(), Report()
    with entry.control() as session:
        query = select(Tenant).where(Tenant.state.in_(WALKED), Tenant.schema_version != head("tenant"))
        behind = [t for t in session.execute(query.order_by(Tenant.created_at)).scalars() if only is None or t.schema_name in only]
    steps("tenant")  # rendered here: Alembic's context is one for the process, two threads would take it from each other
    shares = [behind[i::workers] for i in range(workers)]
    with ThreadPoolExecutor(workers) as pool:
        for done, failed in pool.map(_migrate_share, shares):
            report.done += done
            report.failed |= failed
    report.seconds = time.monotonic() - started
    return report


def _migrate_share(share: list[Tenant]) -> tuple[list[str], dict[str, str]]:
    """One worker's part, one owner connection per cluster; the directory is told in batches."""
    done, failed = [], {}
    for cluster in sorted({t.cluster for t in share}):
        with database().owner(cluster) as connection:
            for tenant in (t for t in share if t.cluster == cluster):
                try:
                    _walk_steps(connection, "tenant", tenant.schema_version, "schema_version", f"{tenant.schema_name}, ext", tenant.schema_name)
                    done.append(tenant.schema_name)
                except psycopg.Error as error:
                    failed[tenant.schema_name] = str(error).splitlines()[0]
                if len(done) % 50 == 0:
                    _tell_directory(done[-50:], {})
    _tell_directory(done, failed)
    return done, failed


def _tell_directory(done: list[str], failed: dict[str, str]) -> None:
    with entry.control() as session:
        if done:
            session.execute(update(Tenant).where(Tenant.schema_name.in_(done)).values(schema_version=head("tenant"), migration_error=None, migrated_at=entry.utcnow()))
        for name, error in failed.items():
            session.execute(update(Tenant).where(Tenant.schema_name == name).values(migration_error=error))


def _walk_steps(connection: psycopg.Connection, history: str, version: str, version_table: str, path: str, schema: str) -> None:
    for start, target, sql in steps(history):
        if start is None or not _is_ahead(history, target, version):
            continue
        version = _take_step(connection, start, target, sql.replace("{schema}", schema), version_table, path)


def _is_ahead(history: str, target: str, version: str) -> bool:
    order = [to for _, to, _ in steps(history)]
    if version not in order:
        raise psycopg.DataError(f"unknown schema version {version}: this code is older than the data")
    return order.index(target) > order.index(version)


def _take_step(connection: psycopg.Connection, start: str, target: str, sql: str, version_table: str, path: str) -> str:
    """One step in one message. Retries on a lock timeout; a schema that is further already is left alone."""
    message = f"""BEGIN; SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'; SET LOCAL search_path = {path};
DO $guard$ BEGIN PERFORM 1 FROM {version_table} WHERE version = '{start}' FOR UPDATE;
IF NOT FOUND THEN RAISE EXCEPTION 'not at {start}' USING ERRCODE = '{WRONG_VERSION}'; END IF; END $guard$;
{sql};
UPDATE {version_table} SET version = '{target}'; COMMIT"""
    for attempt in range(TRIES):
        try:
            connection.execute(message)
            return target
        except psycopg.errors.LockNotAvailable:
            connection.execute("ROLLBACK")
            if attempt == TRIES - 1:
                raise
            time.sleep(0.2 * 2**attempt)
        except psycopg.Error as error:
            connection.execute("ROLLBACK")
            if error.sqlstate == WRONG_VERSION:
                return target
            raise
    return target
