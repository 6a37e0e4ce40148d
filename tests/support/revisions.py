"""A history with one revision more than the code has, and schemas that hold a row in every table to walk through it."""

import json
import re
import textwrap
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import select, update

from infra.db import database
from tenants import copying, ddl, entry, migration
from tenants.models import Tenant

NEXT = '''
"""One column and one index more."""
import sqlalchemy as sa
from alembic import op
revision = "9999"
down_revision = "{head}"
def upgrade():
    op.add_column("app_user", sa.Column("nickname", sa.Text()))
    op.create_index("ix_app_user_nickname", "app_user", ["nickname"])
'''
COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef, a.attidentity <> '' FROM pg_attribute a
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum"""
KEYS = """
SELECT a.attname, k.confrelid::regclass::text, b.attname FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1] WHERE k.contype = 'f' AND k.conrelid = %s::regclass AND k.confrelid <> k.conrelid"""
# Keys of several columns: those of the table, the table that they name, its columns, and what those that the other works out must be: the own one's default.
WIDE_KEYS = """
SELECT k.confrelid::regclass::text, array_agg(a.attname::text ORDER BY p.n), array_agg(b.attname::text ORDER BY p.n),
  array_agg(CASE WHEN b.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END ORDER BY p.n) FROM pg_constraint k
CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS p(own, other, n)
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.own JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = p.other
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE k.contype = 'f' AND k.conrelid = %s::regclass AND cardinality(k.conkey) > 1 GROUP BY k.oid, k.confrelid"""
CHECKS = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass"
CHOICE = re.compile(r"\(?\(?(\w+)\)? = ANY \(+ARRAY\['([^']*)'")
# Columns that hold a currency: each of a row gets another.
CURRENCY = re.compile(r"\(?(\w+) ~ '\^\[A-Z\]\{3\}\$'")
CURRENCIES = ("EUR", "USD", "GBP")


def add_next_revision(folder, monkeypatch) -> None:
    """Point the history to a copy in `folder` that ends with revision 9999."""
    head = migration.head("tenant")
    for history in ("tenant", "control"):
        (folder / history / "versions").mkdir(parents=True)
        for path in (*(ddl.HERE / history).glob("*.sql"), *(ddl.HERE / history / "versions").glob("*.py")):
            (folder / path.relative_to(ddl.HERE)).write_text(path.read_text())
    (folder / "tenant" / "versions" / "9999_next.py").write_text(textwrap.dedent(NEXT).format(head=head))
    monkeypatch.setattr(ddl, "HERE", folder)
    migration.clear_cache()


def walk_back(head: str) -> None:
    """Free schemas of the make-believe version go out of the directory; other modules' tenants, which were walked along,
    stand at the code's version again."""
    with entry.control() as session:
        session.execute(update(Tenant).where(Tenant.state == "free").values(state="deleted"))
        others = session.execute(select(Tenant.schema_name).where(Tenant.state != "deleted")).scalars().all()
        session.execute(update(Tenant).where(Tenant.schema_version == "9999").values(schema_version=head))
    with database().owner() as connection:
        for schema in others:
            if connection.execute("SELECT to_regclass(%s)", (f"{schema}.schema_version",)).fetchone()[0]:
                connection.execute(f"ALTER TABLE {schema}.app_user DROP COLUMN IF EXISTS nickname")
                connection.execute(f"UPDATE {schema}.schema_version SET version = '{head}' WHERE version = '9999'")  # noqa: S608


def fill_every_table(schema: str) -> None:
    """One row at least in every table, all columns filled where the checks let them be."""
    with database().owner() as connection:
        connection.execute(sql.SQL("SET search_path = {}, ext").format(sql.Identifier(schema)))
        for name in copying.load_order(connection, schema):
            if name != "schema_version":
                _fill(connection, name)
            if name in ("app_user", "product"):
                _fill(connection, name)  # some rows name two different people, or two products
            if name == "product":
                connection.execute("UPDATE product SET bundle_price = 'own' WHERE id = (SELECT id FROM product ORDER BY id DESC LIMIT 1)")  # and some a bundle


