"""What a room says of its rows: names become keys as the file is read, planned rows are looked at once more, and what belongs to new records
follows them (core.base.importing)."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Uuid, column, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from core.base.context import Context
from core.base.importing import Incoming
from core.base.sets import given_rows
from core.transfer import cells, kinds, noting
from core.transfer.models import ImportRow, ImportRun
from core.transfer.reading import Staged

ROWS = ImportRow.__table__


def settle(ctx: Context, run: ImportRun, staged: Sequence[Staged]) -> list[Staged]:
    """Rows as they are read, with keys in place of names, those with problems too: every cell that does not fit is named, not only the first.
    Returns those that have a problem or a note since."""
    room = kinds.of(run)
    pairs = [(row, Incoming(row.line, row.values)) for row in staged]
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
    """Planned rows that the room does not take after all are out; what it changes in the others is what they bring. Returns the lines of the first."""
    room = kinds.of(run)
    if not room.targets:
        return []
    rows = _planned(ctx, run, first, last, ROWS.c.problems.is_(None), *([] if lines is None else [ROWS.c.line == func.any(literal(list(lines), ARRAY(Integer)))]))
    before = [dict(one.values) for one in rows]
    room.check(ctx, rows)
    _keep(ctx, run, [one for one, was in zip(rows, before, strict=True) if one.values != was])
    out = [{"line": one.line, "problems": _said(run, one.problems)} for one in rows if one.problems]
    if out:
        given = given_rows(out, (column("line", Integer), column("problems", JSONB())))
        ctx.session.execute(update(ROWS).where(ROWS.c.run_id == run.id, ROWS.c.line == given.c.line).values(plan="problem", record_id=None, problems=given.c.problems))
    return [one["line"] for one in out]


def _keep(ctx: Context, run: ImportRun, rows: Sequence[Incoming]) -> None:
    if rows:
        given = given_rows([{"line": one.line, "values": one.values} for one in rows], (column("line", Integer), column("values", JSONB())))
        ctx.session.execute(update(ROWS).where(ROWS.c.run_id == run.id, ROWS.c.line == given.c.line).values(values=given.c["values"]))


def stepped(ctx: Context, keys: Sequence[UUID]) -> None:
    """These records were changed by what follows from their import, not by somebody: taking it back does not stop at them."""
    mine = (ROWS.c.record_id == func.any(literal(list(keys), ARRAY(Uuid))), ROWS.c.outcome.in_(("created", "updated")))
    ctx.session.execute(update(ROWS).where(*mine).values(left_version=ROWS.c.left_version + 1))


def follow(ctx: Context, run: ImportRun, first: int, last: int) -> None:
    """What belongs to the records that these lines have just made or changed."""
    room = kinds.of(run)
    if room.targets:
        room.made_step(ctx, _planned(ctx, run, first, last, ROWS.c.outcome.in_(("created", "updated"))))


def note_known(ctx: Context, run: ImportRun, after: int, lines: list[int] | None, limit: int) -> int | None:
    """Note of new rows behind a line, or of some lines, who may be there already; the last line of them, None at the end. Noting a row again
    changes nothing."""
    room = kinds.of(run)
    if room.known is None:
        return None
    query = select(ROWS.c.line, ROWS.c["values"]).where(ROWS.c.run_id == run.id, ROWS.c.plan == "create", ROWS.c.line > after, ROWS.c.choice.is_(None)).order_by(ROWS.c.line)
    found = [Incoming(line, values) for line, values in ctx.session.execute(query.limit(limit) if lines is None else query.where(ROWS.c.line.in_(lines)))]
    room.known(ctx, found)
    for place in range(max((len(one.notes) for one in found), default=0)):
        some = {one.line: _said(run, one.notes[place : place + 1])[0] for one in found if len(one.notes) > place}
        for code in {note["code"] for note in some.values()}:
            noting.add(ctx, run, {line: note for line, note in some.items() if note["code"] == code}, (code,))
    return found[-1].line if found and lines is None else None


def _planned(ctx: Context, run: ImportRun, first: int, last: int, *where: Any) -> list[Incoming]:
    columns = (ROWS.c.line, ROWS.c["values"], ROWS.c.record_id, ROWS.c.plan)
    query = select(*columns).where(ROWS.c.run_id == run.id, ROWS.c.line.between(first, last), ROWS.c.plan.in_(("create", "update")), *where)
    return [Incoming(line, values, record_id, plan == "create") for line, values, record_id, plan in ctx.session.execute(query.order_by(ROWS.c.line))]


def _said(run: ImportRun, found: Iterable[tuple[str, str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Problems and notes as rows keep them; what a cell said may stand in a message, short."""
    return [
        {"column": run.mapping.index(target) if target and target in run.mapping else None, "code": code, "params": {name: cells.shown(str(value)) for name, value in params.items()}}
        for target, code, params in found
    ]
