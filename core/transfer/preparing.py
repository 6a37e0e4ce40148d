"""Long lists taken out in the background: asked for, written by a worker, fetched once by whoever asked, gone after a day.

The file is bound to the person: only he gets it, in a session of his that has just been confirmed (the door asks), with the rights
that he has then (RELIABILITY X31). `core.transfer.sweeping` ends what is over.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import func, select

from core.base.context import Context
from core.base.editing import hold_place
from core.base.errors import NotFound, Refused, TooMany
from core.base.facts import record
from core.base.hiding import withheld
from core.base.outbox import defer
from core.base.outcome import if_undone, once_kept
from core.base.policy import has, owners, require, width
from core.base.stepping import Door, held
from core.notifications.telling import notify
from core.transfer import exporting
from core.transfer.models import EXPORTING, PreparedExport
from core.transfer.wanted import PERMISSIONS, Wanted, from_json, number_of, said, write
from infra.storage import FileRefused, storage

# A list of so many rows is sent at once; a longer one is prepared.
SMALL = 5_000
KEPT = timedelta(hours=24)
# So often an hour may one person have a long list prepared (RELIABILITY 3).
PER_HOUR = 5
STEP = 1_000
JOB = "exports.write"


class Stopped(Exception):
    """Nobody wants the file any more."""


def is_long(ctx: Context, wanted: Wanted) -> bool:
    """Is it prepared in the background rather than sent at once? Refuses what writing it refuses."""
    return number_of(ctx, wanted, most=SMALL + 1) > SMALL


def ask(ctx: Context, wanted: Wanted, name: str) -> PreparedExport:
    """Have a list written into a file; `name` is what it is saved as. Refuses the sixth in an hour."""
    require(ctx, PERMISSIONS[wanted.kind])
    _check_hour(ctx)
    total = number_of(ctx, wanted)
    run = PreparedExport(kind=wanted.kind, owner_id=ctx.actor.id, file_name=name, format=wanted.shape.format, wanted=wanted.as_json(), rows_total=total)
    ctx.session.add(run)
    ctx.session.flush()  # the order below needs its key
    record(ctx, "export.asked", run, list=run.kind, rows=total)
    defer(ctx, JOB, run_id=run.id, round=run.round)
    return run


def _check_hour(ctx: Context) -> None:
    _one_at_a_time(ctx)
    since = ctx.now - timedelta(hours=1)
    recent = select(func.count(), func.min(PreparedExport.created_at)).where(PreparedExport.owner_id == ctx.actor.id, PreparedExport.created_at > since)
    number, first = ctx.session.execute(recent).one()
    if number >= PER_HOUR:
        raise TooMany("exports_too_many", retry_after=max(1, int((first - since).total_seconds())), max=PER_HOUR)


def _one_at_a_time(ctx: Context) -> None:
    """One's orders wait for each other until the first has committed: two tabs together get no more than one."""
    hold_place(ctx, f"exports.{ctx.actor.id}")


def mine(ctx: Context, *, limit: int = 20) -> list[PreparedExport]:
    """The actor's own, the newest first."""
    query = select(PreparedExport).where(PreparedExport.owner_id == ctx.actor.id)
    return list(ctx.session.execute(query.order_by(PreparedExport.created_at.desc(), PreparedExport.id.desc()).limit(limit)).scalars())


def one(ctx: Context, run_id: UUID) -> PreparedExport:
    """One of the actor's own; NotFound for anybody else's, whatever he sees."""
    query = select(PreparedExport).where(PreparedExport.id == run_id, PreparedExport.owner_id == ctx.actor.id)
    run = ctx.session.execute(query).scalar_one_or_none()
    if run is None:
        raise NotFound()
    return run


def cancel(ctx: Context, run_id: UUID) -> None:
    """Stop the writing, or throw a finished file away. Refuses what is over."""
    run = _held(ctx, run_id)
    if run.state not in (*EXPORTING, "ready"):
        raise Refused("export_not_there")
    end(ctx, run, "cancelled")


