"""A mail server that misbehaves on order: takes, refuses, hangs up before or after the final dot, or is slow.

`with Sink() as sink:` listens on a free port of 127.0.0.1; `sink.mode` may be changed at any time; `sink.taken` is
what it really kept, whatever it told the sender.
"""

import asyncio
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP

from infra.config import settings

MODES = ("take", "rcpt_4xx", "rcpt_5xx", "data_4xx", "data_5xx", "end_4xx", "end_5xx", "drop_before_data", "drop_before_dot", "drop_after_dot", "slow")


@dataclass
class Taken:
    """One message that the sink kept."""

    recipient: str
    message_id: str
    content: bytes
    at: float = field(default_factory=time.monotonic)


class Handler:
    def __init__(self, sink: "Sink"):
        self.sink = sink

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        self.sink.at_rcpt(address)
        refusal = {"rcpt_4xx": "451 4.3.0 Later please", "rcpt_5xx": "550 5.1.1 No such person"}.get(self.sink.mode_for(address))
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        mode = self.sink.mode_for(envelope.rcpt_tos[0])
        if mode in ("end_4xx", "end_5xx"):
            return "452 4.2.2 Full" if mode == "end_4xx" else "554 5.7.1 Not wanted"
        found = re.search(rb"(?im)^message-id:\s*(\S+)", envelope.content)
        taken = Taken(envelope.rcpt_tos[0], found.group(1).decode() if found else "", envelope.content)
        with self.sink.lock:
            self.sink.taken.append(taken)
        if mode == "drop_after_dot":
            server.transport.abort()
            return None
        if mode == "slow":
            await asyncio.sleep(self.sink.slow_seconds)
        self.sink.after_dot(taken)
        return "250 2.0.0 Kept"


class Server(SMTP):
    def __init__(self, sink: "Sink"):
        super().__init__(Handler(sink), hostname="sink.test", enable_SMTPUTF8=True)
        self.sink = sink

    async def smtp_DATA(self, arg):  # noqa: N802
        recipients = self.envelope.rcpt_tos or [""]
        mode = self.sink.mode_for(recipients[0])
        self.sink.at_data(recipients[0])
        if mode in ("data_4xx", "data_5xx"):
            await self.push("451 4.3.0 Not now" if mode == "data_4xx" else "554 5.5.0 Never")
        elif mode == "drop_before_data":
            self.transport.abort()
        elif mode == "drop_before_dot":
            await self.push("354 Go on")
            self.transport.abort()
        else:
            await super().smtp_DATA(arg)


class Sink:
    """The server in a thread of its own. at_rcpt, at_data (recipient) and after_dot (taken) are hooks for crashes."""

    def __init__(self, mode: str = "take"):
        self.mode, self.modes = mode, {}
        self.taken: list[Taken] = []
        self.lock = threading.Lock()
        self.slow_seconds = 1.0
        self.at_rcpt: Callable[[str], None] = lambda recipient: None
        self.at_data: Callable[[str], None] = lambda recipient: None
        self.after_dot: Callable[[Taken], None] = lambda taken: None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def mode_for(self, recipient: str) -> str:
        return self.modes.get(recipient, self.mode)

    def per_recipient(self) -> Counter:
        """How many copies each address really got."""
        with self.lock:
            return Counter(taken.recipient for taken in self.taken)

    def __enter__(self) -> "Sink":
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda loop, context: None)
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        made = asyncio.run_coroutine_threadsafe(self._loop.create_server(lambda: Server(self), "127.0.0.1", 0), self._loop)
        self._server = made.result(5)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        async def end() -> None:
            self._server.close()
            for task in asyncio.all_tasks():
                if task is not asyncio.current_task():
                    task.cancel()
            await asyncio.sleep(0)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()


@contextmanager
def aimed_at_a_sink(monkeypatch) -> Iterator[Sink]:
    """A sink of one's own that our settings point at while it lasts; afterwards they are what they were."""
    before = os.environ["SMTP_URL"]
    with Sink() as sink:
        # One stack of changes: a test that aims elsewhere meanwhile is undone in its turn.
        monkeypatch.setenv("SMTP_URL", sink.url)
        settings.cache_clear()
        yield sink
    monkeypatch.setenv("SMTP_URL", before)
    settings.cache_clear()
