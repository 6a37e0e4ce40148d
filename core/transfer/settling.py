"""What a room says of its rows: names become keys as the file is read, planned rows are looked at once more, and what belongs to new records
follows them (core.base.importing)."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Integer, column, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from core.base.context import Context
from core.base.importing import Incoming
from core.base.sets import given_rows
from core.transfer import cells, kinds
from core.transfer.models import ImportRow, ImportRun
from core.transfer.reading import Staged

ROWS = ImportRow.__table__


def settle(ctx: Context, run: ImportRun, staged: Sequence[Staged]) -> list[Staged]:
    """Rows as they are read, with keys in place of names. Returns those that have a problem or a note since."""
    room = kinds.of(run)
    pairs = [(row, Incoming(row.line, row.values)) for row in staged if not row.problems]
    if not room.targets or not pairs:
        return []
    room.settle(ctx, [one for _, one in pairs])
    found = []
    for row, one in pairs:
        row.problems += _said(run, one.problems)
        row.notes += _said(run, one.notes)
        if one.problems or one.notes:
            found.append(row)
    return found


def check(ctx: Context, run: ImportRun, first: int, last: int, lines: Sequence[int] | None = None) -> list[int]:
    """Planned rows that the room does not take after all are out. Returns their lines."""
    room = kinds.of(run)
    if not room.targets:
        return []
    rows = _planned(ctx, run, first, last, ROWS.c.problems.is_(None), *([] if lines is None else [ROWS.c.line == func.any(literal(list(lines), ARRAY(Integer)))]))
    room.check(ctx, rows)
    out = [{"line": one.line, "problems": _said(run, one.problems)} for one in rows if one.problems]
    if out:
        given = given_rows(out, (column("line", Integer), column("problems", JSONB())))
        ctx.session.execute(update(ROWS).where(ROWS.c.run_id == run.id, ROWS.c.line == given.c.line).values(plan="problem", record_id=None, problems=given.c.problems))
    return [one["line"] for one in out]


def follow(ctx: Context, run: ImportRun, first: int, last: int) -> None:
    """What belongs to the records that these lines have just made or changed."""
    room = kinds.of(run)
    if room.targets:
        room.made_step(ctx, _planned(ctx, run, first, last, ROWS.c.outcome.in_(("created", "updated"))))


def _planned(ctx: Context, run: ImportRun, first: int, last: int, *where: Any) -> list[Incoming]:
    columns = (ROWS.c.line, ROWS.c["values"], ROWS.c.record_id, ROWS.c.plan)
    query = select(*columns).where(ROWS.c.run_id == run.id, ROWS.c.line.between(first, last), ROWS.c.plan.in_(("create", "update")), *where)
    return [Incoming(line, values, record_id, plan == "create") for line, values, record_id, plan in ctx.session.execute(query.order_by(ROWS.c.line))]


def _said(run: ImportRun, found: Iterable[tuple[str, str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Problems and notes as rows keep them; what a cell said may stand in a message, short."""
    return [
        {"column": run.mapping.index(target) if target in run.mapping else None, "code": code, "params": {name: cells.shown(str(value)) for name, value in params.items()}}
        for target, code, params in found
    ]
