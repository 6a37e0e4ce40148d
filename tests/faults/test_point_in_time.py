"""RELIABILITY fault 45, DECISIONS 1: one tenant comes back from a moment of the past, by base backup and WAL, while the others
work on. Reduced to some hundred rows; `bin/test --deep` takes a tenant of 1,000,000 and prints the seconds."""

import contextlib
import os
import threading
import time
from datetime import datetime

import psycopg
import pytest
from psycopg import sql

from infra.local import process, recovery
from infra.local.postgres import Postgres
from tenants import backup, copying
from tests.bench import fill
from tests.support.plant import Plant

MINUTES = 5


class Drill:
    """A running cluster that archives its WAL: a company that will lose its data, and one that works all the time."""

    def __init__(self, plant: Plant):
        self.plant, self.seconds = plant, {}
        self.lost, self.busy = plant.house("lost"), plant.house("busy")
        self.still = plant.house("still")
        self.server: Postgres = plant.stack.postgres
        self.base = plant.stack.home / "base"

    @contextlib.contextmanager
    def admin(self):
        with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True) as connection:
            yield connection

    def timed(self, what: str, act, *arguments):
        started = time.monotonic()
        found = act(*arguments)
        self.seconds[what] = round(time.monotonic() - started, 1)
        return found

    def add(self, house, name: str) -> None:
        with self.admin() as connection:
            connection.execute(sql.SQL("INSERT INTO {} (name) VALUES (%s)").format(sql.Identifier(house.tenant.schema_name, "account")), (name,))

    def names(self, house) -> set[str]:
        with self.admin() as connection:
            table = sql.Identifier(house.fresh().schema_name, "account")
            return {name for (name,) in connection.execute(sql.SQL("SELECT name FROM {}").format(table))}

    def now(self) -> datetime:
        """The server's clock, with a margin on both sides: a commit's time is that of its record."""
        time.sleep(0.05)
        with self.admin() as connection:
            found = connection.execute("SELECT clock_timestamp()").fetchone()[0]
        time.sleep(0.05)
        return found

    def accident(self) -> None:
        with self.admin() as connection, connection.transaction():
            connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.Identifier(self.lost.tenant.schema_name, "account")))

    def archive_all(self) -> None:
        """Close the piece of WAL that is being written and wait until it lies in the archive."""
        with self.admin() as connection:
            last = connection.execute("SELECT pg_walfile_name(pg_current_wal_lsn())").fetchone()[0]
            connection.execute("SELECT pg_switch_wal()")
        until = time.monotonic() + 60
        while not (self.plant.wal.resolve() / last).exists():
            assert time.monotonic() < until, "the archive does not get the WAL"
            time.sleep(0.05)

    def lifted(self, moment: datetime, name: str):
        """The archive of the lost company as it was then: the usual export, from the side instance."""
        home = self.plant.stack.home / name
        side = self.timed("side instance", recovery.side_instance, self.server, self.base, self.plant.wal, moment, home)
        try:
            with self.pointed_at(side):
                tenant = self.lost.fresh()
                return self.timed("export", lambda: backup.export(tenant, "drill", folder=self.plant.stack.home / "lifted"))
        finally:
            recovery.remove(side, home)

    @contextlib.contextmanager
    def pointed_at(self, side: Postgres):
        from infra.db import database

        names = {"DATABASE_URL": "tendero_app", "DATABASE_OWNER_URL": "tendero_owner", "DATABASE_ADMIN_URL": "postgres"}
        before = {name: os.environ[name] for name in names}
        database().close()
        os.environ.update({name: side.url(role, "tendero") for name, role in names.items()})
        self.plant.fresh()
        try:
            yield
        finally:
            database().close()
            os.environ.update(before)
            self.plant.fresh()

    def fingerprint(self, house) -> dict:
        """Checksum, oid and file of every table."""
        schema = house.tenant.schema_name
        with self.admin() as connection:
            found = {t.name: copying.checksum(connection, schema, t) for t in copying.tables(connection, schema)}
            files = connection.execute("SELECT relname, oid, relfilenode FROM pg_class WHERE relnamespace = %s::regnamespace ORDER BY 1", (schema,))
            return {"rows": found, "files": files.fetchall()}


