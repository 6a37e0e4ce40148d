"""An IMAP server on loopback, which does what the protocol says, and lies where a test wants it to."""

import re
import socket
import threading
from dataclasses import dataclass, field

from infra.imap import readable, written


@dataclass
class Box:
    """A folder: its mails by number."""

    validity: int = 7
    mails: dict[int, bytes] = field(default_factory=dict)
    next: int = 1
    flags: str = ""

    def add(self, raw: bytes, number: int | None = None) -> int:
        number = number or self.next
        self.mails[number], self.next = raw, max(self.next, number + 1)
        return number


@dataclass
class ImapServer:
    """drop_after: so many bytes of a mail are sent, then the line is cut, once. size_lie: what a literal says of its size. asked: every
    command, passwords left out. before_fetch: called with a mail's number before it is sent."""

    user: str = "anna"
    password: str = "a secret of the box"
    folders: dict[str, Box] = field(default_factory=lambda: {"INBOX": Box(), "Sent": Box(validity=8, flags="\\Sent")})
    asked: list[str] = field(default_factory=list)
    drop_after: int | None = None
    size_lie: int | None = None
    greeting: bytes = b"* OK ready\r\n"
    before_fetch: object = None

    def __post_init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.place = f"localhost:{self.port}"
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self):
        self.listener.close()

    def _listen(self):
        while True:
            try:
                line, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line):
        try:
            _Session(self, line).run()
        except OSError:
            pass
        finally:
            line.close()


class _Session:
    def __init__(self, server: ImapServer, line: socket.socket):
        self.server, self.line, self.file, self.box, self.in_ = server, line, line.makefile("rb"), None, False

    def run(self):
        self.say(self.server.greeting)
        for said in self.file:
            tag, _, rest = said.decode("utf-8", "replace").rstrip("\r\n").partition(" ")
            verb, _, words = rest.partition(" ")
            self.server.asked.append("LOGIN" if verb.upper() == "LOGIN" else rest)
            answer = self.answer(verb.upper(), words)
            if answer is None:
                return
            self.say(f"{tag} {answer}\r\n".encode())

    def say(self, data: bytes):
        self.line.sendall(data)

    def answer(self, verb: str, words: str) -> str | None:
        if verb == "LOGOUT":
            self.say(b"* BYE\r\n")
            return "OK done"
        if verb == "LOGIN":
            user, password = re.fullmatch(r'"?([^" ]*)"? "(.*)"', words).groups()
            self.in_ = (user, password) == (self.server.user, self.server.password)
            return "OK done" if self.in_ else "NO [AUTHENTICATIONFAILED] no"
        if verb == "CAPABILITY":
            self.say(b"* CAPABILITY IMAP4rev1\r\n")
            return "OK done"
        return getattr(self, verb.lower(), lambda words: "BAD what")(words) if self.in_ else "NO sign in first"

    def list(self, words):
        for name, box in self.server.folders.items():
            self.say(f'* LIST ({box.flags}) "/" "{written(name)}"\r\n'.encode())
        return "OK done"

    def named(self, words):
        return self.server.folders.get(readable(re.match(r'"((?:[^"\\]|\\.)*)"', words)[1]))

    def examine(self, words):
        self.box = self.named(words)
        if self.box is None:
            return "NO no such folder"
        self.say(f"* {len(self.box.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.box.validity}] x\r\n* OK [UIDNEXT {self.box.next}] x\r\n".encode())
        return "OK [READ-ONLY] done"

    def status(self, words):
        box = self.named(words)
        if box is None:
            return "NO no such folder"
        self.say(f"* STATUS {words.split(' (')[0]} (UIDVALIDITY {box.validity} UIDNEXT {box.next})\r\n".encode())
        return "OK done"

    def uid(self, words):
        verb, _, rest = words.partition(" ")
        return self.search(rest) if verb == "SEARCH" else self.fetch(rest)

    def search(self, rest):
        low, high = map(int, re.match(r"UID (\d+):(\d+)", rest).groups())
        found = [str(number) for number in sorted(self.box.mails) if low <= number <= high]
        self.say(f"* SEARCH {' '.join(found)}\r\n".encode())
        return "OK done"

    def fetch(self, rest):
        numbers, _, what = rest.partition(" ")
        for number in map(int, numbers.split(",")):
            if number not in self.box.mails:
                continue
            raw = self.box.mails[number]
            if "BODY" not in what:
                self.say(f"* 1 FETCH (UID {number} RFC822.SIZE {len(raw)})\r\n".encode())
            elif not self.send(number, raw[: int(re.search(r"<0\.(\d+)>", what)[1])]):
                return None
        return "OK done"

    def send(self, number, raw) -> bool:
        server = self.server
        if server.before_fetch:
            server.before_fetch(number)
        self.say(f"* 1 FETCH (UID {number} BODY[]<0> {{{server.size_lie or len(raw)}}}\r\n".encode())
        if server.drop_after is not None:
            self.say(raw[: server.drop_after])
            server.drop_after = None
            return False
        self.say(raw + b")\r\n")
        return True
