"""Notes of rows about what hangs on records: made at the check, and anew by the run, when all that the file brings is there."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Integer, column, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB

from core.base.context import Context
from core.base.sets import given_rows
from core.transfer.models import ImportRow, ImportRun

ROWS = ImportRow.__table__
Notes = Mapping[int, Sequence[dict[str, Any]]]


def note_of(run: ImportRun, target: str, code: str, **params: Any) -> dict[str, Any]:
    """One note of a row, at the column that becomes `target`."""
    return {"column": run.mapping.index(target), "code": code, "params": params}


def renew(ctx: Context, run: ImportRun, targets: Collection[str], lines: Sequence[int], said: Notes) -> list[int]:
    """Put these notes in place of those that the rows of these lines have at the columns of these targets. Gives the lines that have
    any of them now."""
    places = {index for index, target in enumerate(run.mapping) if target in targets}
    rows = ctx.session.execute(select(ROWS.c.line, ROWS.c.notes).where(ROWS.c.run_id == run.id, ROWS.c.line.in_(lines))).all()
    changed = []
    for line, notes in rows:
        kept = [one for one in notes or () if one["column"] not in places] + list(said.get(line, ()))
        if kept != (notes or []):
            changed.append({"line": line, "notes": kept or None})
    if changed:
        given = given_rows(changed, (column("line", Integer), column("notes", JSONB(none_as_null=True))))
        ctx.session.execute(update(ROWS).where(ROWS.c.run_id == run.id, ROWS.c.line == given.c.line).values(notes=given.c.notes))
    return [line for line in said if said[line]]


def add(ctx: Context, run: ImportRun, said: Mapping[int, dict[str, Any]], codes: Collection[str]) -> None:
    """Put one note beside the others of each of these lines, where none of these codes stands there yet; one statement."""
    if not said:
        return
    given = given_rows([{"line": line, "note": [note]} for line, note in said.items()], (column("line", Integer), column("note", JSONB())))
    there = func.coalesce(ROWS.c.notes, literal([], JSONB))
    fresh = (~there.contains([{"code": code}]) for code in codes)
    ctx.session.execute(update(ROWS).where(ROWS.c.run_id == run.id, ROWS.c.line == given.c.line, *fresh).values(notes=there.op("||")(given.c.note)))


def merged(*parts: Notes) -> dict[int, list[dict[str, Any]]]:
    """The notes of several kinds, row by row."""
    found: dict[int, list[dict[str, Any]]] = {}
    for part in parts:
        for line, notes in part.items():
            found.setdefault(line, []).extend(notes)
    return found
