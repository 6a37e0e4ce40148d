"""A chunk of records changed by set-based statements: values, versions and facts as the use cases for one leave them."""

from typing import Any

from sqlalchemy import ColumnElement, Uuid, and_, case, cast, column, func, literal, null, select, update
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from core.base.context import Context
from core.base.hiding import unhidden
from core.base.sets import record_all, words_of
from core.bulk import own
from core.bulk.deciding import ROWS, decide, pairs_of, recordset
from core.bulk.models import BulkEditRow
from core.bulk.wishes import Wish
from core.identity.models import User
from core.parties.origins import OF, beside_old
from core.parties.tree import hold_parents


def write(ctx: Context, wish: Wish, mine: ColumnElement[bool]) -> None:
    """Change the records of the rows of `mine` that are due; what must not be changed (any more) is left out and said."""
    table = wish.model.__table__
    due = and_(mine, BulkEditRow.outcome == "due")
    if "parent_id" in wish.values:
        hold_parents(ctx)  # before the rows' own locks, as the use case for one does
    lock(ctx, table, due)
    decide(ctx, wish, due, again=True)
    mine_now = and_(due, table.c.id == BulkEditRow.record_id)
    change: dict[str, Any] = {"version": table.c.version + 1, "updated_at": ctx.now}
    if wish.operation == "delete":
        change["deleted_at"] = ctx.now
    elif wish.operation == "tags":
        pairs = recordset(pairs_of(ctx, wish, mine), column("old", JSONB()), column("new", JSONB()))
        change["tags"], mine_now = words_of(pairs.c.new), and_(mine_now, BulkEditRow.before["tags"] == pairs.c.old)
    else:
        change |= own.written(table, wish.values) | _known_from(ctx, wish)
    with unhidden(ctx.session):  # where a value was known from goes with it, whoever may read it
        ctx.session.execute(update(table).where(mine_now).values(**change))
    tell(ctx, wish, due)
    ctx.session.execute(update(ROWS).where(due, table.c.id == BulkEditRow.record_id).values(outcome="changed", left_version=table.c.version))
    ctx.session.expire_all()


def _known_from(ctx: Context, wish: Wish) -> dict[str, Any]:
    """What stands beside the new values, where they are new: entered by the actor today."""
    table, found = wish.model.__table__, {}
    for name, value in wish.values.items():
        if wish.origin_of(name) and value is None:
            found |= dict.fromkeys(wish.origin_of(name), null())
        elif wish.origin_of(name):
            found |= beside_old(ctx, table, name, literal(value, table.c[name].type), null(), null())
    return found


def lock(ctx: Context, table: Any, chosen: ColumnElement[bool]) -> None:
    """Hold the records until the commit, in one order for everybody; others may still name them in their rows."""
    keys = select(BulkEditRow.record_id).where(chosen)
    ctx.session.execute(select(table.c.id).where(table.c.id.in_(keys)).order_by(table.c.id).with_for_update(key_share=True)).all()


def tell(ctx: Context, wish: Wish, chosen: ColumnElement[bool], *, back: bool = False) -> None:
    """The facts of these rows, whose records stand as they were left. back: of an undo."""
    table, subject = wish.model.__table__, wish.kind.removesuffix("s")
    mine = and_(chosen, table.c.id == BulkEditRow.record_id)
    about, also = _whose(wish, table, back)
    head = (table.c.id.label("subject_id"), about.label("about_id"), also.label("also_id"))
    if wish.operation == "delete":
        params = func.jsonb_build_object("name", table.c.name)
        record_all(ctx, f"{subject}.{'restored' if back else 'deleted'}", subject, select(*head, params.label("params")).where(mine))
    elif wish.operation == "owner":
        params = func.jsonb_build_object("owner", func.coalesce(User.name, ""), "name", table.c.name)
        rows = select(*head, params.label("params")).select_from(table.outerjoin(User.__table__, User.id == table.c.owner_id))
        record_all(ctx, f"{subject}.owner_changed", subject, rows.where(mine))
    else:
        params = func.jsonb_build_object("fields", _fields(), "name", table.c.name)
        record_all(ctx, f"{subject}.edited", subject, select(*head, params.label("params")).where(mine))


def _fields() -> ColumnElement:
    key = func.jsonb_object_keys(BulkEditRow.before).column_valued("key")
    return select(func.jsonb_agg(aggregate_order_by(key, key))).where(key != "mail_norm", key.not_in(OF)).correlate(BulkEditRow).scalar_subquery()


def _whose(wish: Wish, table: Any, back: bool) -> tuple[ColumnElement, ColumnElement]:
    """On which accounts' timelines it stands beside the record's own: a person's account, the old one too where he moved."""
    nobody = cast(None, Uuid())
    if wish.kind != "contacts":
        return nobody, nobody
    if "account_id" not in wish.values:
        return table.c.account_id, nobody
    old = literal(wish.values["account_id"], Uuid()) if back else cast(BulkEditRow.before["account_id"].astext, Uuid())
    return table.c.account_id, case((BulkEditRow.before.has_key("account_id"), old))
