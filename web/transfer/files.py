"""A list as an answer: CSV, XLSX or cards."""

import io
import tempfile
from collections.abc import Callable
from typing import IO, Any

from flask import Response, request, send_file

from core.base.context import Context
from core.transfer.exporting import Filters, Shape, take_out

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
    shape = shape_asked()
    ending, mimetype = TYPES.get(shape.format, TYPES["csv"])
    name = f"{kind}-{ctx.today.isoformat()}.{ending}"
    return file_answer(name, mimetype, lambda file: take_out(ctx, kind, filters, file, keys=keys, shape=shape), text=shape.format != "xlsx")


def csv_answer(name: str, write: Callable[[IO[str]], Any]) -> Response:
    """A CSV file as an answer."""
    return file_answer(name, TYPES["csv"][1], write)


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
    answer = send_file(spool, mimetype=mimetype, as_attachment=True, download_name=name, max_age=0)
    answer.headers["Cache-Control"] = "no-store"
    answer.call_on_close(spool.close)
    return answer
