"""The dry run: the whole file read, staged and planned in chunks. Nothing is written into the tenant's records.

`door()` opens one short transaction with a ctx (workers.job); a killed worker goes on behind the last committed
chunk, since the chunk and the position are committed together.
"""

import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, column, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB

from core.base.context import Context
from core.base.errors import ReadOnly, Refused
from core.base.ids import new_id
from core.base.policy import reach_of
from core.base.stepping import Door
from core.base.stepping import turn_of as base_turn_of
from core.identity import queries as people
from core.transfer import consents, doubles, further, kinds, links, matching, noting, roles, settling
from core.transfer.fields import MODELS
from core.transfer.models import LEFT_OUT, WHOLE_ROW, ImportFix, ImportRow, ImportRun
from core.transfer.opening import file_of, form_of, refused
from core.transfer.reading import Layout, Staged
from core.transfer.starting import start_run
from infra.readers.rows import packed
from infra.spreadsheets import Row, Unreadable, read_rows

CHUNK = 1000
CLEAR = 20_000


def check_file(door: Door, run_id: UUID, round: int) -> None:
    """Stage and plan every row of the file, then let the person decide. A file that breaks off fails the run."""
    with door() as ctx:
        run = turn_of(ctx, run_id, round, "checking")
        if run is None:
            return
        path, form, position = file_of(ctx, run), form_of(run), run.position
        layout = Layout(ctx, run, owners(ctx, MODELS[run.kind]))
    try:
        if position == 0:
            _begin(door, run_id, round, total=sum(1 for _ in read_rows(path, form)[1]))
        rows = (row for row in read_rows(path, form)[1] if row.line > position)
        for chunk in chunks(rows):
            if not _stage(door, run_id, round, layout, chunk):
                return
    except Unreadable as refusal:
        fail(door, run_id, round, refused(refusal))
        return
    doubles.note_doubles(door, run_id, round)
    with door() as ctx:
        run = turn_of(ctx, run_id, round, "checking")
        if run is not None:
            run.state, run.position = "checked", 0
            run.counts = matching.tally(ctx, run, ImportRow.plan) | {"noted": matching.noted(ctx, run)}
            if run.goes_on:
                _go_on(ctx, run)


def _go_on(ctx: Context, run: ImportRun) -> None:
    """The yes was given beforehand; what `start_run` refuses is written down for whoever asks."""
    ctx.session.flush()  # running starts from the checked state
    try:
        start_run(ctx, run)
    except ReadOnly:
        raise
    except Refused as refusal:
        run.failure = {"code": refusal.code, "params": refusal.params}


def turn_of(ctx: Context, run_id: UUID, round: int, state: str) -> ImportRun | None:
    """The run, locked, if it still wants this order; None after a cancel, a new round, or where it is done."""
    return base_turn_of(ctx, ImportRun, run_id, round, state, permission="imports.run")


def fail(door: Door, run_id: UUID, round: int, refusal: Refused) -> None:
    """Write down why the file could not be taken; nothing where somebody has stopped it meanwhile."""
    with door() as ctx:
        run = turn_of(ctx, run_id, round, "checking")
        if run is not None:
            run.state, run.finished_at = "failed", ctx.now
            run.failure = {"code": refusal.code, "params": refusal.params}


def chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def owners(ctx: Context, model: Any) -> Callable[[str], str | None]:
    """Users by mail or name, whatever the case; a name that two of them have finds none.

    Whoever sees only some people's records brings in theirs alone.
    """
    known: dict[str, set[str]] = {}
    whose = reach_of(ctx, model)
    for user in people.users(ctx):
        if user.state == "active" and (whose is None or user.id in whose):
            for name in (user.name, user.mail):
                known.setdefault(name.casefold(), set()).add(str(user.id))
    return lambda text: next(iter(found)) if len(found := known.get(text.casefold(), set())) == 1 else None


def _begin(door: Door, run_id: UUID, round: int, *, total: int) -> None:
    """Away with an earlier round's rows, in pieces that keep transactions short."""
    more = True
    while more:
        with door() as ctx:
            run = turn_of(ctx, run_id, round, "checking")
            if run is None:
                return
            run.rows_total, run.started_at = total, ctx.now
            old = select(ImportRow.line).where(ImportRow.run_id == run_id).order_by(ImportRow.line).limit(CLEAR)
            more = ctx.session.execute(delete(ImportRow).where(ImportRow.run_id == run_id, ImportRow.line.in_(old))).rowcount == CLEAR


def _stage(door: Door, run_id: UUID, round: int, layout: Layout, rows: list[Row]) -> bool:
    """One chunk: rows by COPY, their plan by set, and how far we are; False when nobody wants it any more."""
    with door() as ctx:
        run = turn_of(ctx, run_id, round, "checking")
        if run is None:
            return False
        first, last = rows[0].line, rows[-1].line
        if first > run.position:
            stage_rows(ctx, run, layout, rows, corrections(ctx, run, first, last), keep=run.mode != "update" or "account" in run.mapping)
            run.position, run.rows_done = last, run.rows_done + len(rows)
    return True


