"""Tables that people made: what a file is written in, and its rows one by one in bounded memory.

`look_at(path)` guesses encoding and delimiter, `read_rows(path, form)` gives the header and an iterator of rows.
Workbooks, cards and directories come behind `read_rows` as a file of rows (infra.readers). Refused with an `Unreadable` that carries a code, parameters
and where known the line: what is not text, and what is longer or wider than anybody's list of customers.
"""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from infra.readers.rows import (
    MAX_CELL,
    MAX_COLUMNS,
    MAX_ROWS,
    TABLE,
    Broken,
    Number,
    Row,
    Unreadable,
    read_table,
)

MAX_LINE = 2_000_000
MAX_BYTES = 64 * 1024 * 1024
SAMPLE = 64 * 1024
DELIMITERS = (",", ";", "\t", "|")
# What a person may choose when the guess is wrong; USUAL: what a language is written in, tried first.
ENCODINGS = (
    "utf-8", "utf-16-le", "utf-16-be", "cp1252", "cp1250", "cp1251", "gb18030", "big5", "cp949", "cp932", "cp1253",
    "cp1254", "cp1255", "cp1256", "mac_cyrillic", "koi8_r",
)
USUAL = {"zh": ("gb18030", "big5"), "ko": ("cp949",), "ru": ("cp1251", "koi8_r")}
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# First bytes of files that are often renamed to .csv, and what to call them.
MAGIC = (
    (b"PK\x03\x04", "not_text"), (b"\xd0\xcf\x11\xe0", "not_text"), (b"%PDF", "not_text"), (b"\x1f\x8b", "not_text"), (b"\x89PNG", "not_text"), (b"\xff\xd8\xff", "not_text"), (b"{\\rtf", "not_text"),
)
WESTERN = frozenset(map(chr, range(128))) | frozenset(
    "áéíóúñüÁÉÍÓÚÑÜ¿¡äöÄÖßàèìòùâêîôûëïçÀÈÇÂÊÎÔÛËÏåÅæÆøØãõÃÕœŒ«»€’‘“”–—…ºª°©®·"
)
# A cell that no column is named by: an address of mail, a web address.
DATA = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|https?://\S+")
HEADER_WITHIN = 20
ESCAPED_BYTE = re.compile("[\udc80-\udcff]")

__all__ = ["Broken", "Form", "Number", "Row", "Unreadable"]

csv.field_size_limit(MAX_CELL)  # the reader's own bound: an unclosed quote ends here, not at the end of memory


@dataclass(frozen=True, slots=True)
class Form:
    """What a file is written in; header_row: which of its rows names the columns (0: none does)."""

    encoding: str
    delimiter: str
    header_row: int = 1


def look_at(path: Path, language: str = "en", encoding: str | None = None) -> Form:
    """Guess what the file is written in; `encoding` where a person has said it. Refuses what isn't text."""
    refuse_other_kinds(path)
    encoding = encoding or find_encoding(path, language)
    return Form(encoding, find_delimiter(_sample_lines(path, encoding)))


def read_rows(path: Path, form: Form | None = None) -> tuple[list[str], Iterator[Row]]:
    """The header and the records below it; blank ones are left out.

    Bytes that don't belong to the encoding come as escapes (see `has_strange_bytes`), so that one of them costs
    a row and not the file. Raises Unreadable, also while iterating.
    """
    form = form or look_at(path)
    rows = all_rows(path, form)
    if form.header_row == 0:
        first = next(rows, None)
        if first is None:
            raise Unreadable("no_rows")
        return [f"Column {number + 1}" for number in range(len(first.cells))], chain((first,), rows)
    header = next(islice(rows, form.header_row - 1, None), None)
    if header is None:
        raise Unreadable("no_rows")
    return [" ".join(cell.split()) for cell in header.cells], rows


def all_rows(path: Path, form: Form) -> Iterator[Row]:
    """Every row, the header and what stands above it too; without Excel's own note about the delimiter."""
    rows = read_table(path) if form.encoding == TABLE else _records(path, form)
    first = next(rows, None)
    if first is None:
        return
    if not (first.line == 1 and first.cells in (["sep=", ""], [f"sep={form.delimiter}"])):
        yield first
    yield from rows


