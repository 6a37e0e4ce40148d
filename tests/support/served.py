"""The application behind a real gunicorn, for tests that need sockets, processes or threads."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

from infra.local import places

ROOT = Path(__file__).resolve().parents[2]


class Served:
    """gunicorn with our configuration on a free port; `log` is where its lines go. Use as a context manager."""

    def __init__(self, folder: Path, *, workers: int = 1, threads: int = 4, **env: str):
        self.folder, self.log, self.metrics = folder, folder / "web.log", folder / "metrics"
        self.port = places.free_port(18100 + os.getpid() % 500, set())
        self.env = {
            **os.environ, "PYTHONPATH": str(ROOT), "PROMETHEUS_MULTIPROC_DIR": str(self.metrics), "PUBLIC_PORT": str(self.port),
            "WEB_WORKERS": str(workers), "WEB_THREADS": str(threads), **env,
        }

    def __enter__(self) -> "Served":
        command = [sys.executable, "-m", "gunicorn", "-c", "infra/deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{self.port}", "wsgi:app"]
        self.output = self.log.open("wb")
        self.child = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=self.output, stderr=self.output, start_new_session=True)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                if self.get("/healthz", "127.0.0.1")[0] == 200:
                    return self
            if self.child.poll() is not None:
                break
            time.sleep(0.05)
        self.__exit__()
        raise RuntimeError(self.log.read_text())

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait(10)
        self.output.close()

    def workers(self) -> list[int]:
        """Process ids of the workers now."""
        children = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children").read_text().split()
        return [int(pid) for pid in children]

    def get(self, path: str, host: str, *, method: str = "GET", body: bytes | None = None, timeout: float = 10, **headers: str) -> tuple[int, dict, bytes]:
        """(status, headers, body) of one request on a connection of its own."""
        line = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            line.request(method, path, body=body, headers={"Host": host, **headers})
            answer = line.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            line.close()

    def json(self, method: str, path: str, host: str, token: str, body: object = None, **headers: str) -> tuple[int, dict, dict]:
        """A call of the API."""
        raw = None if body is None else json.dumps(body).encode()
        given = {"Authorization": f"Bearer {token}", **({"Content-Type": "application/json"} if raw else {}), **headers}
        status, found, text = self.get(path, host, method=method, body=raw, **given)
        return status, found, json.loads(text) if text else {}

    def raw(self, data: bytes, *, wait: float = 2.0) -> tuple[bytes, bool]:
        """(everything that came back, did the server close the connection) for bytes sent as they are."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait) as line:
            line.sendall(data)
            found = b""
            try:
                while part := line.recv(65536):
                    found += part
            except TimeoutError:
                return found, False
            except ConnectionResetError:
                return found, True
            return found, True
