"""Tables that we hand out as CSV: cells that no spreadsheet runs as a formula."""

import csv
import re
from collections.abc import Iterable

LEAD = re.compile("[ \u00a0\u3000]*[=+@\t\r\n|＝＋－＠-]")
PLAIN_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")


def safe_cell(value: object) -> str:
    """A value as a cell that no spreadsheet runs as a formula (RELIABILITY X9); numbers, negative ones too, stay numbers."""
    if value is None:
        return ""
    text = value if value.__class__ is str else str(value)
    return f"'{text}" if LEAD.match(text) and not PLAIN_NUMBER.fullmatch(text) else text


def unsafe_cell(text: str) -> str:
    """What stood there before `safe_cell`, so that an export comes in as it went out."""
    bare = text[1:]
    return bare if text.startswith("'") and safe_cell(bare) == text else text


def write_rows(file, header: Iterable[object], rows: Iterable[Iterable[object]]) -> int:
    """Write a CSV that spreadsheets open as it is: UTF-8 with its mark, commas, CRLF (RFC 4180). Returns the number of rows."""
    file.write("\ufeff")
    writer = csv.writer(file)
    writer.writerow([safe_cell(name) for name in header])
    count = 0
    for row in rows:
        writer.writerow([safe_cell(value) for value in row])
        count += 1
    return count
