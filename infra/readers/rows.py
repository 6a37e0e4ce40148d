"""The file of rows that a reader leaves behind: one JSON array a line, [line in the original, [cells]].

A cell is text, or what a workbook knew better: {"n": "1234.5"} a number ("20%" where the sheet shows 0.2 so), {"e": "#DIV/0!"} an error in place of a value.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MAX_ROWS = 200_000
MAX_COLUMNS = 500
MAX_CELL = 100_000
TABLE = "table"  # stands in place of an encoding for a file of rows


class Unreadable(ValueError):
    """This file can't be read as a table. `code` names why, `params` may hold the line."""

    def __init__(self, code: str, **params):
        super().__init__(code)
        self.code, self.params = code, params


class Number(str):
    """A cell that is a number already, with a point before the decimals: no habit of a file's writer changes it. "20%" is 0.2."""


class Broken(str):
    """A cell that holds an error of the workbook, as #DIV/0!, instead of a value."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the line of the file on which it begins, and its cells."""

    line: int
    cells: list[str]


def packed(cells: Iterable[str]) -> list:
    """Cells as JSON keeps them."""
    return [{"n": cell} if isinstance(cell, Number) else {"e": cell} if isinstance(cell, Broken) else cell for cell in cells]


def unpacked(cells: Iterable) -> list[str]:
    """What `packed` made, as cells again."""
    return [cell if isinstance(cell, str) else Number(cell["n"]) if "n" in cell else Broken(cell["e"]) for cell in cells]


def write_table(rows: Iterable[Row], out: IO[str]) -> int:
    """Write the rows that hold anything; refuses too many, too wide, too long. Returns their number."""
    count = 0
    for row in rows:
        cells = bounded(row)
        if cells:
            count += 1
            if count > MAX_ROWS + 1:
                raise Unreadable("too_many_rows", max=MAX_ROWS)
            out.write(json.dumps([row.line, packed(cells)], ensure_ascii=False, separators=(",", ":")) + "\n")
    return count


def write_as_they_are(rows: Iterable[Row], out: IO[str]) -> None:
    """Write rows that were read and bounded before, with their empty cells."""
    for row in rows:
        out.write(json.dumps([row.line, packed(row.cells)], ensure_ascii=False, separators=(",", ":")) + "\n")


def bounded(row: Row) -> list[str]:
    """The cells without the empty ones at the end; nothing for an empty row."""
    cells = row.cells
    width = len(cells)
    while width and not cells[width - 1].strip():
        width -= 1
    if width > MAX_COLUMNS:
        raise Unreadable("too_many_columns", line=row.line, max=MAX_COLUMNS)
    if any(len(cell) > MAX_CELL for cell in cells[:width]):
        raise Unreadable("cell_too_long", line=row.line, max=MAX_CELL)
    return cells[:width]


def read_table(path: Path) -> Iterator[Row]:
    """The rows of such a file, one by one."""
    with path.open(encoding="utf-8") as file:
        for text in file:
            line, cells = json.loads(text)
            yield Row(line, unpacked(cells))
