"""What didn't come in, as a file to correct and to bring again: the rows as they stood, with the reason."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import IO, Any

from core.base.context import Context
from core.base.policy import require
from core.transfer import queries
from core.transfer.checking import corrections, laid_over
from core.transfer.models import ImportRun
from core.transfer.opening import file_of, form_of, refused
from infra.spreadsheets import Unreadable, read_rows
from infra.spreadsheets_out import write_rows

# Outcome or plan of a row that has no problem of its own -> what to say.
REASONS = {"duplicate": "row_exists", "twin": "row_again", "skip": "row_not_found", "skipped": "row_unchanged", "chosen": "row_left_out"}
AT_ONCE = 1000
Say = Callable[[str, dict[str, Any]], str]


def write_left_out(ctx: Context, run: ImportRun, file: IO[str], say: Say, titles: tuple[str, str]) -> int:
    """Write the rows that were (or would be) left out; `say` puts a code into words. Returns how many."""
    require(ctx, "imports.read", run)
    try:
        header, rows = read_rows(file_of(ctx, run), form_of(run))
        return write_rows(file, [*titles, *header], _left_out(ctx, run, rows, say))
    except Unreadable as refusal:
        raise refused(refusal) from None


def reason(run: ImportRun, outcome: str, problems: list[dict[str, Any]], say: Say, before: int | None) -> str:
    """Why a row was left out, each problem with the name of its column. before: the earlier line that says the same."""
    if not problems:
        return say("row_twice", {"line": before}) if before else say(REASONS.get(outcome, "row_exists"), {})
    return "; ".join(f"{queries.column_name(run, item['column'])}{say(item['code'], item['params'])}" for item in problems)


def _left_out(ctx: Context, run: ImportRun, rows: Iterator, say: Say) -> Iterator[list[str]]:
    """Both walk by line: the staged rows that stayed out, and the file that has their cells; what was corrected is in them,
    what is hidden from the actor by now is not."""
    left, away = queries.lines_left_out(ctx, run), queries.hidden_columns(ctx, run)
    while part := list(islice(left, AT_ONCE)):
        fixes, before = corrections(ctx, run, part[0][0], part[-1][0]), queries.said_before(ctx, run, part[0][0], part[-1][0])
        for line, outcome, problems in part:
            row = next((row for row in rows if row.line >= line), None)
            if row is None:
                return
            if row.line == line:
                shown = [item if item["column"] not in away else {**item, "code": "field_hidden", "params": {}} for item in problems]
                cells = laid_over(row.cells, fixes.get(line, {}))
                yield [str(line), reason(run, outcome, shown, say, before.get(line)), *("" if place in away else cell for place, cell in enumerate(cells))]