def fetch(ctx: Context, run_id: UUID) -> tuple[PreparedExport, BinaryIO]:
    """The file, once. Refuses a second time, after its day, and an actor who may or sees something else than when it was written."""
    run = _held(ctx, run_id)
    require(ctx, PERMISSIONS[run.kind])
    if run.state != "ready" or run.expires_at <= ctx.now:
        raise Refused("export_not_there")
    if run.sight != sight_of(ctx):
        raise Refused("export_rights_changed")
    try:
        file = storage().path(ctx.tenant.id, run.file_key).open("rb")
    except (FileRefused, FileNotFoundError):
        raise Refused("export_not_there") from None
    if_undone(ctx.session, lambda: file.close())
    rows = run.rows_done
    run.downloaded_at = ctx.now
    end(ctx, run, "fetched")
    exporting.write_down(ctx, run.kind, said(from_json(run.wanted)), rows, "fetched")
    return run, file


def end(ctx: Context, run: PreparedExport, state: str, failure: dict[str, Any] | None = None) -> None:
    """Bring it to its end; what there is of its file goes with this transaction."""
    run.state, run.finished_at, run.failure = state, run.finished_at or ctx.now, failure
    key, run.file_key = run.file_key, None
    if key:
        once_kept(ctx.session, lambda: storage().remove(ctx.tenant.id, key))


def sight_of(ctx: Context) -> str:
    """Equal for as long as the actor sees the same records and fields: what is hidden from him, how far he sees, whose records
    that means, what is shared with him."""
    reach = {}
    for room in ("accounts", "contacts", "activities", "mailings"):
        wide = width(ctx.actor, room)[0]
        whose = owners(ctx, wide)
        reach[room] = [wide, None if whose is None else sorted(map(str, whose))]
    shares = {kind: sorted(map(str, held)) for kind, held in ctx.actor.shares.items()}
    return hashlib.sha256(json.dumps([sorted(withheld(ctx.actor.hidden, ctx.actor.permissions)), reach, shares, has(ctx, "consents.read")], sort_keys=True).encode()).hexdigest()


def write_file(door: Door, run_id: UUID, round: int) -> dict[str, int]:
    """What the job does: the whole list, as it is in one transaction, into a file of its own. Called again after a crash it begins
    anew, without what the dead one left. Refuses an actor who may not take the list out any more."""
    with door() as ctx:
        run = _turn(ctx, run_id, round)
        if run is None:
            return {}
        if run.file_key:
            storage().remove(ctx.tenant.id, run.file_key)
        run.state, run.rows_done, run.started_at = "running", 0, ctx.now
        tenant, key, wanted = ctx.tenant.id, storage().new_key(ctx.tenant.id), from_json(run.wanted)
        run.file_key = key
    try:
        with storage().writing(tenant, key) as (file, scratch), door() as ctx:
            sight = sight_of(ctx)
            number = write(ctx, wanted, file, watch=_watched(door, run_id, round), scratch=scratch)
    except Stopped:
        return {}
    except Exception:
        with door() as ctx:
            if _turn(ctx, run_id, round) is None:
                return {}  # its file was taken away while it was written
        raise
    with door() as ctx:
        run = _turn(ctx, run_id, round)
        if run is None:
            storage().remove(tenant, key)
            return {}
        run.state, run.rows_done, run.rows_total, run.sight = "ready", number, number, sight
        run.size, run.finished_at, run.expires_at = storage().path(tenant, key).stat().st_size, ctx.now, ctx.now + KEPT
        exporting.write_down(ctx, run.kind, said(wanted), number)
        notify(ctx, "finished", [run.owner_id], run, by_itself=True, dedupe=f"export:{run.id}", say="told.export_ready", rows=number)
    return {"rows": number}


def _watched(door: Door, run_id: UUID, round: int) -> exporting.Watch:
    """Lets rows through; every thousand it writes down how far it is, and stops when nobody wants them any more."""

    def watch(rows: Iterable[Any]) -> Iterator[Any]:
        for done, row in enumerate(rows):
            if done and done % STEP == 0:
                with door() as ctx:
                    run = _turn(ctx, run_id, round)
                    if run is None:
                        raise Stopped
                    run.rows_done, run.rows_total = done, max(done, run.rows_total)
            yield row

    return watch


def _held(ctx: Context, run_id: UUID) -> PreparedExport:
    one(ctx, run_id)
    return held(ctx, PreparedExport, run_id)


def _turn(ctx: Context, run_id: UUID, round: int) -> PreparedExport | None:
    """The run, locked, while it is wanted; refuses an actor who may not any more."""
    run = held(ctx, PreparedExport, run_id)
    if run is None or run.state not in EXPORTING or run.round != round:
        return None
    require(ctx, PERMISSIONS[run.kind])
    return run
