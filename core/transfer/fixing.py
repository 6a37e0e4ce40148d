"""What is wrong with a file put right before it runs: a cell, the same mistake in all its rows, rows left out.

Corrections are kept beside the file (ImportFix) and laid over it whenever it is read, so that a further check of the
whole file knows them. At once only the rows concerned are read anew.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Integer, Text, column, delete, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.policy import require
from core.transfer import doubles, matching, queries
from core.transfer.checking import corrections, laid_over, owners, stage_rows
from core.transfer.fields import MODELS
from core.transfer.models import AS_NEW, LEFT_OUT, WHOLE_ROW, ImportFix, ImportRow, ImportRun
from core.transfer.problems import cell_text, having
from core.transfer.reading import Layout
from core.transfer.uploading import start_check
from infra.readers.rows import unpacked
from infra.spreadsheets import Row

LONGEST = 2000
# More rows than that are read anew in the background, with the whole file.
AT_ONCE = 5000


def fix_row(ctx: Context, run: ImportRun, line: int, cells: Mapping[int, str], choice: str | None = None) -> None:
    """New texts for cells of one row, and what becomes of it: "skip", "create" (though it may be known), "update:<key>",
    "" for what the file says. Refuses a row that needs no look, and anything but a checked import."""
    run = _checked(ctx, run)
    kept = ctx.session.execute(select(ImportRow.cells).where(ImportRow.run_id == run.id, ImportRow.line == line)).scalar_one_or_none()
    if kept is None:
        raise NotFound()
    stands = laid_over(unpacked(kept), corrections(ctx, run, line, line).get(line, {}))
    given = {}
    for place, text in cells.items():
        if not 0 <= place < len(run.header) or len(text) > LONGEST or "\0" in text:
            raise Refused("unknown_value", field="cell")
        if one_line(text) != one_line(stands[place] if place < len(stands) else ""):
            given[place] = text
    if choice:
        given[WHOLE_ROW] = _choice(choice)
    elif choice == "":
        _forget(ctx, run, line)
    _keep(ctx, run, [(line, place, text) for place, text in given.items()])
    _read_again(ctx, run, [line])


def replace_all(ctx: Context, run: ImportRun, *, code: str, place: int, was: str, text: str) -> int:
    """The same text in this column wherever it is a problem, by another (or by nothing). Returns how many rows."""
    run = _checked(ctx, run)
    if not 0 <= place < len(run.header) or len(text) > LONGEST or "\0" in text:
        raise Refused("unknown_value", field="cell")
    lines = _lines(ctx, run, having(code, place), _same(place, was))
    return _put_right(ctx, run, [(line, place, text) for line in lines])


def leave_out(ctx: Context, run: ImportRun, *, code: str, place: int | None, was: str | None = None) -> int:
    """Leave out all rows that have this problem, or this text in its column. Returns how many."""
    run = _checked(ctx, run)
    same = [] if was is None or place is None else [_same(place, was)]
    return _put_right(ctx, run, [(line, WHOLE_ROW, LEFT_OUT) for line in _lines(ctx, run, having(code, place), *same)])


def one_line(text: str) -> str:
    """As a field of one line gives it back: a browser takes the ends of lines out of what it shows, or writes them in its own way."""
    return text.replace("\r", "").replace("\n", "")


def _same(place: int, was: str) -> ColumnElement[bool]:
    return func.translate(cell_text(place), "\r\n", "") == one_line(was)


def _checked(ctx: Context, run: ImportRun) -> ImportRun:
    require(ctx, "imports.run", run)
    found = queries.locked(ctx, run.id)
    if found is None or found.state != "checked" or found.is_tidied:
        raise Refused("import_not_now", state=run.state)
    return found


def _choice(choice: str) -> str:
    if choice in (LEFT_OUT, AS_NEW):
        return choice
    try:
        return f"update:{UUID(choice.removeprefix('update:'))}"
    except ValueError:
        raise Refused("unknown_value", field="choice") from None


def _forget(ctx: Context, run: ImportRun, line: int) -> None:
    ctx.session.execute(delete(ImportFix).where(ImportFix.run_id == run.id, ImportFix.line == line, ImportFix.column == WHOLE_ROW))


def _lines(ctx: Context, run: ImportRun, *where: Any) -> list[int]:
    query = select(ImportRow.line).where(ImportRow.run_id == run.id, ImportRow.cells.is_not(None), *where).order_by(ImportRow.line)
    return list(ctx.session.execute(query).scalars())


def _put_right(ctx: Context, run: ImportRun, fixes: list[tuple[int, int, str]]) -> int:
    """Keep the corrections; few rows are read at once, many with the whole file in the background."""
    _keep(ctx, run, fixes)
    lines = [line for line, _, _ in fixes]
    if len(lines) > AT_ONCE:
        ctx.session.flush()
        start_check(ctx, run)
    elif lines:
        _read_again(ctx, run, lines)
    return len(lines)


def _keep(ctx: Context, run: ImportRun, fixes: list[tuple[int, int, str]]) -> None:
    if not fixes:
        return
    given = [{"line": line, "column": place, "text": text} for line, place, text in fixes]
    rows = func.jsonb_to_recordset(literal(given, JSONB)).table_valued(column("line", Integer), column("column", Integer), column("text", Text), name="given").render_derived(with_types=True)
    statement = insert(ImportFix).from_select(["run_id", "line", "column", "text"], select(literal(run.id), rows.c.line, rows.c.column, rows.c.text))
    ctx.session.execute(statement.on_conflict_do_update(index_elements=["run_id", "line", "column"], set_={"text": statement.excluded.text}))


def _read_again(ctx: Context, run: ImportRun, lines: Sequence[int]) -> None:
    """The rows as they are now: values, problems, plan; and the counts of the whole."""
    layout = Layout(ctx, run, owners(ctx, MODELS[run.kind]))
    fixes, keys = corrections(ctx, run, lines[0], lines[-1]), _keys(ctx, run, lines)
    for start in range(0, len(lines), 1000):
        some = list(lines[start : start + 1000])
        mine = (ImportRow.run_id == run.id, ImportRow.line.in_(some))
        rows = [Row(line, unpacked(cells)) for line, cells in ctx.session.execute(select(ImportRow.line, ImportRow.cells).where(*mine).order_by(ImportRow.line))]
        ctx.session.execute(delete(ImportRow).where(*mine).execution_options(synchronize_session=False))
        stage_rows(ctx, run, layout, rows, fixes, keep=True)
        if run.mode != "update":
            doubles.note_some(ctx, run, lines=some)
    _plan_twins(ctx, run, lines, keys | _keys(ctx, run, lines))
    run.counts = matching.tally(ctx, run, ImportRow.plan) | {"noted": matching.noted(ctx, run)}


def _keys(ctx: Context, run: ImportRun, lines: Sequence[int]) -> set[str]:
    """What these rows are found by, and the external ids that they bring."""
    found = ctx.session.execute(select(ImportRow.key, ImportRow.number).where(ImportRow.run_id == run.id, ImportRow.line.in_(lines)))
    return {key for row in found for key in row if key}


def _plan_twins(ctx: Context, run: ImportRun, lines: Sequence[int], keys: set[str]) -> None:
    """Further rows of the same keys are planned anew: the first of them may have been left out, or come in now."""
    if not keys:
        return
    same = or_(*(one == func.any(literal(sorted(keys), ARRAY(Text))) for one in (ImportRow.key, ImportRow.number)))
    query = select(ImportRow.line).where(ImportRow.run_id == run.id, same, ImportRow.line > lines[0], ImportRow.line.not_in(lines), ImportRow.problems.is_(None))
    twins = list(ctx.session.execute(query.order_by(ImportRow.line).limit(AT_ONCE)).scalars())
    if twins:
        matching.plan(ctx, run, twins[0], twins[-1], twins)
