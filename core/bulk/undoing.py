"""A bulk edit taken back: every record that nobody has touched since is again what it was; the others stay and are named."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, all_, and_, any_, case, literal, null, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.hiding import unhidden
from core.base.outbox import defer
from core.base.policy import require
from core.base.sets import typed
from core.base.stepping import Door, begin_round, held, in_chunks
from core.bulk import own, wishes
from core.bulk.deciding import ROWS, tally
from core.bulk.models import BulkEdit, BulkEditRow
from core.bulk.running import AT_ONCE, next_rows
from core.bulk.wishes import Wish
from core.bulk.writing import lock, tell
from core.custom_fields.fields import is_own
from core.parties.tree import stands_under

KEPT_FOR = timedelta(days=30)


def can_be_undone(ctx: Context, run: BulkEdit) -> bool:
    """Has it changed anything that can be taken back now? One whose undoing broke off goes on with that."""
    ended = run.state in ("done", "cancelled") or run.broke_off_while == "running"
    return ended and bool(run.counts.get("changed")) and run.erased_at is None and not _too_late(ctx, run)


def start_undo(ctx: Context, run: BulkEdit) -> BulkEdit:
    """Take it back, also one that was stopped half-way. Refused before it ran, a second time, after 30 days, and to whoever
    may not change such records. Whose they are is not asked: what one handed over oneself, one can take back."""
    require(ctx, "bulk_edits.run", run)
    run = held(ctx, BulkEdit, run.id)
    if run.erased_at is not None or _too_late(ctx, run):
        raise Refused("bulk_too_late", days=KEPT_FOR.days)
    if not can_be_undone(ctx, run):
        raise Refused("bulk_not_now", state=run.state)
    wishes.back_of_run(ctx, run)
    run.state, run.position, run.rows_done, run.failure = "undoing", 0, 0, None
    return begin_round(ctx, run, at_once=AT_ONCE, later=lambda: defer(ctx, "bulk.undo", run_id=run.id, round=run.round), step=step, finish=finish)


def undo_bulk(door: Door, run_id: UUID, round: int) -> None:
    """Take it back."""
    in_chunks(door, BulkEdit, run_id, round, "undoing", permission="bulk_edits.run", step=step, finish=finish)


def step(ctx: Context, run: BulkEdit) -> bool:
    """The next chunk; False at the end."""
    mine = next_rows(ctx, run, "changed")
    if mine is None:
        return False
    wish = wishes.back_of_run(ctx, run)
    _put_back(ctx, wish, and_(mine, BulkEditRow.outcome == "changed"))
    ctx.session.execute(update(ROWS).where(mine, ROWS.c.outcome == "changed").values(outcome="kept"))
    ctx.session.expire_all()
    return True


def finish(ctx: Context, run: BulkEdit) -> BulkEdit:
    """Taken back: how many, and how many were kept because somebody had changed them."""
    run.counts = {"undone": 0, "kept": 0} | tally(ctx, run)
    run.state, run.finished_at = "undone", ctx.now
    record(ctx, "bulk_edit.undone", run, undone=run.counts["undone"], kept=run.counts["kept"])
    return run


def _too_late(ctx: Context, run: BulkEdit) -> bool:
    return run.finished_at is not None and run.finished_at < ctx.now - KEPT_FOR


def _put_back(ctx: Context, wish: Wish, mine: ColumnElement[bool]) -> None:
    table = wish.model.__table__
    for name in wish.chains:
        wish.room.chains[name].hold(ctx)
    lock(ctx, table, mine)
    was_there = table.c.deleted_at.is_not(None) if wish.operation == "delete" else table.c.deleted_at.is_(None)
    free = and_(mine, table.c.id == BulkEditRow.record_id, table.c.version == BulkEditRow.left_version, was_there)
    for name in wish.chains:
        free = and_(free, table.c.id != all_(literal(_in_circles(ctx, wish, name, free), ARRAY(Uuid))))
    change: dict[str, Any] = {"version": table.c.version + 1, "updated_at": ctx.now}
    if wish.operation == "delete":
        change["deleted_at"] = null()
    else:
        change |= {name: case((BulkEditRow.before.has_key(name), typed(BulkEditRow.before, table.c[name])), else_=table.c[name]) for name in wish.columns if not is_own(name)}
        change |= own.put_back(table, wish.columns)
    went = dict(ctx.session.execute(select(table.c.id, table.c.deleted_at).where(free)).all()) if wish.operation == "delete" else {}
    with unhidden(ctx.session):  # puts back what stood there, whoever may read it
        keys = list(ctx.session.execute(update(table).where(free).values(**change).returning(table.c.id)).scalars())
    done = and_(mine, BulkEditRow.record_id == any_(literal(keys, ARRAY(Uuid))))
    tell(ctx, wish, done, back=True)
    ctx.session.execute(update(ROWS).where(done).values(outcome="undone"))
    wish.room.followed(ctx, wish.operation, keys) if wish.operation != "delete" else wish.room.came_back(ctx, {key: went[key] for key in keys})


def _in_circles(ctx: Context, wish: Wish, name: str, free: ColumnElement[bool]) -> list[UUID]:
    """Records whose old one leads back to them by now."""
    old = BulkEditRow.before[name].astext
    pairs = ctx.session.execute(select(wish.model.id, old.cast(Uuid)).where(free, old.is_not(None))).all()
    above = wish.room.chains[name].above(ctx, {parent for _, parent in pairs})
    closed = []
    for key, parent in pairs:
        if stands_under(parent, key, above):
            closed.append(key)
        else:
            above[key] = parent
    return closed
