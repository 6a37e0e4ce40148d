"""Rows that may be somebody who is there already: noted, for a person to say what becomes of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, and_, column, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB

from core.base.context import Context
from core.base.stepping import Door
from core.base.stepping import turn_of as base_turn_of
from core.parties.duplicates import FIELDS, Match, likely_for_many
from core.transfer import company_doubles
from core.transfer.models import ImportRow, ImportRun

AT_ONCE = 200
SURE = 0.75  # of what only sounds alike
TYPES = {"accounts": "account", "contacts": "contact"}
KNOWN, KNOWN_HIDDEN = "may_be_known", "may_be_known_hidden"


def matches_of(ctx: Context, kind: str, candidates: Sequence[dict[str, Any]]) -> list[Match | None]:
    """For each candidate the most likely record that the actor sees, else one that he does not see, or None."""
    return [_best([match for match in known if match.score >= SURE or {"mail", "phone", "vat_id"} & set(match.reasons)]) for known in likely_for_many(ctx, TYPES[kind], candidates)]


def _best(sure: Sequence[Match]) -> Match | None:
    return next((match for match in sure if not match.hidden), sure[0] if sure else None)


def note_doubles(door: Door, run_id: UUID, round: int) -> None:
    """Note them chunk by chunk, and the companies that contacts name; noting a row again changes nothing."""
    company_doubles.note_companies(door, run_id, round)
    after: int | None = 0
    while after is not None:
        with door() as ctx:
            run = base_turn_of(ctx, ImportRun, run_id, round, "checking", permission="imports.run")
            if run is None or run.mode == "update":
                return
            after = note_some(ctx, run, after)


def note_some(ctx: Context, run: ImportRun, after: int = 0, lines: list[int] | None = None) -> int | None:
    """One chunk behind a line, or some lines; the last line of it, None at the end. Of some lines the companies too."""
    if lines is not None:
        company_doubles.note_some(ctx, run, lines=lines)
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
    given = [{"line": line, "note": [_said(match)]} for line, match in found.items()]
    rows = func.jsonb_to_recordset(literal(given, JSONB)).table_valued(column("line", Integer), column("note", JSONB), name="given").render_derived(with_types=True)
    fresh = or_(ImportRow.notes.is_(None), and_(*(~ImportRow.notes.contains([{"code": code}]) for code in (KNOWN, KNOWN_HIDDEN))))
    notes = func.coalesce(ImportRow.notes, literal([], JSONB)).op("||")(rows.c.note)
    ctx.session.execute(update(ImportRow).where(ImportRow.run_id == run.id, ImportRow.line == rows.c.line, fresh).values(notes=notes).execution_options(synchronize_session=False))


def _said(match: Match) -> dict[str, Any]:
    """Of a record that he does not see he hears that there is one, and nothing else (DECISIONS 2)."""
    if match.hidden:
        return {"column": None, "code": KNOWN_HIDDEN, "params": {}}
    return {"column": None, "code": KNOWN, "params": {"name": match.name, "id": str(match.id)}}
