"""What a zip archive holds is weighed before any of it is read as a workbook (RELIABILITY 0.7, X10).

Sizes that an archive states may lie, so every part is inflated once and only counted; no part may begin an own set of
XML entities. On the way the places of error cells are noted: the reader of workbooks gives nothing in their stead.
"""

import re
import struct
import zipfile
import zlib
from pathlib import Path

from infra.readers.rows import Unreadable

MOST_BYTES = 160 * 1024 * 1024
MOST_PARTS = 3000
RATIO, SMALL = 100, 8 * 1024 * 1024
STEP = 256 * 1024
OVERLAP = 512
ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
ERROR_CELL = re.compile(rb'<c (?=[^>]{0,200}\bt="e")[^>]{0,200}?\br="([A-Z]{1,3}\d{1,7})"[^>]{0,200}>(?:<f[^>]{0,200}/>|<f[^>]{0,200}>[^<]{0,2000}</f>)?<v>(#[^<]{1,20})</v>')
MOST_ERRORS = 100_000


def weigh(path: Path) -> dict[str, dict[str, str]]:
    """Refuse an archive that would grow beyond all measure. Returns part -> {cell: error} of its error cells."""
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as raw:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS:
                raise Unreadable("bomb")
            if any(part.flag_bits & 1 for part in parts):
                raise Unreadable("password")
            if sum(part.file_size for part in parts) > MOST_BYTES or sum(part.compress_size for part in parts) > path.stat().st_size:
                raise Unreadable("bomb")
            return _count(raw, parts, path.stat().st_size)
    except (zipfile.BadZipFile, zlib.error, struct.error, ValueError, NotImplementedError, OSError) as error:
        raise error if isinstance(error, Unreadable) else Unreadable("damaged") from None


def _count(raw, parts: list[zipfile.ZipInfo], size: int) -> dict[str, dict[str, str]]:
    total, errors = 0, {}
    for part in parts:
        tail, found = b"", {}
        for chunk in inflated(raw, part):
            total += len(chunk)
            if total > MOST_BYTES or (total > SMALL and total > RATIO * size):
                raise Unreadable("bomb")
            window = tail + chunk
            if part.filename.endswith((".xml", ".rels")):
                if ENTITIES.search(window.replace(b"\0", b"")):
                    raise Unreadable("bomb")
                if b't="e"' in window and len(found) < MOST_ERRORS:
                    found |= {cell.decode(): word.decode("ascii", "replace") for cell, word in ERROR_CELL.findall(window)}
            tail = window[-OVERLAP:]
        if found:
            errors[part.filename] = found
    return errors


def inflated(raw, part: zipfile.ZipInfo):
    """The bytes of a part as they really are, whatever the directory says of their number."""
    raw.seek(part.header_offset)
    head = raw.read(30)
    if head[:4] != b"PK\x03\x04":
        raise Unreadable("damaged")
    raw.seek(sum(struct.unpack("<HH", head[26:30])), 1)
    left = part.compress_size
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unreadable("damaged")
    machine = zlib.decompressobj(-15) if part.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0 and (data := raw.read(min(STEP, left))):
        left -= len(data)
        while machine is not None and data:
            yield machine.decompress(data, STEP)
            data = machine.unconsumed_tail
        if machine is None:
            yield data
