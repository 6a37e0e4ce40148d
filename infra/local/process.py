"""Children as processes of their own group: bound to the parent's life, stopped as a whole.

Linux only, as the embedded servers are. The parent must start children from a thread that lives as long
as they shall, its main one: the kernel's parent-death signal follows the thread, not the process.
"""

import contextlib
import ctypes
import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PR_SET_PDEATHSIG = 1
LARGEST_LOG = 10 * 1024 * 1024
_libc = ctypes.CDLL(None, use_errno=True)


class StartFailed(Exception):
    """A process didn't come up: one sentence saying which, why, and where its log is."""


def spawn(command: Sequence[str], log: Path, *, env: Mapping[str, str] | None = None, cwd: Path | None = None,
          user: pwd.struct_passwd | None = None, death: signal.Signals = signal.SIGTERM) -> subprocess.Popen:
    """Starts `command` in its own session, output appended to `log`; it gets `death` when this thread ends."""
    who = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    with open_log(log) as output:
        try:
            return subprocess.Popen(
                [str(part) for part in command], cwd=cwd, env=None if env is None else dict(env),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
                preexec_fn=_bind_to_parent(death), **who)
        except OSError as error:
            raise StartFailed(f"{command[0]} can't be started: {error.strerror or error}.") from error


def _bind_to_parent(death: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def in_child() -> None:
        # Runs after the change of user, which would clear it.
        _libc.prctl(PR_SET_PDEATHSIG, int(death))
        if os.getppid() != parent:
            os._exit(1)

    return in_child


def open_log(log: Path):
    """The log opened for appending; one that has grown large is set aside as `.1` first."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(log.suffix + ".1"))
    return log.open("ab")


def last_line(log: Path) -> str:
    """The last line of a log that says something, shortened; empty where there is none."""
    try:
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    except OSError:
        return ""
    return lines[-1][:300].rstrip(".") if lines else ""


def await_ready(what: str, child: subprocess.Popen, ready: Callable[[], bool], log: Path, seconds: float) -> None:
    """Returns when `ready` says so; StartFailed when the child ends or the time is over."""
    until = time.monotonic() + seconds
    while not ready():
        if child.poll() is not None:
            raise StartFailed(f"{what} ended while starting ({last_line(log)}): see {log}.")
        if time.monotonic() > until:
            raise StartFailed(f"{what} was not ready after {seconds:.0f} s ({last_line(log)}): see {log}.")
        time.sleep(0.02)


def stop(child: subprocess.Popen, how: signal.Signals, seconds: float) -> None:
    """Asks the child to end, waits, then kills what is left of its group."""
    if child.poll() is None:
        child.send_signal(how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(seconds)
    kill_group(child)


def kill_group(child: subprocess.Popen) -> None:
    """Kills the group at once, grandchildren too, and takes the child's end in."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(10)


def processes() -> Iterable[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]


def in_folder(folder: Path) -> list[int]:
    """Processes whose working directory is `folder`: a PostgreSQL server and its children in their data folder."""
    found = []
    for pid in processes():
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/{pid}/cwd") == str(folder):
                found.append(pid)
    return found


def with_environment(*entries: str) -> list[int]:
    """Processes started with all these NAME=value entries, this one excepted."""
    wanted = {entry.encode() for entry in entries}
    found = []
    for pid in processes():
        with contextlib.suppress(OSError):
            if pid != os.getpid() and wanted <= set(Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")):
                found.append(pid)
    return found


def child_named(name: str, parent: int) -> int:
    """The pid of a child whose own name (prctl PR_SET_NAME) begins so; 0 where there is none."""
    with contextlib.suppress(OSError):
        for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
            if Path(f"/proc/{pid}/comm").read_text().startswith(name):
                return int(pid)
    return 0


def end_all(pids: Iterable[int], how: signal.Signals, seconds: float) -> None:
    """Signals processes that are not our children, waits until they are gone, then kills the rest."""
    left = list(pids)
    for sign, wait in ((how, seconds), (signal.SIGKILL, 5.0)):
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, sign)
        until = time.monotonic() + wait
        while (left := [pid for pid in left if alive(pid)]) and time.monotonic() < until:
            time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether the process runs; one that is dead and not yet taken in by its parent doesn't count."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def listens(*ports: int) -> bool:
    """Whether something listens on all these ports of 127.0.0.1."""
    for port in ports:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return False
    return True
