"""Send one message by SMTP and say truthfully how it went. The only file that knows smtplib.

The dangerous moment is the end of DATA: once the final dot may have left, a lost connection says nothing about
whether the message was taken (RFC 5321 4.2.5, RFC 1047). That outcome is Unknown, never a retry.
"""

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import unquote, urlsplit

METHOD = re.compile(r"(?m)^METHOD:([A-Z]{3,20})\r?$")
CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Sent:
    """The server took it; `reply` is what it said."""

    reply: str


@dataclass(frozen=True, slots=True)
class Temporary:
    """Surely not taken; later it may be."""

    reason: str


@dataclass(frozen=True, slots=True)
class Permanent:
    """Refused for good."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The connection was lost when the message may already have been taken."""

    reason: str


Outcome = Sent | Temporary | Permanent | Unknown


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes along."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one recipient. return_path: the envelope's sender, where bounces go (VERP sets its own). to_all, cc_all: (name, address) of those
    that the head names, where one mail goes to several. calendar: iCalendar that calendar programs take out of the mail and answer (iMIP, RFC 6047)."""

    to_mail: str
    from_mail: str
    subject: str
    text: str
    message_id: str
    date: datetime
    to_name: str = ""
    from_name: str = ""
    reply_to: str | None = None
    html: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    return_path: str | None = None
    to_all: tuple[tuple[str, str], ...] = ()
    cc_all: tuple[tuple[str, str], ...] = ()
    files: tuple[Enclosure, ...] = ()
    calendar: str | None = None


def build(message: Message) -> EmailMessage:
    """The message as RFC 5322 has it; raises ValueError where a header would break."""
    # Seven bits pass every server; only an address outside ASCII needs the wider form (RFC 6531).
    named = message.to_all or ((message.to_name, message.to_mail),)
    plain = all(address.isascii() for _, address in (*named, *message.cc_all)) and message.to_mail.isascii()
    mail = EmailMessage(policy=SMTP.clone(cte_type="7bit") if plain else SMTPUTF8)
    mail["From"] = Address(display_name=_not_encoded(message.from_name), addr_spec=message.from_mail)
    mail["To"] = _people(named)
    if message.cc_all:
        mail["Cc"] = _people(message.cc_all)
    mail["Subject"] = _not_encoded(message.subject)
    mail["Date"] = format_datetime(message.date)
    mail["Message-ID"] = message.message_id
    if message.reply_to:
        mail["Reply-To"] = message.reply_to
    for name, value in message.headers.items():
        mail[name] = _not_encoded(value)
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
    if message.calendar:
        _add_calendar(mail, message.calendar)
    for one in message.files:
        main, _, sub = one.content_type.partition("/")
        mail.add_attachment(one.data, maintype=main or "application", subtype=sub or "octet-stream", filename=_not_encoded(one.name))
    return mail


def _add_calendar(mail: EmailMessage, text: str) -> None:
    """One more way to say the same, for calendar programs, which take its method from the part's head; and a file for those that look at files alone."""
    found = METHOD.search(text)
    if found is None:
        raise ValueError("a calendar without a method")
    mail.add_alternative(text, subtype="calendar", params={"method": found[1]})
    mail.add_attachment(text.encode(), maintype="application", subtype="ics", filename="invitation.ics")


def _people(named: tuple[tuple[str, str], ...]) -> list[Address]:
    return [Address(display_name=_not_encoded(name), addr_spec=address) for name, address in named]


def _not_encoded(value: str) -> str:
    """The library decodes encoded words in what it is given, and writes a line break that one of them held into the
    header: a contact named =?utf-8?q?=0aBcc:_x?= would address the mail to others (X25). A space keeps them text."""
    return value.replace("=?", "= ?")


def send(url: str, message: Message, *, before_data: Callable[[], bool] = lambda: True) -> Outcome:
    """Hand one message to the server that `url` names (smtp, smtps, smtp+starttls).

    before_data is called when everything but the content was accepted; where it says False nothing is sent.
    """
    try:
        content = build(message).as_bytes()
        sender, recipient = _envelope(message.return_path or message.from_mail), _envelope(message.to_mail)
    except (ValueError, UnicodeError) as error:
        return Permanent(f"not a valid message: {error}")
    try:
        connection = _connect(url)
    except (OSError, smtplib.SMTPException) as error:
        return _classify(error)
    try:
        return _converse(connection, sender, recipient, content, before_data)
    finally:
        _leave(connection)