class Busy(threading.Thread):
    """Another company at work: what it saved and what went wrong."""

    def __init__(self, drill: Drill):
        super().__init__(daemon=True)
        self.table, self.url = sql.Identifier(drill.busy.tenant.schema_name, "account"), os.environ["DATABASE_ADMIN_URL"]
        self.saved, self.errors, self.ended = [], [], threading.Event()

    def run(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            while not self.ended.wait(0.02):
                try:
                    connection.execute(sql.SQL("INSERT INTO {} (name) VALUES (%s)").format(self.table), (f"Busy {len(self.saved)}",))
                    self.saved.append(f"Busy {len(self.saved)}")
                except psycopg.Error as error:
                    self.errors.append(error)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()


@pytest.fixture
def drill(request, short_lease):
    with Plant(archiving=True, durable=getattr(request, "param", False)) as plant:
        yield Drill(plant)


def comes_back(drill: Drill) -> None:
    """From the backup through the accident to the return; asserts what the promise says."""
    drill.timed("base backup", recovery.base_backup, drill.server, drill.base)
    with Busy(drill) as busy:
        drill.add(drill.lost, "written after the backup")
        moment, wanted = drill.now(), drill.fingerprint(drill.lost)["rows"]
        drill.add(drill.lost, "written after the moment")
        drill.accident()
        assert drill.names(drill.lost) == set()
        drill.archive_all()
        still = drill.fingerprint(drill.still)
        archive = drill.lifted(moment, "side")
        drill.timed("restore", backup.restore, drill.lost.fresh(), archive, "drill")
    drill.lost.tenant = drill.lost.fresh()
    found = drill.fingerprint(drill.lost)["rows"]
    held_back = {"session", "outbox", "schema_version"}
    assert {name: rows for name, rows in found.items() if name not in held_back} == {name: rows for name, rows in wanted.items() if name not in held_back}
    assert drill.fingerprint(drill.still) == still, "nobody else was touched, not even moved to other files"
    assert busy.errors == [] and len(busy.saved) > 20 and set(busy.saved) <= drill.names(drill.busy)


def test_a_tenant_comes_back_from_before_the_accident_and_nobody_else_notices(drill):
    with drill.admin() as connection:
        table = sql.Identifier(drill.lost.tenant.schema_name, "account")
        connection.execute(sql.SQL("INSERT INTO {} (name) SELECT 'Company ' || n FROM generate_series(1, 300) n").format(table))
    comes_back(drill)


def test_without_the_archived_wal_nothing_written_after_the_backup_comes_back(drill):
    """The negative control: of an empty archive the moment is refused in one sentence, and what the backup alone holds is older."""
    recovery.base_backup(drill.server, drill.base)
    drill.add(drill.lost, "written after the backup")
    moment = drill.now()
    drill.add(drill.lost, "written after the moment")
    drill.archive_all()
    for piece in drill.plant.wal.resolve().iterdir():
        piece.unlink()
    with pytest.raises(process.StartFailed, match="ended while starting"):
        drill.lifted(moment, "refused")


@pytest.mark.deep
@pytest.mark.parametrize("drill", [True], indirect=True)
def test_a_tenant_of_a_million_rows_comes_back_within_five_minutes(drill, capsys):
    fill.fill(drill, drill.lost, accounts=40_000, contacts=147_000)
    with drill.admin() as connection:
        rows = sum(copying.checksum(connection, drill.lost.tenant.schema_name, t)[0] for t in copying.tables(connection, drill.lost.tenant.schema_name))
    assert rows >= 1_000_000
    comes_back(drill)
    whole = drill.seconds["side instance"] + drill.seconds["export"] + drill.seconds["restore"]
    dumped = drill.timed("export of the present", lambda: backup.export(drill.lost.fresh(), "drill", folder=drill.plant.stack.home / "dump"))
    drill.timed("restore of a dump", backup.restore, drill.lost.fresh(), dumped, "drill")
    with capsys.disabled():
        print(f"\n{rows} rows, seconds: {drill.seconds}; from the past {whole:.0f}, from a dump {drill.seconds['restore of a dump']:.0f}")  # noqa: T201
    assert whole <= MINUTES * 60 and drill.seconds["restore of a dump"] <= MINUTES * 60
