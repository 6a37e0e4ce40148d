"""Texts that try to become script, markup or a request, and how a whole workspace is filled with them (RELIABILITY X6, fault 52)."""

from dataclasses import dataclass

import psycopg
from psycopg import sql

from infra.db import database

# Each says so if it ever runs: window.hacked, a dialog, or a request to /hacked.
PAYLOADS = [
    "<script>window.hacked=1</script>", "\"><img src=/hacked onerror=window.hacked=1>", "'><svg/onload=window.hacked=1>", "</title><script>window.hacked=1</script>", "</textarea><svg onload=window.hacked=1>",
    "</script><script>window.hacked=1</script>", "javascript:window.hacked=1", " javascript:window.hacked=1//", "JaVaScRiPt:window.hacked=1", "data:text/html,<script>window.hacked=1</script>",
    "\" autofocus onfocus=window.hacked=1 x=\"", "' onmouseover=window.hacked=1 '", "` onclick=window.hacked=1 `", "'-window.hacked=1-'", "\\\";window.hacked=1;//", "</style><script>window.hacked=1</script>",
    "<iframe srcdoc='<script>parent.hacked=1</script>'>", "<a href=javascript:window.hacked=1>x</a>", "<math><mi xlink:href=javascript:window.hacked=1>x", "<details open ontoggle=window.hacked=1>", "<input autofocus onfocus=window.hacked=1>",
    "<div hx-get=/hacked hx-trigger=load>x</div>", "<div data-hx-get=/hacked data-hx-trigger=load>", "<b hx-on::load=window.hacked=1>x</b>", "<form action=/hacked><button autofocus>x</button></form>", "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=/hacked'>", "<link rel=stylesheet href=/hacked>", "<style>@import'/hacked'</style>", "{{ 7*7 }}{{ config }}", "{% print(7) %}", "${7*7}#{7*7}", "<!--><img src=x onerror=window.hacked=1>-->",
    "<![CDATA[<script>window.hacked=1</script>]]>", "%3Cscript%3Ewindow.hacked=1%3C/script%3E", "&lt;script&gt;window.hacked=1&lt;/script&gt;", "\u202e\"><script>window.hacked=1</script>", "＜script＞window.hacked=1＜/script＞", "<x onclick=alert(1) tabindex=1 autofocus>",
    "https://x.example/\"onmouseover=window.hacked=1", "@[<img src=x onerror=window.hacked=1>]", "**<img src=x onerror=window.hacked=1>**", "=cmd|'/c calc'!A0",
]
# Columns whose words the program chose: another word there is no text of a person but a broken row.
PROGRAMS_OWN = {"locale", "timezone", "currency", "language", "hue", "schema_name", "template", "slug", "mail_norm", "kind", "room", "record_kind", "table_name", "media_type", "codec", "encoding",
                "delimiter", "state", "code", "subject_kind", "purpose", "scope", "name_fold", "csrf", "storage_key", "lang", "path", "audience", "storage", "permission", "permissions", "order", "sort"}
ENDINGS = ("_hash", "_fold", "_norm", "_key", "_kind", "_format", "_at", "_id", "_digest", "_type", "_path")
TABLES_LEFT = {"alembic_version", "outbox", "idempotency_key", "session", "api_token", "audit_seal", "audit_entry"}


@dataclass
class Planted:
    """Which columns hold payloads now, and which refused every one of them."""

    filled: set[str]
    closed: dict[str, str]


def plant(house, payloads: list[str] = PAYLOADS) -> Planted:
    """Payloads in every text column of every row, behind the doors' back: what is shown must not rest on what was refused.
    A new table or column is filled without being told; one whose constraints refuse all is listed as closed."""
    schema, found = house.tenant.schema_name, Planted(set(), {})
    with database().owner() as connection:
        connection.autocommit = False
        columns = connection.execute(
            "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.table_schema = %s AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER' AND (c.data_type IN ('text', 'character varying') OR c.udt_name = '_text') ORDER BY 1, 2", (schema,)).fetchall()
        for table, column, kind in columns:
            if table not in TABLES_LEFT and column not in PROGRAMS_OWN and not column.endswith(ENDINGS):
                why = _fill(connection, sql.Identifier(schema, table), sql.Identifier(column), kind == "ARRAY", payloads)
                found.filled.add(f"{table}.{column}") if why is None else found.closed.update({f"{table}.{column}": why})
        connection.commit()
    return found


def _fill(connection, table, column, several: bool, payloads: list[str]) -> str | None:
    """Every row another payload, as far as the column has room; None, or why it took none."""
    value = sql.SQL("ARRAY[(%s::text[])[1 + (n %% %s)::int]]" if several else "(%s::text[])[1 + (n %% %s)::int]")
    try:
        with connection.transaction():
            statement = sql.SQL("UPDATE {t} SET {c} = {v} FROM (SELECT ctid AS place, row_number() OVER () + %s AS n FROM {t}) o WHERE {t}.ctid = o.place").format(t=table, c=column, v=value)
            connection.execute(statement, (payloads, len(payloads), sum(map(ord, column.as_string(connection)))))
        return None
    except psycopg.Error as error:
        return str(error).splitlines()[0]
