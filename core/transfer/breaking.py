"""An import whose work broke off: it ends as failed and says so, what is written stays counted, and a person may go on.

Told by the worker when an order is given up; a sweep finds what nobody told (an order lost, held after a restore).
"""

from uuid import UUID

from sqlalchemy.orm import Session

from core.base.context import Context
from core.base.errors import Forbidden, Refused
from core.base.facts import plain, record
from core.base.outbox import defer
from core.base.policy import require
from core.base.stepping import given_up, orphans, unattended
from core.notifications.telling import notify
from core.transfer.models import MOVING, ImportRun
from core.transfer.starting import may_write
from core.transfer.undoing import may_undo

JOBS = ("transfer.check", "transfer.run", "transfer.undo")
BROKE_OFF = {"checking": "import_check_broke_off", "running": "import_broke_off", "undoing": "import_undo_broke_off"}


def end_given_up(ctx: Context, run_id: UUID, round: int, refusal: Refused | None = None) -> None:
    """The order of this round was given up: end the import as failed. Nothing where it has moved on meanwhile."""
    run = given_up(ctx, ImportRun, run_id, round, MOVING)
    if run is not None:
        _end(ctx, run, refusal)


def end_orphans(ctx: Context) -> int:
    """End the imports that no order works on any more; the clock asks for it. Says how many it was."""
    found = orphans(ctx, ImportRun, JOBS, MOVING)
    for run in found:
        _end(ctx, run, None)
    return len(found)


def left_alone(session: Session) -> bool:
    """Is there an import under way that no order looks after?"""
    return session.execute(unattended(ImportRun, JOBS, MOVING).limit(1)).first() is not None


def go_on(ctx: Context, run: ImportRun) -> None:
    """Take the work up behind the last chunk that is in. Refuses what did not break off, and whoever may not do it."""
    require(ctx, "imports.run", run)
    state = run.broke_off_while
    if state is None or run.is_tidied:
        raise Refused("import_not_now", state=run.state)
    if state == "undoing":
        may_undo(ctx, run)
    elif state == "running" or run.goes_on:
        may_write(ctx, run)
    run.state, run.failure, run.finished_at = state, None, None
    run.round += 1
    ctx.session.flush()  # the order below is for this round
    if state == "checking":
        defer(ctx, "transfer.check", run_id=run.id, round=run.round)
    elif state == "running":
        defer(ctx, "transfer.run", run_id=run.id, round=run.round)
    else:
        defer(ctx, "transfer.undo", run_id=run.id, round=run.round)


def _end(ctx: Context, run: ImportRun, refusal: Refused | None) -> None:
    """Failed, with the reason in plain words; counts and position stay as the last committed chunk left them."""
    was, run.state, run.finished_at = run.state, "failed", ctx.now
    code, params = (refusal.code, refusal.params) if refusal else (BROKE_OFF[was], {})
    run.failure = {"code": "import_not_allowed" if isinstance(refusal, Forbidden) else code, "params": plain(params), "while": was}
    if was != "checking":
        record(ctx, "import.broke_off", run, name=run.file_name, done=run.rows_done)
    notify(ctx, "finished", [run.owner_id], run, by_itself=True, dedupe=f"import:{run.id}:{run.round}", say="told.import_failed")
