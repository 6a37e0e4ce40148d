"""The columns that people of an address book get, whatever program wrote it: the same names for vCard and LDIF.

Several of a kind are numbered: "Mail", "Mail 2". Headers are English as in exports of programs; the page says them in
the reader's language.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from infra.readers.rows import MAX_CELL, MAX_COLUMNS, MAX_ROWS, Unreadable

# What comes first in the table, in this order; everything else follows as it is met.
ORDER = (
    "Name", "First name", "Last name", "Company", "Department", "Job title", "Mail", "Mail 2", "Phone (work)", "Phone", "Mobile", "Phone (home)",
    "Street (work)", "Postcode (work)", "City (work)", "Region (work)", "Country (work)", "Website", "Birthday", "Tags", "Notes",
)


class Person:
    """One person: column -> value, several of a kind numbered."""

    def __init__(self, line: int):
        self.line, self.values = line, {}

    def add(self, column: str, value: str) -> None:
        """Put a value into the first free column of that name; the same value once."""
        value = value.strip()
        if not value:
            return
        stem, mark, kind = column.partition(" (")
        number, name = 1, column
        while name in self.values:
            if self.values[name] == value:
                return
            number += 1
            name = f"{stem} {number}{mark}{kind}"
        if len(value) > MAX_CELL:
            raise Unreadable("cell_too_long", line=self.line, max=MAX_CELL)
        if number <= 20:
            self.values[name] = value

    def join(self, column: str, value: str, mark: str) -> None:
        """Put a value behind what stands there."""
        before = self.values.get(column)
        text = f"{before}{mark}{value}" if before and value else before or value
        if len(text) > MAX_CELL:
            raise Unreadable("cell_too_long", line=self.line, max=MAX_CELL)
        if text:
            self.values[column] = text

    def name_by_what_there_is(self) -> None:
        """Somebody without a name is called by what else is known."""
        parts = " ".join(filter(None, (self.values.get("First name"), self.values.get("Last name"))))
        known = (parts, *(self.values.get(column, "") for column in ("Nickname", "Company", "Mail")))
        if not self.values.get("Name"):
            self.add("Name", next(filter(None, known), ""))


def write_people(people: Iterable[Person], out: Path) -> int:
    """The people as a table whose columns are those that any of them has. Returns their number."""
    columns: dict[str, int] = {}
    body, count = out.with_suffix(".people"), 0
    with body.open("w", encoding="utf-8") as file:
        for person in people:
            person.name_by_what_there_is()
            if not person.values:
                continue
            for name in person.values:
                columns.setdefault(name, len(columns))
            if len(columns) > MAX_COLUMNS:
                raise Unreadable("too_many_columns", line=person.line, max=MAX_COLUMNS)
            count += 1
            if count > MAX_ROWS:
                raise Unreadable("too_many_rows", max=MAX_ROWS)
            file.write(json.dumps([person.line, person.values], ensure_ascii=False) + "\n")
    with body.open(encoding="utf-8") as people_file, out.open("w", encoding="utf-8") as file:
        _write(_ordered(columns), people_file, file)
    body.unlink()
    return count


def _ordered(columns: dict[str, int]) -> list[str]:
    ranks = {name: rank for rank, name in enumerate(ORDER)}
    return sorted(columns, key=lambda name: (ranks.get(name, len(ranks)), columns[name]))


def _write(columns: list[str], people: Iterator[str], out: IO[str]) -> None:
    out.write(json.dumps([0, columns], ensure_ascii=False) + "\n")
    for text in people:
        line, values = json.loads(text)
        cells = [values.get(name, "") for name in columns]
        out.write(json.dumps([line, cells], ensure_ascii=False, separators=(",", ":")) + "\n")
