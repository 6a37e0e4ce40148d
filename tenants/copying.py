"""Rows of one tenant out of and into files: COPY per table, counts and checksums (TENANCY 7).

CSV with header in primary key order: the customer can read it, and the same rows give the same bytes, so a
checksum after loading proves the load.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from psycopg import sql

SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


@dataclass(frozen=True)
class Table:
    """A table with the columns that are copied (generated ones make themselves again)."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    def without(self, hidden: frozenset[str]) -> "Table":
        """The same table with some columns left out."""
        return replace(self, columns=tuple(c for c in self.columns if c not in hidden))

    def only(self, columns: Iterable[str]) -> "Table":
        """The same table with these columns, in this order."""
        return replace(self, columns=tuple(columns))


def tables(connection: psycopg.Connection, schema: str) -> list[Table]:
    """Every table of a schema with columns and primary key, by name. Reads the whole catalog, of all tenants of the cluster:
    ask once, not for each table."""
    rows = connection.execute(
        """
        SELECT c.relname, array_agg(a.attname ORDER BY a.attnum) FILTER (WHERE a.attgenerated = ''),
               (SELECT array_agg(k.attname ORDER BY array_position(i.indkey::int2[], k.attnum)) FROM pg_index i
                JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = ANY(i.indkey) WHERE i.indrelid = c.oid AND i.indisprimary)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r' GROUP BY c.oid, c.relname ORDER BY c.relname
        """,
        (schema,),
    ).fetchall()
    return [Table(name, tuple(columns), tuple(key or columns)) for name, columns, key in rows]


def write_table(connection: psycopg.Connection, schema: str, table: Table, path: Path) -> dict:
    """One table into a file; returns {rows, sha256, columns}."""
    query = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT (FORMAT csv, HEADER true)").format(
        _names(table.columns), sql.Identifier(schema, table.name), _names(table.key)
    )
    digest = hashlib.sha256()
    with path.open("wb") as file, connection.cursor() as cursor:
        with cursor.copy(query) as copy:
            for block in copy:
                digest.update(block)
                file.write(block)
        rows = cursor.rowcount
    return {"rows": rows, "sha256": digest.hexdigest(), "columns": list(table.columns)}


def checksum(connection: psycopg.Connection, schema: str, table: Table) -> tuple[int, str]:
    """(rows, sha256) of a table as `write_table` would write it, without a file."""
    query = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT (FORMAT csv, HEADER true)").format(
        _names(table.columns), sql.Identifier(schema, table.name), _names(table.key)
    )
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        with cursor.copy(query) as copy:
            for block in copy:
                digest.update(block)
        return cursor.rowcount, digest.hexdigest()


def load_table(connection: psycopg.Connection, schema: str, name: str, columns: Iterable[str], path: Path) -> None:
    """A file into a table, its own triggers (audit) off; inside the caller's transaction."""
    target = sql.Identifier(schema, name)
    connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(target))
    query = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, HEADER match)").format(target, _names(columns))
    with path.open("rb") as file, connection.cursor() as cursor, cursor.copy(query) as copy:
        while block := file.read(1 << 16):
            copy.write(block)
    connection.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(target))


def load_order(connection: psycopg.Connection, schema: str) -> list[str]:
    """Table names so that every foreign key finds its target loaded before (self-references are checked at the end)."""
    edges = connection.execute(
        """SELECT c.relname, p.relname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid
        WHERE k.contype = 'f' AND k.connamespace = %s::regnamespace AND k.conrelid <> k.confrelid""", (schema,)
    ).fetchall()
    from graphlib import TopologicalSorter

    graph: dict[str, set[str]] = {table.name: set() for table in tables(connection, schema)}
    for child, parent in edges:
        graph[child].add(parent)
    return list(TopologicalSorter(graph).static_order())


def _names(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
