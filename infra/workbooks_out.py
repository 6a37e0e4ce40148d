"""Tables that we hand out as XLSX: written row by row, numbers and dates as such, text as text whatever it begins with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

ILLEGAL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])
LONGEST = 32_767
SHEET_SIGNS = str.maketrans("", "", "[]:*?/\\'")


def write_workbook(file: IO[bytes], title: str, header: Iterable[str], rows: Iterable[Iterable[Any]], *, scratch: str | None = None) -> int:
    """Write one sheet in constant memory; returns the number of rows below the header. Nothing in it is a formula or a
    link (RELIABILITY X9). scratch: a folder for its parts meanwhile."""
    import xlsxwriter  # only an export needs it

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "default_date_format": "yyyy-mm-dd", "tmpdir": scratch}
    count = 0
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(title.translate(SHEET_SIGNS)[:31] or None)
        bold, moment = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.freeze_panes(1, 0)
        for place, name in enumerate(header):
            sheet.write_string(0, place, _text(name), bold)
        for count, row in enumerate(rows, 1):
            for place, value in enumerate(row):
                _write(sheet, count, place, value, moment)
    return count


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a sheet that is no plain table. formula: ours, never made of what people typed; value is what it comes to then.
    look: a number's pattern; bold, wrap: how it is shown."""

    row: int
    column: int
    value: Any
    formula: str = ""
    look: str = ""
    bold: bool = False
    wrap: bool = False


def write_sheet(file: IO[bytes], title: str, cells: Iterable[Cell], *, widths: Mapping[int, int], properties: Mapping[str, str], fixed_rows: int = 0) -> None:
    """A workbook of one sheet with formulas that live; all else in it is a number, a date or plain text, whatever it begins with.
    widths: of columns, in characters; properties: title, author; fixed_rows: repeated on every printed page and kept in sight."""
    import xlsxwriter  # only an export needs it

    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}) as book:
        book.set_properties({name: _text(value)[:255] for name, value in properties.items()})
        sheet = book.add_worksheet(_sheet_name(title))
        sheet.fit_to_pages(1, 0)
        if fixed_rows:
            sheet.repeat_rows(fixed_rows)
        for column, width in widths.items():
            sheet.set_column(column, column, width)
        looks: dict[tuple[str, bool, bool], Any] = {}
        for cell in cells:
            key = (cell.look, cell.bold, cell.wrap)
            if key not in looks:
                looks[key] = book.add_format({"valign": "top", "bold": cell.bold, "text_wrap": cell.wrap} | ({"num_format": cell.look} if cell.look else {}))
            _write_cell(sheet, cell, looks[key])


def _sheet_name(title: str) -> str | None:
    """As spreadsheets allow: 31 units of UTF-16, without their own signs; None has one made up."""
    short = _text(title).translate(SHEET_SIGNS).replace("\n", " ").encode("utf-16-le", "ignore")[:62].decode("utf-16-le", "ignore").strip()
    return None if short.casefold() == "history" else short or None


def _write_cell(sheet: Any, cell: Cell, look: Any) -> None:
    if cell.formula:
        sheet.write_formula(cell.row, cell.column, f"={cell.formula}", look, float(cell.value))
    elif isinstance(cell.value, date) and cell.value.year >= 1900:
        sheet.write_datetime(cell.row, cell.column, datetime(cell.value.year, cell.value.month, cell.value.day), look)  # noqa: DTZ001
    elif isinstance(cell.value, int | Decimal) and _is_exact(cell.value):
        sheet.write_number(cell.row, cell.column, float(cell.value), look)
    else:
        sheet.write_string(cell.row, cell.column, _text(cell.value), look)


def _write(sheet: Any, line: int, place: int, value: Any, moment: Any) -> None:
    """One cell by the type of its value. Numbers beyond what a workbook keeps exactly are text."""
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(line, place, value)
    elif isinstance(value, int | float | Decimal) and _is_exact(value):
        sheet.write_number(line, place, float(value))
    elif isinstance(value, datetime):
        sheet.write_datetime(line, place, value, moment)
    elif isinstance(value, date) and value.year >= 1900:
        sheet.write_datetime(line, place, datetime(value.year, value.month, value.day))  # noqa: DTZ001
    else:
        sheet.write_string(line, place, _text(value))


def _is_exact(value: int | float | Decimal) -> bool:
    """Does a workbook keep it whole? It keeps fifteen digits."""
    return abs(value) < 10**15 and (not isinstance(value, Decimal) or Decimal(f"{value:.15g}") == value)


def _text(value: Any) -> str:
    return str(value).translate(ILLEGAL)[:LONGEST]
