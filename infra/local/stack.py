"""PostgreSQL, Valkey and the mail catcher together: for bin/up, the tests and the bench."""

import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from infra.local import leftovers, places, postgres, process
from infra.local.process import ROOT
from infra.local.service import Service
from infra.local.valkey import Valkey

DATABASE = "tendero"


class Stack:
    """The servers of one home. `start` gives their addresses as environment variables, `stop` ends them.

    Without `home` a temporary one is made and removed by `stop`, and what killed processes left of theirs goes too. Use it from the main thread, or as
    `with Stack() as env:`.
    """

    def __init__(self, home: Path | None = None):
        self.temporary = home is None
        self.home, self._held = (home, None) if home else leftovers.make_home()
        self.postgres: postgres.Postgres | None = None
        self.valkey: Valkey | None = None
        self.mail = None
        self.env: dict[str, str] = {}

    def start(self, pg: bool = True, valkey: bool = True, mail: bool = False, fsync: bool = False,
              settings: Mapping[str, str] | None = None) -> dict[str, str]:
        """Starts what is asked for, all at once, and waits. With `fsync` what is committed survives kill -9 of the machine."""
        if self.temporary:
            leftovers.remove(*leftovers.abandoned())
        user = places.server_user() if pg else None
        self.sockets = places.socket_folder(self.home, user)
        try:
            self._launch(self.sockets, pg, valkey, mail, fsync, settings or {})
            self._await()
        except BaseException:
            self.stop()
            raise
        return self.env

    def _launch(self, sockets: Path, pg: bool, valkey: bool, mail: bool, fsync: bool, settings: Mapping[str, str]) -> None:
        logs = self.home / "log"
        self.env = {"TENDERO_HOME": str(self.home), "STORAGE_URL": (self.home / "files").as_uri()}
        if pg:
            self.postgres = postgres.Postgres(self.home / "postgres", sockets, logs / "postgres.log", fsync, settings)
            self.postgres.launch()
        if valkey:
            self.valkey = Valkey(self.home / "valkey", sockets, logs / "valkey.log")
            self.valkey.launch()
            self.env["REDIS_URL"] = self.valkey.url
        if mail:
            self._launch_mail(logs)

    def _launch_mail(self, logs: Path) -> None:
        taken: set[int] = set()
        self.smtp_port, self.page_port = places.free_port(1025, taken), places.free_port(8025, taken)
        command = [sys.executable, "-m", "infra.local.mailcatcher", self.home / "mail", self.smtp_port, self.page_port]
        self.mail = process.spawn(command, logs / "mail.log", cwd=ROOT,
                                  env={**os.environ, "PYTHONPATH": str(ROOT), "TENDERO_HOME": str(self.home)})
        self.env |= {"SMTP_URL": f"smtp://127.0.0.1:{self.smtp_port}", "MAIL_PAGE_URL": f"http://localhost:{self.page_port}"}

    def _await(self) -> None:
        if self.postgres:
            self.postgres.wait()
            self.postgres.ensure_database(DATABASE)
            for name, role in (("", "tendero_app"), ("_OWNER", "tendero_owner"), ("_ADMIN", "postgres")):
                self.env[f"DATABASE{name}_URL"] = self.postgres.url(role, DATABASE)
        if self.valkey:
            self.valkey.wait()
        if self.mail:
            process.await_ready("The mail catcher", self.mail, lambda: process.listens(self.smtp_port, self.page_port),
                                self.home / "log" / "mail.log", 20)

    def services(self) -> list[Service]:
        """The running servers as services that a supervisor keeps alive."""
        found = []
        for name, server in (("postgres", self.postgres), ("valkey", self.valkey)):
            if server:
                found.append(Service(name, server.launch, server.log))
                found[-1].child, found[-1].started = server.child, time.monotonic()
        return found

    def stop(self, *, wait: bool = True) -> None:
        """Ends the servers, mail first, and removes a temporary home; without `wait` by a process that outlives this one."""
        if self.mail:
            process.stop(self.mail, signal.SIGTERM, 5)
        if self.valkey:
            self.valkey.stop()
        if self.postgres:
            self.postgres.stop(at_once=self.temporary)
        shutil.rmtree(self.sockets, ignore_errors=True)
        if self.temporary:
            self._remove_home(wait)

    def _remove_home(self, wait: bool) -> None:
        if wait:
            shutil.rmtree(self.home, ignore_errors=True)
        else:
            leftovers.remove(self.home)
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def __enter__(self) -> dict[str, str]:
        return self.start()

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
