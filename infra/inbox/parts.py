"""A mail's parts: which of them is its text, which are files. Named as sent, but never by a path."""

import mimetypes
import re
from email.generator import BytesGenerator
from email.message import Message
from email.policy import compat32
from io import BytesIO

from infra.inbox import MOST_DEPTH, MOST_PARTS, MOST_TEXT, charsets, heads, html_text
from infra.incoming import Enclosed

PLAIN = compat32.clone(cte_type="8bit")
TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}")
ENDINGS = {"message/rfc822": ".eml", "text/plain": ".txt", "text/html": ".html", "application/ms-tnef": ".dat", "message/delivery-status": ".txt", "application/octet-stream": ".bin"}


class Found:
    """What a walk over the parts found."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.html: list[str] = []
        self.files: list[Enclosed] = []
        self.defects: set[str] = set()
        self.parts = 0
        # The first text that has a file's name and is not said to be a file: where there is no other, it is the mail's text too.
        self.named: Message | None = None


def walk(message: Message) -> Found:
    """Texts and files, as far as the bounds allow."""
    found, waiting = Found(), [(message, 0, False)]
    while waiting:
        part, depth, chosen = waiting.pop()
        found.parts += 1
        if found.parts > MOST_PARTS or depth > MOST_DEPTH:
            found.defects.add("parts")
            break
        kind = part.get_content_maintype()
        if kind == "multipart" and isinstance(part.get_payload(), list):
            among = part.get_content_subtype() == "alternative" or chosen
            waiting += [(child, depth + 1, among) for child in reversed(part.get_payload())]
        else:
            _take(found, part, chosen)
    if not found.text and not found.html and found.named is not None:
        found.text.append(_text(found, found.named))
    return found


def text_of(found: Found) -> str:
    """The plain text; out of the HTML part where there is no other."""
    plain = "\n\n".join(part for part in found.text if part.strip())
    if not plain.strip():
        plain = "\n\n".join(html_text.text_of(part) for part in found.html)
    if len(plain) > MOST_TEXT:
        found.defects.add("long")
    return charsets.storable(plain[:MOST_TEXT])


def _take(found: Found, part: Message, chosen: bool) -> None:
    """One part that has no parts. chosen: one of several ways to say the same, where no way is a file."""
    name, kind = _name(part), part.get_content_type()
    says_file = _disposition(part) == "attachment" or bool(name)
    if part.get_content_maintype() == "multipart" or (kind == "text/plain" and not says_file):
        found.text.append(_text(found, part))
    elif kind == "text/html" and not says_file and (chosen or not found.files or not found.html):
        found.html.append(_text(found, part))
    else:
        data = _bytes(found, part)
        if kind == "text/plain" and _disposition(part) != "attachment":
            found.named = part if found.named is None else found.named
        found.files.append(Enclosed(name or _unnamed(len(found.files) + 1, kind), kind if TYPE.fullmatch(kind) else "application/octet-stream", data, _content_id(part)))


def _text(found: Found, part: Message) -> str:
    try:
        charset = part.get_param("charset")
    except Exception:
        charset = None
    charset = charset[2] if isinstance(charset, tuple) else charset
    text, as_said = charsets.decoded(_bytes(found, part), charset if isinstance(charset, str) else None)
    if not as_said:
        found.defects.add("charset")
    return text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")


def _bytes(found: Found, part: Message) -> bytes:
    """The content of a part; that of a mail in a mail as it was sent."""
    try:
        if isinstance(part.get_payload(), list):
            return b"\n".join(_written(inner) for inner in part.get_payload())
        return part.get_payload(decode=True) or b""
    except Exception:
        found.defects.add("encoding")
        payload = part.get_payload()
        return payload.encode("utf-8", "surrogateescape") if isinstance(payload, str) else b""


def _written(message: Message) -> bytes:
    out = BytesIO()
    BytesGenerator(out, mangle_from_=False, policy=PLAIN).flatten(message)
    return out.getvalue()


def _name(part: Message) -> str:
    """The file's name, decoded (RFC 2231, 2047), without folders and signs that nobody sees."""
    try:
        name = part.get_filename() or ""
    except Exception:
        name = ""
    if "=?" in name or heads.BYTES.search(name):
        name = heads.words(name)
    name = re.split(r"[/\\]", charsets.storable(heads.one_line(name)))[-1]
    return re.sub(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069]", "", name).strip(". ")[:200]


def _unnamed(number: int, kind: str) -> str:
    return f"part-{number}" + (ENDINGS.get(kind) or mimetypes.guess_extension(kind) or ".bin")


def _disposition(part: Message) -> str:
    try:
        return part.get_content_disposition() or ""
    except Exception:
        return ""


def _content_id(part: Message) -> str | None:
    return next((found[:300] for found in heads.ids(part, "content-id")), None)
