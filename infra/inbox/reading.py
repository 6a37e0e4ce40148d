"""One mail out of its bytes. Reads what can be read and says what was odd; only a body beyond all bounds is refused."""

import email
from email.message import Message
from email.policy import EmailPolicy, compat32

from infra.inbox import MOST_BYTES, heads, parts, quoting
from infra.inbox.automatic import is_automatic
from infra.inbox.charsets import guessed, storable
from infra.inbox.proof import is_proven
from infra.incoming import CalendarAnswer, Incoming

# What was odd, in words: each has a sentence in core/mailboxes/words.py.
DEFECTS = ("structure", "parts", "long", "charset", "encoding", "date", "sender", "no_id")
BODY, MOST_CALENDAR = 200_000, 100_000


class Bounded(EmailPolicy):
    """Heads are taken apart no further than so far: some are written to take minutes."""

    def header_fetch_parse(self, name, value):
        return super().header_fetch_parse(name, value[:heads.LONG])


class Unreadable(Exception):
    """It can't be opened; `why` is a word: too_large, bomb (beyond memory or time), damaged."""

    def __init__(self, why: str):
        super().__init__(why)
        self.why = why


def read(raw: bytes, *, trusted: str = "") -> Incoming:
    """The mail. trusted: the name by which the server that took it in signs its Authentication-Results."""
    if len(raw) > MOST_BYTES:
        raise Unreadable("too_large")
    try:
        message = email.message_from_bytes(raw, policy=Bounded())
        found = parts.walk(message)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, AssertionError):
        return _bare(raw, trusted)
    return _made(message, found, parts.text_of(found), trusted)


def _made(message: Message, found: parts.Found, text: str, trusted: str) -> Incoming:
    said = heads.people(message, "from")
    sender = said[0] if said else next(iter(heads.people(message, "sender", "reply-to")), None)
    written, quoted = quoting.split(text)
    sent_at, ids = heads.moment(message), heads.ids(message, "message-id")
    odd = found.defects | ({"structure"} if message.defects else set()) | ({"sender"} if not said else set())
    odd |= ({"date"} if sent_at is None else set()) | ({"no_id"} if not ids else set())
    return Incoming(
        sender=sender, to=heads.people(message, "to"), cc=heads.people(message, "cc"), subject=storable(heads.line(message, "subject"))[:1000],
        text=written, quoted=quoted, message_id=storable(ids[0]) if ids else None, in_reply_to=next(reversed(_storable(heads.ids(message, "in-reply-to"))), None),
        references=_storable(heads.ids(message, "references")), sent_at=sent_at, enclosed=tuple(found.files),
        automatic=is_automatic(message, sender.address if sender else None), proven=is_proven(message, said[0].address if said else None, trusted),
        defects=tuple(word for word in DEFECTS if word in odd), answer=_answer(found),
    )


def _bare(raw: bytes, trusted: str) -> Incoming:
    """The reader fell over its parts: the heads, and the body as it stands."""
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    message = email.message_from_bytes(head + b"\n\n", policy=compat32)
    for name in [key for key in message if key.lower().startswith("content-")]:
        del message[name]
    found = parts.Found()
    found.defects.add("structure")
    return _made(message, found, storable(guessed(body[:BODY])), trusted)


def _answer(found: parts.Found) -> CalendarAnswer | None:
    """Of the first of its parts that is a calendar; whatever it can't read is a file like any other."""
    data = next((one.data for one in found.files if one.content_type in ("text/calendar", "application/ics")), None)
    if data is None or len(data) > MOST_CALENDAR:
        return None
    from infra.readers.calendar_answers import answer_of  # its library takes long to load, and few mails need it

    return answer_of(data)


def _storable(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(storable(value) for value in values)
