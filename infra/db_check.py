"""Refuses a PostgreSQL server that can't carry schema-per-tenant safely, by one sentence each."""

from collections.abc import Callable

from psycopg import Connection, sql

OLDEST = 180000
LEAST_LOCKS = 256


class ClusterRefused(Exception):
    """The server must not be used: one sentence saying which setting and what to do."""


def check_cluster(connection: Connection) -> None:
    """Returns for a server that fits; raises ClusterRefused at the first thing that doesn't."""
    for check in CHECKS:
        complaint = check(connection)
        if complaint:
            raise ClusterRefused(complaint)


def _version(connection: Connection) -> str:
    if connection.info.server_version >= OLDEST:
        return ""
    return f"PostgreSQL {connection.info.server_version // 10000} is too old: Tendero needs version 18 or newer."


def _trigrams(connection: Connection) -> str:
    """pg_trgm asks the locale which characters are letters; with LC_CTYPE=C only ASCII ones are."""
    found = connection.execute(
        "SELECT n.nspname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.proname = 'show_trgm'"
    ).fetchone()
    if found is None:
        return "The extension pg_trgm is missing: run bin/tendero prepare with DATABASE_ADMIN_URL set."
    question = sql.SQL("SELECT cardinality({}.show_trgm('Москва'))").format(sql.Identifier(found[0]))
    if connection.execute(question).fetchone()[0]:
        return ""
    return "The database's LC_CTYPE knows no Cyrillic or Chinese letters: make the cluster with --lc-ctype=C.UTF-8."


def _recovery(connection: Connection) -> str:
    if _setting(connection, "recovery_init_sync_method") == "syncfs":
        return ""
    return "recovery_init_sync_method is not syncfs: set it, or a crash of many tenants takes minutes to recover."


def _locks(connection: Connection) -> str:
    if int(_setting(connection, "max_locks_per_transaction")) >= LEAST_LOCKS:
        return ""
    return f"max_locks_per_transaction is below {LEAST_LOCKS}: raise it, or work on whole tenants runs out of memory."


def _setting(connection: Connection, name: str) -> str:
    return connection.execute("SELECT setting FROM pg_settings WHERE name = %s", (name,)).fetchone()[0]


CHECKS: tuple[Callable[[Connection], str], ...] = (_version, _recovery, _locks, _trigrams)
