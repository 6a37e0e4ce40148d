"""How a run's file is opened: a list in text as it is, anything else through a file of rows made beside it."""

import tempfile
from pathlib import Path

from core.base.context import Context
from core.base.errors import Refused
from core.base.outcome import if_undone, once_kept
from core.transfer.models import ImportRun
from infra.readers.converting import convert, kind_of
from infra.spreadsheets import TABLE, Form, Row, Unreadable, all_rows, find_encoding, guess_header, look_at
from infra.storage import FileRefused, storage

MOST_TABLE = 200 * 1024 * 1024
LOOKED_AT = 30


def open_first(ctx: Context, run: ImportRun) -> Form:
    """Say what kind of file it is and how it is written; what is no text becomes a file of rows. Refuses what can't be read."""
    try:
        path = storage().path(ctx.tenant.id, run.file_key)
        run.format = kind_of(path)
        if run.format == "csv":
            form = look_at(path, ctx.locale)
            return Form(form.encoding, form.delimiter, _header_of(path, form))
        return make_table(ctx, run)
    except (Unreadable, FileRefused) as refusal:
        raise refused(refusal) from None


def make_table(ctx: Context, run: ImportRun, sheet: str = "") -> Form:
    """The file of rows of a workbook's sheet, of cards, of a directory. Whoever makes a second one lets the first go (`let_go`)."""
    path = storage().path(ctx.tenant.id, run.file_key)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "rows"
        charset = "utf-8" if run.format == "workbook" else find_encoding(path, ctx.locale)
        made = convert(run.format, path, out, sheet=sheet, charset=charset.replace("utf-16-le", "utf-16").replace("utf-16-be", "utf-16"))
        if not made.rows:
            raise Unreadable("no_rows")
        with out.open("rb") as file:
            stored = storage().save(ctx.tenant.id, file, limit=MOST_TABLE)
    run.table_key = stored.key
    if_undone(ctx.session, lambda: storage().remove(ctx.tenant.id, stored.key))
    run.sheets, run.sheet = list(made.sheets), made.sheet
    form = Form(TABLE, "")
    return Form(TABLE, "", _header_of(file_of(ctx, run), form) if run.format == "workbook" else 1)


def let_go(ctx: Context, key: str) -> None:
    """The file goes once the whole transaction is certain, not with a savepoint of it: until then it may still be needed."""
    once_kept(ctx.session, lambda: storage().remove(ctx.tenant.id, key))


def _header_of(path: Path, form: Form) -> int:
    return guess_header(_first(path, form))


def _first(path: Path, form: Form, limit: int = LOOKED_AT) -> list[Row]:
    return [row for row, _ in zip(all_rows(path, form), range(limit), strict=False)]


def form_of(run: ImportRun) -> Form:
    """How the rows of a run are read."""
    return Form(run.encoding, run.delimiter, run.header_row)


def file_of(ctx: Context, run: ImportRun) -> Path:
    """Where the rows of a run lie; refuses a file that is gone."""
    try:
        return storage().path(ctx.tenant.id, run.table_key or run.file_key)
    except FileRefused as refusal:
        raise refused(refusal) from None


def first_lines(ctx: Context, run: ImportRun, limit: int = 10) -> list[Row]:
    """The first rows as they stand, to say which of them names the columns."""
    try:
        return _first(file_of(ctx, run), form_of(run), limit)
    except Unreadable as refusal:
        raise refused(refusal) from None


def refused(refusal: Unreadable | FileRefused) -> Refused:
    """The cellar's word as the middle says it."""
    code = {"no_rows": "file_empty", "empty": "file_empty", "too_large": "file_too_large"}.get(refusal.code, f"file_{refusal.code}")
    params = {**refusal.params, "max": "25 MB"} if code == "file_too_large" else refusal.params
    return Refused(code, field="file", **params)
