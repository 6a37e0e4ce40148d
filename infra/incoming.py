"""A mail that came in, as plain values: what a reader of MIME gives and the room of mail takes. No session, no tenant."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Mailed:
    """Somebody named in a head: address in lower case where its domain is concerned, name decoded, "" where there was none."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that came with it: its name as sent (never a path), its bytes. content_id: what a picture in the text is called by."""

    name: str
    content_type: str
    data: bytes
    content_id: str | None = None


@dataclass(frozen=True, slots=True)
class CalendarAnswer:
    """What a calendar program says for whoever was asked to come (METHOD:REPLY of RFC 5546): to which event, in which state of it, for whom (an address in small
    letters), with which word (accepted, declined, tentative), and when (aware UTC)."""

    uid: str
    sequence: int
    mail: str
    word: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """One mail. message_id, in_reply_to, references: without angle brackets. sent_at: aware UTC, none where the head has no day that
    can be read. text: what a person reads, plain (out of the HTML part where there is no other), NULs gone; quoted: the older text below
    it, if a line could be drawn. automatic: written by a program (Auto-Submitted, lists, out of office, bounces): nothing answers it.
    proven: the domain of From is proven by DKIM or SPF in line with it, as the server that took it in says. defects: what was odd, in words
    of a list; the raw bytes are kept beside it whatever they are. answer: what a calendar program answered, where one part of it does."""

    sender: Mailed | None
    to: tuple[Mailed, ...]
    cc: tuple[Mailed, ...]
    subject: str
    text: str
    quoted: str = ""
    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    sent_at: datetime | None = None
    enclosed: tuple[Enclosed, ...] = ()
    automatic: bool = False
    proven: bool = False
    defects: tuple[str, ...] = ()
    answer: CalendarAnswer | None = None
