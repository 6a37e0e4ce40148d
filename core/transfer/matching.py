"""What each staged row will do: create, update, or nothing, found set by set of lines."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, cast, func, literal, null, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from core.base.context import Context
from core.base.policy import sees
from core.parties.models import Account
from core.transfer.fields import MODELS
from core.transfer.models import ImportRow, ImportRun

# key field of the run -> column of the record that is compared with the staged key
KEY_COLUMNS = {"name": "name_fold", "mail": "mail_norm", "external_id": "external_id"}


def in_lines(run: ImportRun, first: int, last: int, row: Any = ImportRow) -> ColumnElement[bool]:
    """The staged rows of a run from a line to a line, both included."""
    return and_(row.run_id == run.id, row.line.between(first, last))


def folded(value: ColumnElement[str]) -> ColumnElement[str]:
    """As the database folds names (core.parties.models.FOLDED)."""
    return func.lower(func.ext.immutable_unaccent(value))


def key_of(run: ImportRun) -> ColumnElement[str]:
    """The staged value that finds a record, folded as the record's own column is."""
    if not run.key_field:
        return null()
    value = ImportRow.values["mail_norm" if run.key_field == "mail" else run.key_field].astext
    return folded(value) if run.key_field == "name" else value


def _number(run: ImportRun) -> ColumnElement[str]:
    """The external id where records are found by something else: it may still be taken."""
    return ImportRow.values["external_id"].astext if run.key_field != "external_id" and "external_id" in run.mapping else null()


def plan(ctx: Context, run: ImportRun, first: int, last: int) -> None:
    """Set plan and record_id of these lines. Rows with problems keep out; of twins in the file the first counts."""
    mine = in_lines(run, first, last)
    ctx.session.execute(update(ImportRow).where(mine, ImportRow.problems.is_(None)).values(key=key_of(run), number=_number(run), record_id=None))
    ctx.session.execute(update(ImportRow).where(mine, ImportRow.problems.is_not(None)).values(plan="problem"))
    found = _found(ctx, run, first, last).subquery()
    statement = (
        update(ImportRow).where(ImportRow.run_id == run.id, ImportRow.line == found.c.line)
        .values(plan=found.c.plan, record_id=found.c.record_id, problems=found.c.problem)
    )
    ctx.session.execute(statement)


def _found(ctx: Context, run: ImportRun, first: int, last: int) -> Select:
    """(line, plan, record_id, problem) of the rows without problems."""
    model, row = MODELS[run.kind], aliased(ImportRow)
    earlier = aliased(ImportRow)
    twin = select(1).where(earlier.run_id == row.run_id, earlier.key == row.key, earlier.line < row.line, earlier.problems.is_(None)).exists()
    column = getattr(model, KEY_COLUMNS.get(run.key_field, "external_id"))
    # An external id stays taken in the recycle bin; a name or address there is free again.
    alive = model.deleted_at.is_(None) if run.key_field != "external_id" else literal(True)
    met = (
        select(
            func.count().label("number"), func.array_agg(model.id)[1].label("id"), func.bool_and(sees(ctx, model)).label("seen"),
            func.bool_or(model.deleted_at.is_not(None)).label("deleted"),
        ).where(column == row.key, alive).lateral("met")
    )
    fresh = "skip" if run.mode == "update" else "create"
    trouble = case(
        (row.key.is_(None) | twin | (met.c.number == 0), None),
        (met.c.deleted, _problem("row_in_bin")),
        (met.c.seen.is_(False), _problem("row_of_others")),
        ((met.c.number > 1) & (literal(run.mode) != "create"), _problem("row_ambiguous")),
    )
    trouble = func.coalesce(trouble, _number_trouble(run, row, met.c.id), _account_trouble(ctx, run, row))
    decided = case(
        (row.key.is_(None), "skip" if run.mode == "update" else "create"), (twin, "duplicate"), (met.c.number == 0, fresh),
        else_="duplicate" if run.mode == "create" else "update",
    )
    return (
        select(row.line, case((trouble.is_not(None), "problem"), else_=decided).label("plan"), trouble.label("problem"),
               case((twin | trouble.is_not(None), None), else_=met.c.id).label("record_id"))
        .select_from(row).join(met, literal(True)).where(in_lines(run, first, last, row), row.problems.is_(None))
    )


def _number_trouble(run: ImportRun, row: Any, met: ColumnElement) -> ColumnElement:
    """An external id that another record has, or an earlier line."""
    if run.key_field == "external_id" or "external_id" not in run.mapping:
        return cast(null(), JSONB)
    model, earlier = MODELS[run.kind], aliased(ImportRow)
    taken = select(1).where(model.external_id == row.number, or_(met.is_(None), model.id != met)).exists()
    twin = select(1).where(earlier.run_id == row.run_id, earlier.number == row.number, earlier.line < row.line, earlier.problems.is_(None)).exists()
    return case((taken | twin, _problem("external_id_taken", run.mapping.index("external_id"))))


def _account_trouble(ctx: Context, run: ImportRun, row: Any) -> ColumnElement:
    """A contact's company that exists, but only where this actor may not look, is neither linked nor made twice."""
    if run.kind != "contacts" or "account" not in run.mapping:
        return cast(null(), JSONB)
    named = folded(row.values["account"].astext)
    anywhere = select(1).where(Account.name_fold == named, Account.deleted_at.is_(None))
    hidden = and_(anywhere.exists(), ~anywhere.where(sees(ctx, Account)).exists())
    return case((hidden, _problem("account_of_others", run.mapping.index("account"))))


def _problem(code: str, column: int | None = None) -> ColumnElement:
    return literal([{"column": column, "code": code, "params": {}}], JSONB)


def tally(ctx: Context, run: ImportRun, column: Any) -> dict[str, int]:
    """How many rows have which plan or outcome."""
    query = select(column, func.count()).where(ImportRow.run_id == run.id, column.is_not(None)).group_by(column)
    return {name: number for name, number in ctx.session.execute(query)}


def noted(ctx: Context, run: ImportRun) -> int:
    query = select(func.count()).where(ImportRow.run_id == run.id, or_(ImportRow.problems.is_not(None), ImportRow.notes.is_not(None)))
    return ctx.session.execute(query).scalar_one()
