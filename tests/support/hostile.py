"""Texts that try to become script, markup or a request, and how a whole workspace is filled with them (RELIABILITY X6, fault 52)."""

import re
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

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
# All at once, for a table with so few rows that one of the others would be the only one to be seen.
POLYGLOT = "'\"></title></textarea></script><script>window.hacked=1</script><img src=/hacked onerror=window.hacked=1>"
FEW = 5
# Columns whose words the program chose: another word there is no text of a person but a broken row.
PROGRAMS_OWN = {"locale", "timezone", "currency", "language", "hue", "schema_name", "template", "slug", "mail_norm", "kind", "room", "record_kind", "table_name", "media_type", "codec", "encoding",
                "delimiter", "state", "code", "subject_kind", "purpose", "scope", "name_fold", "csrf", "storage_key", "lang", "path", "audience", "storage", "permission", "permissions", "order", "sort", "base", "category", "tax_category"}
ENDINGS = ("_hash", "_fold", "_norm", "_key", "_kind", "_format", "_at", "_id", "_digest", "_type", "_path")
TABLES_LEFT = {"alembic_version", "outbox", "idempotency_key", "session", "api_token", "audit_seal", "audit_entry", "schema_version"}
SEALED = ("quote_version", "quote_line", "agreed_terms", "terms_withdrawal")  # what was sent is never changed: hostile words were there before
# Of jsonb: columns that no page shows and a program reads back, and keys whose words it chose, each with the reason.
JSON_LEFT = {
    "outgoing_mail.headers": "headers of a letter, written by the post room", "outgoing_mail.params": "values of a letter that is still to be sent; letters have a test of their own",
    "outgoing_mail.shown": "the head of a letter that goes to several, read when it is sent; its names and addresses stand in the mail that it is of, which is planted", "outgoing_mail.files": "keys of files that go with a letter; their names stand in the mail's own, which are planted",
    "identity_provider.discovery": "addresses that the sign-in goes to", "second_step.recovery_hashes": "hashes", "sign_in_step.data": "what the next step compares",
    "role.scopes": "a permission's reach: words of a list", "import_run.mapping": "names of our columns", "import_mapping.mapping": "names of our columns", "import_mapping.choices": "how a file is read: words of lists",
    "starter_set.made": "keys of what a set made", "bulk_edit.counts": "numbers", "merge_run.strict": "what each room wrote, read back when it is undone",
}
JSON_KEYS_LEFT = {
    "code": "of a refusal: a sentence is found by it", "say": "which sentence of several", "while": "the state in which work broke off", "op": "an operation of a filter", "field": "the name of one of our fields", "fields": "names of our fields",
    "column": "the name of one of our columns", "columns": "names of our columns", "sort": "the name of one of our columns", "group": "the name of one of our columns", "kind": "a word of a list", "room": "a room's name", "key": "the key of an option, under which values name it",
    "colour": "a word of a list", "grade": "a word of a list", "state": "a word of a list", "stage": "a word of a list", "was": "a stage: a word of a list", "rule": "a word of a list", "currency": "a code", "format": "a word of a list", "direction": "a word of a list",
}
# Not text of a person, whatever it is called: keys, days, moments, numbers.
MACHINE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\d([T ][\d:.]+(Z|[+-]\d\d:?\d\d)?)?|[+-]?\d+([.,]\d+)?|")


@dataclass
class Planted:
    """Which columns hold payloads now, which refused every one of them, and in which there was nothing to replace."""

    filled: set[str] = field(default_factory=set)
    closed: dict[str, str] = field(default_factory=dict)
    empty: set[str] = field(default_factory=set)


