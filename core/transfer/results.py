"""What became of each row of a file: every one in its order, with its cells, the result, why, and its record. A table for people, page
by page for programs. The file is walked beside the staged rows, a thousand at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any
from uuid import UUID

from sqlalchemy import select

from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import has, require, visible
from core.base.words import N_
from core.transfer import exporting, kinds, queries
from core.transfer.checking import corrections, laid_over
from core.transfer.fields import MODELS
from core.transfer.headers import RESULT_TITLES
from core.transfer.models import LEFT_OUT, WHOLE_ROW, ImportRow, ImportRun
from core.transfer.opening import file_of, form_of, refused
from infra import i18n
from infra.spreadsheets import Row, Unreadable, read_rows
from infra.spreadsheets_out import write_rows
from infra.workbooks_out import write_workbook

AT_ONCE = 1000
WAITING = "waiting"  # the import did not come so far
# Outcome -> what it is called.
NAMES = {
    "created": N_("Created"), "updated": N_("Changed"), "skipped": N_("Left out"), "duplicate": N_("Already there"), "failed": N_("Failed"),
    "undone": N_("Taken back"), "kept": N_("Kept"), WAITING: N_("Not reached"),
}
ONLY = ("", "failed")
Say = Callable[[str, dict[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Result:
    """One row. cells: as they came in, with what was corrected; reasons: (column or None, code, params); record_id: only of a record
    that the actor sees, with whether it lies in the recycle bin."""

    line: int
    outcome: str
    cells: list[str]
    reasons: list[tuple[int | None, str, dict[str, Any]]]
    record_id: UUID | None
    is_deleted: bool


def may_take(ctx: Context, run: ImportRun) -> bool:
    """Is there a result, and is it the actor's own file, or may he take such lists out?"""
    return run.has_begun and not run.is_tidied and (run.created_by == ctx.actor.id or has(ctx, kinds.of(run).needs("export")))


def write_results(ctx: Context, run: ImportRun, file: IO[Any], say: Say, *, format: str = "csv", only: str = "") -> int:
    """Write them into `file` (text for CSV, bytes for XLSX), and who took them into the record; returns how many rows. only: "failed"
    for the rows that failed, to be corrected and brought again."""
    if format not in ("csv", "xlsx"):
        raise Refused("unknown_value", field="format")
    if not run.has_begun:
        raise Refused("import_not_now", state=run.state)
    titles = [i18n.gettext(ctx.locale, title) for title in RESULT_TITLES]
    table = (_written(ctx, run, one, say) for one in results(ctx, run, only=only))
    head = [*titles, *run.header]
    number = write_rows(file, head, table) if format == "csv" else write_workbook(file, titles[1], head, table)
    said = {"import": str(run.id)} | ({"rows": only} if only else {}) | ({"format": format} if format != "csv" else {})
    return exporting.write_down(ctx, run.kind, said, number)


def results(ctx: Context, run: ImportRun, *, after: int = 0, only: str = "") -> Iterator[Result]:
    """The rows behind a line; before the import began none of them was reached. Refuses whoever may not take out what others brought."""
    require(ctx, "imports.read", run)
    if only not in ONLY:
        raise Refused("unknown_value", field="only")
    if run.is_tidied:
        raise Refused("import_not_now", state=run.state)
    if run.created_by != ctx.actor.id:
        require(ctx, kinds.of(run).needs("export"))
    return _results(ctx, run, after, only)


def link_to(ctx: Context, run: ImportRun, one: Result) -> str | None:
    """Where the record is to be looked at."""
    page = kinds.of(run).page or f"{run.kind}/{one.record_id}"
    return f"{ctx.tenant.url}/{page}" if one.record_id and not one.is_deleted else None


def reasons_in_words(run: ImportRun, one: Result, say: Say) -> str:
    """Why it came to this, each with the name of its column."""
    return "; ".join(f"{queries.column_name(run, place)}{say(code, params)}" for place, code, params in one.reasons)


def _written(ctx: Context, run: ImportRun, one: Result, say: Say) -> list[Any]:
    outcome = i18n.gettext(ctx.locale, NAMES[one.outcome])
    return [str(one.line), outcome, reasons_in_words(run, one, say), one.record_id, link_to(ctx, run, one), *one.cells]


def _results(ctx: Context, run: ImportRun, after: int, only: str) -> Iterator[Result]:
    away = queries.hidden_columns(ctx, run)
    try:
        rows = (row for row in read_rows(file_of(ctx, run), form_of(run))[1] if row.line > after)
        while part := list(islice(rows, AT_ONCE)):
            yield from (one for one in _chunk(ctx, run, part, away) if not only or one.outcome == only)
    except Unreadable as refusal:
        raise refused(refusal) from None


def _chunk(ctx: Context, run: ImportRun, rows: Sequence[Row], away: set[int]) -> Iterator[Result]:
    first, last = rows[0].line, rows[-1].line
    columns = (ImportRow.line, ImportRow.outcome, ImportRow.plan, ImportRow.choice, ImportRow.problems, ImportRow.notes, ImportRow.record_id)
    staged = {row.line: row for row in ctx.session.execute(select(*columns).where(ImportRow.run_id == run.id, ImportRow.line.between(first, last)))}
    fixes, unseen = corrections(ctx, run, first, last), queries.unseen(ctx, run, (row.notes for row in staged.values()))
    model = MODELS[run.kind]
    keys = {row.record_id for row in staged.values() if row.record_id and row.outcome}
    known = dict(tuple(row) for row in ctx.session.execute(visible(ctx, model).with_only_columns(model.id, kinds.of(run).in_bin()).where(model.id.in_(keys)))) if keys else {}
    before, gone = queries.said_before(ctx, run, first, last), "row_gone_again" if kinds.of(run).tell else "row_in_bin_again"
    for row in rows:
        one, fixed = staged.get(row.line), {place: text for place, text in fixes.get(row.line, {}).items() if place not in away}
        cells = ["" if place in away else cell for place, cell in enumerate(laid_over(row.cells, fixed))]
        record_id = one.record_id if one and one.record_id in known else None
        yield Result(row.line, (one and one.outcome) or WAITING, cells, _reasons(one, row, fixed, away, unseen, before.get(row.line), gone), record_id, known.get(record_id, False))


def _reasons(one: Any, row: Row, fixed: dict[int, str], away: set[int], unseen: set[str], before: int | None, gone: str) -> list[tuple[int | None, str, dict[str, Any]]]:
    if one is None or one.outcome is None:
        return [(None, "row_not_reached", {})]
    given = one.problems or (one.notes if one.outcome in ("created", "updated") else None) or ()
    found = [(item["column"], *(("field_hidden", {}) if item["column"] in away else (item["code"], item["params"]))) for item in given if item["params"].get("id") not in unseen]
    if not one.problems and (code := _why(one, gone)):
        found.insert(0, (None, "row_twice", {"line": before}) if before and code == "row_again" else (None, code, {}))
    was = [(place, "cell_corrected", {"value": row.cells[place] if place < len(row.cells) else ""}) for place in sorted(fixed) if place != WHOLE_ROW]
    return found + was


def _why(one: Any, gone: str) -> str | None:
    """What an outcome without a problem comes from."""
    if one.outcome == "undone":
        return gone if one.plan == "create" else "row_as_before"
    if one.outcome == "kept":
        return "row_kept"
    if one.choice == LEFT_OUT:
        return "row_left_out"
    if one.outcome == "duplicate":
        return "row_exists" if one.record_id else "row_again"
    if one.outcome == "skipped":
        return "row_not_found" if one.plan == "skip" else "row_unchanged"
    return None
