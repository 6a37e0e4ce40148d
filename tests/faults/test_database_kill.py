"""Faults 24 and 25: kill -9 of the whole database server under writers loses nothing acknowledged.

Reduced here to 4 kills under 6 writers; `bin/test --deep` runs the 15 that RELIABILITY names.
"""

import os
import random
import shutil
import tempfile
import threading
import time
import uuid
from pathlib import Path

import psycopg
import pytest

from infra.local import places
from infra.local.postgres import Postgres

DEEP = bool(os.environ.get("TENDERO_DEEP"))
KILLS = 15 if DEEP else 4
WRITERS = 6


class Writer(threading.Thread):
    """Inserts rows with keys made by itself, and keeps which were acknowledged and which are unknown."""

    def __init__(self, url: str, ended: threading.Event):
        super().__init__(daemon=True)
        self.url, self.ended = url, ended
        self.acknowledged: list[uuid.UUID] = []
        self.unknown: list[uuid.UUID] = []

    def run(self) -> None:
        while not self.ended.is_set():
            try:
                with psycopg.connect(self.url, autocommit=True) as connection:
                    self.write(connection)
            except psycopg.OperationalError:
                # Slower than the restart takes: a storm of clients once kept a server from coming up.
                self.ended.wait(0.25)

    def write(self, connection: psycopg.Connection) -> None:
        while not self.ended.is_set():
            key = uuid.uuid4()
            try:
                connection.execute("INSERT INTO written (key) VALUES (%s)", (key,))
            except psycopg.OperationalError:
                self.unknown.append(key)
                raise
            self.acknowledged.append(key)


def kill_under_writers(server: Postgres, kills: int, seed: int) -> tuple[set, set, set]:
    """Kills and starts the server `kills` times; gives acknowledged, unknown and stored keys."""
    chance = random.Random(seed)
    server.start()
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("SET synchronous_commit = on")  # the table itself must outlive the first kill, whatever the control gives up
        connection.execute("CREATE TABLE written (key uuid PRIMARY KEY)")
    ended = threading.Event()
    writers = [Writer(server.url(), ended) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    for _ in range(kills):
        time.sleep(chance.uniform(0.5, 1.2))
        server.kill()
        server.start()
    ended.set()
    for writer in writers:
        writer.join(10)
    acknowledged = {key for writer in writers for key in writer.acknowledged}
    unknown = {key for writer in writers for key in writer.unknown}
    with psycopg.connect(server.url()) as connection:
        stored = {row[0] for row in connection.execute("SELECT key FROM written")}
    return acknowledged, unknown, stored


@pytest.fixture
def make_server():
    """Durable servers with further settings, each in a short folder of its own."""
    made = []

    def make(**settings: str) -> Postgres:
        folder = Path(tempfile.mkdtemp(prefix="tendero-kill-"))
        folder.chmod(0o711)
        made.append((folder, Postgres(folder / "postgres", places.socket_folder(folder, places.server_user()),
                                      folder / "log", extra=settings)))
        return made[-1][1]

    yield make
    for folder, server in made:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def test_no_acknowledged_row_is_lost(make_server, record_property):
    seed = random.randrange(10**6)
    server = make_server()
    acknowledged, unknown, stored = kill_under_writers(server, KILLS, seed)
    record_property("figures", f"seed {seed}: {len(acknowledged)} acknowledged, {len(unknown)} unknown, {KILLS} kills")
    assert len(acknowledged) > 100
    assert acknowledged - stored == set(), f"seed {seed}"
    assert stored <= acknowledged | unknown
    settle(server, unknown)


def settle(server: Postgres, unknown: set) -> None:
    """An outcome nobody knows is settled by its key: writing it again leaves exactly one row."""
    with psycopg.connect(server.url()) as connection:
        for key in unknown:
            connection.execute("INSERT INTO written (key) VALUES (%s) ON CONFLICT DO NOTHING", (key,))
        found = connection.execute("SELECT count(*) FROM written WHERE key = ANY(%s)", (list(unknown),)).fetchone()[0]
    assert found == len(unknown)


def test_control_without_synchronous_commit_the_same_test_sees_the_loss(make_server):
    server = make_server(synchronous_commit="off", wal_writer_delay="10s", wal_buffers="16MB")
    acknowledged, _, stored = kill_under_writers(server, 2, seed=25)
    assert acknowledged - stored, "the test can't see a loss, so its success would prove nothing"
