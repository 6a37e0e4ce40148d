"""SQL of whole schemas: rendered from the models once per process, replayed as one message (TENANCY 3)."""

from functools import lru_cache
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

from sqlalchemy import MetaData, Table
from sqlalchemy.dialects.postgresql import psycopg as psycopg_dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from core.base import registry
from core.base.model import TenantBase
from infra.db import CONTROL_ROLE, SCHEMA_NAME
from tenants.base import ControlBase

# Whose tables live in control. By name: tenants may not import billing, but its history holds both.
LANDLORDS = ("tenants", "billing")
HERE = Path(__file__).parent / "migrations"
_DIALECT = psycopg_dialect.dialect()


def _statements(metadata: MetaData) -> list[str]:
    """CREATE TABLE and CREATE INDEX of every table, in an order that does not depend on who was imported first."""
    found: list[str] = []
    for table in ordered(metadata):
        found.append(str(CreateTable(table).compile(dialect=_DIALECT)).strip())
        found += [str(CreateIndex(index).compile(dialect=_DIALECT)) for index in sorted(table.indexes, key=lambda i: i.name)]
    return found


def ordered(metadata: MetaData) -> list[Table]:
    """Tables after those that their foreign keys name; by name where it does not matter."""
    sorter = TopologicalSorter({
        name: {key.column.table.key for key in table.foreign_keys} - {name} for name, table in sorted(metadata.tables.items())
    })
    sorter.prepare()
    found: list[Table] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        found += [metadata.tables[name] for name in ready]
        sorter.done(*ready)
    return found


def audit_triggers(table: str, secret: tuple[str, ...] = ()) -> list[str]:
    """Statement-level triggers that write each changed row of `table` to audit_entry; `secret` columns show as ***."""
    arguments = ", ".join(f"'{column}'" for column in secret)
    parts = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}
    return [
        f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture({arguments})"
        for event, tables in parts.items()
    ]


def protections(table: str, info: dict, role: str) -> list[str]:
    """What a table's info asks of the database beyond its columns."""
    found = []
    if info.get("audit"):
        found += audit_triggers(table, tuple(info.get("secret", ())))
    if info.get("append_only"):
        found.append(f"REVOKE UPDATE, DELETE ON {table} FROM {role}")
    if info.get("definer_only"):
        found.append(f"REVOKE INSERT ON {table} FROM {role}")
        found.append(f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} EXECUTE FUNCTION ext.refuse_change()")
    if info.get("owner_only"):
        found.append(f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM {role}")
    return found + list(info.get("ddl", ()))


@lru_cache
def tenant_objects() -> str:
    """Every object of a tenant's schema at the head version; run it with the search path on the schema.
    `r_{schema}` stands for the role. The committed rendering, so that no process renders at run time."""
    return frozen("tenant", "schema") or render_tenant()


@lru_cache
def control_objects() -> str:
    """Every object of the control schema at the head version."""
    return frozen("control", "schema") or render_control()


def frozen(history: str, name: str) -> str:
    """A committed rendering (tenants.render writes them); empty where there is none yet."""
    path = HERE / history / f"{name}.sql"
    return path.read_text() if path.exists() else ""


def render_tenant() -> str:
    """The tenant's objects as the models say now."""
    registry.load_models()
    found = _statements(TenantBase.metadata)
    for table in ordered(TenantBase.metadata):
        found += protections(table.name, table.info, "r_{schema}")
    return ";\n".join(found)


def render_control() -> str:
    """The control schema's objects as the models say now."""
    for package in LANDLORDS:
        import_module(f"{package}.models")
    found = _statements(ControlBase.metadata)
    for table in ordered(ControlBase.metadata):
        found += protections(f"control.{table.name}", table.info, CONTROL_ROLE)
    return ";\n".join(found)


def provision_script(schema: str, version: str, objects: str | None = None) -> str:
    """`objects` (default: the models' own) as one message that makes role, schema, grants and all objects; nothing of it stays when anything fails."""
    if not SCHEMA_NAME.fullmatch(schema):
        raise ValueError(f"not a tenant schema: {schema!r}")
    role = f"r_{schema}"
    head = f"""
BEGIN;
CREATE ROLE {role} NOLOGIN;
GRANT {role} TO tendero_app WITH INHERIT FALSE, SET TRUE;
CREATE SCHEMA {schema};
GRANT USAGE ON SCHEMA {schema} TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
SET LOCAL search_path = {schema}, ext;
"""
    tail = f";\nINSERT INTO schema_version (version) VALUES ('{version}');\nCOMMIT"
    return head + (objects or tenant_objects()).replace("{schema}", schema) + tail
