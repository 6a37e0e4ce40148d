"""A list as an answer: CSV, XLSX or cards."""

import io
import tempfile
from collections.abc import Callable, Iterable
from typing import IO, Any

from flask import Response, request, send_file

from core.base.context import Context
from core.transfer import preparing
from core.transfer.exporting import Filters, Shape
from core.transfer.wanted import Wanted, take_out
from infra import i18n
from infra.spreadsheets_out import write_rows
from infra.workbooks_out import write_workbook
from web.pages import see_other

TYPES = {
    "csv": ("csv", "text/csv; charset=utf-8"), "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), "vcard": ("vcf", "text/vcard; charset=utf-8"),
}


def shape_asked() -> Shape:
    """What the form of an export says; a bare one: all fields as CSV. What it may not be the use case refuses."""
    given = request.form
    columns = tuple(filter(None, given.get("columns", "").split(","))) if given.get("fields") == "view" else None
    return Shape(given.get("format") or "csv", columns, given.get("heads") == "names")


def list_answer(ctx: Context, kind: str, filters: Filters, *, keys: Any = None) -> Response:
    """A list in the form that was asked for."""
    return wanted_answer(ctx, Wanted(kind, filters, keys, shape_asked()), kind)


def wanted_answer(ctx: Context, wanted: Wanted, name: str) -> Response:
    """A list as a file at once where it is short; a long one is prepared in the background, and its page says how far it is."""
    ending, mimetype = TYPES.get(wanted.shape.format, TYPES["csv"])
    name = f"{name}-{ctx.today.isoformat()}.{ending}"
    if preparing.is_long(ctx, wanted):
        return see_other("exports.show", id=preparing.ask(ctx, wanted, name).id)
    return file_answer(name, mimetype, lambda file: take_out(ctx, wanted, file), text=False)


def csv_answer(name: str, write: Callable[[IO[str]], Any]) -> Response:
    """A CSV file as an answer."""
    return file_answer(name, TYPES["csv"][1], write)


def table_answer(ctx: Context, name: str, title: str, heads: list[str], rows: Iterable[list[Any]]) -> Response:
    """A table as CSV, or as the workbook that the form asks for (format=). title: of its sheet."""
    kind = "xlsx" if request.form.get("format") == "xlsx" else "csv"
    ending, mimetype = TYPES[kind]
    write = (lambda file: write_workbook(file, i18n.gettext(ctx.locale, title), heads, rows)) if kind == "xlsx" else (lambda file: write_rows(file, heads, rows))
    return file_answer(f"{name}.{ending}", mimetype, write, text=kind == "csv")


def file_answer(name: str, mimetype: str, write: Callable[[IO[Any]], Any], *, text: bool = True) -> Response:
    """A file written whole inside the transaction, on disk when it is long, and sent after it."""
    spool = tempfile.SpooledTemporaryFile(max_size=2_000_000)
    if text:
        wrapped = io.TextIOWrapper(spool, encoding="utf-8", errors="replace", newline="")
        write(wrapped)
        wrapped.detach()  # flushes, and leaves the spool open
    else:
        write(spool)
    spool.seek(0)
    return sent(spool, name, mimetype)


def sent(file: IO[bytes], name: str, mimetype: str) -> Response:
    """An open file as a download, closed after it."""
    answer = send_file(file, mimetype=mimetype, as_attachment=True, download_name=name, max_age=0)
    answer.headers["Cache-Control"] = "no-store"
    answer.call_on_close(file.close)
    return answer
