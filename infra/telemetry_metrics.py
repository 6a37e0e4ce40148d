"""Prometheus metrics over all processes of one machine, through files that each process maps (multi-process mode).

A process takes a slot, not its pid, as the name of its files: a killed one's successor goes on in the same files,
so counters never fall and the folder never grows (fault 59). No tenant, user or path is ever a label.
"""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

from infra.once import made_once

log = logging.getLogger("tendero.metrics")

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_slot: str | None = None


def take_slot(name: str) -> None:
    """From now on this process writes the files of `name` (web0, worker-mail …). No two living processes share one."""
    global _slot
    _slot = name


def request_done(endpoint: str, method: str, status: int, seconds: float) -> None:
    """A request was answered. endpoint: the name of the route, "none" where there was none."""
    with _beside_the_point():
        metrics().request.labels(endpoint, method if method in METHODS else "other", f"{status // 100}xx").observe(seconds)


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def job_done(name: str, outcome: str, seconds: float) -> None:
    """A job ended; called by the parent of the process that ran it. outcome: done, again, failed, parked, lost, killed."""
    with _beside_the_point():
        metrics().job.labels(name, outcome).observe(seconds)


def pool_seen(free: int) -> None:
    """How many connections this process could still take."""
    with _beside_the_point():
        metrics().pool.set(free)


@contextmanager
def _beside_the_point() -> Iterator[None]:
    """A measurement that fails costs nobody the answer. A file that broke (its machine lost power) is begun anew."""
    try:
        yield
    except Exception as error:
        log.error("not measured: %s", type(error).__name__)
        _begin_anew()


_beginning = threading.Lock()
_begun = 0.0


def _begin_anew() -> None:
    """This process's files are removed and made anew; by one of the threads that noticed, the others find it done."""
    global _begun
    with _beginning:
        if multiprocess() and time.monotonic() - _begun > 1:
            for path in Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).glob(f"*_{_slot or os.getpid()}.db"):
                path.unlink(missing_ok=True)
            metrics.cache_clear()
            _begun = time.monotonic()


def exposed(outbox_due: int, oldest_due: float, scheduler_age: float) -> bytes:
    """The text that Prometheus reads: the files of all processes, and what the caller has just looked up."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    registry, kept = CollectorRegistry(), metrics().registry
    if multiprocess():
        MultiProcessCollector(registry, path=os.environ["PROMETHEUS_MULTIPROC_DIR"])
        kept = registry
    return generate_latest(kept) + "".join(
        f"# HELP {name} {text}\n# TYPE {name} gauge\n{name} {value}\n" for name, text, value in (
            ("tendero_outbox_due", "Hints of orders due and not yet relayed", outbox_due),
            ("tendero_outbox_oldest_seconds", "Age of the oldest such hint", round(oldest_due, 3)),
            ("tendero_scheduler_age_seconds", "Since the scheduler last said it is alive", round(scheduler_age, 3)),
        )
    ).encode()


def multiprocess() -> bool:
    return "PROMETHEUS_MULTIPROC_DIR" in os.environ


def wipe(prefix: str, directory: Path) -> int:
    """Remove what an earlier run left under this prefix, and files of processes that are gone; how many that were."""
    gone = 0
    for path in directory.glob("*_*.db"):
        name = path.stem.rpartition("_")[2]
        if name.startswith(prefix) or (name.isdigit() and not Path(f"/proc/{name}").exists()):
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def mark_dead(slot: str) -> None:
    """A process of ours ended: its live gauges no longer count."""
    if multiprocess():
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(slot)


@made_once
def metrics() -> SimpleNamespace:
    """The families, made on first use: only then does prometheus_client decide between one process and many."""
    from prometheus_client import CollectorRegistry, Gauge, Histogram, values

    if multiprocess():
        values.ValueClass = values.MultiProcessValue(process_identifier=lambda: _slot or str(os.getpid()))
    registry = CollectorRegistry()
    return SimpleNamespace(
        registry=registry,
        request=Histogram("tendero_request_seconds", "Requests by route", ("endpoint", "method", "status"), buckets=SECONDS, registry=registry),
        job=Histogram("tendero_job_seconds", "Jobs by name and outcome", ("name", "outcome"), buckets=SECONDS, registry=registry),
        pool=Gauge("tendero_db_pool_free", "Connections free in the pools", registry=registry, multiprocess_mode="livesum"),
    )
