"""A chunk of records changed by set-based statements: values, versions and facts as the use cases for one leave them."""

from typing import Any

from sqlalchemy import ColumnElement, Text, Uuid, and_, any_, case, cast, column, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by

from core.base.context import Context
from core.base.hiding import unhidden
from core.base.sets import record_all, words_of
from core.bulk import own, reckoning
from core.bulk.deciding import ROWS, decide, pairs_of
from core.bulk.models import BulkEditRow
from core.bulk.reckoning import recordset
from core.bulk.wishes import Wish
from core.identity.models import User


def write(ctx: Context, wish: Wish, mine: ColumnElement[bool]) -> None:
    """Change the records of the rows of `mine` that are due; what must not be changed (any more) is left out and said."""
    table = wish.model.__table__
    due = and_(mine, BulkEditRow.outcome == "due")
    for name in wish.chains:
        wish.room.chains[name].hold(ctx)  # before the rows' own locks, as the use case for one does
    lock(ctx, table, due)
    decide(ctx, wish, due, again=True)
    mine_now = and_(due, table.c.id == BulkEditRow.record_id)
    change: dict[str, Any] = {"version": table.c.version + 1, "updated_at": ctx.now}
    if wish.operation == "delete":
        change["deleted_at"] = ctx.now
    elif wish.operation == "tags":
        pairs = recordset(pairs_of(ctx, wish, mine), column("old", JSONB()), column("new", JSONB()))
        change["tags"], mine_now = words_of(pairs.c.new), and_(mine_now, BulkEditRow.before["tags"] == pairs.c.old)
    elif wish.reckoning is not None:
        pairs = reckoning.table_of(wish.reckoning, reckoning.pairs_of(ctx, wish.reckoning, wish.asked, mine))
        name = wish.reckoning.column
        change[name], mine_now = cast(pairs.c.new, table.c[name].type), and_(mine_now, reckoning.same(wish.reckoning, pairs))
    else:
        change |= own.written(table, wish.values) | wish.room.stamped(ctx, wish.values)
    with unhidden(ctx.session):  # where a value was known from goes with it, whoever may read it
        keys = list(ctx.session.execute(update(table).where(mine_now).values(**change).returning(table.c.id)).scalars())
    tell(ctx, wish, due)
    ctx.session.execute(update(ROWS).where(due, table.c.id == BulkEditRow.record_id).values(outcome="changed", left_version=table.c.version))
    wish.room.followed(ctx, wish.operation, keys)
    ctx.session.expire_all()


def lock(ctx: Context, table: Any, chosen: ColumnElement[bool]) -> None:
    """Hold the records until the commit, in one order for everybody; others may still name them in their rows."""
    keys = select(BulkEditRow.record_id).where(chosen)
    ctx.session.execute(select(table.c.id).where(table.c.id.in_(keys)).order_by(table.c.id).with_for_update(key_share=True)).all()


def tell(ctx: Context, wish: Wish, chosen: ColumnElement[bool], *, back: bool = False) -> None:
    """The facts of these rows, whose records stand as they were left. back: of an undo."""
    table, subject = wish.model.__table__, wish.room.subject
    mine = and_(chosen, table.c.id == BulkEditRow.record_id)
    head = (table.c.id.label("subject_id"), *_about(wish, table, back))
    if wish.operation == "delete":
        params = func.jsonb_build_object("name", table.c.name)
        record_all(ctx, f"{subject}.{'restored' if back else 'deleted'}", subject, select(*head, params.label("params")).where(mine))
    elif wish.operation == "owner":
        params = func.jsonb_build_object("owner", func.coalesce(User.name, ""), "name", table.c.name)
        rows = select(*head, params.label("params")).select_from(table.outerjoin(User.__table__, User.id == table.c.owner_id))
        record_all(ctx, f"{subject}.owner_changed", subject, rows.where(mine))
    else:
        params = func.jsonb_build_object("fields", _fields(wish), "name", table.c.name)
        record_all(ctx, f"{subject}.edited", subject, select(*head, params.label("params")).where(mine))


def _fields(wish: Wish) -> ColumnElement:
    key = func.jsonb_object_keys(BulkEditRow.before).column_valued("key")
    return select(func.jsonb_agg(aggregate_order_by(key, key))).where(key == any_(literal(wish.fields, ARRAY(Text)))).correlate(BulkEditRow).scalar_subquery()


def _about(wish: Wish, table: Any, back: bool) -> list[ColumnElement]:
    """On whose timelines it stands beside the record's own: those that it names, and those that it named before."""
    found: list[ColumnElement] = [table.c[name].label(f"about_{name}") for name in wish.room.hung]
    for name in wish.room.hung:
        if name in wish.values:
            old = literal(wish.values[name], Uuid()) if back else cast(BulkEditRow.before[name].astext, Uuid())
            found.append(case((BulkEditRow.before.has_key(name), old)).label(f"was_{name}"))
    return found