def stage_rows(ctx: Context, run: ImportRun, layout: Layout, rows: list[Row], fixes: dict[int, dict[int, str]], *, keep: bool = False) -> None:
    """Rows with what was corrected in them into staging, and their plan. keep: the cells of all of them, not only of
    those that somebody has to look at."""
    staged = [read_fixed(layout, row, fixes.get(row.line, {}), keep) for row in rows]
    cells_of = {row.line: row.cells for row in rows}
    coming = [one for one in staged if one.choice != LEFT_OUT]
    for row in [*links.settle_links(ctx, run, coming), *settling.settle(ctx, run, coming)]:
        row.cells = cells_of[row.line]
    copy_in(ctx, run, staged)
    lines = [row.line for row in rows]
    late = {*matching.plan(ctx, run, lines[0], lines[-1], lines if len(lines) < lines[-1] - lines[0] + 1 else None), *note_beside(ctx, run, lines)}
    if late and not keep:
        given = [{"line": row.line, "cells": packed(row.cells)} for row in rows if row.line in late]
        pairs = func.jsonb_to_recordset(literal(given, JSONB)).table_valued(column("line", Integer), column("cells", JSONB), name="given").render_derived(with_types=True)
        ctx.session.execute(update(matching.ROWS).where(matching.ROWS.c.run_id == run.id, matching.ROWS.c.line == pairs.c.line).values(cells=pairs.c.cells))


def note_beside(ctx: Context, run: ImportRun, lines: list[int]) -> list[int]:
    """What these rows would hang on records and can't, in their notes; gives the lines that have any."""
    wanted = [target for target in run.mapping if target == further.OTHER_ROLES or consents.is_consent(target)]
    if not wanted:
        return []
    mine = (ImportRow.run_id == run.id, ImportRow.line.in_(lines), ImportRow.plan.in_(("create", "update")))
    rows = ctx.session.execute(select(ImportRow.line, ImportRow.record_id, ImportRow.values).where(*mine).order_by(ImportRow.line)).all()
    return noting.renew(ctx, run, wanted, lines, noting.merged(roles.doubts(ctx, run, rows), consents.doubts(ctx, run, rows)))


def read_fixed(layout: Layout, row: Row, fixes: dict[int, str], keep: bool) -> Staged:
    """One row as it is with its corrections; left out by a person it has no problems any more."""
    staged = layout.read(Row(row.line, laid_over(row.cells, fixes)))
    staged.choice = fixes.get(WHOLE_ROW)
    if staged.choice == LEFT_OUT:
        staged.problems, staged.notes = [], []
    if keep or fixes or staged.problems or staged.notes:
        staged.cells = row.cells
    return staged


def laid_over(cells: list[str], fixes: dict[int, str]) -> list[str]:
    """The cells of a row with what was corrected in them."""
    found = list(cells)
    for place, text in fixes.items():
        if place != WHOLE_ROW:
            found += [""] * (place + 1 - len(found))
            found[place] = text
    return found


def corrections(ctx: Context, run: ImportRun, first: int, last: int) -> dict[int, dict[int, str]]:
    """line -> {column: text} of what people corrected."""
    found: dict[int, dict[int, str]] = {}
    query = select(ImportFix.line, ImportFix.column, ImportFix.text).where(ImportFix.run_id == run.id, ImportFix.line.between(first, last))
    for line, place, text in ctx.session.execute(query):
        found.setdefault(line, {})[place] = text
    return found


def copy_in(ctx: Context, run: ImportRun, staged: list[Staged]) -> None:
    """The rows by COPY, over the session's own connection and in its transaction."""
    ctx.session.flush()
    driver = ctx.session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY import_row ({', '.join(STAGED)}) FROM STDIN") as copy:
        # Sorted, so that records made from the rows keep the order of the file.
        for row, key in zip(staged, sorted(new_id() for _ in staged), strict=True):
            copy.write_row(_columns(run, row, key))


STAGED = ("run_id", "line", "values", "problems", "notes", "cells", "choice", "plan", "record_id", "key_text", "folds", "number")


def _columns(run: ImportRun, row: Staged, record_id: UUID) -> tuple:
    """One row of STAGED. The key of a record to be comes with it, so that creating it writes this row only once."""
    head = (run.id, row.line, json.dumps(row.values))
    notes = json.dumps(row.notes) if row.notes else None
    seen = (None if row.cells is None else json.dumps(packed(row.cells)), row.choice)
    if row.problems:
        return (*head, json.dumps(row.problems), notes, *seen, "problem", None, None, False, None)
    key = row.values.get("mail_norm" if run.key_field == "mail" else run.key_field)
    number = row.values.get(kinds.of(run).number) if matching.has_number(run) else None
    return (*head, None, notes, *seen, matching.usual_plan(run), record_id, key, run.key_field in kinds.of(run).folds, number)
