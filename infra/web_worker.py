"""gunicorn's threaded worker, with patience that costs no thread: a request gets one when it is whole.

The worker of gunicorn reads heads and bodies in its threads, without a deadline, and waits in its main loop until a
refused caller hangs up: a handful of sockets that send a byte a second stop it (RELIABILITY X23). Here the main loop
gathers what comes in (infra.gathering), says 408 to who is late, and lets nobody's host take all threads: what is
too much waits in a line of its own and hears 503 in time, so that other hosts are served meanwhile (fault 29).
"""

import selectors
import socket
import time
from collections import Counter, deque
from contextlib import suppress
from functools import partial
from io import BytesIO

from gunicorn import http
from gunicorn.workers.gthread import TConn, ThreadWorker

from infra.config import settings
from infra.gathering import Gathering

SWEEP_SECONDS = 0.25
# How long a request of a host that has its share of the threads waits for one of them.
SHARE_SECONDS = 1.5
LINGER_SECONDS = 2.0
HELD_BYTES = 512 * 1024 * 1024
REFUSALS = {
    408: ("Request Timeout", "too_slow", "The request came in too slowly. Please try again."),
    503: ("Service Unavailable", "busy", "Busy. Please try again in a moment."),
}


class PatientWorker(ThreadWorker):
    """Every connection is in one of these: gathering, waiting for its host's share, in a thread, kept alive, lingering."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.share, self.files = settings().web_share, settings().host("files")
        self.gathering: dict[TConn, None] = {}
        self.waiting: dict[str, deque[tuple[float, TConn]]] = {}
        self.running: Counter[str] = Counter()
        self.lingering: deque[tuple[float, TConn]] = deque()
        self.swept = 0.0

    @classmethod
    def check_config(cls, cfg, log):
        super().check_config(cfg, log)
        if cfg.is_ssl:
            raise ValueError("This worker gathers plain bytes: TLS belongs to the proxy in front.")

    def accept(self, listener) -> None:
        """One more comes in; where all places are taken, who has been sending the longest gives up his."""
        while self.gathering and self.nr_conns >= self.worker_connections - 1:
            self._give_up_oldest()
        super().accept(listener)

    # A connection has come, or has been kept alive and stirs, or its last request left bytes of the next.
    def enqueue_req(self, conn: TConn) -> None:
        """Gather the request first; gunicorn calls this where it would give the connection to a thread."""
        begun = b""
        if conn.parser is not None:
            begun = conn.parser.unreader.take_buffered()
        conn.gathered = Gathering(begun)
        self._give_source(conn)
        if conn.gathered.whole:
            self._admit(conn)
            return
        conn.sock.setblocking(False)
        self.gathering[conn] = None
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._take_bytes, conn))

    def _give_source(self, conn: TConn) -> None:
        """The parser reads what was gathered, never the socket: it can't hold its thread."""
        if conn.parser is None:
            conn.parser = http.get_parser(self.cfg, conn.gathered, conn.client)
        else:
            conn.parser.unreader.sock = conn.gathered
        conn.data_ready = True

    def _take_bytes(self, conn: TConn, _sock) -> None:
        try:
            data = conn.sock.recv(65536)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if data:
            conn.gathered.take(data)
        if not data or conn.gathered.flood:
            self._leave(conn)
            self._end(conn)
            return
        if conn.gathered.whole:
            self._leave(conn)
            self._admit(conn)
        elif conn.gathered.expects:
            conn.gathered.expects = False
            with suppress(OSError):
                conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _leave(self, conn: TConn) -> None:
        del self.gathering[conn]
        self.poller.unregister(conn.sock)

    def _end(self, conn: TConn) -> None:
        """Nothing more is said on this connection."""
        self.nr_conns -= 1
        conn.gathered.close()
        conn.close()

    def _admit(self, conn: TConn) -> None:
        """Give a thread to a whole request, or let it wait while its host has its share of them."""
        host = conn.host = self._sharer(conn.gathered)
        if self.running[host] < self.share and host not in self.waiting:
            self._run(conn)
        else:
            self.waiting.setdefault(host, deque()).append((time.monotonic(), conn))

    def _sharer(self, gathered: Gathering) -> str:
        """Who has the share: the host; on the host of files the tenant that the address names, or one's downloads would be in
        the way of all others'."""
        return f"{gathered.host}/{gathered.folder}" if gathered.host == self.files else gathered.host

    def _run(self, conn: TConn) -> None:
        self.running[conn.host] += 1
        super().enqueue_req(conn)

    def handle(self, conn: TConn):
        """In a thread: the request, from what was gathered. Kept alive only where that was read to its end and no further."""
        kept = super().handle(conn)
        if not kept or conn.gathered.cut or conn.gathered.starved:
            return False
        rest = conn.parser.unreader.take_buffered() + conn.gathered.rest()
        conn.parser.unreader.buf = BytesIO()
        conn.parser.unreader.buf.write(rest)
        return kept

    def finish_request(self, conn: TConn, fs) -> None:
        """In the main loop again: the next of this host, and no waiting here for whoever should hang up."""
        self._next_of(conn.host)
        conn.gathered.close()
        try:
            kept = not fs.cancelled() and fs.result()
        except Exception:  # noqa: BLE001 (as gunicorn does: whatever went wrong, the connection is over)
            kept = False
        if kept:
            super().finish_request(conn, fs)
        else:
            self._linger(conn)

    def _next_of(self, host: str) -> None:
        self.running[host] -= 1
        line = self.waiting.get(host)
        if line:
            self._run(line.popleft()[1])
        if line is not None and not line:
            del self.waiting[host]
        if not self.running[host]:
            del self.running[host]

    def _linger(self, conn: TConn) -> None:
        """Say that no more will come, and read what still does for a moment, lest the answer be lost (RFC 9112 9.6)."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._pour_away, conn))
        except (OSError, ValueError, KeyError):
            self._end(conn)
            return
        conn.over = False
        self.lingering.append((time.monotonic(), conn))

    def _pour_away(self, conn: TConn, _sock) -> None:
        try:
            gone = not conn.sock.recv(65536)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            gone = True
        if gone:
            self._hang_up(conn)

    def _hang_up(self, conn: TConn) -> None:
        if not conn.over:
            conn.over = True
            self.poller.unregister(conn.sock)
            self._end(conn)

    # By the clock.
    def murder_pending(self) -> None:
        """Called in each turn of the main loop: whose time is over goes."""
        now = time.monotonic()
        if now - self.swept < SWEEP_SECONDS:
            return
        self.swept = now
        self._refuse_the_late(now)
        self._make_room()
        self._refuse_the_waiting(now)
        while self.lingering and (self.lingering[0][1].over or now - self.lingering[0][0] > LINGER_SECONDS):
            self._hang_up(self.lingering.popleft()[1])

    def _refuse_the_late(self, now: float) -> None:
        for conn in [conn for conn in self.gathering if conn.gathered.late(now) or not (self.alive or conn.gathered.count)]:
            self._leave(conn)
            if conn.gathered.count:
                self._refuse(conn, 408)
            else:
                self._end(conn)

    def _make_room(self) -> None:
        """Too much lies gathered: those who have been at it the longest go."""
        held = sum(conn.gathered.count for conn in self.gathering)
        while held > HELD_BYTES:
            held -= self._give_up_oldest()

    def _give_up_oldest(self) -> int:
        """Hang up; the number of bytes that are free again."""
        conn = next(iter(self.gathering))
        self._leave(conn)
        self._end(conn)
        return conn.gathered.count

    def _refuse_the_waiting(self, now: float) -> None:
        for host, line in list(self.waiting.items()):
            while line and now - line[0][0] > SHARE_SECONDS:
                self._refuse(line.popleft()[1], 503)
            if not line:
                del self.waiting[host]

    def _refuse(self, conn: TConn, status: int) -> None:
        """A short answer from the main loop, without the application, and the end of the connection."""
        reason, code, text = REFUSALS[status]
        kind, body = "text/plain; charset=utf-8", text + "\n"
        if conn.gathered.api:
            kind, body = "application/problem+json", f'{{"type":"about:blank","status":{status},"code":"{code}","title":"{text}","detail":"{text}"}}'
        again = "Retry-After: 2\r\n" if status == 503 else ""
        answer = f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nCache-Control: no-store\r\n{again}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        with suppress(OSError):
            conn.sock.setblocking(False)
            conn.sock.send(answer.encode())
        self.log.info("refused with %s before the application: %s", status, reason)
        self._linger(conn)
