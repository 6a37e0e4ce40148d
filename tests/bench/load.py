"""Requests a second with two gunicorn workers as in production, and the same server with the least that could answer."""

import json
import os
import pickle
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from infra.local import places, process
from infra.local.supervisor import healthy
from tests.bench.figures import Aim
from tests.bench.pages import some_account
from tests.bench.requests import Visitor, recorded, run


def measure(ground, subject) -> None:
    owner = Visitor.signed_in(ground.app, ground.big, "owner")
    seconds = 2 if ground.quick else 8
    for name, path, least in (("contacts list", "/contacts", 200), ("account with timeline", f"/accounts/{some_account(ground)}", 120)):
        environ = owner.prepared(path)
        run(ground.app, dict(environ))
        with recorded() as statements:
            answer = run(ground.app, dict(environ))
        assert answer.status == 200, answer.status
        file = ground.stack.home / "floor.pickle"
        file.write_bytes(pickle.dumps((statements.reads(), list(answer.headers.items()), answer.body)))
        with gunicorn(ground, "wsgi:app") as port, gunicorn(ground, "tests.bench.floor_app:app", BENCH_FLOOR=str(file)) as bare:
            warm(port, owner, path), warm(bare, owner, path)
            # In turn and in short pieces, so that a noisy moment meets both.
            floor = total([asked(bare, owner, path, 4, seconds / 8) for _ in range(2)])
            ours = {clients: total([asked(port, owner, path, clients, seconds / 4) for _ in range(4)]) for clients in (2, 4)}
            floor = total([floor, *(asked(bare, owner, path, 4, seconds / 8) for _ in range(2))])
        for clients, found in ours.items():
            subject.add(f"{name}, {clients} clients", rate(found), "requests/s", floor=rate(floor), more_is_better=True, aim=Aim(least=least),
                        floor_is="the same server with an application that only sends the same statements and returns the same bytes")
        subject.add(f"{name}, latency at 4 clients", ours[4]["median"] * 1000, "ms", floor=floor["median"] * 1000)


def rate(found: dict) -> float:
    return found["requests"] / found["seconds"]


def total(parts: list[dict]) -> dict:
    """Several pieces as one; the latency is the middle one of theirs."""
    middle = sorted(one["median"] for one in parts)[len(parts) // 2]
    return {"requests": sum(one["requests"] for one in parts), "seconds": sum(one["seconds"] for one in parts), "median": middle}


def warm(port: int, visitor: Visitor, path: str) -> None:
    asked(port, visitor, path, 8, 1.5)


def asked(port: int, visitor: Visitor, path: str, clients: int, seconds: float) -> dict:
    """What the clients counted."""
    cookie = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    command = [sys.executable, "-m", "tests.bench.clients", str(port), visitor.host, cookie, path, str(clients)]
    done = subprocess.run([*command, str(seconds)], cwd=process.ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def gunicorn(ground, application: str, **more: str):
    """The port of a server with two workers, in this run's environment."""
    port, log = places.free_port(18000, set()), ground.stack.home / "log" / "gunicorn.log"
    metrics = Path(ground.stack.home) / "metrics"
    metrics.mkdir(exist_ok=True)
    env = {**os.environ, "WEB_WORKERS": "2", "PROMETHEUS_MULTIPROC_DIR": str(metrics), "PYTHONPATH": str(process.ROOT), **more}
    command = [sys.executable, "-m", "gunicorn", "-c", "infra/deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{port}", application]
    child = process.spawn(command, log, env=env, cwd=process.ROOT)
    try:
        process.await_ready("gunicorn", child, lambda: healthy(port), log, 30)
        yield port
    finally:
        process.stop(child, signal.SIGTERM, 10)