def plant(house, payloads: list[str] = PAYLOADS) -> Planted:
    """Payloads in every text column of every row and in every text inside its jsonb, behind the doors' back: what is shown must
    not rest on what was refused. A new table or column is filled without being told; one whose constraints refuse all is listed
    as closed, one without a row (or without a text in it) as empty."""
    schema, found = house.tenant.schema_name, Planted()
    with database().owner() as connection:
        connection.autocommit = False
        columns = connection.execute(
            "SELECT c.table_name, c.column_name, CASE WHEN c.udt_name = '_text' THEN 'several' WHEN c.udt_name = 'jsonb' THEN 'json' ELSE 'one' END FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.table_schema = %s AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER' AND (c.data_type IN ('text', 'character varying') OR c.udt_name IN ('_text', 'jsonb')) ORDER BY 1, 2", (schema,)).fetchall()
        _guarded(connection, schema, "DISABLE")
        for table, column, kind in columns:
            if is_of_the_program(table, column, kind):
                continue
            fill = _fill_json if kind == "json" else _fill
            try:
                with connection.transaction():
                    many = fill(connection, sql.Identifier(schema, table), column, kind == "several", payloads)
                (found.filled if many else found.empty).add(f"{table}.{column}")
            except psycopg.Error as error:
                found.closed[f"{table}.{column}"] = str(error).splitlines()[0]
        _guarded(connection, schema, "ENABLE")
        connection.commit()
    return found


def _guarded(connection, schema: str, how: str) -> None:
    for table in SEALED:
        connection.execute(sql.SQL("ALTER TABLE {} {} TRIGGER USER").format(sql.Identifier(schema, table), sql.SQL(how)))


def is_of_the_program(table: str, column: str, kind: str) -> bool:
    """Is what stands there chosen by the program?"""
    if table in TABLES_LEFT:
        return True
    return f"{table}.{column}" in JSON_LEFT if kind == "json" else column in PROGRAMS_OWN or column.endswith(ENDINGS)


def _fill(connection, table, column: str, several: bool, payloads: list[str]) -> int:
    """Every row another payload, in a table of few rows all at once where the column has room; how many rows took one."""
    rows = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchone()[0]
    if rows <= FEW:
        try:
            with connection.transaction():
                return _update(connection, table, column, several, [POLYGLOT])
        except psycopg.Error:
            pass  # unique, or shorter: then one of the others each
    return _update(connection, table, column, several, payloads)


def _update(connection, table, column: str, several: bool, payloads: list[str]) -> int:
    value = sql.SQL("ARRAY[(%s::text[])[1 + (n %% %s)::int]]" if several else "(%s::text[])[1 + (n %% %s)::int]")
    statement = sql.SQL("UPDATE {t} SET {c} = {v} FROM (SELECT ctid AS place, row_number() OVER () + %s AS n FROM {t}) o WHERE {t}.ctid = o.place").format(t=table, c=sql.Identifier(column), v=value)
    return connection.execute(statement, (payloads, len(payloads), sum(map(ord, column)))).rowcount


def _fill_json(connection, table, column: str, _several: bool, payloads: list[str]) -> int:
    """Every text inside another payload; what a program reads stays. How many rows took one."""
    name, turn, changed = sql.Identifier(column), count(sum(map(ord, column))), 0
    rows = connection.execute(sql.SQL("SELECT ctid::text, {c} FROM {t} WHERE {c} IS NOT NULL").format(c=name, t=table)).fetchall()
    for place, value in rows:
        hostile = planted_in(value, [POLYGLOT, *payloads] if len(rows) <= FEW else payloads, turn)
        if hostile != value:
            changed += connection.execute(sql.SQL("UPDATE {t} SET {c} = %s WHERE ctid = %s::tid").format(t=table, c=name), (Jsonb(hostile), place)).rowcount
    return changed


def planted_in(value: Any, payloads: list[str], turn, key: str = "") -> Any:
    """The same with a payload for each text that is nobody's but a person's."""
    if isinstance(value, dict):
        return {name: planted_in(one, payloads, turn, name) for name, one in value.items()}
    if isinstance(value, list):
        return [planted_in(one, payloads, turn, key) for one in value]
    if not isinstance(value, str) or key in JSON_KEYS_LEFT or MACHINE.fullmatch(value):
        return value
    return payloads[next(turn) % len(payloads)]
