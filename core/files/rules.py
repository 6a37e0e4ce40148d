"""Pure rules of files: what a name becomes, what kind of thing a media type is."""

import os
import re
import unicodedata

from core.base.text import CONTROL, LINE_END
from core.files.models import LONGEST_NAME

# Looks like a slash and is none.
SLASHES = re.compile("[/\\\\\u2044\u2215\u29f8\uff0f\uff3c]")
GROUPS = (
    ("photo", ("image/",)), ("video", ("video/",)), ("music", ("audio/",)), ("file-zip", ("application/zip", "application/gzip", "application/x-7z", "application/x-rar", "application/vnd.rar", "application/x-tar")),
    ("file-spreadsheet", ("application/vnd.ms-excel", "application/vnd.openxmlformats-officedocument.spreadsheetml", "application/vnd.oasis.opendocument.spreadsheet", "text/csv")),
    ("file-text", ("text/", "application/pdf", "application/msword", "application/vnd.openxmlformats-officedocument.wordprocessingml", "application/rtf", "application/vnd.oasis.opendocument.text")),
)


def shown_name(given: str | None) -> str:
    """A name to show: the last part of a path, in one line, without anything invisible, at most 255 characters; its
    ending is kept. "file" where nothing is left."""
    text = LINE_END.sub(" ", unicodedata.normalize("NFC", given or "")).encode("utf-8", "replace").decode()
    name = " ".join("".join(c for c in CONTROL.sub("", SLASHES.split(text)[-1]) if c.isprintable()).split())
    if not name.strip(". "):
        return "file"
    if len(name) <= LONGEST_NAME:
        return name
    stem, ending = os.path.splitext(name)
    return stem[: LONGEST_NAME - len(ending)] + ending if len(ending) <= 20 else name[:LONGEST_NAME]


def icon_of(mimetype: str) -> str:
    """The icon of a media type."""
    return next((icon for icon, beginnings in GROUPS if mimetype.startswith(beginnings)), "file")
