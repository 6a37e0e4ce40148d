"""The bulk edit itself: few records in the request, more in the background, chunk by chunk, each with its place in one
transaction. A killed worker goes on behind the last committed chunk."""

from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.finding import plan_afresh
from core.base.outbox import defer
from core.base.policy import require
from core.base.stepping import Door, begin_round, held, in_chunks
from core.bulk import wishes
from core.bulk.deciding import tally
from core.bulk.models import MOVING, BulkEdit, BulkEditRow
from core.bulk.writing import write

AT_ONCE, CHUNK = 200, 1000


def start(ctx: Context, run: BulkEdit, *, version: int | None = None) -> BulkEdit:
    """Yes, do it. Up to 200 records are changed here and now. Refused before the preview, with nothing to do, and to
    whoever may not change such records (any more)."""
    require(ctx, "bulk_edits.run", run)
    run = held(ctx, BulkEdit, run.id)
    if run.state != "previewed" or version not in (None, run.version):
        raise Refused("bulk_not_now", state=run.state)
    wishes.of_run(ctx, run)
    if not run.counts.get("due"):
        raise Refused("bulk_nothing_to_do")
    run.state, run.position, run.rows_done, run.started_at = "running", 0, 0, ctx.now
    return begin_round(ctx, run, at_once=AT_ONCE, later=lambda: defer(ctx, "bulk.run", run_id=run.id, round=run.round), step=step, finish=finish)


def run_bulk(door: Door, run_id: UUID, round: int) -> None:
    """Change what was previewed."""
    in_chunks(door, BulkEdit, run_id, round, "running", permission="bulk_edits.run", step=step, finish=finish)


def step(ctx: Context, run: BulkEdit) -> bool:
    """The next chunk, with its place in one transaction; False at the end."""
    mine = next_rows(ctx, run, "due")
    if mine is None:
        return False
    write(ctx, wishes.of_run(ctx, run), mine)
    return True


def next_rows(ctx: Context, run: BulkEdit, outcome: str) -> ColumnElement[bool] | None:
    """The rows of the next chunk with that outcome, the run's place moved behind them; None at the end."""
    plan_afresh(ctx.session)
    coming = select(BulkEditRow.position).where(BulkEditRow.run_id == run.id, BulkEditRow.position > run.position, BulkEditRow.outcome == outcome)
    few = coming.order_by(BulkEditRow.position).limit(CHUNK).subquery()
    first, last, number = ctx.session.execute(select(func.min(few.c.position), func.max(few.c.position), func.count()).select_from(few)).one()
    if not number:
        return None
    run.position, run.rows_done = last, run.rows_done + number
    ctx.session.flush()  # what follows reads the session's records anew
    return (BulkEditRow.run_id == run.id) & BulkEditRow.position.between(first, last)


def finish(ctx: Context, run: BulkEdit) -> BulkEdit:
    """Done: count what became of each record, and say so."""
    run.state, run.finished_at, run.counts = "done", ctx.now, tally(ctx, run)
    record(ctx, "bulk_edit.finished", run, changed=run.counts.get("changed", 0), list=run.kind)
    return run


def cancel(ctx: Context, run: BulkEdit) -> BulkEdit:
    """Stop after the chunk at hand: what was changed stays so and can be taken back. A preview is thrown away."""
    require(ctx, "bulk_edits.run", run)
    run = held(ctx, BulkEdit, run.id)
    if run.state not in (*MOVING, "selected", "previewed"):
        raise Refused("bulk_not_now", state=run.state)
    began = run.state == "running"
    run.state, run.finished_at, run.counts = "cancelled", ctx.now, tally(ctx, run)
    if began:
        record(ctx, "bulk_edit.cancelled", run, changed=run.counts.get("changed", 0))
    return run
