"""What is to be looked at before an import runs: kinds of problems and notes, their rows, the texts that cause them."""

import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select

from core.base.context import Context
from core.transfer import kinds, queries
from core.transfer.beside_each_other import SPELLED
from core.transfer.checking import corrections, laid_over
from core.transfer.models import LEFT_OUT, WHOLE_ROW, ImportRow, ImportRun
from infra.readers.rows import unpacked

LEFT = "row_left_out"
PAGE = 50


@dataclass(frozen=True, slots=True)
class Group:
    """A kind of problem (stops) or note in a column, None for the whole row, and how many rows have it. params: of one of them."""

    code: str
    column: int | None
    stops: bool
    count: int
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """A row to be looked at. cells: as they are by now; was: column -> what the file says, where it was corrected."""

    line: int
    cells: list[str]
    was: dict[int, str]
    problems: list[dict[str, Any]]
    notes: list[dict[str, Any]]
    choice: str | None
    plan: str | None

    def said_of(self, column: int) -> dict[str, Any] | None:
        """The first thing to say of a cell."""
        return next((item for item in (*self.problems, *self.notes) if item["column"] == column), None)

    @property
    def of_row(self) -> list[dict[str, Any]]:
        """What is to say of the whole row."""
        return [item for item in (*self.problems, *self.notes) if item["column"] is None]

    @property
    def known(self) -> dict[str, Any] | None:
        """The record that it may be."""
        return next((item["params"] for item in self.notes if item["code"] == "may_be_known"), None)


def cell_text(place: int) -> ColumnElement[str]:
    """A kept cell as text, whatever it is."""
    cell = ImportRow.cells[place]
    return func.coalesce(cell["n"].astext, cell["e"].astext, ImportRow.cells[place].astext)


def having(code: str, place: int | None) -> ColumnElement[bool]:
    """Rows that have this problem or note."""
    if code == LEFT:
        return ImportRow.choice == LEFT_OUT
    wanted = [{"code": code, "column": place}]
    return or_(ImportRow.problems.contains(wanted), ImportRow.notes.contains(wanted))


def groups(ctx: Context, run: ImportRun) -> list[Group]:
    """The kinds, problems before notes, the frequent ones first; then the rows that a person left out."""
    found = []
    for source, stops in ((ImportRow.problems, True), (ImportRow.notes, False)):
        item = func.jsonb_array_elements(source).table_valued("value", joins_implicitly=True).c.value
        each = select(item.op("->>")("code").label("code"), item.op("->>")("column").label("place"), item.op("->>")("params").label("params")).select_from(ImportRow)
        each = each.where(ImportRow.run_id == run.id, source.is_not(None)).subquery()
        query = select(each.c.code, each.c.place, func.count(), func.min(each.c.params)).group_by(each.c.code, each.c.place).order_by(func.count().desc(), each.c.code, each.c.place)
        found += [Group(code, None if place is None else int(place), stops, count, {"name": "…", "line": "…"} if code in (*kinds.MAY_BE, SPELLED) else json.loads(params or "{}")) for code, place, count, params in ctx.session.execute(query)]
    left = ctx.session.execute(select(func.count()).where(ImportRow.run_id == run.id, ImportRow.choice == LEFT_OUT)).scalar_one()
    return found + ([Group(LEFT, None, False, left)] if left else [])


def lines(ctx: Context, run: ImportRun, *, code: str = "", place: int | None = None, after: int = 0, limit: int = PAGE, only: int | None = None) -> list[Line]:
    """The rows to be looked at, by line from behind one on; all of them, or those of one kind, or one."""
    if only is not None:
        wanted: Any = ImportRow.line == only
    else:
        any_trouble = or_(ImportRow.problems.is_not(None), ImportRow.notes.is_not(None))
        wanted = and_(ImportRow.line > after, having(code, place) if code else any_trouble)
    query = select(ImportRow.line, ImportRow.cells, ImportRow.problems, ImportRow.notes, ImportRow.choice, ImportRow.plan).where(
        ImportRow.run_id == run.id, ImportRow.cells.is_not(None), wanted,
    )
    rows = list(ctx.session.execute(query.order_by(ImportRow.line).limit(limit)))
    fixes = corrections(ctx, run, rows[0].line, rows[-1].line) if rows else {}
    away = queries.unseen(ctx, run, (row.notes for row in rows))
    return [_line(run, row, fixes.get(row.line, {}), away) for row in rows]


def _line(run: ImportRun, row: Any, fixes: dict[int, str], away: set[str]) -> Line:
    cells = unpacked(row.cells)
    cells += [""] * (len(run.header) - len(cells))
    was = {place: cells[place] for place in fixes if place != WHOLE_ROW}
    return Line(row.line, laid_over(cells, fixes), was, row.problems or [], [one for one in row.notes or () if one["params"].get("id") not in away], row.choice, row.plan)


def texts(ctx: Context, run: ImportRun, code: str, place: int, limit: int = 20) -> list[tuple[str, int]]:
    """The texts of a column that cause a problem, the frequent ones first, as they stand in the file."""
    text = func.coalesce(cell_text(place), literal("")).label("text")
    query = select(text, func.count()).where(ImportRow.run_id == run.id, ImportRow.cells.is_not(None), having(code, place))
    return [(found, count) for found, count in ctx.session.execute(query.group_by(text).order_by(func.count().desc(), text).limit(limit))]


