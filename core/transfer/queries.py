"""Reads about imports."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from core.base.context import Context
from core.base.errors import Forbidden, NotFound, Refused
from core.base.field_rights import hidden
from core.base.policy import has, sees, visible
from core.base.stepping import held
from core.parties import filtering
from core.transfer import kinds
from core.transfer.consents import is_consent
from core.transfer.fields import MODELS, tells
from core.transfer.headers import signature
from core.transfer.models import LEFT_OUT, ImportMapping, ImportRow, ImportRun

LAST = 2**31 - 1  # line of a file


def runs(ctx: Context, *, limit: int = 50) -> list[ImportRun]:
    """One's imports, the newest first; who sees all sees everybody's."""
    query = visible(ctx, ImportRun).order_by(ImportRun.created_at.desc(), ImportRun.id.desc()).limit(limit)
    return list(ctx.session.execute(query).scalars())


def one(ctx: Context, run_id: UUID) -> ImportRun:
    """A run; NotFound where the actor may not know of it."""
    run = ctx.session.execute(visible(ctx, ImportRun).where(ImportRun.id == run_id)).scalar_one_or_none()
    if run is None:
        raise NotFound()
    if run.created_by != ctx.actor.id and not _may_know(ctx, run):
        raise Forbidden("field_hidden")  # its lines hold what the records hold
    return run


def brought(ctx: Context, model: Any, run_id: UUID) -> ColumnElement[bool]:
    """Of a list: what that import made or changed. Refuses one of another list, and one that the actor may not know of."""
    try:
        run = one(ctx, run_id)
    except (NotFound, Forbidden):
        raise Refused("unknown_value", field="import") from None
    if MODELS[run.kind] is not model:
        raise Refused("unknown_value", field="import")
    return model.id.in_(select(ImportRow.record_id).where(ImportRow.run_id == run.id, ImportRow.outcome.in_(("created", "updated"))))


filtering.KNOWN_ABOVE["brought"] = brought


def _may_know(ctx: Context, run: ImportRun) -> bool:
    """Does the actor see such records, and all that the columns of the file tell?"""
    return has(ctx, kinds.of(run).needs("read")) and not hidden_columns(ctx, run)


def hidden_columns(ctx: Context, run: ImportRun) -> set[int]:
    """The columns of the file that tell what is hidden from the actor."""
    knows_consents = has(ctx, "consents.read")

    def away(target: str) -> bool:
        if target in ("", "custom"):
            return False
        room, fields = tells(run.kind, target)
        return bool(hidden(ctx, room).intersection(fields)) or (is_consent(target) and not knows_consents)

    return {place for place, target in enumerate(run.mapping) if away(target)}


def column_name(run: ImportRun, column: int | None) -> str:
    """What stands before what is said of a cell."""
    return "" if column is None else f"{run.header[column] or column + 1}: "


def locked(ctx: Context, run_id: UUID) -> ImportRun | None:
    """The run under a row lock: two workers deal with it one after the other."""
    return held(ctx, ImportRun, run_id)


def remembered(ctx: Context, kind: str, header: list[str]) -> ImportMapping | None:
    """What was chosen the last time a file had these columns."""
    return ctx.session.execute(select(ImportMapping).where(ImportMapping.signature == signature(kind, header))).scalar_one_or_none()


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing to say about a line: column is its index or None for the whole row; stops: it keeps the row out."""

    line: int
    column: int | None
    code: str
    params: dict[str, Any]
    stops: bool


def troubles(ctx: Context, run: ImportRun, *, after: int = 0, limit: int = 200) -> list[Trouble]:
    """Problems and notes by line, from behind a line on."""
    query = (
        select(ImportRow.line, ImportRow.problems, ImportRow.notes)
        .where(ImportRow.run_id == run.id, ImportRow.line > after, or_(ImportRow.problems.is_not(None), ImportRow.notes.is_not(None)))
        .order_by(ImportRow.line).limit(limit)
    )
    found, rows = [], ctx.session.execute(query).all()
    away = unseen(ctx, run, (row.notes for row in rows))
    for line, problems, notes in rows:
        found += [Trouble(line, item["column"], item["code"], item["params"], True) for item in problems or ()]
        found += [Trouble(line, item["column"], item["code"], item["params"], False) for item in notes or () if item["params"].get("id") not in away]
    return found


