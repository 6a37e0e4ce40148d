"""What the measurements stand on: servers that really sync to disk, the application, one large tenant, many small ones.

Everything is made on first use, so that `--only migration` doesn't wait for 100,000 contacts.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from uuid import uuid4

import psycopg

from infra.local.stack import Stack


class Ground:
    """One run's servers and tenants. Use as `with Ground(quick=…) as ground`."""

    def __init__(self, quick: bool):
        self.quick = quick
        self.stack = Stack()

    def size(self, whole: int) -> int:
        """A size as the issue names it, or a tenth of it."""
        return max(2, whole // 10) if self.quick else whole

    def __enter__(self) -> "Ground":
        self.env = self.stack.start(fsync=True)
        try:
            self._prepare()
        except BaseException:
            self.stack.stop()
            raise
        return self

    def _prepare(self) -> None:
        for name in [name for name in os.environ if name.startswith(("DATABASE_", "REDIS_", "SECRET_", "MASTER_", "TENDERO_READY"))]:
            del os.environ[name]
        os.environ.update(self.env, TENDERO_ENV="test", BASE_DOMAIN="localhost", SECRET_KEY="bench-secret-" + "x" * 40, LOG_LEVEL="ERROR")
        from infra.config import settings
        from infra.db import database

        settings.cache_clear()
        database.cache_clear()
        from billing import plans
        from tenants import cluster, entry, migration

        cluster.prepare_cluster(self.env["DATABASE_ADMIN_URL"])
        migration.migrate_control()
        with entry.control() as session:
            plans.load(session)

    def __exit__(self, *_: object) -> None:
        from infra.db import database

        if "floor" in self.__dict__:
            self.floor.close()
        database().close()
        self.stack.stop()

    @cached_property
    def app(self):
        """The application, as gunicorn would make it."""
        from web.app import create_app

        return create_app()

    @cached_property
    def floor(self) -> psycopg.Connection:
        """A warm connection of the same login, without SQLAlchemy or anything of ours."""
        return psycopg.connect(self.env["DATABASE_URL"], autocommit=True)

    @contextmanager
    def owner(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.env["DATABASE_OWNER_URL"], autocommit=True) as connection:
            yield connection

    @contextmanager
    def admin(self) -> Iterator[psycopg.Connection]:
        """The superuser: fills without triggers, reads what the server knows of itself."""
        with psycopg.connect(self.env["DATABASE_ADMIN_URL"], autocommit=True) as connection:
            yield connection

    @contextmanager
    def hurry(self) -> Iterator[None]:
        """Without syncing to disk: for what is only made, not measured. Afterwards all of it is on disk again."""
        self._set_fsync("off")
        try:
            yield
        finally:
            self._set_fsync("on")
            with self.admin() as connection:
                connection.execute("CHECKPOINT")

    def _set_fsync(self, value: str) -> None:
        with self.admin() as connection:
            connection.execute(f"ALTER SYSTEM SET fsync = {value}")
            connection.execute("SELECT pg_reload_conf()")
            while connection.execute("SHOW fsync").fetchone()[0] != value:
                time.sleep(0.01)

    @cached_property
    def big(self):
        """The tenant of 100,000 contacts and 20,000 accounts beside 200 small ones, with the cast of the tests."""
        from tests.bench import fill
        from tests.support.world import House

        started = time.monotonic()
        with self.hurry():
            house = House(f"big-{uuid4().hex[:6]}")
            fill.fill(self, house, accounts=self.size(20_000), contacts=self.size(100_000))
            self.small  # noqa: B018  made here: they are to be there while the large one is measured
        say(f"large tenant and {len(self.small)} small ones: {time.monotonic() - started:.0f} s")
        return house

    @cached_property
    def small(self) -> list:
        """Two hundred companies that have just begun."""
        from tests.bench import fill
        from tests.support.world import House

        houses = [House(f"small-{n}-{uuid4().hex[:6]}", {"owner": "admin", "rep": "sales"}) for n in range(self.size(200))]
        for house in houses:
            fill.fill(self, house, accounts=10, contacts=30)
        return houses


def say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
