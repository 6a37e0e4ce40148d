"""One table of categories and outcomes into a fitted model and its report, in a child process (infra.fitting.child) that may fail without harm."""

import json
import logging
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Any

log = logging.getLogger("tendero.fitting")
ROOT = Path(__file__).parents[2]
SECONDS = 900
# The child is looked at, and whoever waits is asked whether he still wants it, so often.
EVERY = 1.0
START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from infra.fitting.child import main; main()"
# One thread each: the machine serves others, and a thread's own memory is most of what such a library takes.
ONE = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}


class FitFailed(Exception):
    """code: unwanted (nobody wants it any more), no_library, too_big (memory or time), one_sided (a part holds one outcome alone), broken."""

    def __init__(self, code: str, said: str = ""):
        super().__init__(f"{code} {said}".strip())
        self.code = code


def is_installed() -> bool:
    """Is the library there? It is looked for, not loaded."""
    return find_spec("sklearn") is not None


def bring() -> bool:
    """Have the library brought where this installation may fetch it, in a process of its own; is it there then?"""
    if not is_installed():
        command = [sys.executable, "-c", "import sys; sys.path.insert(0, sys.argv[1]); from infra import bootstrap; bootstrap.bring('fit')", str(ROOT)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
            why = done.stderr.decode("utf-8", "replace").strip()[-300:] if done.returncode else ""
        except subprocess.TimeoutExpired:
            why = "it took too long"
        if why:
            log.warning("what fits models is not here", extra={"why": why})
        invalidate_caches()
    return is_installed()


def fit(table: Mapping[str, Any], *, wanted: Callable[[float], bool] = lambda share: True) -> dict[str, Any]:
    """What the child makes of a table (infra.fitting.child says what is in it). wanted(share done) is asked every second; where it says no,
    the child is killed. Raises FitFailed."""
    if not bring():
        raise FitFailed("no_library")
    environ = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", **ONE}
    child = subprocess.Popen([sys.executable, "-I", "-W", "ignore", "-c", START, str(ROOT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ)  # noqa: S603
    # A child that reads slowly or dies must not hold up whoever looks at the clock.
    Thread(target=_write, args=(child, json.dumps(table).encode()), daemon=True).start()
    try:
        return _answer(child, wanted)
    finally:
        child.kill()
        child.wait()
        for pipe in (child.stdout, child.stderr):
            pipe.close()


def _write(child: subprocess.Popen, data: bytes) -> None:
    try:
        child.stdin.write(data)
        child.stdin.close()
    except OSError:
        pass  # it is gone; its end says why


def _answer(child: subprocess.Popen, wanted: Callable[[float], bool]) -> dict[str, Any]:
    """The last line that it says; those before tell how far it is."""
    end, share, rest = time.monotonic() + SECONDS, 0.0, b""
    while True:
        if not wanted(share):
            raise FitFailed("unwanted")
        if time.monotonic() > end:
            raise FitFailed("too_big", "time")
        if not select.select([child.stdout], [], [], EVERY)[0]:
            continue
        part = os.read(child.stdout.fileno(), 1 << 20)
        if not part:
            raise _why(child)
        *lines, rest = (rest + part).split(b"\n")
        for line in map(json.loads, lines):
            if "refused" in line:
                raise FitFailed(line["refused"])
            if "model" in line:
                return line
            share = line["share"]


def _why(child: subprocess.Popen) -> FitFailed:
    """It ended without an answer."""
    said = child.stderr.read(1 << 20).decode("utf-8", "replace")
    big = child.wait() < 0 or "MemoryError" in said or "allocate" in said
    return FitFailed("too_big" if big else "broken", said.strip().splitlines()[-1][:300] if said.strip() else "")
