"""PostgreSQL: engines per cluster, and transactions that always run under one role and one schema.

A Scope says whose transaction it is. It travels with the session as an execution option, never in a
thread variable, so that no pooled connection, thread or job can inherit somebody else's (RELIABILITY 0.1).
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import psycopg
import psycopg.sql
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from infra.once import made_once

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SCHEMA_NAME = re.compile(r"^t[0-9a-z]{1,20}$")
CONTROL_ROLE = "tendero_control"
TENANTS_PER_CONNECTION = 300
PING = ";"
CONTROL_POOL = "(control)"


class NoScope(RuntimeError):
    """A transaction was begun without saying whose it is."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose transaction: a role, a search path, and who acts (for the audit triggers)."""

    role: str
    path: str
    actor: UUID | None = None
    snapshot: bool = False

    def begin(self) -> str:
        """The text that opens the transaction, one message to the server."""
        start = "BEGIN ISOLATION LEVEL REPEATABLE READ" if self.snapshot else "BEGIN"
        actor = f";SET LOCAL tendero.actor = '{self.actor}'" if self.actor else ""
        return f"{start};SET LOCAL ROLE {self.role};SET LOCAL search_path = {self.path}{actor}"


def tenant_scope(schema: str, actor: UUID | None = None, *, snapshot: bool = False) -> Scope:
    """Scope of one tenant; refuses any schema name that the directory could not have made."""
    if not SCHEMA_NAME.fullmatch(schema):
        raise NoScope(f"not a tenant schema: {schema!r}")
    if actor is not None and not isinstance(actor, UUID):
        raise NoScope("the actor must be a UUID")
    return Scope(role=f"r_{schema}", path=f"{schema}, ext", actor=actor, snapshot=snapshot)


def control_scope(actor: UUID | None = None, *, snapshot: bool = False) -> Scope:
    """Scope of the control schema; its tables are always written with their schema's name."""
    if actor is not None and not isinstance(actor, UUID):
        raise NoScope("the actor must be a UUID")
    return Scope(role=CONTROL_ROLE, path="pg_catalog, ext", actor=actor, snapshot=snapshot)


class GuardedCursor(psycopg.Cursor):
    """Cursor of request code: always the extended protocol, so the server refuses `a; b` in one string."""

    def execute(self, query, params=None, *, prepare=None, binary=None):
        # The pool's ping is an empty statement: psycopg would prepare it anew each time and the server keep them all.
        return super().execute(query, params, prepare=query != PING, binary=binary)

    def copy(self, statement, params=None, *, writer=None):
        """COPY has no extended protocol: what follows a semicolon would run too, so none is let through."""
        text = statement.as_string(self) if isinstance(statement, psycopg.sql.Composable) else statement
        if (b";" if isinstance(text, bytes) else ";") in text:
            raise psycopg.errors.SyntaxError("cannot insert multiple commands into a COPY statement")
        return super().copy(statement, params, writer=writer)


def _fold_scope_into_begin(connection) -> None:
    scope = connection.get_execution_options().get("tendero_scope")
    if scope is None:
        raise NoScope("no tenant: open transactions through tenants.entry")
    dbapi = connection.connection.dbapi_connection
    connection.connection.info.setdefault("scopes", set()).add(scope.path)
    try:
        psycopg.Cursor(dbapi).execute(scope.begin(), prepare=False)
    except psycopg.OperationalError as error:
        # Out of a hook SQLAlchemy neither wraps an error nor throws the dead connection away.
        connection.connection.invalidate(error)
        raise OperationalError("BEGIN", None, error, hide_parameters=True, connection_invalidated=True) from error


def _retire_after_many_tenants(dbapi_connection, record) -> None:
    """The server never shrinks a backend's relation cache (0.3 to 1.8 MB a tenant): a fresh one is cheaper."""
    if len(record.info.get("scopes", ())) > TENANTS_PER_CONNECTION:
        record.info.pop("scopes")
        record.invalidate()


def make_engine(url: str, *, pool_size: int = 5, timeout_ms: int = 5000, pool_timeout: float = 1.5) -> Engine:
    """An engine whose every transaction needs a scope.

    url: app login's DSN as PostgreSQL writes it. timeout_ms bounds a statement; a full pool raises after pool_timeout s.
    """
    options = f"-c statement_timeout={timeout_ms} -c lock_timeout={min(timeout_ms, 3000)} -c idle_in_transaction_session_timeout=60000"
    engine = create_engine(
        _sqlalchemy_url(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_timeout,
        pool_pre_ping=True,
        pool_recycle=900,
        use_native_hstore=False,
        # An error's text must not repeat what people typed (RELIABILITY X32).
        hide_parameters=True,
        connect_args={"autocommit": True, "cursor_factory": GuardedCursor, "options": options, "connect_timeout": 5},
    )
    event.listen(engine, "begin", _fold_scope_into_begin)
    event.listen(engine, "checkin", _retire_after_many_tenants)
    return engine


def _sqlalchemy_url(url: str) -> str:
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)


def open_session(engine: Engine, scope: Scope) -> Session:
    """A session all of whose transactions run under `scope`. The caller closes it."""
    return Session(bind=engine.execution_options(tendero_scope=scope), expire_on_commit=False)


class Database:
    """The clusters of this installation: one small pool each, made on first use, dropped after a fork."""

    def __init__(self, clusters: dict[str, tuple[str, str | None]], *, pool_size: int = 5, timeout_ms: int = 5000):
        self._clusters = clusters
        self._options = {"pool_size": pool_size, "timeout_ms": timeout_ms}
        self._engines: dict[str, Engine] = {}
        self._making = threading.Lock()

    def engine(self, cluster: str = "main") -> Engine:
        return self._engines.get(cluster) or self._made(cluster, self._clusters[cluster][0], self._options)

    def control(self) -> Engine:
        """The landlord's own small pool. A page that holds its tenant's connection may ask the control schema: with one
        pool for both, as many such pages as there are connections would wait for each other until they time out."""
        return self._engines.get(CONTROL_POOL) or self._made(CONTROL_POOL, self._clusters["main"][0], {**self._options, "pool_size": 2})

    def _made(self, name: str, url: str, options: dict) -> Engine:
        """The engine of that name, by whichever thread comes first: a second pool would double the connections."""
        with self._making:
            if name not in self._engines:
                self._engines[name] = make_engine(url, **options)
            return self._engines[name]

    def names(self) -> list[str]:
        return list(self._clusters)

    @contextmanager
    def owner(self, cluster: str = "main") -> Iterator[psycopg.Connection]:
        """A connection of the role that owns the objects: migrations, provisioning, export. Autocommit, no hook."""
        url = self._clusters[cluster][1]
        if not url:
            raise NoScope("this process has no owner access: set DATABASE_OWNER_URL")
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            yield connection

    def free(self) -> int:
        """Connections that could still be taken from the pools made so far."""
        return sum(max(0, engine.pool.size() - engine.pool.checkedout()) for engine in self._engines.values())

    def forget(self) -> None:
        """After a fork: leave the parent's sockets alone and start with none."""
        for engine in self._engines.values():
            engine.dispose(close=False)
        self._engines.clear()

    def close(self) -> None:
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()


@made_once
def database() -> Database:
    """The process's database, from the settings."""
    from infra.config import settings

    config = settings()
    return Database({name: tuple(cluster) for name, cluster in config.clusters.items()}, pool_size=config.db_pool_size)