def guess_header(rows: Sequence[Row]) -> int:
    """Which of the first rows names the columns: titles above it are narrow, and it holds words only. 0 where the first
    row is a person or company already."""
    widths = [sum(bool(cell.strip()) for cell in row.cells) for row in rows]
    most = max(widths, default=0)
    for number, row in enumerate(rows[:HEADER_WITHIN], 1):
        if widths[number - 1] >= max(1, most * 0.6):
            told = [cell for cell in row.cells if cell.strip()]
            return 0 if number == 1 and any(DATA.fullmatch(cell.strip()) for cell in told) else number if not any(isinstance(cell, Number) for cell in told) else max(0, number - 1)
    return 1


def has_strange_bytes(cell: str) -> bool:
    """Did bytes stand here that the chosen encoding doesn't know?"""
    return not cell.isascii() and ESCAPED_BYTE.search(cell) is not None


def refuse_other_kinds(path: Path) -> None:
    """Refuse by size and content, never by name."""
    if path.stat().st_size > MAX_BYTES:
        raise Unreadable("too_large", max=f"{MAX_BYTES // 2**20} MB")
    with path.open("rb") as file:
        start = file.read(4096)
    if not start.strip():
        raise Unreadable("no_rows")
    for magic, code in MAGIC:
        if start.upper().startswith(magic.upper()):
            raise Unreadable(code)


# ---- encoding ----


