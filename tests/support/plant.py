"""A whole engine room for fault tests: servers of its own, workers and clock as real processes, a mail sink.

Servers may be killed and restarted here without touching those of the other tests.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil
from sqlalchemy import func, select

from core.base.facts import Fact
from core.base.ids import new_id
from core.base.outbox import Order, defer
from infra import redis, storage
from infra.config import settings
from infra.db import database
from infra.local import recovery
from infra.local.stack import Stack
from tenants import cluster, entry, migration, registry
from tenants.models import Clock
from tests.support.smtp_sink import Sink
from tests.support.world import House

ROOT = Path(__file__).resolve().parents[2]
DEEP = bool(os.environ.get("TENDERO_DEEP"))


class Plant:
    """Use as a context manager. Leases and sweeps are short, so that recovery is seen in seconds, not minutes.
    archiving: the cluster keeps its WAL in `self.wal`. durable: it writes to the disk as a real one does."""

    def __init__(self, *, archiving: bool = False, durable: bool = False, **env: str):
        self.stack, self.sink = Stack(), Sink()
        self.archiving, self.durable, self.wal = archiving, durable, self.stack.home / "wal"
        self.more = {"JOB_LEASE": "2", "SWEEP_SECONDS": "1", "TENDERO_ENV": "test", "SECRET_KEY": "test-secret-" + "x" * 40, **env}
        self.processes: list[subprocess.Popen] = []
        self.houses: list[House] = []
        self.started = 0

    def __enter__(self) -> "Plant":
        self.before = dict(os.environ)
        if "DATABASE_URL" in os.environ:
            database().close()
        self.sink.__enter__()
        env = self.stack.start(fsync=self.durable, settings=recovery.archiving(self.wal) if self.archiving else None)
        os.environ.update(env, SMTP_URL=self.sink.url, **self.more)
        self.fresh()
        cluster.prepare_cluster(os.environ["DATABASE_ADMIN_URL"])
        migration.migrate_control()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill_all()
        database().close()
        self.stack.stop()
        self.sink.__exit__()
        os.environ.clear()
        os.environ.update(self.before)
        self.fresh()

    def fresh(self) -> None:
        """Forget what this process cached of other servers."""
        for cached in (settings, database, redis.client, storage.storage):
            cached.cache_clear()
        registry.forget()

    # people and orders

    def house(self, slug: str = "plant", **rest) -> House:
        self.houses.append(House(f"{slug}-{len(self.houses)}", {"owner": "admin"}, **rest))
        return self.houses[-1]

    def order(self, house: House, name: str, count: int = 1, **args) -> list[str]:
        """Leave orders in one transaction; returns the keys that their effects carry."""
        keys = [str(new_id()) for _ in range(count)]
        with house.ctx() as ctx:
            for key in keys:
                defer(ctx, name, key=key, **args)
        return keys

    def effects(self, house: House, kind: str = "test.effect") -> Counter:
        with entry.enter(house.tenant) as session:
            return Counter(str(key) for key in session.execute(select(Fact.subject_id).where(Fact.kind == kind)).scalars())

    def states(self, house: House, name: str | None = None) -> Counter:
        with entry.enter(house.tenant) as session:
            query = select(Order.state, func.count()).group_by(Order.state)
            query = query.where(Order.name == name) if name else query.where(Order.name != "identity.index_mail")
            return Counter(dict(session.execute(query).all()))

    # processes

    def workers(self, *queues: str, **env: str) -> subprocess.Popen:
        return self._spawn("workers", *queues, **env)

    def clock(self, **env: str) -> subprocess.Popen:
        return self._spawn("clock", **env)

    def alive_at(self):
        with entry.control() as session:
            return session.execute(select(Clock.alive_at).where(Clock.name == "scheduler")).scalar_one_or_none()

    def _spawn(self, *arguments: str, **env: str) -> subprocess.Popen:
        self.started += 1
        path = self.stack.home / f"{arguments[0]}-{self.started}.log"
        log = path.open("ab")
        child = subprocess.Popen(
            [sys.executable, "-c", f"import sys, tests.support.jobs\nfrom workers import {_module(arguments[0])} as m\nsys.exit(m.main({_arguments(arguments)}))"],
            cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), **env}, stdout=log, stderr=log, start_new_session=True,
        )
        log.close()
        child.log_path = path
        self.processes.append(child)
        return child

    def log(self, *children: subprocess.Popen) -> str:
        """What these processes (default: all) have written."""
        paths = [child.log_path for child in children] or sorted(self.stack.home.glob("*.log"))
        return "\n".join(path.read_text(errors="replace") for path in paths)

    def kill_all(self) -> None:
        for child in self.processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                for one in (*psutil.Process(child.pid).children(recursive=True), psutil.Process(child.pid)):
                    with contextlib.suppress(psutil.NoSuchProcess):
                        one.kill()
            child.wait(10)
        self.processes.clear()


def _module(what: str) -> str:
    return {"workers": "main", "clock": "clock"}[what]


def _arguments(arguments: tuple[str, ...]) -> str:
    return repr(list(arguments[1:])) if arguments[0] == "workers" else ""


def rq_workers(crew: subprocess.Popen) -> list[psutil.Process]:
    """The workers that a crew has forked."""
    return psutil.Process(crew.pid).children()


def horses(crew: subprocess.Popen) -> list[psutil.Process]:
    """The horses of all workers of a crew."""
    found = []
    for worker in rq_workers(crew):
        with contextlib.suppress(psutil.NoSuchProcess):
            found += worker.children()
    return found


def kill(processes, sign: signal.Signals = signal.SIGKILL) -> None:
    for one in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.send_signal(sign)


def until(true: Callable[[], object], seconds: float = 15, pause: float = 0.05) -> float:
    """Wait for something to become true; returns how long it took, fails after three times `seconds`: that is what
    it takes at most on two idle cores, and others may be at work on them."""
    started = time.monotonic()
    while not true():
        if time.monotonic() - started > 3 * seconds:
            raise AssertionError(f"not within {3 * seconds} s")
        time.sleep(pause)
    return time.monotonic() - started
