"""The page and the JSON of the mail catcher. Messages are hostile: everything is escaped, nothing of them runs.

GET /                      list of messages           GET /messages/<id>          text, HTML in a sandbox, headers
GET /api/messages?to=…     all as JSON, newest first  GET /messages/<id>/html     the HTML part alone, sandboxed
DELETE /api/messages       removes all                GET /messages/<id>/raw      the file as it came
"""

import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

HOSTS = ("localhost", "127.0.0.1")
PAGE_CSP = ("default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'")
MAIL_CSP = ("default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; "
            "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox")
LINK = re.compile(r"https?://[^\s<>\"']+")
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color-scheme: light dark }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #8884 }
pre { white-space: pre-wrap; overflow-wrap: anywhere } iframe { width: 100%; height: 32rem; border: 1px solid #8886; background: #fff }
"""


@dataclass(frozen=True)
class Message:
    """One message as tests and the page want it; `recipients` are those of the SMTP envelope."""

    id: str
    received: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]
    size: int


class Messages(Protocol):
    """What the page needs of a mailbox."""

    def all(self, to: str = "") -> list[Message]: ...
    def get(self, name: str) -> Message | None: ...
    def raw(self, name: str) -> bytes: ...
    def clear(self) -> int: ...


def parse(name: str, raw: bytes) -> Message:
    """A message from its file; broken parts become empty texts, never an exception."""
    mail = message_from_bytes(raw, policy=policy.default)
    headers = _headers(mail)
    return Message(
        id=name,
        received=datetime.fromtimestamp(int(name.split("-")[0]) / 1e9, UTC).isoformat(timespec="milliseconds"),
        sender=next((value for key, value in headers if key == "X-Envelope-From"), ""),
        recipients=tuple(value for key, value in headers if key == "X-Envelope-To"),
        subject=next((value for key, value in headers if key.lower() == "subject"), ""),
        text=_part(mail, "plain"), html=_part(mail, "html"), headers=headers, size=len(raw))


def _headers(mail: EmailMessage) -> tuple[tuple[str, str], ...]:
    found = []
    for name, raw_value in mail.raw_items():
        try:
            value = str(mail.policy.header_fetch_parse(name, raw_value))
        except Exception:  # noqa: BLE001  the parser raises all kinds on hostile headers
            value = str(raw_value)
        found.append((name, value.encode("utf-8", "replace").decode()))
    return tuple(found)


def _part(mail: EmailMessage, kind: str) -> str:
    """The text of the first body of this kind."""
    try:
        body = mail.get_body((kind,))
        content = body.get_content() if body is not None else ""
    except Exception:  # noqa: BLE001  the parser raises all kinds on hostile bodies
        return ""
    return content.encode("utf-8", "replace").decode() if isinstance(content, str) else ""


def page_server(mailbox: Messages, port: int) -> ThreadingHTTPServer:
    """An HTTP server on 127.0.0.1, not yet serving."""
    handler = type("MailPage", (MailPage,), {"mailbox": mailbox})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    return server


class MailPage(BaseHTTPRequestHandler):
    """Answers one request; `mailbox` is set by `page_server`."""

    mailbox: Messages
    server_version = "Tendero-mail"
    sys_version = ""

    def do_GET(self) -> None:  # noqa: N802
        address = urlsplit(self.path)
        if not self._local():
            self._answer(403, "text/plain", b"Open this page as http://localhost.")
        elif address.path == "/":
            self._html(_list_page(self.mailbox.all()))
        elif address.path == "/style.css":
            self._answer(200, "text/css", STYLE.encode())
        elif address.path == "/api/messages":
            to = parse_qs(address.query).get("to", [""])[0]
            self._json([asdict(message) for message in self.mailbox.all(to)])
        else:
            self._message(address.path)

    def do_DELETE(self) -> None:  # noqa: N802
        if not self._local() or urlsplit(self.path).path != "/api/messages":
            self._answer(404, "text/plain", b"Not found")
        else:
            self._json({"removed": self.mailbox.clear()})

    def _local(self) -> bool:
        """Refuses a foreign name pointed at 127.0.0.1: its pages could read sign-in links otherwise."""
        return self.headers.get("Host", "").rsplit(":", 1)[0] in HOSTS

    def _message(self, path: str) -> None:
        parts = re.fullmatch(r"/messages/([0-9a-f-]{10,60})(/html|/raw)?", path)
        message = self.mailbox.get(parts[1]) if parts else None
        if message is None:
            self._answer(404, "text/plain", b"Not found")
        elif parts[2] == "/html":
            # Links open in a new tab; inside the frame they would be refused by our own policy.
            self._html('<!doctype html><base target="_blank">' + message.html, MAIL_CSP)
        elif parts[2] == "/raw":
            self._answer(200, "text/plain", self.mailbox.raw(message.id))
        else:
            self._html(_message_page(message))

    def _html(self, content: str, csp: str = PAGE_CSP) -> None:
        self._answer(200, "text/html", content.encode(), csp)

    def _json(self, value: object) -> None:
        self._answer(200, "application/json", json.dumps(value).encode())

    def _answer(self, status: int, kind: str, body: bytes, csp: str = PAGE_CSP) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", f"{kind}; charset=utf-8"), ("Content-Length", str(len(body))),
                            ("Content-Security-Policy", csp), ("X-Content-Type-Options", "nosniff"),
                            ("Referrer-Policy", "no-referrer"), ("Cache-Control", "no-store")):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent: the page refreshes itself and would fill the log."""


def _frame(title: str, body: str, head: str = "") -> str:
    return (f'<!doctype html><html lang="en"><meta charset="utf-8">{head}<title>{escape(title)}</title>'
            f'<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/style.css">{body}</html>')


def _list_page(messages: list[Message]) -> str:
    rows = "".join(
        f'<tr><td>{escape(one.received[:19].replace("T", " "))}<td>{escape(", ".join(one.recipients))}'
        f'<td><a href="/messages/{escape(one.id)}">{escape(one.subject or "(no subject)")}</a>' for one in messages)
    table = f"<table><tr><th>Received (UTC)<th>To<th>Subject{rows}</table>" if rows else "<p>No mail yet."
    return _frame("Mail", f"<h1>Mail caught here</h1><p>Nothing on this page was sent to anyone.{table}",
                  '<meta http-equiv="refresh" content="5">')


def _message_page(message: Message) -> str:
    headers = "".join(f"<tr><th>{escape(name)}<td>{escape(value)}" for name, value in message.headers)
    html = (f'<h2>HTML</h2><iframe title="HTML part" sandbox="allow-popups allow-popups-to-escape-sandbox" '
            f'src="/messages/{escape(message.id)}/html"></iframe>') if message.html else ""
    text = f"<h2>Text</h2><pre>{_linked(message.text)}</pre>" if message.text else ""
    return _frame(message.subject, f'<p><a href="/">All mail</a><h1>{escape(message.subject or "(no subject)")}</h1>'
                  f'{text}{html}<h2>Headers</h2><table>{headers}</table>'
                  f'<p><a href="/messages/{escape(message.id)}/raw">Raw message</a>')


def _linked(text: str) -> str:
    """Escaped text whose http addresses are links."""
    parts, end = [], 0
    for found in LINK.finditer(text):
        address = escape(found[0])
        parts += [escape(text[end:found.start()]), f'<a href="{address}" target="_blank" rel="noreferrer">{address}</a>']
        end = found.end()
    return "".join([*parts, escape(text[end:])])
