"""The import itself: chunk by chunk, each with its place in the file in one transaction; then parents; then the end."""

from uuid import UUID

from sqlalchemy import func, select

from core.base.context import Context
from core.base.facts import record
from core.base.stepping import Door, in_chunks
from core.notifications.telling import notify
from core.transfer import companies, consents, further, kinds, matching, parents, roles, settling, writing
from core.transfer.checking import CHUNK, turn_of
from core.transfer.models import ImportRow, ImportRun
from core.transfer.starting import may_write


def run_import(door: Door, run_id: UUID, round: int) -> None:
    """Write what was checked. Called again after a crash it goes on behind the last committed chunk."""
    in_chunks(door, ImportRun, run_id, round, "running", permission="imports.run", step=step)
    parents.link_parents(door, run_id, round)
    with door() as ctx:
        run = turn_of(ctx, run_id, round, "running")
        if run is None:
            return
        run.state, run.finished_at = "done", ctx.now
        if parents.tree_of(run):
            run.counts = {**run.counts, "noted": matching.noted(ctx, run)}
        counts = {outcome: run.counts.get(outcome, 0) for outcome in ("created", "updated")}
        record(ctx, "import.finished", run, name=run.file_name, **counts)
        notify(ctx, "finished", [run.owner_id], run, by_itself=True, dedupe=f"import:{run.id}:{run.round}", say="told.import_finished", **counts)


def step(ctx: Context, run: ImportRun) -> bool:
    """The next lines, written with the position in one transaction; False at the end."""
    lines = next_lines(ctx, run)
    if lines is None:
        return False
    may_write(ctx, run)
    first, last, number = lines
    kinds.of(run).hold(ctx)
    matching.plan(ctx, run, first, last)
    last, number = matching.each_once(ctx, run, first, last, number)
    companies.give_accounts(ctx, run, first, last)
    writing.create(ctx, run, first, last)
    writing.change(ctx, run, first, last)
    further.give(ctx, run, first, last)
    roles.give(ctx, run, first, last)
    consents.give(ctx, run, first, last)
    settling.follow(ctx, run, first, last)
    writing.settle_others(ctx, run, first, last)
    run.counts = _added(run.counts, _outcomes(ctx, run, first, last))
    run.position, run.rows_done = last, run.rows_done + number
    return True


def next_lines(ctx: Context, run: ImportRun) -> tuple[int, int, int] | None:
    """(first line, last line, how many) of the next chunk behind the position; None at the end."""
    coming = select(ImportRow.line).where(ImportRow.run_id == run.id, ImportRow.line > run.position).order_by(ImportRow.line).limit(CHUNK).subquery()
    first, last, number = ctx.session.execute(select(func.min(coming.c.line), func.max(coming.c.line), func.count())).one()
    return (first, last, number) if number else None


def _outcomes(ctx: Context, run: ImportRun, first: int, last: int) -> dict[str, int]:
    query = select(ImportRow.outcome, func.count()).where(matching.in_lines(run, first, last)).group_by(ImportRow.outcome)
    found = {outcome: number for outcome, number in ctx.session.execute(query)}
    made = select(func.count()).where(matching.in_lines(run, first, last), ImportRow.made_account.is_not(None))
    return found | {"accounts": ctx.session.execute(made).scalar_one()}


def _added(counts: dict[str, int], more: dict[str, int]) -> dict[str, int]:
    return {name: counts.get(name, 0) + more.get(name, 0) for name in sorted({*counts, *more})}
