"""Rows that may be somebody who is there already: noted, for a person to say what becomes of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, column, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB

from core.base.context import Context
from core.base.stepping import Door
from core.base.stepping import turn_of as base_turn_of
from core.parties.duplicates import FIELDS, Match, likely_for_many
from core.transfer.models import ImportRow, ImportRun

AT_ONCE = 200
SURE = 0.75  # of what only sounds alike
TYPES = {"accounts": "account", "contacts": "contact"}


def matches_of(ctx: Context, kind: str, candidates: Sequence[dict[str, Any]]) -> list[Match | None]:
    """For each candidate the most likely record that the actor sees, or None."""
    found = likely_for_many(ctx, TYPES[kind], candidates)
    return [next((match for match in known if not match.hidden and (match.score >= SURE or {"mail", "phone", "vat_id"} & set(match.reasons))), None) for known in found]


def note_doubles(door: Door, run_id: UUID, round: int) -> None:
    """Note them chunk by chunk; noting a row again changes nothing."""
    after: int | None = 0
    while after is not None:
        with door() as ctx:
            run = base_turn_of(ctx, ImportRun, run_id, round, "checking", permission="imports.run")
            if run is None or run.mode == "update":
                return
            after = note_some(ctx, run, after)


def note_some(ctx: Context, run: ImportRun, after: int = 0, lines: list[int] | None = None) -> int | None:
    """One chunk behind a line, or some lines; the last line of it, None at the end."""
    query = select(ImportRow.line, ImportRow.values).where(ImportRow.run_id == run.id, ImportRow.plan == "create", ImportRow.line > after, ImportRow.choice.is_(None))
    query = query.limit(AT_ONCE) if lines is None else query.where(ImportRow.line.in_(lines))
    rows = list(ctx.session.execute(query.order_by(ImportRow.line)))
    candidates = [{name: values.get(name) for name in ("name", *FIELDS)} for _, values in rows]
    found = {line: match for (line, _), match in zip(rows, matches_of(ctx, run.kind, candidates), strict=True) if match}
    if found:
        _note(ctx, run, found)
    return rows[-1].line if rows and lines is None else None


def _note(ctx: Context, run: ImportRun, found: dict[int, Match]) -> None:
    """Beside the rows' other notes, all in one statement."""
    given = [{"line": line, "note": [{"column": None, "code": "may_be_known", "params": {"name": match.name, "id": str(match.id)}}]} for line, match in found.items()]
    rows = func.jsonb_to_recordset(literal(given, JSONB)).table_valued(column("line", Integer), column("note", JSONB), name="given").render_derived(with_types=True)
    fresh = or_(ImportRow.notes.is_(None), ~ImportRow.notes.contains([{"code": "may_be_known"}]))
    notes = func.coalesce(ImportRow.notes, literal([], JSONB)).op("||")(rows.c.note)
    ctx.session.execute(update(ImportRow).where(ImportRow.run_id == run.id, ImportRow.line == rows.c.line, fresh).values(notes=notes).execution_options(synchronize_session=False))
