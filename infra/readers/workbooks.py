"""XLSX, XLS and ODS: a sheet's cells as text that reads the same everywhere (ISO dates, a point before decimals)."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import python_calamine as calamine

from infra.readers.bombs import weigh
from infra.readers.percents import percents
from infra.readers.rows import MAX_COLUMNS, MAX_ROWS, Broken, Number, Row, Unreadable

MOST_SHEETS = 200
MOST_MERGED = 50_000
CALAMINE = (calamine.CalamineError, calamine.PasswordError, calamine.XmlError, calamine.ZipError, calamine.WorksheetNotFound)


class Workbook:
    """An opened workbook. sheets: the names of those that show cells, in their order."""

    def __init__(self, path: Path):
        with path.open("rb") as file:
            self.zipped = file.read(4) == b"PK\x03\x04"
        self.path, self.errors = path, weigh(path) if self.zipped else {}
        try:
            self.book = calamine.CalamineWorkbook.from_path(str(path))
            self.names = list(self.book.sheet_names)
            metadata = list(self.book.sheets_metadata)
        except calamine.PasswordError:
            raise Unreadable("password") from None
        except CALAMINE as error:
            raise Unreadable(_why(error)) from None
        if len(self.names) > MOST_SHEETS:
            raise Unreadable("bomb")
        plain = [sheet.name for sheet in metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
        seen = [sheet.name for sheet in metadata if sheet.name in plain and sheet.visible == calamine.SheetVisibleEnum.Visible]
        self.sheets = seen or plain or self.names

    def first(self) -> str:
        """The first sheet that holds anything."""
        return next((name for name in self.sheets if self._sheet(name).height), self.sheets[0])

    def _sheet(self, name: str) -> calamine.CalamineSheet:
        try:
            return self.book.get_sheet_by_name(name)
        except CALAMINE as error:
            raise Unreadable(_why(error)) from None

    def rows(self, name: str) -> Iterator[Row]:
        """The sheet's rows by their number in it. What a merged cell says stands on each of its rows."""
        sheet = self._sheet(name)
        if sheet.total_width > MAX_COLUMNS and sheet.width > MAX_COLUMNS:
            raise Unreadable("too_many_columns", line=1, max=MAX_COLUMNS)
        if sheet.height > MAX_ROWS + 100:
            raise Unreadable("too_many_rows", max=MAX_ROWS)
        left = sheet.start[1] if sheet.start else 0  # columns before the first that holds anything are not there
        merged, errors, shares, above = _merged(sheet, left), self._errors(name, left), self._shares(name, left), {}
        for index, values in enumerate(sheet.iter_rows()):
            cells = [_cell(value) for value in values]
            for column in shares.get(index + 1, ()):
                if 0 <= column < len(cells) and isinstance(cells[column], Number):
                    cells[column] = _hundredths(cells[column])
            for column in errors.get(index + 1, ()):
                if column < len(cells):
                    cells[column] = Broken(errors[index + 1][column])
            for column, top in merged.get(index, {}).items():
                if top == index:
                    above[column] = cells[column] if column < len(cells) else ""
                elif column < len(cells) and not cells[column]:
                    cells[column] = above.get(column, "")
            yield Row(index + 1, cells)

    def _errors(self, name: str, left: int) -> dict[int, dict[int, str]]:
        """row -> {column: error} of a sheet."""
        found: dict[int, dict[int, str]] = {}
        for cell, word in self.errors.get(self._part(name) if self.errors else "", {}).items():
            column, row = re.match(r"([A-Z]+)(\d+)", cell).groups()
            found.setdefault(int(row), {})[_number(column) - left] = word
        return found

    def _shares(self, name: str, left: int) -> dict[int, list[int]]:
        """row -> the columns in which a sheet shows hundredths."""
        found = percents(self.path, self._part(name)) if self.zipped else {}
        return {row: [_number(letters) - left for letters in columns] for row, columns in found.items()}

    def _part(self, name: str) -> str:
        """The part of the archive in which a sheet lies."""
        with zipfile.ZipFile(self.path) as archive:
            try:
                book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
                links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
            except KeyError:
                return ""
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
                raise Unreadable("damaged") from None
        places = re.findall(r"<(?:\w+:)?sheet\s[^>]*?\br:id=\"([^\"]+)\"", book)
        targets = {}
        for link in re.findall(r"<Relationship\s[^>]*>", links):
            key, target = re.search(r'\bId="([^"]*)"', link), re.search(r'\bTarget="([^"]*)"', link)
            if key and target:
                targets[key[1]] = target[1]
        index = self.names.index(name)
        target = targets.get(places[index], "") if index < len(places) else ""
        return target[1:] if target.startswith("/") else f"xl/{target}"


def _number(letters: str) -> int:
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found - 1


def _merged(sheet: calamine.CalamineSheet, left: int) -> dict[int, dict[int, int]]:
    """row -> {column: first row} of the cells that reach over several rows."""
    found: dict[int, dict[int, int]] = {}
    reached = 0
    for (top, column), (bottom, _) in sheet.merged_cell_ranges or ():
        reached += bottom - top
        if reached > MOST_MERGED:
            break
        if bottom > top:
            for row in range(top, bottom + 1):
                found.setdefault(row, {})[column - left] = top
    return found


def _cell(value: Any) -> str:
    """One value as text without doubt."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return Number(f"{value:.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:.15g}") if abs(value) < 1e300 else Broken("#NUM!")
    if isinstance(value, int):
        return Number(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds") if value.time() != time() else value.date().isoformat()
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _hundredths(number: Number) -> Number:
    """As the sheet shows it: 0.2 is 20%."""
    return Number(f"{(Decimal(number) * 100).normalize():f}%")


def _why(error: Exception) -> str:
    text = str(error).casefold()
    if "password" in text or "encrypt" in text:
        return "password"
    return "bomb" if "limit" in text or "memory" in text else "damaged"