def unseen(ctx: Context, run: ImportRun, notes: Iterable[list[dict[str, Any]] | None]) -> set[str]:
    """Keys of the records that these notes name ("may be …") and that the actor does not see, where another brought the file in."""
    if run.created_by == ctx.actor.id:
        return set()
    found: dict[str, set[str | None]] = {}
    for item in (item for some in notes for item in some or () if item["code"] in kinds.MAY_BE):
        found.setdefault(kinds.MAY_BE[item["code"]] or run.kind, set()).add(item["params"].get("id"))
    return {key for kind, keys in found.items() for key in keys - {None} - _seen(ctx, kind, keys - {None})}


def _seen(ctx: Context, kind: str, keys: set[str]) -> set[str]:
    model = MODELS[kind]
    query = visible(ctx, model).with_only_columns(model.id).where(model.id.in_([UUID(key) for key in keys]))
    return {str(key) for key in ctx.session.execute(query).scalars()}


def repeated_words(ctx: Context, run: ImportRun, *, limit: int = 20) -> list[tuple[int, dict[str, Any], int]]:
    """Unusual words, each once: (column, params, how often)."""
    note = func.jsonb_array_elements(ImportRow.notes).table_valued("value", joins_implicitly=True).c.value
    words = select(note.op("->>")("column").label("column"), note.op("->")("params").label("params")).select_from(ImportRow)
    each = words.where(ImportRow.run_id == run.id, note.op("->>")("code") == "unusual_word").subquery()
    query = select(each, func.count()).group_by(*each.c).order_by(func.count().desc(), each.c.column).limit(limit)
    return [(int(column), params, count) for column, params, count in ctx.session.execute(query)]


def kept(ctx: Context, run: ImportRun, *, limit: int = 100) -> list[Row]:
    """(id, name) of what an undo left alone, as far as the actor sees it."""
    model = MODELS[run.kind]
    query = select(model.id, kinds.of(run).called().label("name")).join(ImportRow, ImportRow.record_id == model.id)
    return list(ctx.session.execute(query.where(ImportRow.run_id == run.id, ImportRow.outcome == "kept", sees(ctx, model)).order_by(ImportRow.line).limit(limit)))


def number_beside(ctx: Context, run: ImportRun) -> dict[str, int]:
    """How many rows stay out because they say an earlier line again ("twin"), and how many because somebody chose so ("chosen")."""
    twin = and_(func.coalesce(ImportRow.outcome, ImportRow.plan) == "duplicate", ImportRow.record_id.is_(None))
    word = func.coalesce(ImportRow.outcome, ImportRow.plan)
    why = case((and_(ImportRow.choice == LEFT_OUT, word.in_(("skip", "skipped", "duplicate"))), "chosen"), (twin, "twin"))
    return {name: number for name, number in ctx.session.execute(select(why, func.count()).where(ImportRow.run_id == run.id, why.is_not(None)).group_by(why))}


def said_before(ctx: Context, run: ImportRun, first: int = 0, last: int = LAST, *, limit: int | None = None) -> dict[int, int]:
    """Line -> the earlier line of the file that says the same, of those of these lines that are left out for it."""
    row, earlier = aliased(ImportRow), aliased(ImportRow)
    same = and_(earlier.run_id == row.run_id, earlier.key == row.key, earlier.line < row.line, earlier.problems.is_(None), earlier.choice.is_distinct_from(LEFT_OUT))
    before = select(earlier.line).where(same).order_by(earlier.line).limit(1).correlate(row).scalar_subquery()
    twins = select(row.line, before).where(row.run_id == run.id, row.line.between(first, last), func.coalesce(row.outcome, row.plan) == "duplicate", row.record_id.is_(None))
    return {line: found for line, found in ctx.session.execute(twins.order_by(row.line).limit(limit)) if found is not None}


def lines_left_out(ctx: Context, run: ImportRun) -> Iterator[tuple[int, str, list[dict[str, Any]]]]:
    """(line, outcome or plan, problems) of the rows that are not in the records, by line."""
    word = func.coalesce(ImportRow.outcome, ImportRow.plan)
    said = case((ImportRow.choice == LEFT_OUT, "chosen"), (ImportRow.plan == "skip", "skip"), (and_(ImportRow.plan == "duplicate", ImportRow.record_id.is_(None)), "twin"), else_=word)
    query = (
        select(ImportRow.line, said, ImportRow.problems)
        .where(ImportRow.run_id == run.id, word.in_(("problem", "failed", "duplicate", "skip", "skipped")))
        .order_by(ImportRow.line).execution_options(yield_per=1000)
    )
    for line, outcome, problems in ctx.session.execute(query):
        yield line, outcome, problems or []