def _envelope(address: str) -> str:
    if any(ord(c) < 33 or c in "<>\x7f" for c in address) or address.count("@") < 1:
        raise ValueError("bad envelope address")
    return address


def _connect(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    host = parts.hostname or "127.0.0.1"
    if parts.scheme == "smtps":
        connection = smtplib.SMTP_SSL(host, parts.port or 465, timeout=CONNECT_SECONDS, context=_tls())
    else:
        connection = smtplib.SMTP(host, parts.port or 25, timeout=CONNECT_SECONDS)
    try:
        connection.sock.settimeout(ANSWER_SECONDS)
        # The final dot goes by itself; without this it waits 40 ms for the acknowledgement of the body.
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if parts.scheme == "smtp+starttls":
            connection.starttls(context=_tls())
        if parts.username:
            connection.login(unquote(parts.username), unquote(parts.password or ""))
        connection.ehlo_or_helo_if_needed()
    except BaseException:
        _leave(connection)
        raise
    return connection


@lru_cache
def _tls() -> ssl.SSLContext:
    """Made once: reading the machine's certificates takes longer than sending a message."""
    return ssl.create_default_context()


def _converse(connection: smtplib.SMTP, sender: str, recipient: str, content: bytes, before_data: Callable[[], bool]) -> Outcome:
    """MAIL, RCPT, DATA. What fails before the content is on its way was surely not taken."""
    try:
        options = ["SMTPUTF8", "BODY=8BITMIME"] if not (sender + recipient).isascii() and connection.has_extn("smtputf8") else []
        for code, reply in (connection.mail(sender, options), connection.rcpt(recipient)):
            if code >= 400:
                return _by_code(code, reply)
        if not before_data():
            return Temporary("held by somebody else")
        code, reply = connection.docmd("DATA")
        if code != 354:
            return _by_code(code, reply)
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        return _classify(error)
    return _content(connection, content)


def _content(connection: smtplib.SMTP, content: bytes) -> Outcome:
    """The content with its final dot, then the answer. The body goes first and the dot by itself: a connection that
    broke before the dot left is surely not taken."""
    body = re.sub(rb"(?m)^\.", b"..", content)
    try:
        connection.send(body if body.endswith(b"\r\n") else body + b"\r\n")
    except (OSError, smtplib.SMTPException) as error:
        return Temporary(f"connection lost before the end of the message: {_say(error)}")
    try:
        connection.send(b".\r\n")
        code, reply = connection.getreply()
    except (OSError, smtplib.SMTPException) as error:
        return Unknown(f"connection lost after the message: {_say(error)}")
    if code < 200:
        return Unknown(f"unreadable answer after the message: {_text(reply)}")
    return Sent(f"{code} {_text(reply)}") if code < 300 else _by_code(code, reply)


def _by_code(code: int, reply: bytes) -> Outcome:
    said = f"{code} {_text(reply)}"
    # -1 is smtplib's own word for an answer it could not read: nothing was taken before the content.
    return Permanent(said) if 500 <= code < 600 else Temporary(said)


def _classify(error: Exception) -> Outcome:
    if isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPNotSupportedError):
        # Our own settings are wrong, not the letter: it waits until they are right.
        return Temporary(_say(error))
    if isinstance(error, smtplib.SMTPResponseException):
        return _by_code(error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode())
    if isinstance(error, UnicodeError):
        return Permanent("the server does not take this address")
    return Temporary(_say(error))


def _text(reply: bytes) -> str:
    return reply.decode("utf-8", "replace").replace("\n", " ")[:300]


def _say(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]


def _leave(connection: smtplib.SMTP) -> None:
    """Never waits for a good-bye: the outcome is known by now."""
    with contextlib.suppress(OSError, smtplib.SMTPException):
        if connection.sock is not None:  # smtplib has let go of it where the other side hung up
            connection.sock.settimeout(1.0)
            connection.quit()
    connection.close()
