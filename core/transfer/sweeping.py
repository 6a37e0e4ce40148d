"""The end of prepared exports: what broke off, what nobody fetched, what an erasure must not leave lying."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.base.context import Context
from core.base.errors import Forbidden, Refused
from core.base.facts import plain
from core.base.stepping import given_up, orphans
from core.notifications.telling import notify
from core.transfer.models import EXPORTING, PreparedExport
from core.transfer.preparing import JOB, end

REMEMBERED = timedelta(days=30)
AT_ONCE = 100


def end_given_up(ctx: Context, run_id: UUID, round: int, refusal: Refused | None = None) -> None:
    """The order was given up: the export has failed, and says why. Nothing where it has moved on meanwhile."""
    run = given_up(ctx, PreparedExport, run_id, round, EXPORTING)
    if run is not None:
        _fail(ctx, run, refusal)


def sweep(ctx: Context) -> dict[str, int]:
    """End what lost its order and whose day is over; forget what ended long ago. Says how many of each."""
    lost = orphans(ctx, PreparedExport, (JOB,), EXPORTING)
    for run in lost:
        _fail(ctx, run, None)
    over = select(PreparedExport).where(PreparedExport.state == "ready", PreparedExport.expires_at <= ctx.now).limit(AT_ONCE)
    expired = list(ctx.session.execute(over.with_for_update(skip_locked=True)).scalars())
    for run in expired:
        end(ctx, run, "expired")
    old = delete(PreparedExport).where(PreparedExport.state.not_in((*EXPORTING, "ready")), PreparedExport.finished_at < ctx.now - REMEMBERED)
    return {"failed": len(lost), "expired": len(expired), "forgotten": ctx.session.execute(old).rowcount}


def end_all(ctx: Context) -> int:
    """Somebody was erased: no file may hold him any longer. A new one can be asked for at once."""
    found = list(ctx.session.execute(select(PreparedExport).where(PreparedExport.state.in_((*EXPORTING, "ready"))).with_for_update()).scalars())
    for run in found:
        end(ctx, run, "cancelled")
    return len(found)


def has_any(session: Session) -> bool:
    """Is there anything to sweep? Workspaces that prepare nothing get no order."""
    return session.execute(select(PreparedExport.id).limit(1)).first() is not None


def _fail(ctx: Context, run: PreparedExport, refusal: Refused | None) -> None:
    code, params = (refusal.code, refusal.params) if refusal else ("export_broke_off", {})
    end(ctx, run, "failed", {"code": "export_not_allowed" if isinstance(refusal, Forbidden) else code, "params": plain(params)})
    notify(ctx, "finished", [run.owner_id], run, by_itself=True, dedupe=f"export:{run.id}", say="told.export_failed")
