"""A customer's own export of everything: asked for by a person, made by a worker, kept for seven days.

Never withheld by a plan (permission takeout.run is ALWAYS): also read-only and suspended workspaces take out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from core.base.context import Context
from core.base.errors import Forbidden, NotFound, Refused
from core.base.facts import record
from core.base.outbox import defer
from core.base.policy import require, tables_beyond
from tenants import backup, entry, registry, runs
from tenants.models import Run
from tenants.settings import Workspace

KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Takeout:
    """One export as its page shows it. share: steps done, of all. archive: where the file lies while it is kept. error:
    the code of what ended it, with its parameters."""

    id: UUID
    asked_by: str
    created_at: datetime
    finished_at: datetime | None
    state: str
    share: tuple[int, int]
    size: int | None
    tables: int
    rows: int
    archive: Path | None
    error: tuple[str, dict] | None


def ask(ctx: Context) -> UUID:
    """Have everything exported; refuses while the last one is at work (`run_exists`)."""
    require(ctx, "takeout.run")
    _check_all_shown(ctx)
    tenant = registry.by_id(ctx.tenant.id)
    asked_by = ctx.actor.mail or ctx.actor.name
    run_id = runs.start("export", tenant, asked_by, for_customer=True, folder=str(backup.exports_folder()))
    record(ctx, "takeout.asked", Workspace(ctx.tenant.id), run=run_id)
    defer(ctx, "takeout.run", dedupe=str(run_id), run_id=run_id, user_id=ctx.actor.id)
    return run_id


def _check_all_shown(ctx: Context) -> None:
    """The archive holds every field of every record: nothing may be hidden from whoever takes it, no field and no record."""
    if ctx.actor.hidden:
        raise Forbidden("field_hidden")
    if tables_beyond(ctx):
        raise Forbidden()
    if {ctx.actor.visibility, *(sees for sees, _ in ctx.actor.scopes.values())} != {"all"}:
        raise Forbidden("takeout_needs_all")


def takeouts(ctx: Context, limit: int = 20) -> list[Takeout]:
    """The exports that this workspace asked for, newest first."""
    require(ctx, "takeout.run")
    query = select(Run).where(Run.tenant_id == ctx.tenant.id, Run.kind == "export", Run.data["for_customer"].as_boolean())
    with entry.control() as session:
        return [_shown(run, ctx.now) for run in session.execute(query.order_by(Run.created_at.desc()).limit(limit)).scalars()]


def fetch(ctx: Context, run_id: UUID) -> Path:
    """The archive to send, and the fact that it was sent. 404 for another workspace's, an unfinished or a past one."""
    _check_all_shown(ctx)
    found = next((one for one in takeouts(ctx, 100) if one.id == run_id), None)
    if found is None or found.archive is None:
        raise NotFound()
    record(ctx, "takeout.downloaded", Workspace(ctx.tenant.id), run=run_id)
    return found.archive


def cancel(ctx: Context, run_id: UUID) -> None:
    """Stop it: the step under way is the last one, and nothing of it stays. Refuses what is over; 404 for another workspace's."""
    require(ctx, "takeout.run")
    mine = select(Run).where(Run.id == run_id, Run.tenant_id == ctx.tenant.id, Run.kind == "export", Run.data["for_customer"].as_boolean())
    with entry.control() as session:
        run = session.execute(mine.with_for_update()).scalar_one_or_none()
        if run is None:
            raise NotFound()
        if run.state in runs.ENDED:
            raise Refused("takeout_over")
        run.state, run.finished_at = "cancelled", ctx.now
    record(ctx, "takeout.stopped", Workspace(ctx.tenant.id), run=run_id)


def clear_old(now: datetime) -> int:
    """Delete the archives of customers' exports whose days are over; returns how many."""
    query = select(Run.data).where(Run.kind == "export", Run.data["for_customer"].as_boolean(), Run.finished_at < now - KEPT)
    with entry.control() as session:
        paths = [Path(data["archive"]) for data in session.execute(query).scalars() if "archive" in data]
    old = [path for path in paths if path.is_file()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def clear_all(tenant_id: UUID) -> int:
    """Delete every archive that this workspace asked for: somebody in it was erased. A new one can be made at once."""
    query = select(Run.data).where(Run.tenant_id == tenant_id, Run.kind == "export", Run.data["for_customer"].as_boolean())
    with entry.control() as session:
        paths = [Path(data["archive"]) for data in session.execute(query).scalars() if "archive" in data]
    lying = [path for path in paths if path.is_file()]
    for path in lying:
        path.unlink(missing_ok=True)
    return len(lying)


def _shown(run: Run, now: datetime) -> Takeout:
    archive = Path(run.data["archive"]) if run.state == "done" else None
    kept = archive is not None and run.finished_at is not None and now - run.finished_at < KEPT and archive.is_file()
    tables = run.data.get("tables", {})
    return Takeout(
        id=run.id, asked_by=run.asked_by, created_at=run.created_at, finished_at=run.finished_at, state=run.state,
        share=(len(run.done), len(backup.EXPORT_STEPS)), size=run.data.get("bytes"), tables=len(tables),
        rows=sum(table["rows"] for table in tables.values()), archive=archive if kept else None,
        error=(run.error, run.data.get("refused", {})) if run.error else None,
    )
