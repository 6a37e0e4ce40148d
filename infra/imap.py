"""A mailbox elsewhere, looked at by IMAP (RFC 3501): folders, and mails by their lasting numbers. Nothing there is changed.

The name is resolved once and every address of it must be public, as infra/http.py has it; TLS on port 993 with the certificate checked.
OUTBOUND_INSIDE names the exceptions of an installation that has such a server of its own: those speak without TLS, unless on port 993.
What the server says is believed in nothing that costs: sizes, numbers and lines are bounded here.
"""

import imaplib
import re
import socket
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from infra.config import settings
from infra.http import HOST, Unreachable, _tls, is_public
from infra.inbox import MOST_BYTES

SECONDS = 20.0
PORT = 993
MOST_FOLDERS, MOST_LINES = 500, 20_000
# As many numbers are asked for at once; where there are none the span is doubled.
SPAN = 2_000
LAST = 2**32 - 1
HEADS = 64 * 1024
# Of one answer beside the mail that was asked for, and how long it may take.
MOST_TALK, MOST_SECONDS = 8 * 1024 * 1024, 120.0
LIST = re.compile(rb'\((?P<flags>[^()]*)\) (?P<between>NIL|"(?:[^"\\]|\\.)*") (?P<name>.+)', re.DOTALL)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# login: name or password are not taken. gone: no such folder. protocol: it speaks what is no IMAP, or lies. Others: infra.http.WHYS.
WHYS = ("address", "unknown", "inside", "silent", "login", "gone", "protocol", "certificate")


