"""Operations that work a field of each record out of what stands in it (core.base.batches.Reckoning). What stands there is kept as text, so that
no figure loses a digit; records of the same figures are worked out once."""

from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, column, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB

from core.base.batches import Reckoning
from core.base.context import Context
from core.bulk.models import BulkEditRow

ROWS = BulkEditRow.__table__
WHY = "why"


def now(table: Any, one: Reckoning) -> ColumnElement:
    """{column: what stands in it}, of the field and of what it goes by."""
    parts = [part for name in one.columns for part in (name, cast(table.c[name], Text))]
    return func.jsonb_build_object(*parts, type_=JSONB)


def moved(table: Any, one: Reckoning) -> ColumnElement[bool]:
    """Has somebody changed one of them since the preview?"""
    return BulkEditRow.before.is_distinct_from(now(table, one))


def settle(ctx: Context, one: Reckoning, wanted: dict[str, Any], mine: ColumnElement[bool]) -> None:
    """Away with those that can't be worked out, and with those that are so already."""
    out = [found for found in pairs_of(ctx, one, wanted, mine) if found[WHY]]
    if out:
        pairs = table_of(one, out)
        ctx.session.execute(update(ROWS).where(mine, ROWS.c.outcome == "due", same(one, pairs)).values(outcome=pairs.c.why))


def pairs_of(ctx: Context, one: Reckoning, wanted: dict[str, Any], mine: ColumnElement[bool]) -> list[dict[str, Any]]:
    """Each different set of figures among the rows that are due, with what becomes of it ("new"), or why they are left out ("why")."""
    sets = select(*(BulkEditRow.before[name].astext.label(name) for name in one.columns)).where(mine, BulkEditRow.outcome == "due").distinct()
    found = []
    for old in ctx.session.execute(sets).mappings():
        new = one.worked(wanted, dict(old))
        why = new if isinstance(new, str) else "same" if old[one.column] is not None and type(new)(old[one.column]) == new else None
        found.append({**old, "new": None if why else str(new), WHY: why})
    return found


def table_of(one: Reckoning, pairs: list[dict[str, Any]]) -> Any:
    """Them as rows of a statement."""
    return recordset(pairs, *(column(name, Text()) for name in one.columns), column("new", Text()), column(WHY, Text()))


def same(one: Reckoning, pairs: Any) -> ColumnElement[bool]:
    """The rows of a pair."""
    return and_(*(ROWS.c.before[name].astext.is_not_distinct_from(pairs.c[name]) for name in one.columns))


def recordset(pairs: list[dict[str, Any]], *columns: Any) -> Any:
    """Rows of a statement out of JSON."""
    return func.jsonb_to_recordset(literal(pairs, JSONB)).table_valued(*columns, name="pairs").render_derived(with_types=True)
