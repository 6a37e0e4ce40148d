"""Pure rules of correspondence: what a text that came in becomes, what makes two copies one mail, whose domain an address is of."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from uuid import UUID

from core.base.text import CONTROL, LINE_END
from core.mail.models import LONGEST
from infra.incoming import Incoming, Mailed

MOST_NAMED = 100  # people of one head that are kept
PREFIX = re.compile(r"^\s*((re|fw|fwd|aw|wg|rv|отв|回复|转发|답장|회신)\s*(\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE)


def one_line(value: str | None, most: int = 300) -> str:
    """A head's value as one line: whatever it holds becomes fit to be shown and kept; nothing is refused."""
    return " ".join(CONTROL.sub(" ", LINE_END.sub(" ", unicodedata.normalize("NFC", value or ""))).split())[:most].strip()


def lines(value: str | None, most: int = LONGEST * 4) -> str:
    """A text of several lines, the same."""
    return CONTROL.sub("", LINE_END.sub("\n", unicodedata.normalize("NFC", (value or "")[:most])))[:most].strip()


def bare(subject: str) -> str:
    """A subject without "Re:" and its like."""
    return PREFIX.sub("", subject).strip()


def answered(subject: str) -> str:
    """The subject of an answer."""
    return f"Re: {bare(subject)}"[:300]


def domain_of(mail: str) -> str:
    """What stands behind the @, in small letters."""
    return mail.rpartition("@")[2].strip().rstrip(".").casefold()


def is_blocked(mail: str, blocked: Iterable[str]) -> bool:
    """Is it of one of these domains, or of one below?"""
    domain = domain_of(mail)
    return any(domain == one or domain.endswith(f".{one}") for one in blocked)


def named(people: Iterable[Mailed]) -> list[dict[str, str]]:
    """The people of a head as a message keeps them."""
    kept = [{"mail": one_line(one.address, 320), "name": one_line(one.name, 200)} for one in people]
    return [one for one in kept if one["mail"]][:MOST_NAMED]


def of_one(identity: bytes, user_id: UUID) -> bytes:
    """The same mail as it came to one colleague alone, who must not read the conversation in which it is known."""
    return hashlib.sha256(identity + user_id.bytes).digest()


def identity(mail: Incoming) -> bytes:
    """What two copies of one mail share and no other mail has. The Message-ID alone is a stranger's word: with the one of another mail his own would pass for known."""
    said = (
        mail.message_id or "", mail.sender.address.casefold() if mail.sender else "", mail.sent_at.isoformat() if mail.sent_at else "", mail.subject, mail.text, mail.quoted,
        *(f"{one.name} {hashlib.sha256(one.data).hexdigest()}" for one in mail.enclosed),
    )
    digest = hashlib.sha256()
    for part in said:
        raw = part.encode("utf-8", "replace")
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.digest()
