"""What a process makes on first use is made by one thread, whichever comes first."""

import threading
import time
from functools import cache

from infra.db import Database
from infra.once import made_once


def made_by(kind, threads=8):
    """How many different things `threads` threads get that ask at once."""

    @kind
    def thing():
        time.sleep(0.05)
        return object()

    return len(asked_at_once(thing, threads))


def asked_at_once(ask, threads=8):
    found, gate = set(), threading.Barrier(threads)

    def one():
        gate.wait()
        found.add(id(kept.setdefault(id(made := ask()), made)))

    kept: dict = {}
    workers = [threading.Thread(target=one) for _ in range(threads)]
    [worker.start() for worker in workers]
    [worker.join() for worker in workers]
    return found


def test_threads_that_come_at_once_get_one_thing():
    assert made_by(made_once) == 1


def test_a_plain_cache_makes_several():
    """Negative control."""
    assert made_by(cache) > 1


def test_a_thing_is_made_anew_after_it_was_let_go():
    thing = made_once(lambda: object())
    first = thing()
    assert thing() is first
    thing.cache_clear()
    assert thing() is not first


def test_one_pool_is_made_for_a_cluster_and_one_for_the_landlord(monkeypatch):
    slow = lambda url, **options: time.sleep(0.05) or object()  # noqa: E731
    monkeypatch.setattr("infra.db.make_engine", slow)
    database = Database({"main": ("postgresql://nobody@127.0.0.1/none", None)})
    assert len(asked_at_once(database.engine)) == 1 and len(asked_at_once(database.control)) == 1
    assert database.engine() is not database.control()
