"""Makes the environment and the browser assets; standard library only, run by the system's Python.

In: the project root and which locks are wanted. Out: `.venv` holding exactly those locks, and built assets.
Every step leaves a stamp (hash of its input) when it is through, so an interrupted run goes on where it
stopped and a warm one only compares hashes. A failing step ends the process with one sentence.
No registry is named here: pip and npm use what the machine is configured for.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def fail(sentence: str) -> NoReturn:
    """Ends the process with one sentence and no traceback."""
    sys.stderr.write(sentence + "\n")
    raise SystemExit(1)


def say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


def home() -> Path:
    """Where state lives: TENDERO_HOME, else var/ beside this checkout's code."""
    return Path(os.environ.get("TENDERO_HOME") or ROOT / "var").expanduser().resolve()


def ensure(test: bool = False, npm: bool = False) -> None:
    """Brings environment and assets up to date; with `test` also what only the tests need, with `npm` that it is there."""
    if sys.version_info < (3, 11):  # noqa: UP036  this file meets whatever Python the machine has
        fail("Tendero needs Python 3.11 or newer: install it and run this with it.")
    with _alone():
        _environment()
        _lock("run")
        if test:
            _lock("fit")
            _lock("test")
        if npm and shutil.which("npm") is None:
            _lock("node")
        _assets()


def bring(lock: str) -> None:
    """Brings what is not in the first start into the environment that this process runs in; a process in another one has to have it."""
    if Path(sys.prefix).resolve() != VENV.resolve():
        fail(f"requirements/{lock}.txt is not installed in {sys.prefix}: install it there.")
    with _alone():
        _lock(lock)


def run(module: str, *arguments: str) -> NoReturn:
    """Replaces this process by the environment's Python running `module` from the project root."""
    os.environ["PYTHONPATH"] = str(ROOT)
    if os.environ.get("TENDERO_HOME"):
        os.environ["TENDERO_HOME"] = str(home())  # it may be relative to where we are
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), "-m", module, *arguments])


def local_environment() -> dict[str, str]:
    """The variables of the running local stack; empty where the caller has a database or nothing runs."""
    if os.environ.get("DATABASE_URL"):
        return {}
    try:
        return json.loads((home() / "env.json").read_text())
    except (OSError, ValueError):
        return {}


@contextmanager
def _alone() -> Iterator[None]:
    """Two commands at once: the second waits, then finds the stamps. The folder itself is the lock."""
    folder = os.open(ROOT / "requirements", os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _environment() -> None:
    """A virtual environment whose Python answers; one left broken by an upgrade is made anew."""
    if PYTHON.exists() and _stamp("venv").exists():
        return
    # Without a living interpreter (its system Python was removed) the packages inside are of no use either.
    clear = [] if PYTHON.exists() or not VENV.exists() else ["--clear"]
    _step("Making the Python environment", [sys.executable, "-m", "venv", *clear, str(VENV)],
          "Making .venv failed: install the venv module of this Python (python3-venv on Debian)")
    _write(_stamp("venv"), "")


def _lock(name: str) -> None:
    """Installs requirements/<name>.txt unless its stamp says that it is in."""
    lock = ROOT / "requirements" / f"{name}.txt"
    if not lock.exists():
        fail(f"requirements/{name}.txt is missing: bring it back from git.")
    wanted = _hash(lock.read_bytes())
    if _read(_stamp(name)) == wanted:
        return
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    _step(f"Installing requirements/{name}.txt", [*pip, "--require-hashes", "-r", str(lock)],
          f"Installing requirements/{name}.txt failed: check the connection to your package index")
    _write(_stamp(name), wanted)


def _assets() -> None:
    """Builds what the browser loads, unless nothing it is made from has changed since."""
    wanted = _hash(_sources())
    if _read(_stamp("assets")) == wanted:
        return
    if shutil.which("npm") is None:
        _lock("node")
    _step("Building the browser assets", [str(PYTHON), "-m", "infra.assets"],
          "Building the browser assets failed: check the connection to your npm registry")
    _write(_stamp("assets"), _hash(_sources()))


def _sources() -> bytes:
    """A line for each file that the assets are made from: its path, size and time of change."""
    files = [ROOT / "infra" / "assets.py"]
    for place, folders, names in os.walk(ROOT / "web"):
        folders[:] = [name for name in folders if name not in ("node_modules", "dist", "__pycache__")]
        files += [Path(place, name) for name in names if not name.endswith((".py", ".po", ".mo"))]
    built = (ROOT / "web" / "ui" / "static" / "dist" / "manifest.json").is_file()
    lines = [f"built {built}"]
    for file in sorted(files):
        found = file.stat()
        lines.append(f"{file} {found.st_size} {found.st_mtime_ns}")
    return "\n".join(lines).encode()


def _step(what: str, command: list[str], failure: str) -> None:
    """Runs one step with its output in a log; where it fails, ends with `failure` and where to look."""
    started = time.monotonic()
    say(f"{what} …")
    log = home() / "log" / "bootstrap.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        file.write(f"\n== {what}\n".encode())
        file.flush()
        try:
            ended = subprocess.run(command, cwd=ROOT, stdout=file, stderr=file, stdin=subprocess.DEVNULL, check=False)
        except KeyboardInterrupt:
            fail("Stopped; running it again goes on from here.")
    if ended.returncode:
        fail(f"{failure} (details at the end of {log}); running it again goes on from here.")
    say(f"{what}: {time.monotonic() - started:.1f} s")


def _stamp(name: str) -> Path:
    return VENV / f".stamp-{name}"


def _hash(content: bytes) -> str:
    """Also names the Python version: packages of another one are not usable."""
    return hashlib.sha256(content + f"\n{sys.version_info[:2]}".encode()).hexdigest()


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


def _write(file: Path, content: str) -> None:
    """Whole or not at all: a half-written stamp would be taken for another lock, never for this one."""
    fresh = file.with_suffix(".new")
    fresh.write_text(content)
    fresh.replace(file)
