"""What a file is, told from its content and never from its name (RELIABILITY X5): a picture called invoice.pdf is a
picture, and a page called photo.jpg is a page."""

import re
from pathlib import Path

import filetype

HEAD = 8192
UNKNOWN, TEXT, HTML, XML, SVG = "application/octet-stream", "text/plain", "text/html", "application/xml", "image/svg+xml"
MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
# Where markup names itself; whatever else begins with a tag is taken for a page.
SIGNS = ((re.compile(rb"<(?:[a-z]+:)?svg[\s>/]"), SVG), (re.compile(rb"<!doctype\s+html|<(?:[a-z]+:)?(?:html|head|body|script|iframe|xhtml)[\s>/]"), HTML), (re.compile(rb"^<\?xml|^<!doctype|^<!\[cdata"), XML))


def type_of(path: Path) -> str:
    """The media type of a file; application/octet-stream for what is not known."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    markup = _markup(head)
    if markup:
        return markup
    found = filetype.guess(head) or filetype.guess(str(path))
    return found.mime if found else TEXT if _is_text(head) else UNKNOWN


def _markup(head: bytes) -> str | None:
    """The kind of markup that a file begins with; None where it does not begin with any."""
    plain = head
    for mark in MARKS:
        plain = plain.removeprefix(mark)
    plain = plain.replace(b"\x00", b"").lstrip().lower()  # UTF-16 read as if it were ASCII
    if not plain.startswith(b"<"):
        return None
    for sign, kind in SIGNS:
        if sign.search(plain):
            return kind
    return HTML if re.match(rb"<[a-z!/?]", plain) else None


def _is_text(head: bytes) -> bool:
    if b"\x00" in head:
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 4 and len(head) == HEAD  # a character that the head cuts in two
    return True
