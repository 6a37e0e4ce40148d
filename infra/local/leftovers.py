"""Temporary homes of servers: each is held by a lock while its maker lives, and what a killed maker left is removed by the next.

A run that is killed can't tidy up, and the homes of a few such runs fill a disk: a whole test run's are several gigabytes.
"""

import contextlib
import fcntl
import os
import subprocess
import tempfile
import time
from pathlib import Path

PREFIX = "tendero-stack-"
HELD = ".held"
# A home this young may not have its lock yet.
SETTLED_SECONDS = 60


def make_home() -> tuple[Path, int]:
    """(a new home below the folder for temporary files, the descriptor that holds it until it is closed or the process ends)."""
    home = Path(tempfile.mkdtemp(prefix=PREFIX))
    # The unprivileged server passes through, yet can't list.
    home.chmod(0o711)
    descriptor = os.open(home / HELD, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return home, descriptor


def abandoned() -> list[Path]:
    """Homes of ours whose makers are gone."""
    return [home for home in Path(tempfile.gettempdir()).glob(f"{PREFIX}*") if _is_abandoned(home)]


def _is_abandoned(home: Path) -> bool:
    with contextlib.suppress(OSError):
        at = home.stat()
        if home.is_symlink() or at.st_uid != os.geteuid() or (home / HELD).stat().st_mtime > time.time() - SETTLED_SECONDS:
            return False
        descriptor = os.open(home / HELD, os.O_RDWR | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        finally:
            os.close(descriptor)
    return False


def remove(*homes: Path) -> None:
    """Removes them by a process that outlives this one: a tenant is a thousand files, and hundreds of tenants take a minute."""
    if homes:
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.Popen(["nice", "rm", "-rf", "--", *homes], start_new_session=True, **quiet)
