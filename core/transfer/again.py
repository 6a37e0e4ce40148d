"""Rows that failed are put right after their import ran: they go into a further import of their own, under their lines in the file,
with what was chosen for the first one. The good rows are not touched; each of both imports is taken back by itself."""

import tempfile
from pathlib import Path

from sqlalchemy import select

from core.base.context import Context
from core.base.errors import Refused
from core.base.outcome import if_undone
from core.base.policy import require
from core.transfer import queries, results
from core.transfer.fields import fields_of, writable
from core.transfer.models import ImportRun
from core.transfer.uploading import MAX_FILE, start_check
from infra.readers.rows import Row, write_as_they_are
from infra.spreadsheets import TABLE
from infra.storage import FileRefused, storage

# What the further import takes over from the first.
SAME = ("kind", "file_name", "header", "mode", "key_field", "on_problem", "decimal_mark", "day_order", "scale", "fills_accounts")


def can_be_put_right(run: ImportRun) -> bool:
    """Did it end, and did rows of it fail?"""
    ended = run.state in ("done", "cancelled") or run.broke_off_while == "running"
    return ended and bool(run.counts.get("failed")) and not run.is_tidied


def put_right(ctx: Context, run: ImportRun) -> ImportRun:
    """The import of the rows that failed, being checked; the one that is there already, unless it was taken back. Refuses an import
    that has none (`import_not_now`)."""
    require(ctx, "imports.run", run)
    run = queries.locked(ctx, run.id)
    if not can_be_put_right(run):
        raise Refused("import_not_now", state=run.state)
    known = further(ctx, run)
    return known if known is not None else _begun(ctx, run)


def further(ctx: Context, run: ImportRun) -> ImportRun | None:
    """The import in which its failed rows were put right, where it still stands."""
    return ctx.session.execute(select(ImportRun).where(ImportRun.follows_id == run.id, ImportRun.state != "undone")).scalar_one_or_none()


def _begun(ctx: Context, run: ImportRun) -> ImportRun:
    key, size = _kept(ctx, run)
    beyond = fields_of(ctx, run.kind).keys() - writable(ctx, run.kind).keys()
    mapping = ["" if target in beyond else target for target in run.mapping]
    made = ImportRun(**{name: getattr(run, name) for name in SAME}, mapping=mapping, owner_id=ctx.actor.id, follows_id=run.id, file_key=key, file_size=size, format="rows", encoding=TABLE, delimiter="", header_row=1)
    ctx.session.add(made)
    ctx.session.flush()  # the check is ordered by its key and version
    start_check(ctx, made)
    return made


def _kept(ctx: Context, run: ImportRun) -> tuple[str, int]:
    """(key, size) of a file with the header and the rows that failed, as far as they were corrected already."""
    width = 0 if run.format in ("csv", "rows") else len(run.header)  # a workbook's row ends with its last full cell, a text's was cut
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows"
        with path.open("w", encoding="utf-8") as file:
            write_as_they_are([Row(0, run.header)], file)
            write_as_they_are((Row(one.line, [*one.cells, *[""] * (width - len(one.cells))]) for one in results.results(ctx, run, only="failed")), file)
        with path.open("rb") as file:
            try:
                stored = storage().save(ctx.tenant.id, file, limit=MAX_FILE)
            except FileRefused as refusal:
                raise results.refused(refusal) from None
    if_undone(ctx.session, lambda: storage().remove(ctx.tenant.id, stored.key))
    return stored.key, stored.size
