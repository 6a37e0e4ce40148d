"""A CSV file as an answer."""

import io
import tempfile
from collections.abc import Callable
from typing import IO, Any

from flask import Response, send_file


def csv_answer(name: str, write: Callable[[IO[str]], Any]) -> Response:
    """A file written whole inside the transaction, on disk when it is long, and sent after it."""
    spool = tempfile.SpooledTemporaryFile(max_size=2_000_000)
    text = io.TextIOWrapper(spool, encoding="utf-8", errors="replace", newline="")
    write(text)
    text.detach()  # flushes, and leaves the spool open
    spool.seek(0)
    answer = send_file(spool, mimetype="text/csv; charset=utf-8", as_attachment=True, download_name=name, max_age=0)
    answer.headers["Cache-Control"] = "no-store"
    answer.call_on_close(spool.close)
    return answer
