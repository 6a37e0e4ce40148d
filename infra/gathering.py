"""What has arrived of one request, gathered until it is whole; who sends it too slowly is late.

Nothing here decides what a request says: the server's own parser reads the gathered bytes afterwards, and only
these. Where this file takes a body for longer than the parser does, the rest is the next request; where for shorter,
the parser runs dry and the connection is closed.
"""

import re
import time
from tempfile import SpooledTemporaryFile

# A connection that has said nothing is shown out without a word.
IDLE_SECONDS = 5.0
# The head, and the beginning of a body, must come within this time; a body goes on at this rate at least, and ends.
PATIENCE = 10.0
LEAST_RATE = 8 * 1024
LONGEST = 900.0
HEAD_BYTES = 64 * 1024
# Bodies longer than the application reads (web.api.bodies, web.app) are handed over cut: it refuses them by itself.
JSON_BYTES = 1024 * 1024
FORM_BYTES = 2 * 1024 * 1024
BODY_BYTES = 25 * 1024 * 1024
IN_MEMORY = 256 * 1024

HEADER = re.compile(rb"\r\n([A-Za-z-]+):[ \t]*([^\r\n]*?)[ \t]*(?=\r\n)")


class Gathering:
    """The bytes of one request; stands where the parser expects a socket (`recv`).

    whole: the parser may have them. cut: though more would come, which the application won't read. flood: more wrapping
    than content. starved: the parser asked for more than there was.
    """

    def __init__(self, begun: bytes = b""):
        self.began, self.count = time.monotonic(), 0
        self.whole = self.cut = self.flood = self.starved = False
        self.host = ""
        self.expects = False
        self._start = b""
        self._most = HEAD_BYTES
        self._head: bytearray | None = bytearray()
        self._missing: int | None = None
        self._chunks: Chunks | None = None
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)
        if begun:
            self.take(begun)

    def take(self, data: bytes) -> None:
        """Bytes have arrived."""
        self.count += len(data)
        self._file.write(data)
        if self._head is not None:
            data = self._take_head(data)
        if self._head is None and data is not None:
            self._take_body(data)
        if self.whole:
            self._file.seek(0)

    def recv(self, size: int) -> bytes:
        """The next bytes, for the parser; nothing more is to be had once they are spent."""
        data = self._file.read(size)
        self.starved = self.starved or not data
        return data

    def rest(self) -> bytes:
        """What the parser has not asked for: the beginning of a further request."""
        return self._file.read()

    def late(self, now: float) -> bool:
        """Has the sender used up the time he gets: some at once, and more for what he has sent?"""
        if not self.count:
            return now - self.began > IDLE_SECONDS
        earned = 0 if self._head is not None else self.count / LEAST_RATE
        return now - self.began > min(PATIENCE + earned, LONGEST)

    def close(self) -> None:
        self._file.close()

    @property
    def api(self) -> bool:
        """Does the address look like one of the API? For the form of a refusal."""
        return self._start.partition(b" ")[2].startswith(b"/api/")

    @property
    def folder(self) -> str:
        """The first part of the address."""
        address = (self._start.split(b" ") + [b""])[1]
        return (address.split(b"/", 2) + [b""])[1][:40].decode("latin-1")

    def _take_head(self, data: bytes) -> bytes | None:
        """Wait for the empty line; gives what of `data` lies behind it, None while it has not come."""
        seen = max(0, len(self._head) - 3)
        self._head += data
        end = self._head.find(b"\r\n\r\n", seen)
        if end < 0:
            self.cut = self.whole = len(self._head) > HEAD_BYTES
            return None
        head, body = bytes(self._head[: end + 4]), bytes(self._head[end + 4 :])
        self._head, self._start = None, head.partition(b"\r\n")[0]
        self._expect(head)
        return body

    def _expect(self, head: bytes) -> None:
        """How much of a body will come, as far as the head says it plainly; what is odd is the parser's business."""
        said: dict[bytes, list[bytes]] = {}
        for name, value in HEADER.findall(head):
            said.setdefault(name.lower(), []).append(value)
        self.host = said.get(b"host", [b""])[0].decode("latin-1").lower().partition(":")[0].removesuffix(".")
        self.expects = [value.lower() for value in said.get(b"expect", [])] == [b"100-continue"]
        lengths, codings = said.get(b"content-length", []), said.get(b"transfer-encoding", [])
        self._most = most_of(said.get(b"content-type", [b""])[0])
        if codings and not lengths and [value.lower() for value in codings] == [b"chunked"]:
            self._chunks = Chunks(self._most)
        elif len(lengths) == 1 and not codings and lengths[0].isdigit() and len(lengths[0]) < 16:
            self._missing = int(lengths[0])
            self.cut = self.whole = self._missing > self._most
        else:
            # No body; or lengths and codings that contradict each other, which the parser refuses.
            self._missing = 0

    def _take_body(self, data: bytes) -> None:
        if self._chunks is not None:
            self._chunks.feed(data)
            self.cut = self._chunks.over
            self.whole = self._chunks.done or self.cut
            self.flood = self.count > 4 * self._most + HEAD_BYTES
        else:
            self._missing -= len(data)
            self.whole = self.whole or self._missing <= 0


def most_of(kind: bytes) -> int:
    """How much of a body of this media type the application would read."""
    kind = kind.partition(b";")[0].strip().lower()
    return {b"application/json": JSON_BYTES, b"application/x-www-form-urlencoded": FORM_BYTES}.get(kind, BODY_BYTES)


class Chunks:
    """Finds the end of a chunked body as it comes in; what is malformed counts as the end, for the parser to refuse."""

    LINE = 8190

    def __init__(self, most: int):
        self.done = self.over = False
        self._most, self._left, self._line = most, 0, bytearray()
        self._part = "size"

    def feed(self, data: bytes) -> None:
        at = 0
        while at < len(data) and not (self.done or self.over):
            at = self._skip(data, at) if self._part == "data" else self._read_line(data, at)

    def _skip(self, data: bytes, at: int) -> int:
        """The bytes of a chunk and the line end behind them."""
        step = min(self._left, len(data) - at)
        self._left -= step
        if not self._left:
            self._part = "size"
        return at + step

    def _read_line(self, data: bytes, at: int) -> int:
        end = data.find(b"\n", at)
        self._line += data[at : len(data) if end < 0 else end + 1]
        if len(self._line) > self.LINE:
            self.done = True
        if end < 0:
            return len(data)
        line, self._line = bytes(self._line), bytearray()
        self._take_line(line.rstrip(b"\r\n"))
        return end + 1

    def _take_line(self, line: bytes) -> None:
        if self._part == "trailer":
            self.done = not line
            return
        digits = line.partition(b";")[0].strip(b" \t")
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,12}", digits):
            self.done = True
            return
        size = int(digits, 16)
        self._most -= size
        self.over = self._most < 0
        self._part, self._left = ("data", size + 2) if size else ("trailer", 0)
