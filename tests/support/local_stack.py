"""A real `bin/up --detach` in a home of its own: for its test, and for the figures of a whole stack.

bin/up's first step (environment and assets) is left out: this environment is the one that runs here.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from infra.local import process, supervisor

ROOT = Path(__file__).resolve().parents[2]
FOREIGN = ("DATABASE_", "REDIS_", "SMTP_", "STORAGE_", "SECRET_", "MASTER_", "TENDERO_", "PUBLIC_", "PROMETHEUS_", "BASE_DOMAIN", "LOG_LEVEL")


class LocalStack:
    """One home. `up` starts everything and gives up.json, `kill` ends everything by SIGKILL, `remove` leaves nothing."""

    def __init__(self):
        self.home = Path(tempfile.mkdtemp(prefix="tendero-home-"))
        self.home.chmod(0o711)
        self.at: dict = {}

    def command(self, *arguments: str) -> subprocess.CompletedProcess:
        """`bin/up …` or, with "down", `bin/down`."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        return subprocess.run([sys.executable, "-m", "infra.local.up", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=170,
                              env={**kept, "TENDERO_HOME": str(self.home), "PYTHONPATH": str(ROOT)})

    def up(self) -> dict:
        done = self.command("--detach")
        assert done.returncode == 0, done.stderr + self.logs()
        self.at = json.loads((self.home / "up.json").read_text())
        return self.at

    def environment(self) -> dict[str, str]:
        """What bin/tendero works with."""
        return json.loads((self.home / "env.json").read_text())

    def pids(self) -> list[int]:
        """All processes of this home: those that carry its name, and the server's, which work in its folder."""
        data = (self.home / "postgres").resolve() / "data"
        return sorted({*process.with_environment(f"TENDERO_HOME={self.home}"), *process.in_folder(data)})

    def kill(self) -> None:
        """kill -9 of everything, the supervisor first so that nobody is started again."""
        pids = [self.at["pids"]["supervisor"], *self.pids()]
        process.end_all(pids, signal.SIGKILL, 10)

    def remove(self) -> None:
        self.command("down")
        process.end_all([pid for pid in self.pids() if pid in supervisor.left_over(self.home)], signal.SIGKILL, 5)
        data = (self.home / "postgres").resolve()
        shutil.rmtree(self.home, ignore_errors=True)
        if data.parent == Path("/var/lib/tendero"):
            shutil.rmtree(data, ignore_errors=True)

    def logs(self) -> str:
        return "\n".join(f"== {file.name}\n{file.read_text()[-800:]}" for file in sorted((self.home / "log").glob("*.log")))

    def request(self, url: str, data: dict | None = None, cookie: str = "") -> tuple[int, dict[str, str], str]:
        """(status, headers, body); every host is on 127.0.0.1, since Python doesn't know the sub-domains of localhost."""
        parts = urlsplit(url)
        line = HTTPConnection("127.0.0.1", parts.port, timeout=20)
        headers = {"Host": parts.netloc, "Accept": "text/html", **({"Cookie": cookie} if cookie else {})}
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            line.request("GET" if data is None else "POST", path or "/", None if data is None else urlencode(data), headers)
            answer = line.getresponse()
            cookies = "; ".join(value.split(";")[0] for name, value in answer.getheaders() if name == "Set-Cookie")
            return answer.status, {**dict(answer.getheaders()), "Set-Cookie": cookies}, answer.read().decode()
        finally:
            line.close()

    def sign_in(self, person: dict) -> str:
        """The cookies of one of up.json's sign-ins, as a request sends them."""
        status, headers, body = self.request(person["url"], {"mail": person["mail"], "password": person["password"], "next": ""})
        assert status == 303, (status, body[:500])
        return headers["Set-Cookie"]

    def mails(self, to: str, seconds: float = 60) -> list[dict]:
        """The messages caught for an address, waited for."""
        until = time.monotonic() + seconds
        while True:
            found = json.loads(self.request(f"{self.at['mail_url']}/api/messages?to={to}")[2])
            if found or time.monotonic() > until:
                return found
            time.sleep(0.2)
