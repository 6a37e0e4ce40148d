"""Which cells of an XLSX sheet show a share in hundredths: their value is 0.2 and the sheet shows 20%. The reader of workbooks gives values
alone, so that the formats are looked up beside it, in an archive that was weighed before."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from infra.readers.bombs import OVERLAP, STEP, inflated
from infra.readers.rows import Unreadable

MOST_STYLES = 8 * 1024 * 1024
MOST_CELLS = 1_000_000
BUILT_IN = {b"9", b"10"}
FORMAT = re.compile(rb"<(?:\w+:)?numFmt\s[^>]{0,2000}>")
CELLS = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
STYLE = re.compile(rb"<(?:\w+:)?xf\s[^>]{0,2000}>")
WORDS = re.compile(rb"&quot;.*?&quot;|\\.")
CELL = re.compile(rb'<(?:\w+:)?c\s(?=[^>]{0,200}?\bs="(\d{1,6})")[^>]{0,200}?\br="([A-Z]{1,3})(\d{1,7})"')


def percents(path: Path, part: str) -> dict[int, list[str]]:
    """row -> the letters of its columns of which a part of the archive says so."""
    found: dict[int, list[str]] = {}
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as raw:
            parts = {one.filename: one for one in archive.infolist()}
            styles = parts.get("xl/styles.xml")
            if styles is None or part not in parts or styles.file_size > MOST_STYLES:
                return {}
            wanted = _styles(b"".join(islice(inflated(raw, styles), MOST_STYLES // STEP)))
            for number, (row, letters) in enumerate(_cells(inflated(raw, parts[part]), wanted) if wanted else ()):
                if number >= MOST_CELLS:
                    raise Unreadable("too_many_rows", max=MOST_CELLS)
                found.setdefault(row, []).append(letters)
    except (zipfile.BadZipFile, zlib.error, OSError):
        raise Unreadable("damaged") from None
    return found


def _styles(text: bytes) -> set[bytes]:
    """The numbers of the styles of cells whose format has a percent sign outside its words."""
    formats = BUILT_IN | {_said(one, b"numFmtId") for one in FORMAT.findall(text) if b"%" in WORDS.sub(b"", _said(one, b"formatCode"))}
    cells = CELLS.search(text)
    return {str(index).encode() for index, one in enumerate(STYLE.findall(cells[0]) if cells else ()) if _said(one, b"numFmtId") in formats}


def _said(tag: bytes, name: bytes) -> bytes:
    found = re.search(rb"\b" + name + rb'="([^"]*)"', tag)
    return found[1] if found else b""


def _cells(chunks: Iterator[bytes], wanted: set[bytes]) -> Iterator[tuple[int, str]]:
    """(row, letters) of the cells of these styles, each once: a cell that the end of a chunk cuts is found with the next one."""
    tail = b""
    for chunk in chunks:
        window, end = tail + chunk, 0
        for one in CELL.finditer(window):
            end = one.end()
            if one[1] in wanted:
                yield int(one[3]), one[2].decode()
        tail = window[max(end, len(window) - OVERLAP) :]
