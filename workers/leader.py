"""Exactly one clock: whoever holds an advisory lock on a connection of its own. It ends with the connection, so a
dead leader is replaced at once; one that is alive but stuck is deposed when its sign of life grows old."""

import logging
from datetime import datetime, timedelta

import psycopg
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from infra.config import settings
from tenants import entry
from tenants.models import Clock

log = logging.getLogger("tendero.clock")
LOCK = 0x7E17DE20
ALIVE = "scheduler"


class Leader:
    """One process's claim to be the clock. stale: after how long without a sign of life another one is deposed."""

    def __init__(self, stale: timedelta | None = None):
        # Twice the pause between signs of life (workers.clock) at least: a leader that is merely late must not be deposed.
        self.stale = stale or timedelta(seconds=max(10, settings().sweep_seconds))
        self._connection: psycopg.Connection | None = None
        self._since = entry.utcnow()
        self.leads = False

    def lead(self) -> bool:
        """Are we the clock? Takes the lock when it is free, notices when it was taken from us."""
        try:
            self._connection = self._connection or psycopg.connect(settings().database_url, autocommit=True, connect_timeout=5)
            if self.leads:
                self._connection.execute("SELECT 1")
            else:
                self.leads = self._connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()[0]
                if self.leads:
                    say_alive(entry.utcnow(), begins=True)
        except psycopg.Error as error:
            log.warning("clock lost its connection: %s", type(error).__name__)
            self.leave()
        return self.leads

    def challenge(self, now: datetime) -> bool:
        """As a standby: end the leader's connection when its sign of life is older than `stale`. True when done."""
        # One that got stuck before its first sign of life is given as long as we have stood by.
        last = alive_at() or self._since
        if now - last <= self.stale or self._connection is None:
            return False
        log.error("the clock gives no sign of life, taking over", extra={"seconds": (now - last).total_seconds()})
        query = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND objsubid = 1 AND granted AND pid <> pg_backend_pid()"
        self._connection.execute(query, (LOCK,))
        return True

    def leave(self) -> None:
        """Give the lock back."""
        self.leads = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def alive_at() -> datetime | None:
    """When the clock last said that relay, sweep and schedule all run; None before the first time."""
    with entry.control() as session:
        return session.execute(select(Clock.alive_at).where(Clock.name == ALIVE)).scalar_one_or_none()


def say_alive(now: datetime, *, begins: bool = False) -> None:
    """The dead-man's switch is held down. It never goes back: who was frozen in the middle of saying so must not, when he
    wakes, make his successor look stuck. begins: who has just become the clock sets it, whatever it was."""
    with entry.control() as session:
        statement = insert(Clock).values({"name": ALIVE, "alive_at": now})
        latest = now if begins else func.greatest(Clock.alive_at, statement.excluded.alive_at)
        session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"alive_at": latest}))


def age(now: datetime) -> timedelta | None:
    """How old the last sign of life is."""
    last = alive_at()
    return None if last is None else now - last


