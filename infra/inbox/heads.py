"""What a mail's head says: who, to whom, about what, when. No head, however broken, keeps the mail from being read."""

import re
from datetime import UTC, datetime
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from infra.inbox.charsets import decoded, guessed, storable
from infra.incoming import Mailed

# A longer head is not taken apart by the rules of RFC 5322, whose reader takes long for it.
LONG = 10_000
MOST_PEOPLE, MOST_IDS = 500, 100
ID = re.compile(r"<([^<>\s]{1,900})>")
LOOKS_SO = re.compile(r"\"[^\"@]{1,64}\"@[^\s<>,;:\"()\[\]@]{1,255}|[^\s<>,;:\"()\[\]]{1,64}@[^\s<>,;:\"()\[\]@]{1,255}")
SPACE = re.compile(r"[\x00-\x1f\x7f\s]+")
YEARS = range(1900, 9999)


def line(message: Message, name: str) -> str:
    """A head as one line of text, decoded; "" where there is none."""
    raw = _raw(message, name)
    if raw is None:
        return ""
    try:
        text = str(message[name]) if len(raw) <= LONG else words(raw)
    except Exception:  # the reader of heads falls over some in ways of its own
        text = words(raw)
    if BYTES.search(text) or BYTES.search(raw):
        text = words(raw)
    return one_line(text)


def all_of(message: Message, name: str) -> list[str]:
    """Every head of this name, from the top down, not taken apart."""
    return [one_line(value) for key, value in message.raw_items() if key.lower() == name.lower()]


def people(message: Message, *names: str) -> tuple[Mailed, ...]:
    """Those whom these heads name, each address once, in their order. Groups give their members."""
    found: dict[str, Mailed] = {}
    for name in names:
        for raw in all_of(message, name):
            for person in _parsed(raw):
                found.setdefault(person.address, person)
    return tuple(list(found.values())[:MOST_PEOPLE])


def moment(message: Message) -> datetime | None:
    """When it says it was sent, in UTC; none where that can't be read."""
    raw = _raw(message, "date")
    try:
        found = parsedate_to_datetime(one_line(raw)[:200]) if raw else None
        found = found.replace(tzinfo=UTC) if found and found.tzinfo is None else found
        found = found.astimezone(UTC) if found else None
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None
    return found if found and found.year in YEARS else None


def ids(message: Message, name: str) -> tuple[str, ...]:
    """Identifiers of mails without their brackets, the last ones where there are many."""
    raw = " ".join(all_of(message, name))
    found = ID.findall(raw) or ([raw.strip("<> ")] if raw and " " not in raw.strip() else [])
    return tuple(dict.fromkeys(found))[-MOST_IDS:] if all(found) else ()


def words(raw: str) -> str:
    """A head with encoded words, by the plain old reader; bytes that are no ASCII by what they look like."""
    try:
        parts = decode_header(raw[:LONG])
    except Exception:
        return _guessed(raw)
    return "".join(part if isinstance(part, str) and not BYTES.search(part) else _part(part, charset) for part, charset in parts)


def one_line(text: str) -> str:
    return storable(SPACE.sub(" ", text)).strip() if not BYTES.search(text) else SPACE.sub(" ", text).strip()


BYTES = re.compile("[\udc80-\udcff]")


def _part(part: str | bytes, charset: str | None) -> str:
    return _guessed(part) if isinstance(part, str) else decoded(part, charset)[0]


def _guessed(text: str) -> str:
    return guessed(text.encode("utf-8", "surrogateescape"))


def _raw(message: Message, name: str) -> str | None:
    """The first head of this name as it stands."""
    return next((value for key, value in message.raw_items() if key.lower() == name), None)


def _parsed(raw: str) -> list[Mailed]:
    """Those whom a head names. Where the rules of RFC 5322 find nobody, whatever looks like an address."""
    try:
        pairs = getaddresses([raw[:200_000]])
    except Exception:  # it falls over some in ways of its own
        pairs = []
    found = [person for name, address in pairs if (person := _mailed(name, address))]
    return found or [person for address in LOOKS_SO.findall(raw[:200_000]) if (person := _mailed("", address))]


def _mailed(name: str, address: str) -> Mailed | None:
    local, at, domain = storable(_tidied(address)).rpartition("@")
    if not at or not local or not domain or len(local) > 200 or len(domain) > 253 or re.search(r"\s", domain) or (re.search(r"\s", local) and not local.startswith('"')):
        return None
    return Mailed(f"{local}@{domain.lower()}", storable(one_line(words(name)))[:200])


def _tidied(address: str) -> str:
    return _guessed(address) if BYTES.search(address) else address.strip()
