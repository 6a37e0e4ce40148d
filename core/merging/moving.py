"""What hangs on the records of a merge, from the registry of children: counted, moved with its journal, put back."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    Uuid,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from core.base.context import Context
from core.base.hiding import unhidden
from core.base.model import TenantBase
from core.base.registry import Child, collect_children
from core.base.sets import among
from core.merging.models import Merge, MergeRow

CHUNK = 1000
ROWS = MergeRow.__table__


def children(kind: str) -> Iterator[tuple[str, Child, Table]]:
    """(name, child, table) of everything that a merge moves: "activity.account_id"."""
    for child in collect_children():
        if child.verb == "move" and (child.parent == kind or (child.parent == "*" and child.kind)):
            yield f"{child.table}.{child.column}", child, TenantBase.metadata.tables[child.table]


def hanging(kind: str, child: Child, table: Table, keys: Sequence[UUID]) -> ColumnElement[bool]:
    """The rows that hang on one of these records."""
    on = among(table.c[child.column], keys)
    return and_(on, table.c[child.kind] == kind) if child.kind else on


def counted(ctx: Context, kind: str, survivor_id: UUID, loser_ids: Sequence[UUID]) -> dict[str, tuple[int, int]]:
    """name of the child -> (rows that would move, rows that would stay because the survivor has the same)."""
    found = {}
    for name, child, table in children(kind):
        mine = _of_losers(kind, child, table, survivor_id, loser_ids)
        same = _same(kind, child, table, survivor_id, loser_ids)
        with unhidden(ctx.session):  # how many there are tells nothing of them
            all_, stay = ctx.session.execute(select(func.count(), func.count().filter(same)).select_from(table).where(mine)).one()
        if all_:
            found[name] = (all_ - stay, stay)
    return found


def _of_losers(kind: str, child: Child, table: Table, survivor_id: UUID, loser_ids: Sequence[UUID]) -> ColumnElement[bool]:
    """What hangs on the losers, without the records of the merge themselves (an account's branch may be its own duplicate)."""
    on = hanging(kind, child, table, loser_ids)
    return and_(on, ~among(table.c.id, [survivor_id, *loser_ids])) if child.table == kind else on


def _same(kind: str, child: Child, table: Table, survivor_id: UUID, loser_ids: Sequence[UUID]) -> ColumnElement[bool]:
    """Has the survivor the same already, or another loser whose row comes first?"""
    if not child.unique:
        return literal(False)
    other = table.alias("other")
    alike = [other.c[name].is_not_distinct_from(table.c[name]) for name in child.unique]
    of_kind = [other.c[child.kind] == kind] if child.kind else []
    of_kind += [other.c.deleted_at.is_(None)] if "deleted_at" in other.c else []
    first = or_(other.c[child.column] == survivor_id, and_(among(other.c[child.column], loser_ids), other.c.id < table.c.id))
    return exists(select(literal(1)).select_from(other).where(first, *alike, *of_kind).correlate(table))


def move(ctx: Context, run: Merge) -> int:
    """The next rows, at most 1,000: they hang on the survivor from now on, and the journal says on whom they hung. 0 at the end."""
    for name, child, table in children(run.kind):
        known = exists(select(literal(1)).where(ROWS.c.run_id == run.id, ROWS.c.child == name, ROWS.c.row_id == table.c.id).correlate(table))
        mine = and_(_of_losers(run.kind, child, table, run.survivor_id, run.loser_ids), ~known)
        same = _same(run.kind, child, table, run.survivor_id, run.loser_ids)
        few = select(literal(run.id, Uuid()), literal(name), table.c.id, table.c[child.column], case((same, "stayed"), else_="moved")).where(mine).order_by(table.c.id).limit(CHUNK).with_for_update(of=table)
        with unhidden(ctx.session):  # moves them, whoever may read them
            found = list(ctx.session.execute(insert(ROWS).from_select(["run_id", "child", "row_id", "from_id", "outcome"], few).returning(ROWS.c.row_id, ROWS.c.outcome)))
        if found:
            keys = [row.row_id for row in found if row.outcome == "moved"]
            _hang(ctx, child, table, keys, run.survivor_id)
            return len(found)
    return 0


def put_back(ctx: Context, run: Merge, outcomes: dict[UUID, str]) -> int:
    """The next rows of the journal, at most 1,000: each hangs again on whom it hung, unless it is gone or hangs elsewhere by
    now. outcomes: rows of which that is decided already. 0 at the end."""
    few = select(ROWS).where(ROWS.c.run_id == run.id, ROWS.c.outcome == "moved").order_by(ROWS.c.child, ROWS.c.row_id).limit(CHUNK)
    rows = list(ctx.session.execute(few))
    known = {name: (child, table) for name, child, table in children(run.kind)}
    for name in sorted({row.child for row in rows}):
        mine = {row.row_id: row.from_id for row in rows if row.child == name}
        if name not in known:
            _settle(ctx, run, name, list(mine), "gone")
            continue
        child, table = known[name]
        with unhidden(ctx.session):
            still = dict(ctx.session.execute(select(table.c.id, table.c[child.column]).where(among(table.c.id, list(mine))).order_by(table.c.id).with_for_update()).all())
        back = [key for key in mine if still.get(key) == run.survivor_id and outcomes.get(key) is None]
        for from_id in sorted({mine[key] for key in back}):
            _hang(ctx, child, table, [key for key in back if mine[key] == from_id], from_id)
        _settle(ctx, run, name, back, "undone")
        _settle(ctx, run, name, [key for key in mine if key in still and key not in back], "elsewhere")
        _settle(ctx, run, name, [key for key in mine if key not in still], "gone")
    return len(rows)


def _hang(ctx: Context, child: Child, table: Table, keys: Sequence[UUID], record_id: UUID) -> None:
    """Hang rows on a record, with their versions raised as any change does."""
    if keys:
        more: dict[str, Any] = {"version": table.c.version + 1} if "version" in table.c else {}
        more |= {"updated_at": ctx.now} if "updated_at" in table.c else {}
        ctx.session.execute(update(table).where(among(table.c.id, keys)).values({child.column: record_id, **more}))


def _settle(ctx: Context, run: Merge, name: str, keys: Sequence[UUID], outcome: str) -> None:
    if keys:
        ctx.session.execute(update(ROWS).where(ROWS.c.run_id == run.id, ROWS.c.child == name, among(ROWS.c.row_id, keys)).values(outcome=outcome))


def tally(ctx: Context, run: Merge) -> dict[str, int]:
    """outcome -> rows."""
    return dict(ctx.session.execute(select(ROWS.c.outcome, func.count()).where(ROWS.c.run_id == run.id).group_by(ROWS.c.outcome)).all())


def rows_of(run: Merge, outcomes: Sequence[str]) -> Select:
    """(child, rows) of the journal with these outcomes."""
    return select(ROWS.c.child, ROWS.c.outcome, func.count().label("rows")).where(ROWS.c.run_id == run.id, ROWS.c.outcome.in_(outcomes)).group_by(ROWS.c.child, ROWS.c.outcome).order_by(ROWS.c.child)
