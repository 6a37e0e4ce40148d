"""Races that do happen: for negative controls, which must not depend on how threads fall."""

import os
import threading
import time
from typing import Any

import psycopg
from sqlalchemy.exc import IntegrityError

from core.base.errors import Refused


def meeting(function: Any, parties: int) -> Any:
    """The function, after which `parties` threads wait for each other: all have read before one writes."""
    gate = threading.Barrier(parties, timeout=30)

    def met(*args, **values):
        found = function(*args, **values)
        gate.wait()
        return found

    return met


def somebody_waits() -> None:
    """Returns when a transaction waits for another one's lock."""
    until = time.monotonic() + 30
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True) as admin:
        while not admin.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)").fetchone()[0]:
            assert time.monotonic() < until, "nobody waits"
            time.sleep(0.01)


def at_once(*acts: Any) -> list[str]:
    """What each act came to, sorted, all begun at the same moment: "done" or the code of the refusal."""
    gate, said = threading.Barrier(len(acts), timeout=30), []

    def run(act: Any) -> None:
        gate.wait()
        try:
            act()
            said.append("done")
        except Refused as refusal:
            said.append(refusal.code)
        except IntegrityError:
            said.append("integrity")

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    [one.start() for one in threads]
    [one.join() for one in threads]
    return sorted(said)
