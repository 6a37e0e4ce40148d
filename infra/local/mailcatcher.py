"""A mail server for development and tests: takes every message, keeps it as a file, shows it on a page.

`python -m infra.local.mailcatcher FOLDER SMTP_PORT PAGE_PORT` serves on 127.0.0.1 until SIGTERM. A message is
answered with 250 only when its file is whole, so what was accepted survives kill -9.
"""

import asyncio
import secrets
import signal
import sys
import time
from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path
from threading import Lock, Thread

from aiosmtpd.smtp import SMTP, Envelope, Session

from infra.local.mailpage import Message, page_server, parse

LARGEST_MESSAGE = 32 * 1024 * 1024


class Mailbox:
    """The messages of a folder, newest first; each is one .eml file beginning with its SMTP envelope."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.lock = Lock()
        self.known: dict[str, Message] = {}
        self.reached: dict[str, frozenset[str]] = {}
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def keep(self, sender: str, recipients: list[str], content: bytes) -> str:
        """Writes one message and gives its id, which sorts by time of arrival."""
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        fresh = self.folder / f"{name}.new"
        fresh.write_bytes(_envelope(sender, recipients) + content)
        fresh.rename(self.folder / f"{name}.eml")
        return name

    def names(self) -> list[str]:
        return sorted((file.stem for file in self.folder.glob("*.eml")), reverse=True)

    def get(self, name: str) -> Message | None:
        """One message, or None; a name that isn't one of ours is never looked up on disk."""
        with self.lock:
            return self._parsed(name) if name in self.known or name in self.names() else None

    def all(self, to: str = "") -> list[Message]:
        """All messages, or those whose envelope names the address `to`: only these are parsed, of thousands that came."""
        with self.lock:
            return [self._parsed(name) for name in self.names() if not to or to.lower() in self._reached(name)]

    def _parsed(self, name: str) -> Message:
        if name not in self.known:
            self.known[name] = parse(name, self.raw(name))
        return self.known[name]

    def _reached(self, name: str) -> frozenset[str]:
        if name not in self.reached:
            with (self.folder / f"{name}.eml").open("rb") as file:
                self.reached[name] = recipients(file)
        return self.reached[name]

    def raw(self, name: str) -> bytes:
        return (self.folder / f"{name}.eml").read_bytes()

    def clear(self) -> int:
        """Removes every message and says how many there were."""
        with self.lock:
            names = self.names()
            for name in names:
                (self.folder / f"{name}.eml").unlink(missing_ok=True)
            self.known.clear()
            self.reached.clear()
        return len(names)


def recipients(file: Iterable[bytes]) -> frozenset[str]:
    """To whom a message of the folder was sent, in small letters: the lines of its envelope, which stand before all else."""
    lines = takewhile(lambda line: line.startswith(b"X-Envelope-"), file)
    return frozenset(line.split(b":", 1)[1].decode().strip().lower() for line in lines if line.startswith(b"X-Envelope-To:"))


def _envelope(sender: str, recipients: list[str]) -> bytes:
    lines = [("X-Envelope-From", sender), *(("X-Envelope-To", one) for one in recipients)]
    return "".join(f"{name}: {' '.join(value.split())}\r\n" for name, value in lines).encode("utf-8", "replace")


class Handler:
    """aiosmtpd's hook: every recipient is fine, every message is kept."""

    def __init__(self, mailbox: Mailbox):
        self.mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        try:
            self.mailbox.keep(envelope.mail_from or "", envelope.rcpt_tos, envelope.content)
        except OSError:
            return "452 4.3.1 The folder of the mail catcher can't be written"
        return "250 2.0.0 Kept"


async def serve(folder: Path, smtp_port: int, page_port: int) -> None:
    """Takes mail and shows it until SIGTERM or SIGINT."""
    mailbox = Mailbox(folder)
    page = page_server(mailbox, page_port)
    Thread(target=page.serve_forever, daemon=True).start()
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, ended.set)
    taker = await loop.create_server(
        lambda: SMTP(Handler(mailbox), hostname="localhost", data_size_limit=LARGEST_MESSAGE, enable_SMTPUTF8=True),
        "127.0.0.1", smtp_port)
    async with taker:
        await ended.wait()
    page.shutdown()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
