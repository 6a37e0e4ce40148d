"""Two pooled connections, twenty tenants, everything that can end a transaction: none ever sees another's row (X16).

Fault 36 and its negative control 37: the same requests over a pool that sets the path the plain way must leak, or
this test could not see a leak.
"""

import os
import random
import re
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import DBAPIError, InvalidRequestError
from sqlalchemy.orm import Session

from core.base.outbox import Order
from infra import db
from infra.db import make_engine, open_session, tenant_scope
from tests.isolation.conftest import plant, sentinel
from tests.support.world import move_in

DEEP = bool(os.environ.get("TENDERO_DEEP"))
REQUESTS, TENANTS, CONNECTIONS, THREADS = (100_000 if DEEP else 5_000), 20, 2, 4


def tenants(count: int) -> list[str]:
    """The schemas of new tenants with a sentinel each."""
    made = [move_in(f"pool-{uuid4().hex[:8]}") for _ in range(count)]
    for tenant in made:
        plant(tenant)
    return [tenant.schema_name for tenant in made]


@pytest.fixture(scope="module")
def schemas(stack) -> list[str]:
    return tenants(TENANTS)


class Mistake(Exception):
    """What a request raises in its middle."""


def request(session: Session, schema: str, chance: random.Random) -> bool:
    """One request of a random kind; True when all that it saw was its own tenant's."""
    with session.begin():
        kind = chance.choice(("read", "read", "savepoint", "rollback", "raise", "sql error", "timeout", "write"))
        seen = sentinel(session)
        if kind == "savepoint":
            with session.begin_nested() as inner:
                seen += sentinel(session)
                inner.rollback()
            seen += sentinel(session)
        elif kind == "sql error":
            try:
                with session.begin_nested():
                    session.execute(text("SELECT no_such_column FROM outbox"))
            except DBAPIError:
                seen += sentinel(session)
        elif kind == "timeout":
            try:
                with session.begin_nested():
                    session.execute(text("SET LOCAL statement_timeout = 1"))
                    session.execute(text("SELECT pg_sleep(0.02)"))
            except DBAPIError:
                seen += sentinel(session)
        elif kind == "write":
            session.add(Order(name=schema, state="failed"))
            session.flush()
            seen += session.execute(text("SELECT DISTINCT name FROM outbox")).scalars().all()
        elif kind == "rollback":
            session.get_transaction().rollback()
        elif kind == "raise":
            raise Mistake(seen)
    return set(seen) == {schema}


def run(engine, schemas: list[str], requests: int, seed: int, scope=tenant_scope) -> Counter:
    """Many requests from several threads over few connections; counts what they saw: own, foreign, refused."""
    counts, lock = Counter(), threading.Lock()

    def worker(number: int) -> None:
        chance = random.Random(seed + number)
        for _ in range(requests // THREADS):
            schema, word = chance.choice(schemas), "own"
            with open_session(engine, scope(schema)) as session:
                try:
                    word = "own" if request(session, schema, chance) else "foreign"
                except Mistake as mistake:
                    word = "own" if set(mistake.args[0]) == {schema} else "foreign"
                except (DBAPIError, InvalidRequestError):
                    word = "refused"
            with lock:
                counts[word] += 1

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(worker, range(THREADS)))
    return counts


def test_no_request_sees_another_tenants_row(schemas):
    """Fault 36: 5,000 requests, 100,000 with --deep; the seed stands in the failure."""
    # The pool's queue is not fair: of four threads at two connections one may wait for long.
    seed, engine = random.randrange(10**6), make_engine(os.environ["DATABASE_URL"], pool_size=CONNECTIONS, pool_timeout=300)
    try:
        counts = run(engine, schemas, REQUESTS, seed)
        assert engine.pool.checkedout() == 0, "a connection was not given back"
    finally:
        engine.dispose()
    assert counts["foreign"] == 0 and counts["own"] == REQUESTS // THREADS * THREADS, (seed, counts)


def test_the_plain_way_leaks_and_this_test_sees_it(stack):
    """Fault 37, the negative control: no role, a plain SET that is believed to last. A rollback takes it back. Its
    tenants are its own: what it leaks, it also writes where it does not belong."""
    schemas = tenants(6)
    admin = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", os.environ["DATABASE_ADMIN_URL"])
    engine = create_engine(admin, pool_size=CONNECTIONS, max_overflow=0, pool_timeout=30, connect_args={"autocommit": True})

    @event.listens_for(engine, "begin")
    def plain(connection):
        info, path = connection.connection.info, connection.get_execution_options()["tendero_scope"].path
        cursor = psycopg.Cursor(connection.connection.dbapi_connection)
        cursor.execute("BEGIN")
        if info.get("believed") != path:
            cursor.execute(f"SET search_path = {path}")
            info["believed"] = path

    try:
        counts = run(engine, schemas, 1_000, 37)
    finally:
        engine.dispose()
    assert counts["foreign"] > 0, counts


def test_with_the_role_a_wrong_path_is_an_error_and_no_data(schemas):
    """Why there is a role besides the path: a path that went wrong reads nothing."""
    engine = make_engine(os.environ["DATABASE_URL"], pool_size=1)

    def crossed(schema):
        other = schemas[(schemas.index(schema) + 1) % len(schemas)]
        return db.Scope(role=f"r_{schema}", path=f"{other}, ext")

    try:
        counts = run(engine, schemas, 200, 1, crossed)
    finally:
        engine.dispose()
    assert counts == {"refused": 200}


def test_a_connection_that_has_seen_too_many_tenants_is_replaced(schemas, monkeypatch):
    """The server's memory of relations grows with each tenant touched; after 300 the connection is let go."""
    assert db.TENANTS_PER_CONNECTION == 300
    monkeypatch.setattr(db, "TENANTS_PER_CONNECTION", 5)
    engine = make_engine(os.environ["DATABASE_URL"], pool_size=1)
    backends = []
    try:
        for schema in schemas:
            with open_session(engine, tenant_scope(schema)) as session, session.begin():
                backends.append(session.execute(text("SELECT pg_backend_pid()")).scalar_one())
    finally:
        engine.dispose()
    runs = [len(list(group)) for group in _runs(backends)]
    assert max(runs) == 6 and len(set(backends)) == 4


def _runs(values: list):
    from itertools import groupby

    return (list(group) for _, group in groupby(values))


def test_a_snapshot_leaves_no_isolation_level_behind(schemas):
    engine = make_engine(os.environ["DATABASE_URL"], pool_size=1)
    try:
        for snapshot, level in ((True, "repeatable read"), (False, "read committed")):
            with open_session(engine, tenant_scope(schemas[0], snapshot=snapshot)) as session, session.begin():
                assert session.execute(text("SHOW transaction_isolation")).scalar_one() == level
    finally:
        engine.dispose()
