"""Tables that we hand out as XLSX: written row by row, numbers and dates as such, text as text whatever it begins with."""

from collections.abc import Iterable
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