def find_encoding(path: Path, language: str = "en") -> str:
    """The byte order mark, else UTF-16 by its zeros, else UTF-8 if the bytes are, else the likeliest legacy one."""
    with path.open("rb") as file:
        start = file.read(SAMPLE)
    for mark, name in BOMS:
        if start.startswith(mark):
            return name
    zeros = [start[side::2].count(0) / max(1, len(start) // 2) for side in (0, 1)]
    if max(zeros) > 0.3 and min(zeros) < 0.1:
        return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
    if 0 in start:
        raise Unreadable("nul_bytes", line=start[: start.index(0)].count(b"\n") + 1)
    strange = _lines_beyond_ascii(path)
    return "utf-8" if _mostly_utf8(path) else _likeliest(strange, language)


def _mostly_utf8(path: Path) -> bool:
    """Valid UTF-8, or so nearly that a few broken bytes are the mistake and not the encoding."""
    good = bad = 0
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    with path.open("rb") as file:
        while chunk := file.read(SAMPLE):
            text = decoder.decode(chunk)
            if not text.isascii():
                broken = len(ESCAPED_BYTE.findall(text))
                good, bad = good + sum(ord(c) > 127 for c in text) - broken, bad + broken
    return bad == 0 or good > 20 * bad


def _lines_beyond_ascii(path: Path) -> bytes:
    """Up to a sample's size of the lines that can tell encodings apart: a long list is mostly ASCII."""
    found = bytearray()
    with path.open("rb") as file:
        while len(found) < SAMPLE and (chunk := file.read(SAMPLE)):
            if not chunk.isascii():
                whole = chunk + file.readline(SAMPLE)
                found += b"".join(line for line in whole.splitlines(keepends=True) if not line.isascii())
    return bytes(found)


def _likeliest(sample: bytes, language: str) -> str:
    """Western or Japanese where it reads so, else charset-normalizer's choice, unless what the language is usually in fits as well."""
    from charset_normalizer import from_bytes  # heavy: only when a file is neither UTF-8 nor UTF-16

    if _reads_as_western(sample):
        return "cp1252"
    if _reads_as_japanese(sample):
        return "cp932"
    matches = from_bytes(sample, cp_isolation=[name for name in ENCODINGS if not name.startswith("utf")])
    best = matches.best()
    if best is None:
        raise Unreadable("unknown_encoding")
    for usual in USUAL.get(language, ()):
        for match in matches:
            if usual in (match.encoding, *match.could_be_from_charset) and match.chaos <= best.chaos and match.coherence >= best.coherence:
                return usual
    return best.encoding


def _reads_as_japanese(sample: bytes) -> bool:
    """Syllables stand among the signs, as they do in no other script's bytes read so; a guess by frequency needs more text than a name."""
    try:
        beyond = [sign for sign in sample.decode("cp932") if ord(sign) > 127]
    except UnicodeDecodeError:
        return False
    kana = sum("\u3041" <= sign <= "\u30fe" for sign in beyond)
    return kana >= 2 and 5 * kana >= len(beyond)


def _reads_as_western(sample: bytes) -> bool:
    """Accented letters stand singly among plain ones; other scripts have whole words beyond ASCII."""
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    return WESTERN.issuperset(text) and not re.search(r"[^\x00-\x7f]{3,}", text)


# ---- delimiter ----


def find_delimiter(lines: list[str]) -> str:
    """The one under which the rows agree with the header; csv.Sniffer guesses from letters and is often wrong."""
    if lines and re.fullmatch(r"sep=.\s*", lines[0]):
        return lines[0][4]
    scored = [(_agreement(lines, mark), -order, mark) for order, mark in enumerate(DELIMITERS)]
    return max(scored)[2]


def _agreement(lines: list[str], delimiter: str) -> tuple[float, int]:
    """(share of records as wide as the header, width); nothing where the header has one cell."""
    try:
        records = [cells for cells in csv.reader(lines, delimiter=delimiter) if cells]
    except csv.Error:
        return (0.0, 0)
    if not records or len(records[0]) < 2:
        return (0.0, 0)
    widths = Counter(len(cells) for cells in records[:200])
    return (round(widths[len(records[0])] / min(200, len(records)), 1), len(records[0]))


def _sample_lines(path: Path, encoding: str) -> list[str]:
    """The first lines as text, without a last one that the sample may have cut."""
    with _opened(path, encoding) as file:
        try:
            text = file.read(SAMPLE)
        except UnicodeDecodeError:
            raise Unreadable("wrong_encoding", line=1) from None
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
    return [line for line in (lines[:-1] if len(lines) > 2 and len(text) == SAMPLE else lines) if line]


# ---- records ----


def _opened(path: Path, encoding: str):
    if encoding not in ENCODINGS:
        raise Unreadable("unknown_encoding")
    # surrogateescape keeps a strange byte visible in its cell instead of ending the whole reading
    file = path.open(encoding=encoding, errors="surrogateescape", newline="")
    try:
        if file.read(1) != "\ufeff":
            file.seek(0)
    except UnicodeDecodeError:  # UTF-16 cut inside a sign: no error handler helps
        file.close()
        raise Unreadable("wrong_encoding", line=1) from None
    return file


def _records(path: Path, form: Form) -> Iterator[Row]:
    """Records with the line on which they begin, bounded in every direction."""
    with _opened(path, form.encoding) as file:
        reader = csv.reader(_lines(file), delimiter=form.delimiter)
        begins, count = 1, 0
        while True:
            try:
                cells = next(reader, None)
            except csv.Error:
                raise Unreadable("cell_too_long", line=begins, max=MAX_CELL) from None
            except UnicodeError:
                raise Unreadable("wrong_encoding", line=begins) from None
            if cells is None:
                return
            if len(cells) > MAX_COLUMNS:
                raise Unreadable("too_many_columns", line=begins, max=MAX_COLUMNS)
            if any(cell.strip() for cell in cells):
                count += 1
                if count > MAX_ROWS + 1:
                    raise Unreadable("too_many_rows", max=MAX_ROWS)
                yield Row(begins, cells)
            begins = reader.line_num + 1


def _lines(file: Iterable[str]) -> Iterator[str]:
    """Lines of bounded length without NUL: neither a file of one endless line nor a binary one gets further."""
    number = 0
    while line := file.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE:
            raise Unreadable("line_too_long", line=number, max=MAX_LINE)
        if "\0" in line:
            raise Unreadable("nul_bytes", line=number)
        yield line
