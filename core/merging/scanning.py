"""The search for duplicates among all accounts, then all contacts: chunk by chunk, by the rules of the one call. What it
finds is kept as pairs, which people decide on."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.outbox import defer
from core.base.policy import require
from core.base.stepping import Door, held, in_chunks, orphans, unattended
from core.merging.choosing import MODELS
from core.merging.models import DuplicateScan
from core.parties.beside_models import DuplicatePair
from core.parties.duplicates import FIELDS, likely_for_many
from core.parties.models import Account, Contact

CHUNK, OF_ONE = 200, 10
# How sure it has to be: perhaps, likely, nearly certain. People choose; the clock takes what was chosen last.
THRESHOLDS = (0.5, 0.8, 0.97)


def start(ctx: Context, *, threshold: float | None = None, since_last: bool = False) -> DuplicateScan:
    """Begin a search, or give the one under way. since_last: only what was changed since the last whole one began."""
    require(ctx, "merges.run")
    before = latest(ctx)
    if before is not None and before.state == "running":
        return before
    if threshold is not None and threshold not in THRESHOLDS:
        raise Refused("unknown_value", field="threshold")
    scan = DuplicateScan(threshold=threshold or (before.threshold if before else THRESHOLDS[1]), since=_last_done(ctx) if since_last else None, round=1)
    scan.rows_todo = sum(ctx.session.execute(select(func.count()).select_from(_todo(model, scan).subquery())).scalar_one() for model in (Account, Contact))
    ctx.session.add(scan)
    ctx.session.flush()  # the order names the scan
    defer(ctx, "merging.scan", run_id=scan.id, round=scan.round)
    return scan


def cancel(ctx: Context, scan: DuplicateScan) -> DuplicateScan:
    """Stop after the chunk at hand; what was found stays."""
    require(ctx, "merges.run")
    scan = held(ctx, DuplicateScan, scan.id)
    if scan.state != "running":
        raise Refused("merge_not_now")
    scan.state, scan.finished_at = "cancelled", ctx.now
    return scan


def latest(ctx: Context) -> DuplicateScan | None:
    """The last search that was begun."""
    return ctx.session.execute(select(DuplicateScan).order_by(DuplicateScan.created_at.desc(), DuplicateScan.id.desc()).limit(1)).scalar_one_or_none()


def one(ctx: Context, scan_id: UUID) -> DuplicateScan:
    """A search; NotFound where there is none."""
    found = ctx.session.get(DuplicateScan, scan_id)
    if found is None:
        raise NotFound()
    return found


def scan_all(door: Door, run_id: UUID, round: int) -> None:
    """The order of a search."""
    in_chunks(door, DuplicateScan, run_id, round, "running", permission="merges.run", step=step)


def step(ctx: Context, scan: DuplicateScan) -> bool:
    """Compare the next records with all; False at the end."""
    model = MODELS[scan.kind]
    query = _todo(model, scan).order_by(model.id).limit(CHUNK)
    rows = list(ctx.session.execute(query.where(model.id > scan.position) if scan.position else query).scalars())
    if rows:
        _keep(ctx, scan, rows, likely_for_many(ctx, scan.kind, [_candidate(row) for row in rows], limit=OF_ONE))
        scan.position, scan.rows_done = rows[-1].id, scan.rows_done + len(rows)
    elif scan.kind == "account":
        scan.kind, scan.position = "contact", None
    else:
        scan.state, scan.finished_at = "done", ctx.now
        return False
    ctx.session.flush()
    ctx.session.expire_all()
    return True


def end_orphans(ctx: Context) -> int:
    """End searches that no order works on any more."""
    found = orphans(ctx, DuplicateScan, ("merging.scan",), ("running",))
    for scan in found:
        scan.state, scan.finished_at = "failed", ctx.now
    return len(found)


def left_alone(session: Session) -> bool:
    """Is there a search under way that no order looks after?"""
    return session.execute(unattended(DuplicateScan, ("merging.scan",), ("running",)).limit(1)).first() is not None


def has_records(session: Session) -> bool:
    """Is there anything to compare?"""
    return session.execute(select(Account.id).limit(1)).first() is not None or session.execute(select(Contact.id).limit(1)).first() is not None


def _todo(model: Any, scan: DuplicateScan) -> Select:
    query = select(model).where(model.deleted_at.is_(None))
    return query.where(model.updated_at >= scan.since) if scan.since else query


def _last_done(ctx: Context) -> Any:
    return ctx.session.execute(select(func.max(DuplicateScan.created_at)).where(DuplicateScan.state == "done")).scalar_one()


def _candidate(row: Any) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, **{name: getattr(row, name, None) for name in FIELDS}}


def _keep(ctx: Context, scan: DuplicateScan, rows: list[Any], found: list[list[Any]]) -> None:
    """New pairs, and old ones that are still open with their score of today."""
    pairs: dict[tuple[UUID, UUID], dict[str, Any]] = {}
    for row, matches in zip(rows, found, strict=True):
        for match in matches:
            if match.id is not None and match.score >= scan.threshold:
                a, b = sorted((row.id, match.id))
                pairs[a, b] = {"kind": scan.kind, "a_id": a, "b_id": b, "score": match.score, "reasons": list(match.reasons), "created_at": ctx.now}
    if not pairs:
        return
    new = insert(DuplicatePair).values(list(pairs.values()))
    kept = {"score": new.excluded.score, "reasons": new.excluded.reasons}
    scan.found += len(list(ctx.session.execute(new.on_conflict_do_update(index_elements=["a_id", "b_id"], set_=kept, where=DuplicatePair.state == "open").returning(DuplicatePair.id))))