class Failed(Exception):
    """It went wrong; why, a word of WHYS."""

    def __init__(self, why: str, text: str = ""):
        super().__init__(text or why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Folder:
    """name: as people read it. kind: what the server says it is for (sent, trash, drafts, junk, all), "" for others."""

    name: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """validity: while it is the same, numbers mean the same mails. next: the number that the next mail will have."""

    validity: int
    next: int


class _Line(imaplib.IMAP4):
    """The library's client on a socket of ours, with bounds. What a literal claims to hold is read piece by piece, and no more than allowed."""

    def __init__(self, host: str, port: int, address: str, *, secure: bool):
        self.place = (address, port, host if secure else None)
        self.begin()
        super().__init__(host, port, timeout=SECONDS)

    def _create_socket(self, timeout):
        address, port, name = self.place
        line = socket.create_connection((address, port), timeout)
        try:
            return _tls().wrap_socket(line, server_hostname=name) if name else line
        except BaseException:
            line.close()
            raise

    def begin(self) -> None:
        """One more question: from now on so many bytes may come, for so long."""
        self.came, self.ends = 0, time.monotonic() + MOST_SECONDS

    def read(self, size):
        self._count(size)
        return super().read(size)

    def readline(self):
        found = super().readline()
        self._count(len(found))
        return found

    def _count(self, size: int) -> None:
        """The library gathers whatever a server says to one question: what it may say has an end, in bytes and in time."""
        self.came = getattr(self, "came", 0) + size
        if self.came > MOST_BYTES + MOST_TALK:
            raise self.abort("more came than was asked for")
        if time.monotonic() > getattr(self, "ends", float("inf")):
            raise self.abort("its answer has no end")


class Mailbox:
    """A line to a mailbox that is signed in."""

    def __init__(self, line: _Line):
        self.line = line

    def folders(self) -> list[Folder]:
        """What can be opened there."""
        found = []
        for entry in self._said(*self._asked(self.line.list))[:MOST_FOLDERS]:
            flags, name = _listed(entry)
            if name and b"\\noselect" not in flags:
                found.append(Folder(name, next((kind for flag, kind in KINDS.items() if flag in flags), "")))
        return found

    def open(self, name: str) -> Opened:
        """Look into a folder without marking anything as read."""
        answer, _ = self._asked(self.line.select, _quoted(name), True)
        if answer != "OK":
            raise Failed("gone")
        return Opened(self._number("UIDVALIDITY"), self._number("UIDNEXT"))

    def status(self, name: str) -> Opened | None:
        """The same without opening it; None where it can't be said."""
        answer, lines = self._asked(self.line.status, _quoted(name), "(UIDVALIDITY UIDNEXT)")
        said = b" ".join(line for line in lines if isinstance(line, bytes))
        validity, following = re.search(rb"UIDVALIDITY (\d{1,10})", said), re.search(rb"UIDNEXT (\d{1,10})", said)
        return Opened(int(validity[1]), int(following[1])) if answer == "OK" and validity and following else None

    def numbers(self, after: int, before: int, since: date | None, most: int) -> tuple[list[int], int]:
        """(the first `most` numbers above `after` and below `before`, up to which number it was looked)."""
        span, low = SPAN, after
        while low < before - 1:
            high = min(low + span, before - 1)
            found = sorted(number for number in self._search(low + 1, high, since) if low < number <= high)
            if found:
                return found[:most], found[most - 1] if len(found) > most else high
            low, span = high, min(span * 4, LAST)
        return [], max(low, after)

    def sizes(self, numbers: list[int]) -> dict[int, int]:
        """How large mails are, as the server says; what has gone meanwhile is missing."""
        found = {}
        for entry in self._fetched(numbers, "(UID RFC822.SIZE)"):
            said = entry[0] if isinstance(entry, tuple) else entry
            number, size = re.search(rb"UID (\d{1,10})", said or b""), re.search(rb"RFC822\.SIZE (\d{1,12})", said or b"")
            if number and size:
                found[int(number[1])] = int(size[1])
        return {number: size for number, size in found.items() if number in numbers}

    def mail(self, number: int, *, heads: bool = False) -> bytes | None:
        """The bytes of a mail, or what its beginning is; None where it is gone. Never more than was asked for."""
        most = HEADS if heads else MOST_BYTES + 1
        for entry in self._fetched([number], f"(UID BODY.PEEK[]<0.{most}>)"):
            if isinstance(entry, tuple) and len(entry) == 2:
                return entry[1][:most]
        return None

    def _search(self, low: int, high: int, since: date | None) -> list[int]:
        asked = ["UID", f"{low}:{high}"] + (["SINCE", f"{since.day}-{MONTHS[since.month - 1]}-{since.year}"] if since else [])
        said = self._said(*self._asked(self.line.uid, "SEARCH", *asked))
        return [int(word) for line in said for word in (line or b"").split() if word.isdigit() and len(word) <= 10]

    def _fetched(self, numbers: list[int], what: str) -> list:
        return self._said(*self._asked(self.line.uid, "FETCH", ",".join(map(str, numbers)), what))

    def _number(self, name: str) -> int:
        _, said = self.line.response(name)
        if not said or not said[-1] or not said[-1].isdigit() or not 0 < int(said[-1]) <= LAST:
            raise Failed("protocol", f"it says no {name}")
        return int(said[-1])

    def _asked(self, call, *words):
        self.line.untagged_responses.clear()
        self.line.begin()
        return call(*words)

    @staticmethod
    def _said(answer: str, lines: list) -> list:
        if answer != "OK":
            raise Failed("protocol", "it refused what every server answers")
        return [line for line in lines[:MOST_LINES] if line is not None]


KINDS = {b"\\sent": "sent", b"\\trash": "trash", b"\\drafts": "drafts", b"\\junk": "junk", b"\\all": "all"}


@contextmanager
def mailbox(host: str, port: int, user: str, password: str) -> Iterator[Mailbox]:
    """A signed-in line; Failed for whatever goes wrong within."""
    line = None
    try:
        address, secure = place_of(host, port)
        line = _Line(host, port, address, secure=secure)
        _sign_in(line, user, password)
        yield Mailbox(line)
    except Unreachable as error:
        raise Failed(error.why) from None
    except _ssl_error() as error:
        raise Failed("certificate", type(error).__name__) from None
    except imaplib.IMAP4.error as error:
        raise Failed("silent" if isinstance(error, imaplib.IMAP4.abort) and "EOF" in str(error) else "protocol", type(error).__name__) from None
    except OSError as error:
        raise Failed("silent", type(error).__name__) from None
    except (ValueError, IndexError, TypeError, AttributeError) as error:  # what the library falls over when a server says what none should
        raise Failed("protocol", type(error).__name__) from None
    finally:
        if line is not None:
            _close(line)


def place_of(host: str, port: int) -> tuple[str, bool]:
    """(an address that was looked at, with TLS?); Unreachable where nobody is called."""
    named = f"{host}:{port}"
    inside = named in settings().outbound_inside
    if not HOST.fullmatch(host.lower()) or not (inside or port == PORT):
        raise Unreachable("only port 993 of a named host is called", "address")
    try:
        found = sorted({entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})
    except (OSError, UnicodeError):
        raise Unreachable("this host is not known", "unknown") from None
    if not found or not (inside or all(is_public(address) for address in found)):
        raise Unreachable("this host is not a public one", "inside")
    return found[0], not inside or port == PORT


def _sign_in(line: _Line, user: str, password: str) -> None:
    """By LOGIN, or by AUTHENTICATE PLAIN where a name or password is not ASCII."""
    try:
        if user.isascii() and password.isascii():
            line.login(user, password)
        else:
            line.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        raise Failed("login") from None


def _close(line: _Line) -> None:
    try:
        line.logout()
    except (imaplib.IMAP4.error, OSError, ValueError, AttributeError):
        line.shutdown()


def _ssl_error():
    import ssl

    return ssl.SSLError


def _listed(entry) -> tuple[bytes, str]:
    """(flags, name) of a line of LIST."""
    said, literal = (entry[0], entry[1]) if isinstance(entry, tuple) else (entry, None)
    found = LIST.match(said or b"")
    if not found:
        return b"", ""
    name = literal if literal is not None else found["name"].strip()
    if literal is None and name.startswith(b'"') and name.endswith(b'"'):
        name = re.sub(rb"\\(.)", rb"\1", name[1:-1])
    return found["flags"].lower(), readable(name.decode("utf-8", "replace"))[:500]


def readable(name: str) -> str:
    """A folder's name out of modified UTF-7 (RFC 3501, 5.1.3)."""
    def text(found: re.Match) -> str:
        try:
            return b64decode(found[1].replace(",", "/") + "=" * (-len(found[1]) % 4)).decode("utf-16-be") if found[1] else "&"
        except (ValueError, UnicodeError):
            return found[0]

    return re.sub(r"&([A-Za-z0-9+,]*)-", text, name)


def written(name: str) -> str:
    """The same backwards."""
    def coded(found: re.Match) -> str:
        return "&-" if found[0] == "&" else "&" + b64encode(found[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"

    return re.sub(r"&|[^\x20-\x7e]+", coded, name)


def _quoted(name: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", written(name)) + '"'