def counts(schema: str) -> dict[str, int]:
    """Table -> rows."""
    with database().owner() as connection:
        names = [table.name for table in copying.tables(connection, schema)]
        return {name: connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, name))).fetchone()[0] for name in names}


def contents(schema: str, columns: dict[str, tuple[str, ...]] | None = None) -> dict[str, tuple[int, str]]:
    """Table -> (rows, checksum) over these columns, or all it has."""
    with database().owner() as connection:
        columns = columns or columns_of(schema)
        found = {table.name: table for table in copying.tables(connection, schema)}
        return {name: copying.checksum(connection, schema, found[name].only(wanted)) for name, wanted in columns.items()}


def columns_of(schema: str) -> dict[str, tuple[str, ...]]:
    """Table -> its columns, the version's own table left out."""
    with database().owner() as connection:
        return {table.name: table.columns for table in copying.tables(connection, schema) if table.name != "schema_version"}


def _fill(connection: psycopg.Connection, table: str) -> None:
    columns = connection.execute(COLUMNS, (table,)).fetchall()
    parents: dict = {}
    for column, parent, key in connection.execute(KEYS, (table,)).fetchall():
        found = connection.execute(sql.SQL("SELECT {0} FROM {1} ORDER BY {0}").format(sql.Identifier(key), sql.Identifier(parent))).fetchall()
        parents[column] = next((one for (one,) in found if one not in parents.values()), found[0][0])
    for parent, own, other, worked_out in connection.execute(WIDE_KEYS, (table,)).fetchall():
        fits = sql.SQL(" AND ").join([sql.SQL("true"), *(sql.SQL("{} = ({})").format(sql.Identifier(name), sql.SQL(one)) for name, one in zip(other, worked_out, strict=True) if one)])
        row = connection.execute(sql.SQL("SELECT {} FROM {} WHERE {} LIMIT 1").format(sql.SQL(", ").join(map(sql.Identifier, other)), sql.Identifier(parent), fits)).fetchone()
        parents |= dict(zip(own, row, strict=True))
    checks = [text for (text,) in connection.execute(CHECKS, (table,)).fetchall()]
    choices = dict(found for text in checks for found in CHOICE.findall(text))
    choices |= dict(zip([name for text in checks for name in CURRENCY.findall(text)], CURRENCIES, strict=False))
    values = {name: parents.get(name) or choices.get(name) or _value(kind) for name, kind, _, given, identity in columns if not (given or identity)}
    needed = {name for name, _, required, given, _ in columns if required and not given}
    least = {name: value for name, value in values.items() if name in needed}
    for chosen in (values, least, *({**least, name: parents[name]} for name in parents)):  # the last: of several parents exactly one
        try:
            with connection.transaction():
                _insert(connection, table, chosen)
            return
        except (psycopg.errors.CheckViolation, psycopg.errors.ForeignKeyViolation) as error:
            refused = error
    raise AssertionError(f"no row of {table} could be made: {refused}")


def _insert(connection: psycopg.Connection, table: str, values: dict) -> None:
    names, marks = sql.SQL(", ").join(map(sql.Identifier, values)), sql.SQL(", ").join(sql.Placeholder() * len(values))
    body = sql.SQL("({}) VALUES ({})").format(names, marks) if values else sql.SQL("DEFAULT VALUES")
    connection.execute(sql.SQL("INSERT INTO {} {}").format(sql.Identifier(table), body), list(values.values()))


def _value(kind: str):
    """Something of a type; the first words of PostgreSQL's names decide."""
    made = {
        "uuid": uuid4, "text": lambda: f"t{uuid4().hex[:8]}", "boolean": lambda: True, "integer": lambda: 1, "bigint": lambda: 1, "smallint": lambda: 1,
        "numeric": lambda: 1, "timestamp": lambda: datetime.now(UTC), "date": lambda: datetime.now(UTC).date().replace(month=1, day=1), "jsonb": lambda: json.dumps({}),
        "bytea": lambda: uuid4().bytes, "inet": lambda: "127.0.0.1", "double": lambda: 1.0,
    }
    if kind == "smallint[]":
        return [1]
    return [] if kind.endswith("[]") else made[re.split(r"[ (]", kind)[0]]()
